"""Faults in statuses, headers and transport: slow, short, endless and packed bodies, all generated."""

from __future__ import annotations

import asyncio
import zlib
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.simulator.exchange import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from flowtui.simulator.exchange import Hit, Reply

_CHUNK: Final = 1 << 20
_BOMB_CHUNKS: Final = 1024
"""A gzip bomb of 1 GiB, about 1 MB on the wire."""
_DRIP_EVERY: Final = 0.2


def answer(
    status: int, body: object = None, *, kind: str = "application/json", **headers: str
) -> Callable[[Reply, Hit], Reply]:
    """Return a function that replies with this status and body: bytes as they are, anything else as JSON."""

    def change(reply: Reply, _hit: Hit) -> Reply:
        reply.status = status
        reply.body = body if isinstance(body, bytes) else encode(body)
        reply.headers.update(
            {"content-type": kind, **{key.replace("_", "-"): to for key, to in headers.items()}}
        )
        return reply

    return change


def header(name: str, value: str | None) -> Callable[[Reply, Hit], Reply]:
    """Return a function that sets a header, or removes it where `value` is None."""

    def change(reply: Reply, _hit: Hit) -> Reply:
        reply.headers.pop(name, None)
        if value is not None:
            reply.headers[name] = value
        return reply

    return change


def server_error(reply: Reply, hit: Hit) -> Reply:
    """Reply 500 to the first N requests (3), then correctly."""
    return (
        answer(500, {"detail": "Internal Server Error"})(reply, hit) if hit.count < hit.number(3) else reply
    )


def rate_limit(reply: Reply, hit: Hit) -> Reply:
    """Reply 429 with Retry-After in seconds (2)."""
    after = f"{hit.number(2):g}"
    return answer(429, {"detail": "Too many requests"}, retry_after=after, x_ratelimit_remaining="0")(
        reply, hit
    )


def rate_limit_date(reply: Reply, hit: Hit) -> Reply:
    """Reply 429 with Retry-After as a date, N seconds from now (2)."""
    after = formatdate(hit.now + hit.number(2), usegmt=True)
    return answer(429, {"detail": "Too many requests"}, retry_after=after)(reply, hit)


def rate_limit_ms(reply: Reply, hit: Hit) -> Reply:
    """Reply 429 with retry-after-ms (200)."""
    return answer(429, {"detail": "Too many requests"}, retry_after_ms=f"{hit.number(200):g}")(reply, hit)


def remaining(reply: Reply, hit: Hit) -> Reply:
    """Count x-ratelimit-remaining down from N (10) with each reply, then reply 429."""
    left = int(hit.number(10)) - hit.count
    if left <= 0:
        return answer(429, {"detail": "Too many requests"}, x_ratelimit_remaining="0")(reply, hit)
    return header("x-ratelimit-remaining", str(left))(reply, hit)


def not_found(reply: Reply, hit: Hit) -> Reply:
    """Reply 404 for one thread, given by id or by its place in the list; without an argument for all."""
    if hit.arg and hit.arg not in {hit.thread_id, str(hit.place)}:
        return reply
    return answer(404, {"detail": "Thread not found"})(reply, hit)


def redirect(reply: Reply, hit: Hit) -> Reply:
    """Reply 302 with the argument as the Location, or another path of this server."""
    return answer(302, b"", location=hit.arg or "/v1/elsewhere")(reply, hit)


def skew(hit: Hit) -> float:
    """Return by how many seconds (300) the server's clock is ahead; below 0 it is behind."""
    return hit.number(300)


def slow(reply: Reply, hit: Hit) -> Reply:
    """Delay the reply by N seconds (3)."""
    reply.delay = hit.number(3)
    return reply


def reset(reply: Reply, _hit: Hit) -> Reply:
    """Close the connection instead of replying."""
    reply.abort = True
    return reply


def drip(reply: Reply, _hit: Hit) -> Reply:
    """Send the body byte by byte, five a second, so that no single read times out."""

    async def stream(body: bytes) -> AsyncIterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]
            await asyncio.sleep(_DRIP_EVERY)

    reply.stream = partial(stream, reply.body)
    return reply


def short_body(reply: Reply, _hit: Hit) -> Reply:
    """Send half of the body that Content-Length announces, then close the connection."""
    reply.headers["content-length"] = str(len(reply.body))
    reply.body = reply.body[: len(reply.body) // 2]
    return reply


def gzipped(reply: Reply, _hit: Hit) -> Reply:
    """Pack the body with gzip, as a proxy may do."""
    reply.headers["content-encoding"] = "gzip"
    packer = _gzip()
    reply.body = packer.compress(reply.body) + packer.flush()
    return reply


def gzip_bomb(reply: Reply, _hit: Hit) -> Reply:
    """Send a packed body of about 1 MB that unpacks to 1 GiB."""
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


def bad_gzip(reply: Reply, _hit: Hit) -> Reply:
    """Send an unpacked body with Content-Encoding gzip."""
    reply.headers["content-encoding"] = "gzip"
    return reply


def endless(reply: Reply, _hit: Hit) -> Reply:
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
