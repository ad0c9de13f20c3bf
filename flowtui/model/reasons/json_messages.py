"""Finds code and message in the JSON body of an error, by the names that services use. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_MESSAGES: Final = (
    "message", "Message", "errorMessage", "error_message", "error_msg", "errmsg", "msg", "detail", "details", "title",
    "error_description", "reason", "description", "faultstring", "text", "userMessage", "info", "mensaje", "mensagem", "meldung",
    "fehlermeldung", "nachricht", "messaggio", "mensaje_error", "descripcion", "descricao", "错误信息", "消息",
)  # fmt: skip
_CODES: Final = (
    "code", "error_code", "errorCode", "Code", "errcode", "errorcode", "__type", "errorType",
    "error_type", "type", "status", "statusCode", "name", "codigo", "código", "fehlercode", "codice", "codigo_erro", "codigo_error",
)  # fmt: skip
_ERRORS: Final = (
    "error",
    "errors",
    "Error",
    "Errors",
    "fault",
    "Fault",
    "exception",
    "erro",
    "erros",
    "fehler",
    "errores",
)
_PARTS: Final = (
    "content",
    "detail",
    "details",
    "data",
    "body",
    "response",
    "cause",
    "reasons",
    "violations",
    "issues",
)
_FIELDS: Final = ("field", "fields", "parameter", "property", "column", "attribute", "resource")
_DEEPEST: Final = 4  # bodies in bodies that are read
_NO_CODES: Final = frozenset(("error", "failed", "failure", "fail", "about:blank", "object", "text"))
_WORD: Final = re.compile(r"[A-Za-z_][\w.:/#-]{1,63}")


def code_and_message(value: Any, depth: int = 0) -> tuple[str, str]:
    """Return code and message of a JSON body; "" for what it lacks."""
    if isinstance(value, str):
        return "", value.strip()
    if isinstance(value, list):
        return _told_of_list(value, depth)
    if not isinstance(value, dict) or depth > _DEEPEST:
        return "", ""
    code, message = _told_of_table(value, depth)
    return code, message + _field(value, message) if message else ""


def _told_of_table(value: Mapping[str, Any], depth: int) -> tuple[str, str]:
    codes = [text for name in _CODES if (text := _code(value.get(name), name))]
    code = next((text for text in codes if not text[-1].isdigit()), codes[0] if codes else "")
    extensions = value.get("extensions")
    if not code and isinstance(extensions, dict):
        code = _code(extensions.get("code"), "code")
    message = next((text for name in _MESSAGES if (text := _text(value.get(name)))), "")
    error = next((text for name in _ERRORS if (text := _text(value.get(name)))), "")
    if error and message:
        code = error if _WORD.fullmatch(error) else code
    message = message or error
    for name in (*_ERRORS, *_PARTS):
        inner = _by_field(value.get(name))
        if inner and (name in _ERRORS or not message or isinstance(inner, list)):
            inner_code, inner_message = code_and_message(inner, depth + 1)
            if inner_message and message and isinstance(inner, list) and inner_message not in message:
                return inner_code or code, f"{message.rstrip('.: ')}: {inner_message}"
            if inner_message:
                return inner_code or code, inner_message
    return code, message


def _field(value: Mapping[str, Any], message: str) -> str:
    """Return the field that a body names beside its message, in brackets; "" if it names none."""
    for name in _FIELDS:
        found = value.get(name)
        names = [_text(one) for one in found[:3]] if isinstance(found, list) else [_text(found)]
        told = ", ".join(sorted(one for one in names if _WORD.fullmatch(one)))
        if told and told not in message:
            return f" ({told})"
    return ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _by_field(value: Any) -> dict[str, Any] | list[Any] | None:
    """Return a dict or list; one of the form field → its messages as a list, as others write it."""
    if isinstance(value, dict) and value and all(isinstance(one, list) for one in value.values()):
        return [{"field": field, "message": str(told[0])} for field, told in value.items() if told]
    return value if isinstance(value, dict | list) else None


def _told_of_list(values: list[Any], depth: int) -> tuple[str, str]:
    told = []
    for value in values[:3]:
        is_table = isinstance(value, dict) and depth < _DEEPEST
        code, message = (_told_of_table if is_table else code_and_message)(value, depth + 1)
        if is_table and message:
            place = value.get("loc") or value.get("path") or value.get("field") or value.get("param")
            if "locations" in value or "extensions" in value:
                place = None  # GraphQL names the part of the query
            words = place if isinstance(place, list) else [place] if place else []
            where = ".".join(str(word) for word in words if word not in ("body", "query", "path"))
            told.append(("" if where else code, f"{where}: {message}" if where else message))
        elif message:
            told.append((code, message))
    return (told[0][0] if told else ""), "; ".join(sorted(message for _, message in told))


def _code(found: Any, name: str) -> str:
    """Return a code as it is shown; "" if the value is none."""
    value = _text(found).rpartition("#")[2] if name == "__type" else _text(found)
    if not value or len(value) > 64:
        return ""
    if value.isdigit() or (value[:1] == "-" and value[1:].isdigit()):
        if len(value) == 3 and value[0] in "45":
            return value
        return "" if name == "status" or value in ("0", "1", "-1") else f"code {value}"
    if name in ("status", "type", "name") and value.casefold() in _NO_CODES:
        return ""
    return value if _WORD.fullmatch(value) and "//" not in value else ""


def plain_values(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield `name: value` of a body without a known message, in the order of names."""
    if isinstance(value, list):
        for item in value[:3]:
            yield from plain_values(item, depth)
    elif isinstance(value, Mapping):
        for name in sorted(value)[:20]:
            item = value[name]
            if isinstance(item, dict | list):
                if depth < 3:
                    yield from plain_values(item, depth + 1)
            elif item not in (None, ""):
                yield f"{name}: {item}"
    else:
        yield str(value)
