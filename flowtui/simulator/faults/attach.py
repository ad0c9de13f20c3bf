"""Faults in event streams of runs: refused, cut, silent, garbage, without end, in odd pieces, begun in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

from flowtui.simulator.exchange import FaultUse, Reply, encode
from flowtui.simulator.faults.kinds import ATTACH, Fault
from flowtui.simulator.faults.statuses import answer

Pieces = AsyncIterator[bytes]
"""The events of a stream, each as one piece; b"" whenever the stream waits for the world's time."""

_NEVER: Final = 86_400.0
_MIB: Final = 1 << 20
_HOSTILE: Final = "\x1b[2J\x1b]0;pwn\x07\u202e\u200b[bold]x[/nope]\x9b31m\r\n\ttail"
_GARBAGE: Final = (
    b'data: {\n\ndata: [1, 2]\n\ndata: null\n\ndata: {"type": 7}\n\ndata\n\n: a comment\nevent: odd\nid: 7\n\n'
    b"retry: soon\nno field at all\n\xff\xfe\x00\x01\ndata: \xff\xfe not text\n\n<html>502</html>\n\n"
    b'data: {"type": "data-nestedToolEvent"}\n\ndata: {"type": "data-nestedToolEvent", "data": {"chunk": []}}\n\n'
    b'data: {"type": "text-delta", "id": {}, "delta": []}\n\ndata: {"type": "tool-input-available", "input": NaN}\n\n'
)


def _changed(text: str, change: Callable[[Pieces, FaultUse], Pieces], argument: str = "") -> Fault:
    """Return a fault that changes event streams; other answers stay as they are."""

    def reply(reply: Reply, use: FaultUse) -> Reply:
        if reply.stream is None:
            return reply
        stream = reply.stream
        return replace(reply, stream=lambda: change(stream(), use))

    return Fault(text, reply=reply, argument=argument, scope=ATTACH)


def _refused(reply: Reply, use: FaultUse) -> Reply:
    status = int(use.number(404))
    return answer(status if 400 <= status <= 599 else 404, {"detail": "No stream for this run"})(reply, use)


async def _first(pieces: Pieces, count: float) -> Pieces:
    """Yield the first `count` events."""
    left = int(count)
    async for piece in pieces:
        if piece:
            if left <= 0:
                return
            left -= 1
        yield piece


async def _stalled(pieces: Pieces, use: FaultUse) -> Pieces:
    async for piece in _first(pieces, use.number(3)):
        yield piece
    await asyncio.sleep(_NEVER)


async def _cut(pieces: Pieces, use: FaultUse) -> Pieces:
    """Yield the first events, then fail: the server closes the connection without the end of the answer."""
    async for piece in _first(pieces, use.number(3)):
        yield piece
    raise ConnectionResetError


async def _without_done(pieces: Pieces, _use: FaultUse) -> Pieces:
    async for piece in pieces:
        if not piece.startswith((b"data: [DONE]", b'data: {"type":"finish"}')):
            yield piece


async def _with_garbage(pieces: Pieces, _use: FaultUse) -> Pieces:
    async for piece in pieces:
        yield piece
        if piece:
            yield _GARBAGE


def _delta(text: str, name: str = "flood") -> bytes:
    return b"data: " + encode({"type": "text-delta", "id": name, "delta": text}) + b"\n\n"


async def _endless(pieces: Pieces, _use: FaultUse) -> Pieces:
    """Yield the first events, then deltas without end, as fast as the client reads; each twentieth begins another part."""
    async for piece in _first(pieces, 3):
        yield piece
    number = 0
    while True:
        yield b"".join(_delta("na " * 300, f"flood{number // 20}") for number in range(number, number + 20))
        number += 20
        await asyncio.sleep(0.001)  # the server learns that the client has gone


