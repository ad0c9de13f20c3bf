"""Faults in response bodies: broken JSON, other encodings, other content.

Bodies are made by code, not read from files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.kinds import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import FaultUse, Reply

_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser</h1></body></html>"
)
_DEPTH: Final = 10_000


def body(text: str, change: Callable[[Reply, FaultUse], Reply]) -> Fault:
    """Return a fault that changes response bodies: all, or with a thread id as the argument only those about that thread.

    `text`: the line of the fault in `--fault list`.
    """

    def reply(reply: Reply, use: FaultUse) -> Reply:
        return change(reply, use) if use.arg in {"", use.thread_id} else reply

    return Fault(text, reply=reply, argument="THREAD")


def bom(reply: Reply, _use: FaultUse) -> Reply:
    """Put a byte order mark before the JSON."""
    reply.body = b"\xef\xbb\xbf" + reply.body
    return reply


def truncated(reply: Reply, _use: FaultUse) -> Reply:
    """Cut the JSON after two thirds; Content-Length is that of the cut body."""
    reply.body = reply.body[: len(reply.body) * 2 // 3]
    return reply


def html(reply: Reply, _use: FaultUse) -> Reply:
    """Send a proxy's HTML page with status 200."""
    reply.status, reply.body = 200, _HTML
    reply.headers["content-type"] = "text/html; charset=utf-8"
    return reply


def empty(reply: Reply, _use: FaultUse) -> Reply:
    """Send an empty body; the status stays as it is."""
    reply.body = b""
    return reply


def literal(reply: Reply, use: FaultUse) -> Reply:
    """Send the argument as the body, `null` without one."""
    reply.body = use.arg.encode() or b"null"
    return reply


def wrapped(reply: Reply, _use: FaultUse) -> Reply:
    """Wrap the array as {"data": [...]}."""
    reply.body = b'{"data":' + reply.body + b"}"
    return reply


def as_object(reply: Reply, _use: FaultUse) -> Reply:
    """Send {"items": {"0": ...}} instead of an array."""
    value = json.loads(reply.body)
    rows = value if isinstance(value, list) else [value]
    reply.body = json.dumps({"items": dict(enumerate(rows))}).encode()
    return reply


def deep(reply: Reply, _use: FaultUse) -> Reply:
    """Add an element whose metadata has lists nested ten thousand deep."""
    nest = b"[" * _DEPTH + b"]" * _DEPTH
    return _spliced(reply, b'{"id":"run_deep","status":"completed","meta_data":{"nest":' + nest + b"}}")


def duplicate_keys(reply: Reply, _use: FaultUse) -> Reply:
    """Add an element with two `status` keys; JSON parsers keep the last one, `failed`."""
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


def not_utf8(reply: Reply, _use: FaultUse) -> Reply:
    """Send Latin-1 bytes in a body declared as UTF-8."""
    reply.body = reply.body.replace(b'"model":"', b'"model":"M\xfcller ', 1)
    return reply


def utf16(reply: Reply, _use: FaultUse) -> Reply:
    """Send the JSON in UTF-16."""
    reply.body = reply.body.decode().encode("utf-16")
    return reply


def trailing(reply: Reply, _use: FaultUse) -> Reply:
    """Add text after the JSON."""
    reply.body += b"\n<!-- served by cache-07 -->"
    return reply


def ndjson(reply: Reply, _use: FaultUse) -> Reply:
    """Send one element per line instead of an array."""
    value = json.loads(reply.body)
    rows: list[Any] = value if isinstance(value, list) else [value]
    reply.body = b"\n".join(json.dumps(row).encode() for row in rows)
    return reply


def as_text(reply: Reply, _use: FaultUse) -> Reply:
    """Set Content-Type to text/plain."""
    reply.headers["content-type"] = "text/plain"
    return reply
