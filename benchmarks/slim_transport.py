"""Two transports that httpx could have below it instead of its own. To measure with only.

`SlimTransport` is the least there can be: idle connections, asyncio's streams and h11. It lacks what flowtui needs of
httpcore: TLS, proxies, an idle connection that the server closed, a request that is given up while it is sent.
`Lanes` has all of that: a pool of httpx's own for each connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import h11
import httpx

_READ = 65_536  # bytes at a time


class _Wire:
    """One connection and what HTTP has said on it."""

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
    """The body of an answer; its connection is free again where it was read to the end."""

    def __init__(self, pool: SlimTransport, wire: _Wire) -> None:
        self._pool, self._wire = pool, wire

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(said := await self._wire.event(), h11.Data):
            yield bytes(said.data)

    async def aclose(self) -> None:
        self._pool.back(self._wire)


class SlimTransport(httpx.AsyncBaseTransport):
    """At most so many connections to one host; the one that was used last is used next. GET alone."""

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
        """Take a connection back; one whose answer was not read to the end is closed."""
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
    """A body of a lane, which is free again once that is closed."""

    def __init__(self, lanes: Lanes, lane: httpx.AsyncHTTPTransport, body: httpx.AsyncByteStream) -> None:
        self._lanes, self._lane, self._body = lanes, lane, body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()
        self._lanes.back(self._lane)


class Lanes(httpx.AsyncBaseTransport):
    """So many pools of one connection each: no request looks at all connections. Lets nobody give up while it asks."""

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
        """Take a lane back."""
        self._idle.append(lane)
        self._free.release()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()