async def _huge(pieces: Pieces, use: FaultUse) -> Pieces:
    """Yield after the first event one of half a MiB, and one of `ARG` MiB."""
    async for piece in _first(pieces, 1):
        yield piece
    yield _delta("half " * (_MIB // 10), "large")
    yield _delta("x" * int(use.number(4) * _MIB), "larger")
    async for piece in pieces:
        yield piece


async def _bytes(pieces: Pieces, _use: FaultUse) -> Pieces:
    """Yield each byte of the first 200 events alone, so that letters are split; then whole events."""
    count = 0
    async for piece in pieces:
        count += bool(piece)
        for part in [piece[at : at + 1] for at in range(len(piece))] if count <= 200 else [piece]:
            yield part
        if not piece:
            yield piece


async def _from_now(pieces: Pieces, _use: FaultUse) -> Pieces:
    """Leave out what has happened before the request."""
    begun = False
    async for piece in pieces:
        begun = begun or not piece or piece.startswith(b"data: [DONE]")
        if begun:
            yield piece


async def _twice(pieces: Pieces, _use: FaultUse) -> Pieces:
    """Send everything up to now twice."""
    past: list[bytes] = []
    begun = False
    async for piece in pieces:
        if not begun and (not piece or piece.startswith(b"data: [DONE]")):
            begun = True
            for old in past:
                yield old
        past += [] if begun else [piece]
        yield piece


async def _odd_lines(pieces: Pieces, _use: FaultUse) -> Pieces:
    """A byte order mark, comments, all kinds of line ends, and JSON over several lines of data."""
    yield b"\xef\xbb\xbf: begin\r"
    ends = (b"\r\n", b"\r", b"\n")
    number = 0
    async for piece in pieces:
        if not piece:
            yield b""
            continue
        end = ends[number % 3]
        number += 1
        data = piece.removeprefix(b"data: ").strip()
        lines = [data] if data == b"[DONE]" else json.dumps(json.loads(data), indent=1).encode().split(b"\n")
        yield (
            b": ping"
            + end
            + b"event: message"
            + end
            + b"".join(b"data:" + line + end for line in lines)
            + end
        )


async def _hostile(pieces: Pieces, _use: FaultUse) -> Pieces:
    """Yield hostile text in every string but types and ids."""
    async for piece in pieces:
        if not piece.startswith(b"data: {"):
            yield piece
            continue
        event = json.loads(piece.removeprefix(b"data: "))
        yield (
            b"data: "
            + encode({**event, **{name: _spoilt(event[name]) for name in event if name in _WORDS}})
            + b"\n\n"
        )
    yield b""


_WORDS: Final = frozenset({"delta", "toolName", "input", "output", "errorText", "inputTextDelta", "data"})


def _spoilt(value: object) -> object:
    if isinstance(value, str):
        return f"{value}{_HOSTILE}"
    if isinstance(value, dict):
        kept = ("type", "id", "toolCallId", "toolCallPath")
        return {name: item if name in kept else _spoilt(item) for name, item in value.items()}
    return value


async def _unknown(pieces: Pieces, _use: FaultUse) -> Pieces:
    async for piece in pieces:
        yield piece
        if piece:
            yield b'data: {"type": "data-usage", "data": {"tokens": 1}}\n\n'


async def _silent(_pieces: Pieces, _use: FaultUse) -> Pieces:
    """Yield comments only, for ever."""
    while True:
        yield b": ping\n\n"
        await asyncio.sleep(0.05)


ATTACHING: Final[dict[str, Fault]] = {
    "attach-refused": Fault(
        "an event stream is refused with status ARG (404)", reply=_refused, argument="NUMBER", scope=ATTACH
    ),
    "attach-stall": _changed("an event stream falls silent after ARG (3) events", _stalled, "NUMBER"),
    "attach-cut": _changed("an event stream is cut after ARG (3) events", _cut, "NUMBER"),
    "attach-no-done": _changed("an event stream ends without finish and [DONE]", _without_done),
    "attach-garbage": _changed("garbage after each event of a stream", _with_garbage),
    "attach-unknown": _changed("an unknown event after each event of a stream", _unknown),
    "attach-endless": _changed("an event stream without end, as fast as it is read", _endless),
    "attach-huge": _changed("an event of half a MiB, and one of ARG (4) MiB", _huge, "NUMBER"),
    "attach-bytes": _changed("an event stream byte by byte: letters are split", _bytes),
    "attach-from-now": _changed("an event stream begins at now, without what was before", _from_now),
    "attach-twice": _changed("an event stream sends its beginning twice", _twice),
    "attach-lines": _changed("odd line ends, comments, JSON over several lines in a stream", _odd_lines),
    "attach-hostile": _changed("control characters and markup in the texts of a stream", _hostile),
    "attach-silent": _changed("an event stream of comments only", _silent),
}
"""These faults, by name on the command line."""
