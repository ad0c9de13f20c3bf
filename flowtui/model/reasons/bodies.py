"""Reduces the body of an answer to the message in it: JSON (also as Python writes a dict), HTML and XML. Pure."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from flowtui.model.reasons.codes import PHRASE
from flowtui.model.reasons.json_messages import code_and_message, plain_values
from flowtui.model.reasons.loose_json import read_value
from flowtui.model.reasons.telling import repeats
from flowtui.model.reasons.wrappers import says_enough

_TRIES: Final = 3  # braces at which a JSON body is looked for
# A type that stands for one status: the number beside it says nothing more, and is often missing.
_STATUS_OF: Final = {
    "invalid_request_error": "400", "context_length_exceeded": "400", "authentication_error": "401", "invalid_api_key": "401",
    "permission_error": "403", "not_found_error": "404", "model_not_found": "404", "request_too_large": "413",
    "rate_limit_error": "429", "rate_limited": "429", "rate_limit": "429", "rate_limit_exceeded": "429", "insufficient_quota": "429", "RESOURCE_EXHAUSTED": "429",
    "tokens": "429", "requests": "429", "api_error": "500", "INTERNAL": "500", "overloaded_error": "529",
    "UNAVAILABLE": "503", "DEADLINE_EXCEEDED": "504", "INVALID_ARGUMENT": "400", "PERMISSION_DENIED": "403",
    "UNAUTHENTICATED": "401", "content_filter": "400", "content_policy_violation": "400", "unsupported_parameter": "400",
    "invalid_value": "400", "string_above_max_length": "400",
}  # fmt: skip
# What stands before data that the model or a caller wrote: it is no error body, and differs from run to run.
_DATA_BEFORE: Final = re.compile(
    r"(?:completion|output|input|input_value|arguments?|args|kwargs|payload|parameters|params|row|record|document)[\s:=]{0,3}$",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    r"(?:(?P<sdk>error code)|status code|status|http(?:/\d(?:\.\d)?)?)?[:\s]*(?P<status>[45]\d\d)\b[\s:.,-]*(?:[A-Za-z_]+[.:]?\s*)?[-:]?\s*$",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"\s*[45]\d\d:?\s*")
_STATUS_END: Final = re.compile(r"(?<![\w.-])\d{3}$")
_PHRASE: Final = re.compile(PHRASE)
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# What a gateway says beside the address is only its status in other words.
_GATEWAY: Final = re.compile(r"(?:429|50[234]) [A-Z][A-Za-z ]{2,30} from [^\s'\"]{1,2000}[^\s'\":;,.]")
_TAIL: Final = 12  # characters at the end of a message by which one that was cut off is found
_ENOUGH: Final = 3  # words of a message beside which the code of a known service says nothing more
_TELLING: Final = (
    5  # words of a message beside which even the status that a client library put before it says nothing more
)
_GRPC: Final = re.compile(
    r"<_?\w*RpcError of RPC that terminated with:\s*status = (?:StatusCode\.)?(\w+)\s+details = \"([^\n]{0,4000}?)\"\s.*",
    re.DOTALL,
)
# The beginning of a page or of an XML error.
_MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|\?xml|error\b|errorresponse|response\b|soap|[a-z]{1,10}:envelope)[^>]{0,500}>?",
    re.IGNORECASE,
)

_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_HIDDEN: Final = re.compile(r"<(script|style|svg|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_SIDE: Final = re.compile(
    r"(?:[\w-]{1,20}:)?(?:Server|Client|Receiver|Sender)"
)  # who is to blame, as SOAP says it
_SILENT: Final = re.compile(
    r"^(?:error|oops|sorry|whoops|an? error (?:has )?occurred|fehler|erreur|error page|server error)\W*$",
    re.IGNORECASE,
)


def message_of_body(text: str) -> str:
    """Return the text with a body in it replaced by the message of that body; as it is if there is none."""
    text = _GRPC.sub(r"\1: \2", text)
    markup = _MARKUP.search(text)
    if markup is not None and ("</" in text or markup.start() == 0):
        before, message = (
            text[: markup.start()].rstrip(" \"'`[(:\n"),
            _of_markup(text[markup.start() :]),
        )
        head = _HEAD.search(before)
        if head is not None and head["status"] in message:
            before = before[: head.start()]
        return _joined(before, message, "")
    at = -1
    for _ in range(_TRIES):
        at = _next_brace(text, at + 1)
        if at < 0:
            return text
        found = read_value(text, at)
        if found is not None and _is_body(found[0]):
            value, end = found
            before = text[:at]
            if _DATA_BEFORE.search(before):
                return f"{before.rstrip(' :=')} {{…}}{text[end:]}"
            return _with_head(before, value, text[end:], text)
    return text


def _next_brace(text: str, start: int) -> int:
    found = re.compile(r"\{\s*['\"}]|\[\s*\{").search(text, start)
    return -1 if found is None else found.start()


def _is_body(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and bool(value[0])
    return isinstance(value, dict) and bool(value)


def _with_head(before: str, value: Any, after: str, text: str) -> str:
    code, message = code_and_message(value)
    if len(message) > _TAIL and text.endswith(message[-_TAIL:]):
        message += "…"  # the body was cut off inside its message
    gateway = _GATEWAY.search(before)
    if gateway is not None:
        return before[: gateway.end()]
    if not message:
        return _joined(before, ", ".join(plain_values(value)), after)
    known = _STATUS_OF.get(code)
    head = _HEAD.search(before)
    if head is not None and (
        known == head["status"] or head["status"] in message or (head["sdk"] and _words(message) >= _TELLING)
    ):
        before, head = before[: head.start()], None
    if known is not None and head is None and _words(message) < _ENOUGH and known not in message:
        message = f"{known} {message}"  # such as `529 Overloaded`
    if _BARE.fullmatch(before) and not _PHRASE.match(message):
        before = f"HTTP {before.strip(' :')}:"
    told = (known is not None and _words(message) >= _ENOUGH) or (head is not None and code == head["status"])
    if (
        not code
        or told
        or code.casefold() in before.casefold()
        or repeats(code, message)
        or says_enough(code, message)
    ):
        return _joined(before, message, after)
    if code.isdigit():
        return _joined(
            before, f"{code} {message}" if _PHRASE.match(message) else f"HTTP {code}: {message}", after
        )
    return _joined(before, f"{code}: {message}", after)


def _words(text: str) -> int:
    return len(_LETTERS.findall(text)) + len(_WIDE.findall(text)) // 2


def _joined(before: str, message: str, after: str) -> str:
    before, after = before.strip(), after.strip().lstrip("`'\"")
    before = before.removesuffix(".") if message else before
    if before and before[-1] not in ":：-–—(,=" and not _STATUS_END.search(before):
        before += ":"
    if before.casefold().rstrip(":- ").endswith(message.casefold()):
        message, before = "", before.rstrip(":- ")
    return " ".join(part for part in (before, message, after) if part)


def _of_markup(text: str) -> str:
    """Return the message of an HTML page or of an XML error."""
    text = _HIDDEN.sub(" ", text)
    code, message = (
        _element(text, "Code") or _element(text, "faultcode"),
        _element(text, "Message") or _element(text, "faultstring"),
    )
    if _SIDE.fullmatch(code):
        code = ""
    if message:
        return f"{code}: {message}" if code and code.replace(" ", "") != message.replace(" ", "") else message
    for name in ("title", "h1", "h2", "p"):
        found = _element(text, name)
        if found and not _SILENT.match(found):
            return found
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())[:400]


def _element(text: str, name: str) -> str:
    opened = re.compile(rf"<(?:\w{{1,12}}:)?{name}\b[^<>]{{0,500}}>", re.IGNORECASE).search(text)
    if opened is None:
        return ""
    inside = text[opened.end() : opened.end() + 2_000]
    closed = re.compile(rf"</(?:\w{{1,12}}:)?{name}\s*>", re.IGNORECASE).search(inside)
    inside = inside if closed is None else inside[: closed.start()]
    return " ".join(html.unescape(_TAG.sub(" ", inside)).split())
