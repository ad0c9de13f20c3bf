"""Tells codes from other numbers: the 502 of `HTTP 502` says what went wrong, that of `after 502 ms` does not. Pure."""

from __future__ import annotations

import re
from typing import Final

_BEFORE: Final = 40  # characters before a number that are looked at
_LONGEST: Final = 12  # digits of a code
_LONGEST_SHORT: Final = 6  # digits of a code that has only its place to tell it
_STATUSES: Final = frozenset(
    f"{code}"
    for code in (*range(400, 432), 440, 444, 449, 451, 460, 463, *range(494, 512), *range(520, 531), 598, 599)
)
# After these words a number of any size is a code.
_ALWAYS: Final = re.compile(
    r"(?:errno|winerror|sqlstate|sqlcode|sql code|grpc[_ ]status|rpc error: code|error[\s_-]?(?:code|number|no\.?)|errorcode|err_code|nrc"
    r"|fehlercode|code d['’]erreur|código de error?|código de erro|codigo de erro|错误代?码|エラーコード|エラー番号"
    r"|exit[\s_-]?(?:code|status)|exited with(?: code| status)?|exit|return ?code|(?:failed|ended|died|returned|terminated|aborted|stopped) with (?:error )?code|rückgabewert|returncode|signal|code de sortie"
    r"|código de (?:salida|saída)|退出码|退出代码|終了コード|(?:^|[(\[])code|msg|ora|level)[\"']?[\s:=#\[(（：]{0,3}[\"']?$",
    re.IGNORECASE,
)
# After these a number of three digits is a status, whatever follows it.
_STATUS: Final = re.compile(
    r"(?:http|https|http/[12](?:\.[01])?|status|statuscode|status[\s_-]code|code|error|err|fehler|erreur|código|codigo|estado|statut"
    r"|erro|状态码|状态|代码|错误|响应码|コード|エラー|ステータス|http状态码)[\"']?[\s:=#\[(（：-]{0,3}[\"']?$",
    re.IGNORECASE,
)
# After these a number counts or names something.
_COUNTED: Final = re.compile(
    r"(?:\b(?:line|lines|row|rows|page|port|after|limit|used|requested|order|orders|id|ids|no\.?|nr\.?|number|num|item|step|attempt"
    r"|chunk|token|tokens|user|account|customer|invoice|batch|of|than|over|least|most|until|to|from|and|or|is|was|about|position"
    r"|column|char|index|offset|size|length|max|min|record|document|article|product|ticket|run|job|task|process|pid|thread"
    r"|nach|zeile|seite|spalte|auftrag|bestellung|rechnung|kunde|kunden|artikel|über|unter|von"
    r"|après|ligne|page|commande|client|facture|article|de|du|tras|línea|página|pedido|cliente|factura|após|linha|fatura|artículo)"
    r"|[单單号號行第页頁文]):?\s?$",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(r"(?:[<>!=]=\s?|[/.#$€£@~<*+^\\-]\s?|:)$")  # a path, a port, a limit, an amount
_AFTER: Final = re.compile(
    r"$|\s:|\s\w{2,40}:|\s[a-z]{2,30}_\w+|[,;:)\]'\"}（(，。：]|\.(?:\s|$)|\s[A-Z(\[{<—–'\"-]"
    r"|\s(?:for|from|on|at|with|when|while|by|error|errors|response|responses|status|bad|not|too|service|internal|gateway"
    r"|bei|von|für|auf|pour|sur|para|por|ao|em|after|during)\b|\s?(?:错误|エラー|响应)|が"
)
PHRASE: Final = (
    r"(?:Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Request Time-?out|Conflict|Gone"
    r"|Precondition Failed|Payload Too Large|Content Too Large|Request Entity Too Large|Unsupported Media Type|Unprocessable (?:Entity|Content)"
    r"|Locked|Too Many Requests|Internal (?:Server )?Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)"
)
"""A pattern for the phrases that stand beside an HTTP status."""

_PHRASE_AFTER: Final = re.compile(rf"[:,]?\s\(?{PHRASE}", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?:status|status_?code|code|http)[\"']?\s?[=:]\s?[\"']?$", re.IGNORECASE)
_ERROR_NUMBER: Final = re.compile(r"(?:^|\s)error\s$", re.IGNORECASE)
_HEAD_AFTER: Final = re.compile(r"\s?[:(]|\s(?:connecting|while|reading|writing)\b")
_SQL_ERROR: Final = re.compile(r"error \d{3,6} \($", re.IGNORECASE)
_STATE_AFTER: Final = re.compile(r"\s\([0-9A-Z]{5}\):")
_TUPLE: Final = re.compile(r", ?['\"]")


def is_code(number: str, text: str, start: int, end: int) -> bool:
    """Return whether `number`, which is `text[start:end]`, is a status or error code."""
    if not number.lstrip("+-").isdigit():
        return False
    before = text[max(0, start - _BEFORE) : start]
    return _is_error_code(number, before, text, end) or (
        number in _STATUSES and _is_status(before, text, end)
    )


def _is_error_code(number: str, before: str, text: str, end: int) -> bool:
    if _ALWAYS.search(before):
        return len(number) <= _LONGEST
    if not before and _STATE_AFTER.match(text, end):
        return True
    if before.endswith("("):
        if _TUPLE.match(text, end):
            return len(number) <= _LONGEST_SHORT  # as databases say it: (1205, 'Lock wait timeout exceeded')
        return text.startswith("):", end) and len(number) == 5 and _SQL_ERROR.search(before) is not None
    # ERROR 1045 (28000): Access denied
    return (
        _ERROR_NUMBER.search(before) is not None
        and _HEAD_AFTER.match(text, end) is not None
        and len(number) <= _LONGEST_SHORT
    )


def _is_status(before: str, text: str, end: int) -> bool:
    if _NAMED.search(before) or _STATUS.search(before):
        return True
    if _COUNTED.search(before) or _GLUED.search(before):
        return False
    return _PHRASE_AFTER.match(text, end) is not None or _AFTER.match(text, end) is not None
