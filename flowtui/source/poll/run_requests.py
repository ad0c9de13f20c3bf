"""Requests about a single run that the user opens: the run, its spans, its messages. Each counts against the budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from flowtui.errors import ApiError, UnreadableError
from flowtui.model.events.cancellation import CancelReply
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.parsing import parse_detail
from flowtui.model.run.row import RunKey
from flowtui.source.http.reply import Reply
from flowtui.source.poll.observer import Observer
from flowtui.source.read.budgeted_calls import Charge
from flowtui.source.read.cancel import try_cancel
from flowtui.source.read.tracing import LAST_MESSAGES, span_query
from flowtui.text import safe_text


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
            raise UnreadableError(f"Messages of {safe_text(thread_key)}: the server sent {found.error}")
        return found.values

    async def cancel(self, key: RunKey) -> CancelReply:
        """Send one request to cancel a run, unless it has ended. Errors are part of the result."""

        async def send(key: RunKey, agent: str) -> None:
            await self._calls.body(self._charge, partial(self._calls.client.cancel, *key, agent))

        return await try_cancel(key, self.run, send, self._calls.clock.now)

    async def _body(self, call: Callable[[], Awaitable[Reply]]) -> bytes:
        if stopped := self._stopped():
            raise ApiError(stopped)
        return await self._calls.body(self._charge, call)
