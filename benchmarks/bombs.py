"""Measures peak memory and request times against hostile answers: bodies without end, gzip bombs, slow bodies.

python -m benchmarks.bombs [--deadline 3] [--at-once 2] [NAME ...]

This process is the server; `flowtui runs`, `watch` and the dashboard each run in their own process. Its peak memory
(VmHWM) is compared with that of the same command on a healthy server. The server measures a request from its head to
the last byte, or until flowtui closes the connection. Exits with 1 where a limit is missed. Needs Linux for /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import gzip
import json
import os
import pty
import struct
import sys
import tempfile
import termios
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
MEGABYTE: Final = 2**20
LIMIT: Final = 64.0  # megabytes more than on the healthy server
GRACE: Final = 1.0  # seconds after the deadline
BODY: Final = 16 * MEGABYTE  # the most that flowtui reads of a body
THREAD: Final = "thr_bombs"

LOOK: Final = """
import sys
from flowtui.cli import main
code = main(sys.argv[2:])
(line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
open(sys.argv[1], "w").write(f"{line.split()[1]} {code}")
"""
DASH_FOR: Final = 8.0  # seconds that the dashboard runs against a bomb

HEALTHY: Final = "healthy"
COMMANDS: Final = {
    "runs": f"runs {THREAD} --all -o jsonl",
    "watch": f"watch {THREAD} -o none --interval 0.5s --give-up-after 4s --timeout 8s",
    "dash": f"dash {THREAD} --interval 0.5s",
}
SNOWMAN: Final = "\N{SNOWMAN}".encode()
EMOJI: Final = "\N{GRINNING FACE}".encode()
ESCAPED: Final = rb"\ud83d\ude00"

Send = Callable[[bytes], Awaitable[None]]
Bomb = Callable[[Send], Awaitable[None]]


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]).encode()


def whole(body: bytes, *lines: str, status: str = "200 OK") -> Bomb:
    """Return a bomb that answers with this body."""

    async def bomb(send: Send) -> None:
        await send(head(f"Content-Length: {len(body)}", *lines, status=status))
        await send(body)

    return bomb


def endless(start: bytes, again: bytes, every: float = 0.0) -> Bomb:
    """Return a bomb that sends `start`, and then the same piece again and again, every `every` seconds."""

    async def bomb(send: Send) -> None:
        await send(start)
        while True:
            await send(again)
            await asyncio.sleep(every)

    return bomb


def packed(encoding: str, bits: int) -> Bomb:
    """Return a bomb that sends a gzip body that decompresses to 1 GiB."""

    async def bomb(send: Send) -> None:
        await send(head(f"Content-Encoding: {encoding}", "Connection: close"))
        packer = zlib.compressobj(9, zlib.DEFLATED, bits)
        blank = bytes(MEGABYTE)
        await send(packer.compress(b'[{"id":"'))
        for _ in range(1024):
            if piece := packer.compress(blank):
                await send(piece)
            await asyncio.sleep(0)
        await send(packer.flush())

    return bomb


async def silence(_send: Send) -> None:
    await asyncio.Event().wait()


def run(number: int, text: str = "You answer questions of customers. " * 12) -> dict[str, Any]:
    return {
        "id": f"run_{number:08}",
        "object": "thread.run",
        "created_at": "2026-11-24T20:00:00Z",
        "agent_id": f"agent_{number % 7}",
        "thread_id": THREAD,
        "status": "completed",
        "is_active": False,
        "started_at": "2026-11-24T20:01:00Z",
        "completed_at": "2026-11-24T20:03:00Z",
        "model": "meta-llama/Llama-3.3-70B-Instruct",
        "instructions": text,
        "tools": [{"type": "file_search", "name": "tool", "config": {"top_k": 5}}],
        "meta_data": {"customer": "acme", "stage": "production"},
        "usage": {"prompt_tokens": 1000 + number, "completion_tokens": 9, "total_tokens": 1009 + number},
        "temperature": 1.0,
        "top_p": 1.0,
        "parallel_tool_calls": True,
    }


def with_emoji(number: int) -> bytes:
    return json.dumps(run(number)).replace("questions", EMOJI.decode(), 1).encode()


def filled(element: Callable[[int], bytes], most: int = BODY) -> list[bytes]:
    """Return as many elements as fit into a JSON array of `most` bytes."""
    parts, size = [], 2
    while size + len(part := element(len(parts))) < most:
        parts.append(part)
        size += len(part) + 1
    return parts


def array(parts: Sequence[bytes]) -> bytes:
    return b"[%b]" % b",".join(parts)


def repeated(piece: bytes) -> bytes:
    """Return a JSON array of `BODY` bytes with the same element repeated."""
    return b"[" + b",".join([piece] * ((BODY - 2) // (len(piece) + 1))) + b"]"


RUNS: Final = [json.dumps(run(number)).encode() for number in range(20)]


def bombs() -> dict[str, Bomb]:
    """Return name -> bomb; `HEALTHY` is a correct answer."""
    chunked = head("Transfer-Encoding: chunked")
    runs = array(filled(lambda number: json.dumps(run(number)).encode()))
    lean = array(filled(lambda number: b'{"id":"r%d","status":"completed"}' % number))
    blank = b"x" * 65536
    return {
        HEALTHY: whole(array(RUNS)),
        "gzip bomb, 1 GiB": packed("gzip", 31),
        "deflate bomb, 1 GiB": packed("deflate", 15),
        "empty gzip members for ever": endless(
            head("Content-Encoding: gzip", "Connection: close"), gzip.compress(b"") * 1000
        ),
        "a body without end": endless(head("Connection: close") + b'[{"id":"', blank),
        "chunks without end": endless(chunked, b"10000\r\n" + blank + b"\r\n"),
        "chunks of one byte without end": endless(chunked, b"1\r\nx\r\n" * 4000),
        "a chunk with an endless name": endless(chunked + b"5;", blank),
        "trailers without end": endless(chunked + b"0\r\n", b"X-More: 1\r\n" * 1000),
        "an error page without end": endless(head("Connection: close", status="500 Oh"), blank),
        "a promise of 10^18 bytes": endless(head(f"Content-Length: {10**18}"), blank),
        "a header without end": endless(b"HTTP/1.1 200 OK\r\nX-Long: ", blank),
        "headers without end": endless(b"HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n" * 1000),
        "1xx without end": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        "silence": silence,
        "a drip in the head": endless(b"HTTP/1.1 200 OK\r\nX-Drip: ", b"x", 0.05),
        "a drip in the body": endless(head("Content-Length: 1000000") + b"[", b" ", 0.05),
        "a drip of chunks": endless(chunked, b"1\r\n \r\n", 0.05),
        "a drip of gzip": endless(
            head("Content-Encoding: gzip", "Connection: close"), gzip.compress(b""), 0.05
        ),
        "a drip in an error": endless(head("Connection: close", status="503 Oh"), b"x", 0.05),
        "JSON 10,000 deep": whole(b"[" * 10_000 + b"]" * 10_000),
        "16 MiB of [": whole(b"[" * BODY),
        "16 MiB of []": whole(repeated(b"[]")),
        "16 MiB of {}": whole(repeated(b"{}")),
        "16 MiB of 0": whole(repeated(b"0")),
        "16 MiB of one string": whole(b'["' + b"x" * (BODY - 4) + b'"]'),
        "16 MiB of one string of snowmen": whole(b'["' + SNOWMAN * (BODY // 3 - 2) + b'"]'),
        "16 MiB of one string with an emoji": whole(b'["' + EMOJI + b"x" * (BODY - 8) + b'"]'),
        "16 MiB of one string with an escaped emoji": whole(
            b'["' + ESCAPED + b"x" * (BODY - 4 - len(ESCAPED)) + b'"]'
        ),
        "16 MiB of one string of DEL": whole(b'["' + b"\x7f" * (BODY - 4) + b'"]'),
        "16 MiB of escapes": whole(b'["' + rb"\u0041" * (BODY // 6 - 1) + b'"]'),
        "16 MiB of runs": whole(runs),
        "16 MiB of runs, packed": whole(gzip.compress(runs, 6), "Content-Encoding: gzip"),
        "16 MiB of runs, cut off": whole(runs[:-20]),
        "16 MiB of runs with an emoji": whole(array(filled(with_emoji))),
        "16 MiB of runs in UTF-16": whole(runs[: BODY // 2 - 1].decode().encode("utf-16")),
        "16 MiB of the leanest runs": whole(lean),
        "300 KB of the leanest runs": whole(b"[" + lean[1:300_000].rpartition(b",")[0] + b"]"),
        "300 KB of 0": whole(b"[" + b"0," * 149_000 + b"0]"),
        "16 MiB of runs with long names": whole(
            array(filled(lambda number: b'{"id":"r%d","model":"%b%d"}' % (number, b"m" * 2500, number)))
        ),
    }


class Serving:
    """Selects the bomb for each request; records for each bomb how many requests there were and the longest one."""

    def __init__(self, waiting: dict[str, Bomb]) -> None:
        self.names, self.bombs = list(waiting), list(waiting.values())
        self.longest: dict[str, float] = {}
        self.requests: dict[str, int] = {}

    def note(self, asked: str, seconds: float) -> None:
        self.longest[asked] = max(seconds, self.longest.get(asked, 0.0))
        self.requests[asked] = self.requests.get(asked, 0) + 1

    def bomb(self, place: int, path: str) -> Bomb:
        if "/runs" not in path:
            return whole(b"[]")
        if "offset=" in path and "offset=0" not in path:  # a page after the first one
            return whole(array(RUNS[int(path.partition("offset=")[2].split()[0]) :]) if not place else b"[]")
        return self.bombs[place]


class Connection(asyncio.Protocol):
    """A server connection. Each received piece is one whole request, one at a time, as on loopback."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.sending: asyncio.Task[None] | None = None
        self.free = asyncio.Event()
        self.free.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        _, command, place, path = data.split(b"\r\n", 1)[0].decode().split("/", 3)
        self.asked, self.began = f"{command}/{place}", time.monotonic()
        self.sending = asyncio.create_task(self._answer(self.serving.bomb(int(place), path)))

    async def _answer(self, bomb: Bomb) -> None:
        await bomb(self._send)
        while self.transport.get_write_buffer_size():  # noqa: ASYNC110  asyncio has no event for the last byte
            await asyncio.sleep(0.005)
        self._over()

    async def _send(self, data: bytes) -> None:
        self.transport.write(data)
        await self.free.wait()

    def _over(self) -> None:
        self.serving.note(self.asked, time.monotonic() - self.began)
        self.sending = None

    def pause_writing(self) -> None:
        self.free.clear()

    def resume_writing(self) -> None:
        self.free.set()

    def connection_lost(self, _error: Exception | None) -> None:
        if self.sending is not None:
            self.sending.cancel()
            self._over()


class Row(NamedTuple):
    """The result of one command and bomb: `peak` megabytes, `longest` request in seconds, number of requests, exit code."""

    name: str
    command: str
    peak: float
    longest: float
    requests: int
    code: int


async def run_command(serving: Serving, base: str, command: str, place: int, home: Path) -> Row:
    """Run one command against one bomb."""
    asked, said = f"{command}/{place}", home / f"{command}-{place}"
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        "SEEKR_API_KEY": "a-key-that-nobody-echoes",
        "SEEKR_BASE_URL": f"{base}/{asked}",
        "FLOWTUI_CONFIG": str(home / "config.toml"),
    }
    words = (sys.executable, "-c", LOOK, str(said), *COMMANDS[command].split())
    if command == "dash":
        await on_a_terminal(words, environ)
    else:
        null = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *words, env=environ, stdin=null, stdout=null, stderr=null
        )
        await process.wait()
    kilobytes, code = said.read_text().split()
    peak, longest = int(kilobytes) / 1024, serving.longest.get(asked, 0.0)
    return Row(serving.names[place], command, peak, longest, serving.requests.get(asked, 0), int(code))


