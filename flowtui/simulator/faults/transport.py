"""Faults in statuses, headers and transport: slow, truncated, endless and gzip-compressed bodies."""

from __future__ import annotations

import asyncio
import zlib
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.simulator.exchange import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from flowtui.simulator.exchange import FaultUse, Reply

_CHUNK: Final = 1 << 20
_BOMB_CHUNKS: Final = 1024
"""Chunks of a gzip bomb: 1 GiB in all, sent as about 1 MB."""
_DRIP_EVERY: Final = 0.2


def answer(
    status: int, body: object = None, *, kind: str = "application/json", **headers: str
) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that replies with this status, body (bytes as they are, else as JSON) and headers (`_` means `-`)."""

    def change(reply: Reply, _use: FaultUse) -> Reply:
        reply.status = status
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


def server_error(reply: Reply, use: FaultUse) -> Reply:
    """Reply 500 to the first N requests, then correctly; N is the argument (default 3)."""
    return (
        answer(500, {"detail": "Internal Server Error"})(reply, use) if use.count < use.number(3) else reply
    )


def rate_limit(reply: Reply, use: FaultUse) -> Reply:
    """Reply 429 with the argument (default 2) as Retry-After, in seconds."""
    after = f"{use.number(2):g}"
    return answer(429, {"detail": "Too many requests"}, retry_after=after, x_ratelimit_remaining="0")(
        reply, use
    )


def rate_limit_date(reply: Reply, use: FaultUse) -> Reply:
    """Reply 429 with a date as Retry-After: N seconds from now; N is the argument (default 2)."""
    after = formatdate(use.now + use.number(2), usegmt=True)
    return answer(429, {"detail": "Too many requests"}, retry_after=after)(reply, use)


def rate_limit_ms(reply: Reply, use: FaultUse) -> Reply:
    """Reply 429 with the argument (default 200) as retry-after-ms."""
    return answer(429, {"detail": "Too many requests"}, retry_after_ms=f"{use.number(200):g}")(reply, use)


def remaining(reply: Reply, use: FaultUse) -> Reply:
    """Count x-ratelimit-remaining down from N with each reply, then reply 429; N is the argument (default 10)."""
    left = int(use.number(10)) - use.count
    if left <= 0:
        return answer(429, {"detail": "Too many requests"}, x_ratelimit_remaining="0")(reply, use)
    return header("x-ratelimit-remaining", str(left))(reply, use)


def not_found(reply: Reply, use: FaultUse) -> Reply:
    """Reply 404 for the thread that the argument gives, by id or by place in the list; without an argument, for all."""
    if use.arg and use.arg not in {use.thread_id, str(use.place)}:
        return reply
    return answer(404, {"detail": "Thread not found"})(reply, use)


def redirect(reply: Reply, use: FaultUse) -> Reply:
    """Reply 302 with the argument as the Location, or another path of this server."""
    return answer(302, b"", location=use.arg or "/v1/elsewhere")(reply, use)


def skew(use: FaultUse) -> float:
    """Return the argument (default 300): how many seconds the server's clock is ahead; below 0 it is behind."""
    return use.number(300)


def slow(reply: Reply, use: FaultUse) -> Reply:
    """Delay the reply by N seconds; N is the argument (default 3)."""
    reply.delay = use.number(3)
    return reply


def reset(reply: Reply, _use: FaultUse) -> Reply:
    """Close the connection instead of replying."""
    reply.abort = True
    return reply


def drip(reply: Reply, _use: FaultUse) -> Reply:
    """Send the body byte by byte, five a second, so that no single read times out."""

    async def stream(body: bytes) -> AsyncIterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]
            await asyncio.sleep(_DRIP_EVERY)

    reply.stream = partial(stream, reply.body)
    return reply


def short_body(reply: Reply, _use: FaultUse) -> Reply:
    """Send half of the body that Content-Length announces, then close the connection."""
    reply.headers["content-length"] = str(len(reply.body))
    reply.body = reply.body[: len(reply.body) // 2]
    return reply


def gzipped(reply: Reply, _use: FaultUse) -> Reply:
    """Compress the body with gzip, as a proxy may do."""
    reply.headers["content-encoding"] = "gzip"
    packer = _gzip()
    reply.body = packer.compress(reply.body) + packer.flush()
    return reply


def gzip_bomb(reply: Reply, _use: FaultUse) -> Reply:
    """Send a gzip body of about 1 MB that decompresses to 1 GiB."""
    reply.headers["content-encoding"] = "gzip"
    reply.stream = _bomb
    return reply


async def _bomb() -> AsyncIterator[bytes]:
    packer = _gzip()
    yield packer.compress(b'[{"id":"run_bomb","instructions":"')
    blank = b" " * _CHUNK
    for _ in range(_BOMB_CHUNKS):
        if packed := packer.compress(blank):
            yield packed
        await asyncio.sleep(0)
    yield packer.flush()


def bad_gzip(reply: Reply, _use: FaultUse) -> Reply:
    """Send an uncompressed body with Content-Encoding gzip."""
    reply.headers["content-encoding"] = "gzip"
    return reply


def endless(reply: Reply, _use: FaultUse) -> Reply:
    """Send a body of 256 MiB, as fast as the client reads it."""

    async def stream() -> AsyncIterator[bytes]:
        yield b'[{"id":"run_endless","instructions":"'
        for _ in range(256):
            yield b"x" * _CHUNK
            await asyncio.sleep(0)
        yield b'"}]'

    reply.stream = stream
    return reply


def _gzip() -> zlib._Compress:
    return zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
