"""Faults in response bodies: broken JSON, other encodings, other content.

Bodies are made by code, not read from files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Reply
from flowtui.simulator.faults.kinds import Fault
from flowtui.simulator.faults.statuses import answer, header

_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser</h1></body></html>"
)
_NEST: Final = b"[" * 10_000 + b"]" * 10_000
_DEEP: Final = b'{"id":"run_deep","status":"completed","meta_data":{"nest":' + _NEST + b"}}"
_TWICE: Final = (
    b'{"id":"run_twice","created_at":"2026-01-01T00:00:00Z","status":"running","model":"m","status":"failed"}'
)
"""A run with two statuses: JSON parsers keep the last one, `failed`."""


def _about(text: str, change: Callable[[Reply, FaultUse], Reply]) -> Fault:
    """Return a fault that changes replies: all, or with a thread id as the argument only those about that thread.

    `text`: the line of the fault in `--fault list`.
    """

    def reply(reply: Reply, use: FaultUse) -> Reply:
        return change(reply, use) if use.arg in {"", use.thread_id} else reply

    return Fault(text, reply=reply, argument="THREAD")


def _body(text: str, change: Callable[[bytes], bytes]) -> Fault:
    """Return a fault that changes the bodies of replies, as `_about` does."""
    return _about(text, lambda reply, _: replace(reply, body=change(reply.body)))


def _rows(body: bytes) -> list[Any]:
    value = json.loads(body)
    return value if isinstance(value, list) else [value]


def _with_element(element: bytes) -> Callable[[bytes], bytes]:
    """Return a function that adds an element before the others; a body that is no list becomes this element."""

    def change(body: bytes) -> bytes:
        if not body.startswith(b"["):
            return element
        return b"[" + element + (b"," if body != b"[]" else b"") + body[1:]

    return change


BODIES: Final[dict[str, Fault]] = {
    "bom": _body("a byte order mark before the JSON", lambda body: b"\xef\xbb\xbf" + body),
    "truncated-json": _body("the JSON stops in the middle", lambda body: body[: len(body) * 2 // 3]),
    "html": _about("a proxy's page with status 200", answer(200, _HTML, kind="text/html; charset=utf-8")),
    "empty-body": _body("an empty body with status 200", lambda _: b""),
    "body": Fault(
        "the body is ARG, null by default",
        reply=lambda reply, use: replace(reply, body=use.arg.encode() or b"null"),
        argument="TEXT",
    ),
    "object-body": _body(
        "an object instead of an array",
        lambda body: json.dumps({"items": dict(enumerate(_rows(body)))}).encode(),
    ),
    "wrapped-data": _body('the array in {"data": [...]}', lambda body: b'{"data":' + body + b"}"),
    "deep-json": _body("one more run with JSON nested 10,000 deep", _with_element(_DEEP)),
    "duplicate-keys": _body(
        "one more run with two statuses, of which `failed` is the last", _with_element(_TWICE)
    ),
    "not-utf8": _body(
        "Latin-1 bytes in the JSON", lambda body: body.replace(b'"model":"', b'"model":"M\xfcller ', 1)
    ),
    "utf16": _body("the JSON in UTF-16", lambda body: body.decode().encode("utf-16")),
    "trailing-text": _body("text after the JSON", lambda body: body + b"\n<!-- served by cache-07 -->"),
    "ndjson": _body(
        "one run per line instead of an array",
        lambda body: b"\n".join(json.dumps(row).encode() for row in _rows(body)),
    ),
    "text-plain": _about("JSON with Content-Type text/plain", header("content-type", "text/plain")),
}
"""These faults, by name on the command line."""