async def on_a_terminal(words: Sequence[str], environ: dict[str, str]) -> None:
    """Run the dashboard for `DASH_FOR` seconds, discard what it draws, and press q."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    loop = asyncio.get_running_loop()
    process = await asyncio.create_subprocess_exec(
        *words, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    loop.add_reader(master, os.read, master, 65536)
    try:
        await asyncio.sleep(DASH_FOR)
        os.write(master, b"q")
        await process.wait()
    finally:
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)


async def measure(names: Sequence[str], deadline: float, at_once: int) -> AsyncIterator[Row]:
    """Yield the result of each command and bomb; the healthy server comes first."""
    waiting = bombs()
    serving = Serving(waiting)
    free = asyncio.Semaphore(at_once)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(serving), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        config = home / "config.toml"
        config.write_text(f'request_timeout = "{deadline}s"\n')
        config.chmod(0o600)

        async def one(command: str, place: int) -> Row:
            async with free:
                return await run_command(serving, base, command, place, home)

        tasks = [
            asyncio.create_task(one(command, place))
            for place, name in enumerate(waiting)
            if name == HEALTHY or not names or any(word in name for word in names)
            for command in COMMANDS
        ]
        for task in tasks:
            yield await task
    server.close()


async def print_table(names: Sequence[str], deadline: float, at_once: int) -> int:
    """Print the table, and return the exit code."""
    base: dict[str, float] = {}
    missed = 0
    print("| bomb | command | peak above base | longest request | requests | exit |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    async for row in measure(names, deadline, at_once):
        above = row.peak - base.setdefault(row.command, row.peak)
        bad = above > LIMIT or row.longest > deadline + GRACE
        missed += bad
        figures = f"{above:.1f} MB | {row.longest:.2f} s | {row.requests} | {row.code}"
        print(f"| {row.name} | `{row.command}` | {figures} |{' MISSED' if bad else ''}", flush=True)
    peaks = ", ".join(f"{peak:.0f} MB of `{command}`" for command, peak in base.items())
    print(f"Base: {peaks}. Deadline {deadline:g} s.", file=sys.stderr)
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only bombs whose names contain one of these"
    )
    parser.add_argument("--deadline", type=float, default=3.0, help="seconds of request_timeout (default 3)")
    parser.add_argument("--at-once", type=int, default=2, help="commands that run in parallel (default 2)")
    asked = parser.parse_args()
    return asyncio.run(print_table(asked.names, asked.deadline, asked.at_once))


if __name__ == "__main__":
    sys.exit(main())
