"""Two alternatives to httpx's own transport, for measurements only.

`SlimTransport` is minimal: idle connections, asyncio's streams and h11. It does not support what flowtui needs of
httpcore: TLS, proxies, idle connections closed by the server, requests cancelled while they are sent. `Lanes` supports all
of that: it has one httpx pool for each connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import h11
import httpx

_READ = 65_536  # bytes at a time


class _Wire:
    """One connection with its HTTP state."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.talk = h11.Connection(h11.CLIENT)

    def send(self, request: httpx.Request) -> None:
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        self.writer.write((self.talk.send(head) or b"") + (self.talk.send(h11.EndOfMessage()) or b""))

    async def event(self) -> h11.Event:
        while (said := self.talk.next_event()) is h11.NEED_DATA:
            self.talk.receive_data(await self.reader.read(_READ))
        assert not isinstance(said, type)
        return said


class _Body(httpx.AsyncByteStream):
    """The body of a response; its connection can be used again once the body was read to the end."""

    def __init__(self, pool: SlimTransport, wire: _Wire) -> None:
        self._pool, self._wire = pool, wire

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(said := await self._wire.event(), h11.Data):
            yield bytes(said.data)

    async def aclose(self) -> None:
        self._pool.back(self._wire)


class SlimTransport(httpx.AsyncBaseTransport):
    """At most `connections` connections to one host; the last used one is used next. GET only."""

    def __init__(self, connections: int) -> None:
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Wire] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._free.acquire()
        url = request.url
        wire = self._idle.pop() if self._idle else _Wire(*await asyncio.open_connection(url.host, url.port))
        wire.send(request)
        head = await wire.event()
        assert isinstance(head, h11.Response)
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=_Body(self, wire))

    def back(self, wire: _Wire) -> None:
        """Keep a connection as idle, or close it where its response was not read to the end."""
        if wire.talk.our_state is h11.DONE and wire.talk.their_state is h11.DONE:
            wire.talk.start_next_cycle()
            self._idle.append(wire)
        else:
            wire.writer.close()
        self._free.release()

    async def aclose(self) -> None:
        while self._idle:
            self._idle.pop().writer.close()


class _Lent(httpx.AsyncByteStream):
    """A response body; when it is closed, another request can use its lane."""

    def __init__(self, lanes: Lanes, lane: httpx.AsyncHTTPTransport, body: httpx.AsyncByteStream) -> None:
        self._lanes, self._lane, self._body = lanes, lane, body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
        self._lanes.back(self._lane)


class Lanes(httpx.AsyncBaseTransport):
    """`connections` pools of one connection each, so that no request checks all connections.

    A request that waits for a lane has no timeout.
    """

    def __init__(self, connections: int) -> None:
        self._free = asyncio.Semaphore(connections)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=4.0)
        self._idle = [httpx.AsyncHTTPTransport(limits=limits, trust_env=False) for _ in range(connections)]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._free.acquire()
        lane = self._idle.pop()
        response = await lane.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Lent(self, lane, response.stream)
        return response

    def back(self, lane: httpx.AsyncHTTPTransport) -> None:
        """Make a lane free again."""
        self._idle.append(lane)
        self._free.release()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()
