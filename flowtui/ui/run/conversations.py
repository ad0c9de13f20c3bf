"""Reads the messages of opened runs page by page. While a run is active, its newest messages are read repeatedly.

Five pages are read automatically, and more on the user's request, because the messages of an old run may be far back in
a long thread. After an error, the messages read before are kept.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flowtui.errors import FlowtuiError
from flowtui.model.messages.conversation import (
    Conversation,
    Neighbours,
    ReadMessages,
    add_page,
    conversation,
    covers,
)
from flowtui.model.messages.message import Message, parse_page
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.redaction import redact_message
from flowtui.model.run.row import Run, RunKey
from flowtui.source.read.list_walk import TOO_FAST, Walk

FetchPage = Callable[[str, int, int], Awaitable[list[Any]]]
"""Takes the raw id of a thread, a limit and an offset; returns that page of raw messages, the newest first."""

PAGE: Final = 100
PAGES: Final = 5
"""Pages that are read automatically."""
NEWEST: Final = 30
"""Messages on a page if the last read was a short time ago: then only a few messages are new."""
INTERVAL: Final = 2.5
"""Seconds from one read of an active run to the next."""
MAX_KEPT: Final = 32
MAX_READ: Final = 5_000
"""For one run, at most so many messages of its thread are read."""

_OVERLAP = 10
_RETRY, _LONGEST_RETRY = 1.0, 60.0


@dataclass(slots=True)
class _Descent:
    """How far back a thread was read, page by page from the newest message on.

    `offset` is the offset of the next page; None if there is no next page. `lowest` is the key of the oldest message
    read.
    """

    walk: Walk
    offset: int | None = 0
    lowest: str = ""


def _new_descent(limit: int = PAGE) -> _Descent:
    return _Descent(Walk(limit, _OVERLAP))


@dataclass(slots=True)
class _State:
    """What was read for one run, and what to read next.

    `descent`: where reading goes on.
    `below_gap`: where reading goes on after the gap is closed; None if there is no gap.
    `left`: how many more pages are read automatically.
    `at`: when the newest page was read; None if it never was. `status`: the run's status at that time.
    `again`: whether to read the newest page again even if nothing seems to have changed.
    `busy`: whether a read is under way.
    `trouble`: the last error, at the time `failed_at`, after `failures` errors in a row; "" after a success.
    `shown`: the last result of `get`, kept as long as the messages and the run stay the same.
    """

    reading: ReadMessages = field(default_factory=ReadMessages)
    descent: _Descent = field(default_factory=_new_descent)
    below_gap: _Descent | None = None
    left: int = PAGES
    at: float | None = None
    status: str | None = None
    again: bool = False
    busy: bool = False
    trouble: str = ""
    failed_at: float = 0.0
    failures: int = 0
    shown: tuple[ReadMessages, Run, Neighbours | None, Conversation] | None = None

    def settled(self, run: Run) -> bool:
        """Whether the automatic read is over: all messages of the run were read, there is no next page, or 5 pages were read."""
        ended = self.left <= 0 or self.descent.offset is None
        return self.at is not None and (ended or covers(self.reading, run))


class Conversations:
    """Reads and keeps the messages of the runs opened last.

    `now` returns UTC epoch seconds of the local clock. If `redact` is True, the texts of messages are removed.
    """

    def __init__(self, fetch_page: FetchPage, now: Callable[[], float], *, redact: bool = False) -> None:
        self._redact = redact
        self._fetch_page = fetch_page
        self._now = now
        self._states: OrderedDict[RunKey, _State] = OrderedDict()

    def get(self, run: Run, beside: Neighbours | None = None) -> Loaded[Conversation]:
        """Return the messages read for a run, with the last error and the time of the newest page.

        The value is None if no messages were read yet. `beside`: the runs next to it on the thread, if known.
        """
        state = self._states.get(run.key)
        if state is None:
            return Loaded()
        if state.at is None:
            return Loaded(None, state.trouble)
        if state.shown is None or state.shown[0] is not state.reading or state.shown[1:3] != (run, beside):
            state.shown = (state.reading, run, beside, conversation(state.reading, run, beside))
        found = state.shown[3]
        stopped = _stopped(state) if found.older else ""
        if stopped or state.busy:
            found = replace(found, older=found.older and not stopped, stopped=stopped, reading=state.busy)
        return Loaded(found, state.trouble, state.at)

    def needs_fetch(self, run: Run, observed: float | None = None) -> bool:
        """Return whether `fetch` may read something new.

        `observed` is when the run's thread was last observed; None: never. After an error the answer is False until the
        thread has been observed again and a pause has passed.
        """
        state = self._states.get(run.key)
        if run.placeholder or (state is not None and state.busy):
            return False
        if state is None:
            return True
        now = self._now()
        if state.trouble:
            pause = min(_LONGEST_RETRY, _RETRY * 2 ** min(state.failures - 1, 10))
            return observed is not None and observed > state.failed_at and now - state.failed_at >= pause
        if state.again or state.status != run.status or not state.settled(run):
            return True
        return run.active and state.at is not None and not 0 <= now - state.at < INTERVAL

    def allow_refetch(self, key: RunKey) -> None:
        """Forget the last error, and make the next `fetch` read the newest page again."""
        state = self._states.get(key)
        if state is None:
            return
        state.trouble, state.failures, state.again = "", 0, True
        if state.descent.offset is None and not state.descent.walk.complete:
            state.descent, state.left = _new_descent(), PAGES

    async def fetch(self, run: Run) -> None:
        """Read pages until all messages of the run are read, at most 5 pages. After that, read only new messages."""
        state = self._known(run)
        if not state.busy:
            read = self._read_new if state.settled(run) else self._read_older
            await self._guarded(state, read(state, run))

    async def more(self, run: Run) -> None:
        """Read up to 5 older pages; stop as soon as all messages of the run are read."""
        state = self._known(run)
        if not state.busy and not (state.at is not None and (_stopped(state) or covers(state.reading, run))):
            state.left = PAGES
            await self._guarded(state, self._read_older(state, run))

    def _known(self, run: Run) -> _State:
        state = self._states.setdefault(run.key, _State())
        self._states.move_to_end(run.key)
        while len(self._states) > MAX_KEPT:
            self._states.popitem(last=False)
        return state

    async def _guarded(self, state: _State, work: Awaitable[None]) -> None:
        state.busy, state.again = True, False
        try:
            await work
        except FlowtuiError as error:
            state.trouble, state.failed_at = str(error), self._now()
            state.failures += 1
        else:
            state.trouble, state.failures = "", 0
        finally:
            state.busy = False

    async def _read_older(self, state: _State, run: Run) -> None:
        """Read older pages from where the last read stopped, until all messages of the run are read or `left` is 0."""
        while state.left > 0 and not _stopped(state):
            await self._page(state, run, state.descent)
            state.left -= 1
            if covers(state.reading, run):
                return

    async def _read_new(self, state: _State, run: Run) -> None:
        """Read the newest page, then older pages until one contains a known message or the run's messages are complete.

        After 5 pages stop, and let the user read on from there: the messages in between are still unread.
        """
        known = frozenset(message.key for message in state.reading.linked)
        lately = state.at is not None and self._now() - state.at < 10 * INTERVAL
        descent = _new_descent(NEWEST if lately else PAGE)
        for _ in range(PAGES):
            fresh = await self._page(state, run, descent)
            if descent.offset is None or not known.isdisjoint(fresh) or covers(state.reading, run):
                return
        state.descent, state.left = descent, 0

    async def _page(self, state: _State, run: Run, descent: _Descent) -> list[str]:
        """Read the next page of `descent`, add it to what was read, and return the keys of its messages."""
        asked = descent.offset or 0
        values = await self._fetch_page(run.thread_key, descent.walk.limit, asked)
        page = []
        for message in parse_page(values, run.raw_id):
            page.append(redact_message(message) if self._redact else message)
            await asyncio.sleep(0)  # parsing takes long, and keys must still work
        keys = [message.key for message in page]
        descent.offset = descent.walk.take(asked, keys)
        if asked == 0:
            state.at, state.status = self._now(), run.status
        if asked == 0 or descent.walk.linked:
            descent.lowest = keys[-1] if keys else descent.lowest
            self._merge(state, page, descent, newest=asked == 0)
        if descent.offset is None and descent.walk.complete:
            state.reading = state.reading._replace(bottom=descent.lowest)
            if descent is state.descent and not covers(state.reading, run):
                state.descent = _new_descent()  # a gap is left: start at the newest
        elif descent.offset is None and descent is state.descent and descent.walk.reason == TOO_FAST:
            state.descent = _new_descent()  # start again: the thread may grow more slowly now
        return keys

    def _merge(self, state: _State, page: list[Message], descent: _Descent, *, newest: bool) -> None:
        """Add a page to what was read. If there is a gap after it, the gap is read next, then the pages below the gap."""
        gaps = len(state.reading.beyond)
        state.reading = add_page(state.reading, page, newest=newest)
        if len(state.reading.beyond) > gaps:
            state.below_gap = state.below_gap or state.descent
            if descent is state.descent:
                state.descent = _new_descent()
            else:
                state.descent, state.left = descent, 0
        elif not state.reading.beyond and state.below_gap is not None:
            state.descent, state.below_gap = state.below_gap, None


def _stopped(state: _State) -> str:
    """Return why no older messages can be read; "" if they can be read."""
    if state.descent.offset is None:
        return state.descent.walk.reason
    if state.reading.size >= MAX_READ:
        return f"{state.reading.size:,} messages of the thread were read, which is the most for one run"
    return ""
