"""Folds names of people, accounts, customers and goods: who was concerned is no part of what went wrong. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_ITEM: Final = r"(?:'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|`[^`\n]{1,80}`|«\s?[^»\n]{1,80}»|„[^“”\n]{1,80}[“”]|“[^”\n]{1,80}”|「[^」\n]{1,80}」|『[^』\n]{1,80}』)"
_WHO: Final = (
    r"(?:user(?:name)?|login|account|member|employee|recipient|customer|contact|person|patient|assignee|approver|owner|tenant"
    r"|benutzer(?:in)?|benutzername|nutzer(?:in)?|anwender(?:in)?|konto|kunden?|kundin|mitarbeiter(?:in)?|empfänger(?:in)?|sachbearbeiter(?:in)?"
    r"|utilisateur|utilisatrice|usager|compte|destinataire|salarié|client(?:e)?"
    r"|usuari[oa]|cuenta|cliente|emplead[oa]|destinatario|usuári[oa]|conta|funcionári[oa]|destinatário"
    r"|utente|dipendente|gebruiker|klant|użytkownik|klient|пользовател[ьяюе]|клиент[ау]?|사용자|고객|계정)"
)
_GOODS: Final = (
    r"(?:currency|country|room|raum|salle|sala|language|category|unit|(?:work)?sheet|tab|label|tag|department|team|tabellenblatt|blatt|währung|land|abteilung|kategorie|devise|pays|feuille|catégorie|hoja|moneda|país|categoría|planilha|moeda|product|item|article|company|supplier|vendor|city|address|query|search|phrase|term|title|subject|document|project|folder|attachment|event|meeting|contract|invoice|order|ticket"
    r"|produkt|artikel|firma|lieferant|ort|stadt|adresse|suche|anfrage|begriff|dokument|projekt|ordner|anhang|termin|vertrag|rechnung|bestellung|auftrag"
    r"|produit|article|société|fournisseur|ville|recherche|projet|dossier|commande|facture|contrat"
    r"|producto|artículo|empresa|proveedor|ciudad|dirección|búsqueda|documento|proyecto|carpeta|pedido|factura|contrato|produto|artigo|fornecedor|cidade|endereço|projeto|pasta|fatura)"
)
# A database's role is the program's own account: another one is another mistake.
_ROLE: Final = r"(?<!authentication failed for )(?<!access denied for )(?<!denied to )"
_QUOTED: Final = re.compile(
    rf"\b{_ROLE}(?P<who>{_WHO})(?P<mark>\s?[:=]\s?|\s)(?:{_ITEM}|(?<=[а-я] )[A-Za-z][A-Za-z0-9_.@-]{{1,60}})",
    re.IGNORECASE,
)
_GOOD: Final = re.compile(rf"\b(?P<who>{_GOODS})(?P<mark>\s?[:=]\s?|\s)(?P<item>{_ITEM})", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(r".\s?[a-z][a-z_.:/-]{0,79}\s?.")
_NO_NAME: Final = (
    r"(?!(?:Not|Is|Has|Does|Cannot|Could|No|With|Already|Account|Profile|Name|ID|Id|Agent|Error|API|Key|Data|Service|Limit|Access|Token|Input|Login|Pool|Email|Group|Role|Type|Story|Manager"
    r"|And|Or|Was|Must|May|Can|In|On|For|From|Of|To|The|A|An)\b)"
)
_NAME: Final = rf"{_NO_NAME}[A-ZÄÖÜÉÈÇÁÍÓÚÑŁŚ][\w.'’-]{{1,40}}"
_PLAIN: Final = re.compile(
    rf"\b{_ROLE}(?P<who>(?:(?i:benutzer(?:in)?|nutzer(?:in)?|anwender(?:in)?|mitarbeiter(?:in)?|sachbearbeiter(?:in)?|utilisateur|usuari[oa]|usuári[oa]|utente|gebruiker|użytkownik)"
    r"|Kunden?|Kundin|user|account|customer|employee|member|contact|patient|assignee|utilisatrice|client|cliente|emplead[oa]|destinatario))"
    rf"(?P<mark>\s?[:=]\s?|\s)(?:{_NAME}(?:\s(?:(?:von|van|de|da|del|dos|le|la)\s)?{_NAME}){{0,3}}|[a-z]{{1,30}}\.[a-z.]{{1,40}}(?<!\.)|[A-Za-z]{{1,30}}\d{{1,8}})(?![\w(=])"
)
# Small letters are a name only before a verb: `user anna has no access`, but `user session has expired`.
_SMALL: Final = re.compile(
    r"\b(?P<who>(?i:user|benutzer(?:in)?|nutzer(?:in)?|anwender(?:in)?|utilisateur|utilisatrice|usuari[oa]|usuári[oa]|utente|gebruiker|użytkownik))\s"
    r"(?!(?:account|profile|input|session|agent|prompt|token|id|message|name|email|role|group|data|query|request|password|pool|list|limit|quota|interface|who|already|not|also|record|content"
    r"|license|mailbox|permission|permissions|settings|preferences|directory|count|type|field|object|entity|key|that|must|has|is|was|does|did|could|cannot|can|with|which|access|auth|consent"
    r"|nicht|bereits|ist|hat|wurde|kann|darf|mit|ohne|schon|noch|est|n['’]\w+|ne|déjà|avec|sans|qui|no|ya|que|con|sin|não|já|sem|com|non|già|ha|tiene|tem|está|existe|è|niet|nie|jest)\b)"
    r"[a-z][\w-]{2,30}(?=\s(?:has|is|was|does|did|cannot|could|lacks|hat|ist|wurde|besitzt|darf|kann|konnte|existiert|fehlt|est|ne|no|ya|não|non|ha|è|tiene|tem|está|existe|heeft|nie|:)\b|\sn['’]|\s:)"
)
_CODED: Final = re.compile(
    r"\b(?P<who>User|Account|Login|Customer)\s[A-Z][A-Z0-9]{1,20}[._-][A-Z0-9._-]{1,30}\b"
)
_COLON: Final = re.compile(
    rf"\b(?P<who>(?i:{_WHO}))(?P<mark>\s?[:=]\s?)(?:{_NAME}(?:\s(?:(?:von|van|de|da|del|dos|le|la)\s)?{_NAME}){{1,3}}|[A-Za-z._#-]{{0,40}}[\d@#.][A-Za-z0-9_.@#-]{{0,60}}|(?<==)[A-Za-z0-9_.@#-]{{2,60}})(?=[,;)\]。、，]|\s\(|$)"
)
_TITLE: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herrn?|Frau|Mme|Mlle|M\.|Sr\.|Sra|Srta|Señora?)\.?\s(?=[A-ZÄÖÜÉÁÍÓÚ])[\w'’-]{2,40}(?:\s(?:(?:von|van|de|da|del)\s)?[A-ZÄÖÜÉÁÍÓÚ][\w'’-]{1,40}){0,2}"
)
_SURNAME: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張陳劉"
_WIDE: Final = (
    rf"(?P<who>用户|用戶|客户|客戶|员工|联系人|账号|帐号|账户|收件人|ユーザー名?|顧客|担当者|アカウント|お客様|社員|宛先)\s?(?P<mark>[:：=]?)\s?(?:{_ITEM}|[A-Za-z#][A-Za-z0-9_.@#-]{{0,60}}"
    rf"|(?<=[户戶工人号])[{_SURNAME}][\u4e00-\u9fff]{{1,2}}?(?=[没无不的已未在被缺权账尚无超正\s,，。：:；（(]|$)"
    r"|(?<=[：:= 名])[\u4e00-\u9fff\u30a0-\u30ff\u3040-\u309f]{2,8}?(?:さん|様)?(?=[はがのを\s,，、。（(]|$))"
)
_WIDE_GOOD: Final = re.compile(
    rf"(?P<who>(?:商品|产品|產品|货物|公司|供应商|城市|文档|文件|会议|项目|合同|工作表|製品|会社|取引先|都市|会議|案件|書類|ファイル|シート|상품|제품|회사)名?\s?[:：]?\s?){_ITEM}"
)


def fold_names(text: str) -> str:
    """Return one line with `#` for the names of people, accounts and goods that stand after such a word."""
    text = _QUOTED.sub(r"\g<who>\g<mark>#", text)
    text = _GOOD.sub(
        lambda found: found[0] if _IDENTIFIER.fullmatch(found["item"]) else f"{found['who']}{found['mark']}#",
        text,
    )
    text = _TITLE.sub("#", text)
    text = _COLON.sub(r"\g<who>\g<mark>#", text)
    text = _CODED.sub(r"\g<who> #", text)
    text = _SMALL.sub(r"\g<who> #", text)
    text = _PLAIN.sub(r"\g<who>\g<mark>#", text)
    if text.isascii():
        return text  # the rest reads Chinese, Japanese and Korean only
    text = _WIDE_GOOD.sub(r"\g<who>#", text)
    return _wide().sub(r"\g<who>\g<mark>#", text)


@cache
def _wide() -> re.Pattern[str]:
    """Return the pattern for Chinese and Japanese names, which takes 10 ms to compile and is seldom needed."""
    return re.compile(_WIDE)
