"""A server that sends exactly the bytes of a test, also invalid HTTP, which HTTP libraries do not send."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading

_TURNS = 5  # iterations of the event loop, more than asyncio needs to accept a connection
_LENGTH = re.compile(r"(?i)^content-length: (\d+)", re.MULTILINE)
_PAGE = re.compile(r"(limit|offset)=(\d+)")


def answer(body=b"[]", *, status="200 OK", length=None, **sent):
    """Return a complete HTTP response as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in sent.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Records each request and calls `talk(writer)` to answer it; a `World` also gets the target."""

    def __init__(self, talk, *, host="127.0.0.1", ssl=None):
        self.talk = talk
        self.host = host
        self.ssl = ssl
        self.requests = []  # the head of each request
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.tasks = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, self.host, 0, ssl=self.ssl)
        self.port = self.server.sockets[0].getsockname()[1]
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.url = f"{'https' if self.ssl else 'http'}://{shown}:{self.port}"
        return self

    async def __aexit__(self, *_):
        # A connection that asyncio accepts while its server is closed would stay open until it is garbage-collected.
        for listener in self.server.sockets:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await reader.readexactly(int(found[1] if (found := _LENGTH.search(head)) else 0))
                self.requests.append(head)
                more = (self.targets[-1],) if isinstance(self.talk, World) else ()
                await self.talk(writer, *more)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass  # the client disconnected
        except asyncio.CancelledError:
            writer.transport.abort()  # the test is over; drop the rest
        finally:
            self.open -= 1
            self.tasks.discard(task)
            writer.close()

    @property
    def targets(self):
        return [head.split(" ", 2)[1] for head in self.requests]


def says(data):
    async def talk(writer):
        writer.write(data)

    return talk


def says_and_hangs_up(data):
    async def talk(writer):
        writer.write(data)
        await writer.drain()
        writer.close()

    return talk


def says_for_ever(start, again, every=0.0):
    """Send `start`, then `again` without end, with pauses of `every` seconds."""

    async def talk(writer):
        writer.write(start)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(every)

    return talk


async def says_nothing(_writer):
    await asyncio.Event().wait()


async def cuts(writer):
    """Reset the connection instead of answering."""
    writer.transport.abort()


def run(number, **fields):
    """Return a run as the API sends it."""
    return {
        "id": f"run_{number}",
        "created_at": "2026-11-06T21:00:00Z",
        "agent_id": "agent_1",
        "thread_id": "thr_1",
        "status": "completed",
        "completed_at": "2026-11-06T21:01:00Z",
        "model": "llama",
        **fields,
    }


class World:
    """Threads with different answers, as the `talk` of a `RawServer`.

    `talks`: by thread, its own `talk`, or the number of its valid runs. `all`, if set, answers each request.
    """

    def __init__(self, **talks):
        self.talks = talks
        self.all = None

    async def __call__(self, writer, target):
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        talk = self.all
        if talk is None and parts[-1] == "runs":
            talk = self.talks.get(parts[-2])
        if talk is None or isinstance(talk, int):
            talk = says(answer(json.dumps(self._rows(parts, query, talk or 0)).encode()))
        await talk(writer)

    def _rows(self, parts, query, runs):
        if parts[-1] == "threads":
            rows = [{"id": thread, "status": "available"} for thread in self.talks]
        elif parts[-1] == "runs":
            rows = [run(f"{parts[-2]}_{number}", thread_id=parts[-2]) for number in range(runs)]
        elif parts[-2] == "runs":
            return run(parts[-1].removeprefix("run_"), thread_id=parts[-3])
        else:
            rows = []
        asked = {name: int(value) for name, value in _PAGE.findall(query)}
        offset = asked.get("offset", 0)
        return rows[offset : offset + asked.get("limit", 20)]


@contextlib.contextmanager
def in_background(talk, **options):
    """Serve in a background thread, for commands that run their own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(awaitable):
        return asyncio.run_coroutine_threadsafe(awaitable, loop).result(20)

    server = RawServer(talk, **options)
    call(server.__aenter__())
    server.call = call
    try:
        yield server
    finally:
        call(server.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
