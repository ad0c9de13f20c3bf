"""Faults in transport and in headers of all replies: slow, truncated, endless and gzip-compressed bodies, odd dates."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Final

from flowtui.simulator.exchange import FaultUse, Reply
from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.faults.statuses import header

_CHUNK: Final = 1 << 20
_BOMB_CHUNKS: Final = 1024
"""Chunks of a gzip bomb: 1 GiB in all, sent as about 1 MB."""
_DRIP_EVERY: Final = 0.2
_GZIP: Final = {"content-encoding": "gzip"}


def delayed(seconds: float) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that delays the reply by the argument in seconds, by default `seconds`."""
    return lambda reply, use: replace(reply, delay=use.number(seconds))


def reset(reply: Reply, _use: FaultUse) -> Reply:
    """Close the connection instead of replying."""
    return replace(reply, abort=True)


async def _byte_by_byte(body: bytes) -> AsyncIterator[bytes]:
    """Yield five bytes a second, so that no single read times out."""
    for place in range(len(body)):
        yield body[place : place + 1]
        await asyncio.sleep(_DRIP_EVERY)


def _drip(reply: Reply, _use: FaultUse) -> Reply:
    return replace(reply, stream=partial(_byte_by_byte, reply.body))


def _short_body(reply: Reply, _use: FaultUse) -> Reply:
    """Send half of the body that Content-Length announces, then close the connection."""
    reply.headers["content-length"] = str(len(reply.body))
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _gzip() -> zlib._Compress:
    return zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)


def _gzipped(reply: Reply, _use: FaultUse) -> Reply:
    packer = _gzip()
    body = packer.compress(reply.body) + packer.flush()
    return replace(reply, body=body, headers=reply.headers | _GZIP)


async def _bomb() -> AsyncIterator[bytes]:
    packer = _gzip()
    yield packer.compress(b'[{"id":"run_bomb","instructions":"')
    blank = b" " * _CHUNK
    for _ in range(_BOMB_CHUNKS):
        if packed := packer.compress(blank):
            yield packed
        await asyncio.sleep(0)
    yield packer.flush()


def _gzip_bomb(reply: Reply, _use: FaultUse) -> Reply:
    return replace(reply, stream=_bomb, headers=reply.headers | _GZIP)


async def _without_end() -> AsyncIterator[bytes]:
    yield b'[{"id":"run_endless","instructions":"'
    for _ in range(256):
        yield b"x" * _CHUNK
        await asyncio.sleep(0)
    yield b'"}]'


TRANSPORT: Final[dict[str, Fault]] = {
    "slow": Fault("the answer comes ARG (3) seconds late", reply=delayed(3), argument="NUMBER"),
    "reset": Fault("the connection is cut instead of an answer", reply=reset),
    "drip": Fault("five bytes a second", reply=_drip),
    "short-body": Fault("half of what Content-Length promises", reply=_short_body),
    "gzip": Fault("a body that is correctly packed with gzip", reply=_gzipped),
    "gzip-bomb": Fault("1 MB that unpacks to 1 GiB", reply=_gzip_bomb),
    "bad-gzip": Fault(
        "an unpacked body with Content-Encoding gzip", reply=header("content-encoding", "gzip")
    ),
    "endless": Fault("a plain body of 256 MiB", reply=lambda reply, _: replace(reply, stream=_without_end)),
    "clock-skew": Fault(
        "the server's clock is ARG (300) seconds ahead, all dates too",
        skew=lambda use: use.number(300),
        argument="SIGNED",
        scope=ALL,
    ),
    "no-date": Fault("no Date header", reply=header("date", None), scope=ALL),
    "bad-date": Fault("a Date header without a date", reply=header("date", "today"), scope=ALL),
    "no-ray": Fault("no cf-ray header", reply=header("cf-ray", None), scope=ALL),
    "odd-ray": Fault("C1 characters in cf-ray", reply=header("cf-ray", "a\x9b31mb"), scope=ALL),
}
"""These faults, by name on the command line."""
