"""Follows the event stream of a running run, with limits of its own: a stream may last as long as the run.

There is no limit for the time of the whole stream, but one for silence, and one for its bytes. The API key is masked in each
event. Whatever is no event stream is refused. The client makes the connection: this module does not know httpx.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flowtui.errors import ApiError, StatusError, TooLargeError, TransportError, UnreadableError
from flowtui.source.http.event_stream import EventReader
from flowtui.source.http.key_mask import HeaderKey
from flowtui.source.http.request_log import RequestLog
from flowtui.source.http.status_errors import status_error
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.settings import Settings

IDLE: Final = 60.0
"""Seconds without a byte after which a stream ends. Servers that keep a stream open send a comment each 15 to 30 s."""

MAX_STREAM: Final = 32 << 20
"""The most bytes of one stream that are read. An event with a few letters takes about a hundred."""

_HEADERS: Final = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
_KIND: Final = "text/event-stream"


class Streams:
    """Opens event streams, one at a time, on a connection of their own.

    `connect`: returns a client of httpx with so many connections. `outage`: returns the error for method and path and an
    exception of httpx.
    """

    def __init__(
        self,
        settings: Settings,
        connect: Callable[[int], Any],
        key: HeaderKey,
        log: RequestLog,
        outage: Callable[[str, Exception], ApiError],
    ) -> None:
        self._scheme = settings.auth_scheme
        self._connect, self._key, self._log, self._outage = connect, key, log, outage
        self._http: Any = None

    async def aclose(self) -> None:
        """Close the connection."""
        if self._http is not None:
            await self._http.aclose()

    async def follow(self, where: str, url: str) -> AsyncGenerator[list[bytes], None]:
        """Yield the data of the events of a stream, those of one piece together. `where`: method and path.

        Raises:
            ApiError: the server refuses, or the stream broke off: also after 60 s without a byte, or beyond 32 MiB.
        """
        failure, broke, started = None, None, time.monotonic()
        try:
            async with asyncio.timeout(IDLE):
                response = await self._open(url)
            try:
                self._check(where, url, response)
                self._log.opened(where, response.status_code)
                async with aclosing(read_events(where, response.stream, self._key.mask_body)) as events:
                    async for found in events:
                        yield found
            finally:
                await response.aclose()
        except ApiError as error:
            failure = error
        except TimeoutError:
            failure = _silence(where)
        # Not raised further: the frames of httpx hold the Authorization header, and a crash screen would show it.
        except Exception as error:  # noqa: BLE001
            failure, broke = self._outage(where, error), error
        if failure is not None:
            self._log.failed(where, failure, broke, seconds=time.monotonic() - started)
            broke = failure.__context__ = failure.__cause__ = None
            raise failure.with_traceback(None)

    async def _open(self, url: str) -> Any:
        if self._http is None:
            self._http = await asyncio.to_thread(self._connect, 1)  # it loads certificates, which takes 20 ms
        return await self._http.send(self._http.build_request("GET", url, headers=_HEADERS), stream=True)

    def _check(self, where: str, url: str, response: Any) -> None:
        status, headers = response.status_code, response.headers
        if status == HTTPStatus.OK:
            check_kind(where, headers)
            return
        mask, scheme = self._key.mask, self._scheme
        raise status_error(
            where, status, headers, b"", url=url, location="", mask=mask, auth_scheme=scheme, wall=time.time()
        )


def refuses(error: ApiError) -> bool:
    """Whether an error says that the server has no event streams at all, and not only that this one broke off."""
    if isinstance(error, StatusError):
        return not error.retryable or error.status == HTTPStatus.NOT_IMPLEMENTED
    return isinstance(error, UnreadableError)


def check_kind(where: str, headers: Mapping[str, str]) -> None:
    """Check that an answer with status 200 is an event stream that is not compressed.

    Raises:
        UnreadableError: it is not.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = headers.get("content-encoding", "").strip().lower()
    if kind != _KIND or packed not in ("", "identity"):
        said = safe_text(f"{kind} {packed}".strip()[:80]) or "of no type"
        raise UnreadableError(f"{where}: the answer is no plain event stream, but {said}")


async def read_events(
    where: str, chunks: AsyncIterable[bytes], mask: Callable[[bytes], bytes]
) -> AsyncGenerator[list[bytes], None]:
    """Yield the data of the events of a stream, those that one chunk completes together; often there are none.

    Raises:
        TransportError: nothing has come for `IDLE` seconds.
        TooLargeError: the stream has more than `MAX_STREAM` bytes.
    """
    reader, received = EventReader(), 0
    pieces = aiter(chunks)
    while True:
        try:
            async with asyncio.timeout(IDLE):
                chunk = await anext(pieces, None)
        except TimeoutError:
            raise _silence(where) from None
        if chunk is None:
            yield [mask(data) for data in reader.finish()]
            return
        received += len(chunk)
        if received > MAX_STREAM:
            raise TooLargeError(f"{where}: the stream is larger than {MAX_STREAM / 2**20:g} MiB")
        yield [mask(data) for data in reader.feed(chunk)]


def _silence(where: str) -> TransportError:
    return TransportError(f"{where}: nothing has come for {IDLE:g} s")
