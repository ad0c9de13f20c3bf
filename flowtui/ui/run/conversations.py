"""Reads the messages of opened runs page by page; while a run is active, reads the newest ones again and again.

Five pages are read automatically, more on the user's request: the messages of an old run may be far back in a long
thread. An error does not remove the messages that were read.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flowtui.errors import FlowtuiError
from flowtui.model.messages.conversation import Conversation, ReadMessages, add_page, conversation, covers
from flowtui.model.messages.message import Message, parse_page
from flowtui.model.messages.redaction import redact_message
from flowtui.model.run.row import Run, RunKey
from flowtui.source.read.list_walk import TOO_FAST, Walk
from flowtui.ui.run.opened import Loaded

FetchPage = Callable[[str, int, int], Awaitable[list[Any]]]
"""Requests a page of messages: raw id of the thread, limit, offset. Returns raw messages, the newest first."""

PAGE: Final = 100
PAGES: Final = 5
"""Pages that are read automatically."""
NEWEST: Final = 30
"""Messages on a page if the last read was a short time ago, so that only a few are new."""
INTERVAL: Final = 2.5
"""Seconds from one read of an active run to the next."""
MAX_KEPT: Final = 32
MAX_READ: Final = 5_000
"""Most messages of a thread that are read for one run."""

_OVERLAP = 10
_RETRY, _LONGEST_RETRY = 1.0, 60.0


@dataclass(slots=True)
class _Descent:
    """How far a thread was read, page by page from the newest message to older ones.

    `offset` is that of the next page, None at the end. `lowest` is the key of the oldest message read.
    """

    walk: Walk
    offset: int | None = 0
    lowest: str = ""


def _new_descent(limit: int = PAGE) -> _Descent:
    return _Descent(Walk(limit, _OVERLAP))


@dataclass(slots=True)
class _State:
    """What was read for one run, and what to read next.

    `descent` has the next page. `below_gap` reads on below a gap, once the gap is closed. `left` is how many more pages
    are read automatically. `at` is when the newest page was read. `again`: read it again though nothing has changed.
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
    shown: tuple[ReadMessages, Run, Conversation] | None = None

    def settled(self, run: Run) -> bool:
        """Whether the automatic read is over: all messages of the run were read, the thread ended, or 5 pages were read."""
        return self.at is not None and (
            self.left <= 0 or self.descent.offset is None or covers(self.reading, run)
        )


class Conversations:
    """Reads and keeps the messages of the runs opened last. `redact`: without their texts. `now`: local UTC epoch seconds."""

    def __init__(self, fetch_page: FetchPage, now: Callable[[], float], *, redact: bool = False) -> None:
        self._redact = redact
        self._fetch_page = fetch_page
        self._now = now
        self._states: OrderedDict[RunKey, _State] = OrderedDict()

    def get(self, run: Run) -> Loaded[Conversation]:
        """Return those messages of a run that were read, and the last error. `Loaded.at`: when the newest page was read."""
        state = self._states.get(run.key)
        if state is None:
            return Loaded()
        if state.at is None:
            return Loaded(None, state.trouble)
        if state.shown is None or state.shown[0] is not state.reading or state.shown[1] != run:
            state.shown = (state.reading, run, conversation(state.reading, run))
        found = state.shown[2]
        stopped = _stopped(state) if found.older else ""
        if stopped or state.busy:
            found = replace(found, older=found.older and not stopped, stopped=stopped, reading=state.busy)
        return Loaded(found, state.trouble, state.at)

    def needs_fetch(self, run: Run, observed: float | None = None) -> bool:
        """Return whether `fetch` may read something new.

        After an error: only if the thread was observed again since; `observed` is the time of its last observation.
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
        """Make the next `fetch` read the newest page again, and retry what failed."""
        state = self._states.get(key)
        if state is None:
            return
        state.trouble, state.failures, state.again = "", 0, True
        if state.descent.offset is None and not state.descent.walk.complete:
            state.descent, state.left = _new_descent(), PAGES

    async def fetch(self, run: Run) -> None:
        """Read pages until all messages of the run are read, at most 5; in later calls, read only what is new."""
        state = self._known(run)
        if not state.busy:
            await self._guarded(
                state, self._read_new(state, run) if state.settled(run) else self._read_older(state, run)
            )

    async def more(self, run: Run) -> None:
        """Read up to 5 older pages, fewer if all messages of the run are read before that."""
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
        """Read older pages, from where the last read stopped."""
        while state.left > 0 and not _stopped(state):
            await self._page(state, run, state.descent)
            state.left -= 1
            if covers(state.reading, run):
                return

    async def _read_new(self, state: _State, run: Run) -> None:
        """Read pages from the newest on until one contains a known message; after 5 without one, there is a gap."""
        known = frozenset(message.key for message in state.reading.linked)
        lately = state.at is not None and self._now() - state.at < 10 * INTERVAL
        descent = _new_descent(NEWEST if lately else PAGE)
        for _ in range(PAGES):
            fresh = await self._page(state, run, descent)
            if descent.offset is None or not known.isdisjoint(fresh) or covers(state.reading, run):
                return
        state.descent, state.left = descent, 0

    async def _page(self, state: _State, run: Run, descent: _Descent) -> list[str]:
        """Read and merge the next page; return the keys of its messages."""
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
        """Add a page to what was read. If it leaves a gap, the gap is read next, then the pages below the gap."""
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
    """Return why no older message can be read; "" if one can."""
    if state.descent.offset is None:
        return state.descent.walk.reason
    if state.reading.size >= MAX_READ:
        return f"{state.reading.size:,} messages of the thread were read, which is the most for one run"
    return ""
