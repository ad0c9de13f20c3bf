"""Counts the words of a sentence that say what went wrong: `The request could not be processed` has none. Pure."""

from __future__ import annotations

import re
from typing import Final

# Words that stand in sentences about any failure.
_ANY_TEXT: Final = (
    # English
    "a an the this that these it its your you we our there and or of in on at for by from with to as is was are be been has have had"
    " not no can cannot could couldn did does do don isn wasn will would please try again later see details more information contact"
    " support administrator sorry unable something went wrong bad invalid valid validation request requests requested error errors"
    " exception failed fail failure operation action processed process processing completed complete performed perform executed execute"
    " handled handle unexpected unknown internal external server service api call response result occurred happened encountered problem"
    " issue input parameter parameters argument arguments data resource object entity found exist exists missing due while when during"
    " declined refused rejected denied abgelehnt verweigert refusé refusée rechazado rechazada recusado recusada"
    " successful successfully unsuccessful entry status code message http"
    # German
    " der die das dem den des ein eine einer ist war wurde wird werden konnte kann nicht kein keine bei von zu zum zur und mit im fehler"
    " anfrage anforderung vorgang aktion aufgetreten ungültig ungültige fehlgeschlagen unerwarteter interner unbekannter verarbeitet"
    " ausgeführt gefunden bitte es"
    # French
    " le la les l un une est été n a pas pu être de du des erreur requête demande opération échoué invalide survenue inattendue interne"
    " serveur traitée traiter produite s introuvable veuillez"
    # Spanish, Portuguese, Italian
    " el los las fue ha se pudo puede ser que por en del solicitud petición operación inválida inválido válida válido falló inesperado"
    " interno servidor procesar procesada ocurrió producido encontrado encontrada o os as um uma é foi não pode pôde do da no na erro"
    " requisição solicitação operação falhou processar processada ocorreu il lo gli è stato non errore richiesta operazione non riuscita"
    " interno"
)
_ANY: Final = frozenset(_ANY_TEXT.split())
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# The same in Chinese and Japanese.
_ANY_WIDE: Final = re.compile(
    r"请求|操作|处理|失败|错误|发生|无效|服务器|内部|系统|异常|未知|参数|リクエスト|エラー|失敗|処理|サーバー?|内部|発生|無効|しました|です|ません|ました"
)


def telling_words(text: str) -> int:
    """Return how many words of a sentence say what went wrong; two Chinese or Japanese characters are one word."""
    words = sum(word.casefold() not in _ANY for word in _WORD.findall(text) if not _WIDE.match(word))
    return words + len(_WIDE.findall(_ANY_WIDE.sub("", text))) // 2


def repeats(code: str, sentence: str) -> bool:
    """Return whether a code only repeats a sentence, as `AccessDenied` does for `Access denied`."""
    said = "".join(_WORD.findall(sentence)).casefold()
    parts = [part.casefold() for part in _PARTS.findall(code)]
    parts = [part for part in parts if part not in ("error", "exception")]
    return bool(parts) and not code[-1].isdigit() and all(part in said for part in parts)
