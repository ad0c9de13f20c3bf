"""Reduces the body of an answer to the message in it: JSON (also as Python writes a dict), HTML and XML. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowtui.model.reasons.loose_json import read_value

_TRIES: Final = 3  # braces at which a JSON body is looked for
_MESSAGES: Final = (
    "message", "Message", "errorMessage", "error_message", "error_msg", "errmsg", "msg", "detail", "details", "title",
    "error_description", "reason", "description", "faultstring", "text", "userMessage", "info",
)  # fmt: skip
_CODES: Final = (
    "code",
    "error_code",
    "errorCode",
    "Code",
    "errcode",
    "errorcode",
    "__type",
    "errorType",
    "error_type",
    "type",
    "status",
    "statusCode",
    "name",
)
_INNER: Final = (
    "error",
    "errors",
    "Error",
    "fault",
    "Fault",
    "exception",
    "detail",
    "details",
    "data",
    "body",
    "response",
    "cause",
)
# A type that stands for one status: the number beside it says nothing more, and is often missing.
_STATUS_OF: Final = {
    "invalid_request_error": "400", "context_length_exceeded": "400", "authentication_error": "401", "invalid_api_key": "401",
    "permission_error": "403", "not_found_error": "404", "model_not_found": "404", "request_too_large": "413",
    "rate_limit_error": "429", "rate_limit_exceeded": "429", "insufficient_quota": "429", "RESOURCE_EXHAUSTED": "429",
    "tokens": "429", "requests": "429", "api_error": "500", "INTERNAL": "500", "overloaded_error": "529",
    "UNAVAILABLE": "503", "DEADLINE_EXCEEDED": "504", "INVALID_ARGUMENT": "400", "PERMISSION_DENIED": "403",
    "UNAUTHENTICATED": "401", "content_filter": "400", "content_policy_violation": "400", "unsupported_parameter": "400",
    "invalid_value": "400", "string_above_max_length": "400",
}  # fmt: skip
_WORD: Final = re.compile(r"[A-Za-z_][\w.:/#-]{1,63}")
# What stands before data that the model or a caller wrote: it is no error body, and differs from run to run.
_DATA_BEFORE: Final = re.compile(
    r"(?:completion|output|input|input_value|arguments?|args|kwargs|payload|parameters|params|got|received|value|content|answer"
    r"|data|from|with|row|record|document)[\s:=]{0,3}$",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    r"(?:(?P<sdk>error code)|status code|status|http(?:/\d(?:\.\d)?)?)?[:\s]*(?P<status>[45]\d\d)\b[\s:.,-]*(?:[A-Za-z_]+[.:]?\s*)?[-:]?\s*$",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ENOUGH: Final = 3  # words of a message beside which the code of a known service says nothing more
_TELLING: Final = 5  # words of a message beside which even the status that a client library put before it says nothing more
_MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|\?xml|error\b|errorresponse|response\b|soap|[a-z]{1,10}:envelope)[^>]{0,500}>?",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_HIDDEN: Final = re.compile(r"<(script|style|svg|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_SILENT: Final = re.compile(
    r"^(?:error|oops|sorry|whoops|an? error (?:has )?occurred|fehler|erreur|error page|server error)\W*$",
    re.IGNORECASE,
)
_GRPC: Final = re.compile(
    r"<_?\w*RpcError of RPC that terminated with:\s*status = (?:StatusCode\.)?(\w+)\s+details = \"([^\n]{0,4000}?)\"\s.*",
    re.DOTALL,
)


def message_of_body(text: str) -> str:
    """Return the text with a body in it replaced by the message of that body; as it is if there is none."""
    text = _GRPC.sub(r"\1: \2", text)
    markup = _MARKUP.search(text)
    if markup is not None and ("</" in text or markup.start() == 0):
        before, message = text[: markup.start()], _of_markup(text[markup.start() :])
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
            return _with_head(before, value, text[end:])
    return text


def _next_brace(text: str, start: int) -> int:
    found = re.compile(r"\{\s*['\"}]|\[\s*\{").search(text, start)
    return -1 if found is None else found.start()


def _is_body(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and bool(value[0])
    return isinstance(value, dict) and bool(value)


def _with_head(before: str, value: Any, after: str) -> str:
    code, message = _told(value)
    if not message:
        return _joined(before, ", ".join(_plain(value)), after)
    known = _STATUS_OF.get(code)
    head = _HEAD.search(before)
    if head is not None and (known == head["status"] or head["status"] in message or (head["sdk"] and _words(message) >= _TELLING)):
        before = before[: head.start()]
    told = (known is not None and _words(message) >= _ENOUGH) or (head is not None and code == head["status"])
    if not code or told or code.casefold() in before.casefold() or _repeats(code, message):
        return _joined(before, message, after)
    return _joined(before, f"{code}{' ' if code.isdigit() else ': '}{message}", after)


def _words(text: str) -> int:
    return len(_LETTERS.findall(text)) + len(_WIDE.findall(text)) // 2


def _repeats(code: str, message: str) -> bool:
    """Return whether a code only repeats the message, as `AccessDenied` does for `Access denied`."""
    said = "".join(_LETTERS.findall(message)).casefold()
    parts = [part.casefold() for part in _PARTS.findall(code) if part.casefold() not in ("error", "exception")]
    return bool(parts) and not code[-1].isdigit() and all(part in said for part in parts)


def _joined(before: str, message: str, after: str) -> str:
    before, after = before.strip(), after.strip().lstrip("`'\"")
    if before and before[-1] not in ":：-–—(,=" and not before[-3:].isdigit():
        before += ":"
    if before.casefold().rstrip(":- ").endswith(message.casefold()):
        message, before = "", before.rstrip(":- ")
    return " ".join(part for part in (before, message, after) if part)


def _told(value: Any, depth: int = 0) -> tuple[str, str]:
    """Return code and message of a JSON body; "" for what it lacks."""
    if isinstance(value, str):
        return "", value.strip()
    if isinstance(value, list):
        return _told_of_list(value, depth)
    if not isinstance(value, dict) or depth > 4:
        return "", ""
    return _told_of_table(value, depth)


def _told_of_table(value: Mapping[str, Any], depth: int) -> tuple[str, str]:
    codes = [text for name in _CODES if (text := _code(value.get(name), name))]
    code = next(
        (text for text in codes if not text[-1].isdigit() or not text.startswith(("code", *"45"))),
        codes[0] if codes else "",
    )
    message = next(
        (text.strip() for name in _MESSAGES if isinstance(text := value.get(name), str) and text.strip()), ""
    )
    extensions = value.get("extensions")
    if not code and isinstance(extensions, dict):
        code = _code(extensions.get("code"), "code")
    for name in _INNER:
        inner = value.get(name)
        if name == "errors" and isinstance(inner, dict) and all(isinstance(one, list) for one in inner.values()):
            inner = [{"field": field, "message": told[0]} for field, told in inner.items() if told]
        if isinstance(inner, dict | list) and inner:
            inner_code, inner_message = _told(inner, depth + 1)
            if inner_message:
                return inner_code or code, inner_message
        elif name in ("error", "Error", "exception", "fault") and isinstance(inner, str) and inner.strip():
            if not message:
                return code, inner.strip()
            return (inner.strip() if _WORD.fullmatch(inner.strip()) else code), message
    return code, message


def _told_of_list(values: list[Any], depth: int) -> tuple[str, str]:
    told = []
    for value in values[:3]:
        code, message = _told(value, depth + 1)
        if isinstance(value, dict) and message:
            place = value.get("loc") or value.get("path") or value.get("field") or value.get("param")
            words = place if isinstance(place, list) else [place] if place else []
            where = ".".join(str(word) for word in words if word not in ("body", "query", "path"))
            told.append(("" if where else code, f"{where}: {message}" if where else message))
        elif message:
            told.append((code, message))
    return (told[0][0] if told else ""), "; ".join(sorted(message for _, message in told))


def _code(value: Any, name: str) -> str:
    """Return a code as it is shown; "" if the value is none."""
    if not isinstance(value, str) or len(value) > 64:
        return ""
    value = value.rpartition("#")[2] if name == "__type" else value
    if value.isdigit() or (value[:1] == "-" and value[1:].isdigit()):
        status = len(value) == 3 and value[0] in "45"
        return (
            value if status else f"code {value}" if name != "status" and value not in ("0", "1", "-1") else ""
        )
    if name in ("status", "type", "name") and value.casefold() in (
        "error",
        "failed",
        "failure",
        "about:blank",
        "object",
        "fail",
    ):
        return ""
    return value if _WORD.fullmatch(value) and "//" not in value else ""


def _plain(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield `name: value` of a body without a known message, in the order of names."""
    if isinstance(value, list):
        for item in value[:3]:
            yield from _plain(item, depth)
    elif isinstance(value, Mapping):
        for name in sorted(value)[:20]:
            item = value[name]
            if isinstance(item, dict | list):
                if depth < 3:
                    yield from _plain(item, depth + 1)
            elif item not in (None, ""):
                yield f"{name}: {item}"
    else:
        yield str(value)


def _of_markup(text: str) -> str:
    """Return the message of an HTML page or of an XML error."""
    text = _HIDDEN.sub(" ", text)
    code, message = (
        _element(text, "Code") or _element(text, "faultcode"),
        _element(text, "Message") or _element(text, "faultstring"),
    )
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
