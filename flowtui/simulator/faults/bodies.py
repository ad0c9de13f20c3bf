"""Bodies that are not what the API promises: broken, foreign, endless. Generated, never stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.kinds import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import Hit, Reply

_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser</h1></body></html>"
)
_DEPTH: Final = 10_000


def body(text: str, bend: Callable[[Reply, Hit], Reply]) -> Fault:
    """Return the fault that bends the bodies of all threads, or, with an argument, of the thread with this id."""

    def reply(reply: Reply, hit: Hit) -> Reply:
        return bend(reply, hit) if hit.arg in {"", hit.thread_id} else reply

    return Fault(text, reply=reply, argument="THREAD")


def bom(reply: Reply, _hit: Hit) -> Reply:
    """A byte order mark stands before the JSON."""
    reply.body = b"\xef\xbb\xbf" + reply.body
    return reply


def truncated(reply: Reply, _hit: Hit) -> Reply:
    """The JSON stops two thirds in; the length says so too."""
    reply.body = reply.body[: len(reply.body) * 2 // 3]
    return reply


def html(reply: Reply, _hit: Hit) -> Reply:
    """A proxy's page, with status 200."""
    reply.status, reply.body = 200, _HTML
    reply.headers["content-type"] = "text/html; charset=utf-8"
    return reply


def empty(reply: Reply, _hit: Hit) -> Reply:
    """Nothing, with status 200."""
    reply.body = b""
    return reply


def literal(reply: Reply, hit: Hit) -> Reply:
    """The argument is the body."""
    reply.body = hit.arg.encode() or b"null"
    return reply


def wrapped(reply: Reply, _hit: Hit) -> Reply:
    """The array stands in {"data": [...]}."""
    reply.body = b'{"data":' + reply.body + b"}"
    return reply


def as_object(reply: Reply, _hit: Hit) -> Reply:
    """An object by position instead of an array."""
    value = json.loads(reply.body)
    rows = value if isinstance(value, list) else [value]
    reply.body = json.dumps({"items": dict(enumerate(rows))}).encode()
    return reply


def deep(reply: Reply, _hit: Hit) -> Reply:
    """The metadata of one more element is nested ten thousand deep."""
    nest = b"[" * _DEPTH + b"]" * _DEPTH
    return _spliced(reply, b'{"id":"run_deep","status":"completed","meta_data":{"nest":' + nest + b"}}")


def duplicate_keys(reply: Reply, _hit: Hit) -> Reply:
    """One more element has its status twice; the last one counts."""
    return _spliced(
        reply,
        b'{"id":"run_twice","created_at":"2026-01-01T00:00:00Z","status":"running","model":"m","status":"failed"}',
    )


def _spliced(reply: Reply, element: bytes) -> Reply:
    body = reply.body
    if body.startswith(b"["):
        reply.body = b"[" + element + (b"," if body != b"[]" else b"") + body[1:]
    else:
        reply.body = element
    return reply


def not_utf8(reply: Reply, _hit: Hit) -> Reply:
    """The bytes are Latin-1 while the header says UTF-8."""
    reply.body = reply.body.replace(b'"model":"', b'"model":"M\xfcller ', 1)
    return reply


def utf16(reply: Reply, _hit: Hit) -> Reply:
    """The JSON comes in UTF-16."""
    reply.body = reply.body.decode().encode("utf-16")
    return reply


def trailing(reply: Reply, _hit: Hit) -> Reply:
    """Something follows the JSON."""
    reply.body += b"\n<!-- served by cache-07 -->"
    return reply


def ndjson(reply: Reply, _hit: Hit) -> Reply:
    """One element a line instead of an array."""
    value = json.loads(reply.body)
    rows: list[Any] = value if isinstance(value, list) else [value]
    reply.body = b"\n".join(json.dumps(row).encode() for row in rows)
    return reply


def as_text(reply: Reply, _hit: Hit) -> Reply:
    """The header calls the JSON plain text."""
    reply.headers["content-type"] = "text/plain"
    return reply
