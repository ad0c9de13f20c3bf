"""Faults in statuses and headers: refusals, rate limits and errors of the server."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Final

from flowtui.simulator.exchange import FaultUse, Reply, encode
from flowtui.simulator.faults.kinds import ALL, Fault

_REJECTED: Final = {"loc": ["path", "thread_id"], "msg": "unknown thread", "type": "value_error"}
_ENVELOPE: Final = {
    "error": "Internal Server Error",
    "message": "An unexpected error occurred",
    "status": 500,
    "requestUrl": "/v1/threads",
}


def answer(
    status: int, body: object = None, *, kind: str = "application/json", **headers: str
) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that replies with this status, body (bytes as they are, else as JSON) and headers (`_` means `-`)."""

    def change(reply: Reply, _use: FaultUse) -> Reply:
        reply.status, reply.stream = status, None
        reply.body = body if isinstance(body, bytes) else encode(body)
        reply.headers.update(
            {"content-type": kind, **{key.replace("_", "-"): to for key, to in headers.items()}}
        )
        return reply

    return change


def header(name: str, value: str | None) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that sets a header, or removes it if `value` is None."""

    def change(reply: Reply, _use: FaultUse) -> Reply:
        reply.headers.pop(name, None)
        if value is not None:
            reply.headers[name] = value
        return reply

    return change


def _too_many(**headers: str) -> Callable[[Reply, FaultUse], Reply]:
    return answer(429, {"detail": "Too many requests"}, **headers)


def _rate_limit(reply: Reply, use: FaultUse) -> Reply:
    return _too_many(retry_after=f"{use.number(2):g}", x_ratelimit_remaining="0")(reply, use)


def _rate_limit_date(reply: Reply, use: FaultUse) -> Reply:
    return _too_many(retry_after=formatdate(use.now + use.number(2), usegmt=True))(reply, use)


def _rate_limit_ms(reply: Reply, use: FaultUse) -> Reply:
    return _too_many(retry_after_ms=f"{use.number(200):g}")(reply, use)


def _remaining(reply: Reply, use: FaultUse) -> Reply:
    """Count x-ratelimit-remaining down from the argument with each reply, then reply 429."""
    left = int(use.number(10)) - use.count
    change = header("x-ratelimit-remaining", str(left)) if left > 0 else _too_many(x_ratelimit_remaining="0")
    return change(reply, use)


def _server_error(reply: Reply, use: FaultUse) -> Reply:
    broken = use.count < use.number(3)
    return answer(500, {"detail": "Internal Server Error"})(reply, use) if broken else reply


def _not_found(reply: Reply, use: FaultUse) -> Reply:
    """Reply 404 for the thread that the argument gives, by id or by place in the list; without an argument, for all."""
    meant = use.arg in {"", use.thread_id, str(use.place)}
    return answer(404, {"detail": "Thread not found"})(reply, use) if meant else reply


def _redirect(reply: Reply, use: FaultUse) -> Reply:
    return answer(302, b"", location=use.arg or "/v1/elsewhere")(reply, use)


def _deprecated(reply: Reply, _use: FaultUse) -> Reply:
    reply.headers.update(deprecation="@1793318400", sunset="Mon, 01 Feb 2027 00:00:00 GMT")
    return reply


STATUSES: Final[dict[str, Fault]] = {
    "deprecated": Fault("headers that announce a deprecation", reply=_deprecated, scope=ALL),
    "unauthorized": Fault("401 for every key, on all requests", key=lambda *_: False, scope=ALL),
    "forbidden": Fault("403 on all requests", reply=answer(403, {"detail": "Not in this team"}), scope=ALL),
    "not-found": Fault(
        "404 for thread ARG, without ARG for all threads", reply=_not_found, argument="THREAD"
    ),
    "rejected": Fault("422 as for an unknown id", reply=answer(422, {"detail": [_REJECTED]})),
    "rate-limit": Fault("429, Retry-After ARG seconds (2)", reply=_rate_limit, argument="NUMBER"),
    "rate-limit-date": Fault("429, Retry-After a date", reply=_rate_limit_date, argument="NUMBER"),
    "rate-limit-ms": Fault("429, retry-after-ms ARG (200)", reply=_rate_limit_ms, argument="NUMBER"),
    "rate-limit-bare": Fault("429 without Retry-After", reply=answer(429, {"detail": "Slow down"})),
    "rate-limit-odd": Fault("429, Retry-After: soon", reply=answer(429, {}, retry_after="soon")),
    "remaining": Fault(
        "counts x-ratelimit-remaining down from ARG (10)", reply=_remaining, argument="NUMBER"
    ),
    "server-error": Fault("500 for the first ARG (3) requests", reply=_server_error, argument="NUMBER"),
    "bad-gateway": Fault(
        "502 with a page", reply=answer(502, b"<html>502 Bad Gateway</html>", kind="text/html")
    ),
    "unavailable": Fault("503 without a body", reply=answer(503, b"", retry_after="1")),
    "request-timeout": Fault("408", reply=answer(408, {"detail": "Request timeout"})),
    "no-content": Fault("204", reply=answer(204, b"")),
    "error-envelope": Fault("500 as {error, message, status}", reply=answer(500, _ENVELOPE)),
    "error-escape": Fault(
        "500 whose text moves the cursor", reply=answer(500, {"detail": "\x1b[2J\x9b1mno"})
    ),
    "redirect": Fault("302 to ARG or another path", reply=_redirect, argument="URL"),
}
"""These faults, by name on the command line."""
