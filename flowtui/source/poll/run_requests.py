"""Requests about a single run that the user opens: the run, its spans, its messages. Each counts against the budget.

Live text is one request, however long its stream lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowtui.errors import ApiError, UnreadableError
from flowtui.model.events.cancellation import CancelReply
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.parsing import parse_detail
from flowtui.model.run.row import RunKey
from flowtui.source.http.attach import refuses
from flowtui.source.http.reply import Reply
from flowtui.source.poll.observer import Observer
from flowtui.source.read.budgeted_calls import Charge
from flowtui.source.read.cancel import try_cancel
from flowtui.source.read.tracing import LAST_MESSAGES, span_query
from flowtui.text import safe_text, short_id

if TYPE_CHECKING:  # only an opened run has live text
    from flowtui.model.messages.live_text import LiveReader

STREAM_PART: Final = 256 << 10
STREAM_PAUSE: Final = 0.25
"""Seconds to wait after each `STREAM_PART` bytes of live text: reading more than 1 MiB/s would slow down the screen."""

_GONE: Final = frozenset({404, 409, 410, 422})


class RunRequests:
    """Requests about single runs.

    `charge`: awaited before each request.
    `observer`: what is known; it also keeps what spans say.
    `publish`: updates the subscribers after that.
    `stopped`: returns why polling has stopped, "" if it has not. After a stop no request is made.
    """

    def __init__(
        self,
        charge: Charge,
        observer: Observer,
        publish: Callable[[], object],
        stopped: Callable[[], str],
    ) -> None:
        self._calls = observer.calls
        self._charge = charge
        self._observer = observer
        self._publish = publish
        self._stopped = stopped
        self._attached = False  # whether the server has ever sent a stream
        self._refusal: ApiError | None = None

    async def run(self, key: RunKey) -> dict[str, Any]:
        """Return one run with every field as raw JSON.

        Raises:
            ApiError: the run could not be read; or polling has stopped, and no request was made.
        """
        return parse_detail(await self._body(partial(self._calls.client.run, *key)))

    async def spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        """Return a page of the raw spans of one run, newest or oldest first, after the first `offset` ones.

        Raises:
            ApiError: as `run`.
        """
        state = self._observer.states.get(key[0])
        run = state.runs.get(key[1]) if state is not None else None
        query = span_query(key, run, offset, oldest_first=oldest_first)
        found = parse_elements(await self._body(partial(self._calls.client.spans, query)))
        if self._observer.take_spans(found.values):
            self._publish()
        return found.values

    async def messages(self, key: RunKey) -> list[Any]:
        """Return the newest messages of a run's thread as raw JSON with their parts.

        Raises:
            ApiError: as `run`.
        """
        call = partial(self._calls.client.messages, key[0], limit=LAST_MESSAGES)
        return parse_elements(await self._body(call)).values

    async def message_page(self, thread_key: str, limit: int, offset: int) -> list[Any]:
        """Return a page of a thread's messages as raw JSON with their parts, newest first.

        Raises:
            ApiError: as `run`. Also if only a part of the page can be read, as the short page would look like the end of the
                thread.
        """
        call = partial(self._calls.client.messages, thread_key, limit=limit, offset=offset)
        found = parse_elements(await self._body(call))
        if found.error is not None:
            raise UnreadableError(
                f"Messages of {short_id(safe_text(thread_key))}: the server sent {found.error}"
            )
        return found.values

    async def attach(self, key: RunKey) -> AsyncGenerator[LiveReader, None]:
        """Follow the text of a running run; yield the same reader each time that something has come.

        If the server refuses, no further request is made: it is refused for this connection. But once there was a stream, a
        404 only says that this run has none any more.

        Raises:
            ApiError: as `run`; or the server refuses, has refused before, or the stream broke off.
        """
        from flowtui.model.messages.live_text import LiveReader  # noqa: PLC0415  only for an opened run

        if self._refusal is not None:
            raise ApiError(self._refusal.message)
        if stopped := self._stopped():
            raise ApiError(stopped)
        client, clock = self._calls.client, self._calls.clock
        await self._charge()
        reader, read = LiveReader(client.mask), 0
        try:
            async with aclosing(client.attach(*key)) as stream:
                async for events in stream:
                    self._attached = True
                    for data in events:
                        reader.take(data, clock.now())
                        read += len(data)
                    if events:
                        yield reader
                    if reader.ended:
                        return
                    if read >= STREAM_PART:
                        read = 0
                        await clock.wait(asyncio.Event(), STREAM_PAUSE)
        except ApiError as error:
            gone = self._attached and getattr(error, "status", None) in _GONE
            if refuses(error) and not gone:
                self._refusal = error
            raise

    async def cancel(self, key: RunKey) -> CancelReply:
        """Send one request to cancel a run, unless it has ended. Errors are part of the result."""

        async def send(key: RunKey, agent: str) -> None:
            await self._calls.body(self._charge, partial(self._calls.client.cancel, *key, agent))

        return await try_cancel(key, self.run, send, self._calls.clock.now)

    async def _body(self, call: Callable[[], Awaitable[Reply]]) -> bytes:
        if stopped := self._stopped():
            raise ApiError(stopped)
        return await self._calls.body(self._charge, call)
