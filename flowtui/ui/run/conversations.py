"""What was said in opened runs, read page by page and followed while they are active. A pane never waits for it.

Reads a few pages by itself and then waits to be asked for more: an old run may lie far down a long thread. What
goes wrong is kept beside what is known.
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
"""Thread (raw id), limit, offset → raw messages, newest first."""

PAGE: Final = 100
PAGES: Final = 5
"""Pages that are read without being asked for more."""
NEWEST: Final = 30
"""Messages read again at each look at an active run."""
INTERVAL: Final = 2.5
"""Seconds between two looks at an active run, at the least."""
MAX_KEPT: Final = 32
MAX_READ: Final = 5_000
"""Messages of a thread that are read for one run."""

_OVERLAP = 10
_RETRY, _LONGEST_RETRY = 1.0, 60.0


@dataclass(slots=True)
class _Way:
    """A way down a thread; `offset` is where it goes on, None at its end; `lowest` is the oldest message it reached."""

    walk: Walk
    offset: int | None = 0
    lowest: str = ""


def _way(limit: int = PAGE) -> _Way:
    return _Way(Walk(limit, _OVERLAP))


@dataclass(slots=True)
class _Talk:
    """What is known for one run. `deeper` is the way that goes on below a gap; `left` pages are read unasked."""

    reading: ReadMessages = field(default_factory=ReadMessages)
    way: _Way = field(default_factory=_way)
    deeper: _Way | None = None
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
        """Whether the first reading is over: the run is covered, or more pages wait to be asked for."""
        return self.at is not None and (
            self.left <= 0 or self.way.offset is None or covers(self.reading, run)
        )


class Conversations:
    """Keeps the conversations of the last runs, with `redact` without what they say. `now` is local UTC epoch seconds."""

    def __init__(self, fetch_page: FetchPage, now: Callable[[], float], *, redact: bool = False) -> None:
        self._redact = redact
        self._fetch_page = fetch_page
        self._now = now
        self._talks: OrderedDict[RunKey, _Talk] = OrderedDict()

    def get(self, run: Run) -> Loaded[Conversation]:
        """Return what is known of a run's messages now; `at` is when the newest page was read."""
        talk = self._talks.get(run.key)
        if talk is None:
            return Loaded()
        if talk.at is None:
            return Loaded(None, talk.trouble)
        if talk.shown is None or talk.shown[0] is not talk.reading or talk.shown[1] != run:
            talk.shown = (talk.reading, run, conversation(talk.reading, run))
        found = talk.shown[2]
        stopped = _stopped(talk) if found.older else ""
        if stopped or talk.busy:
            found = replace(found, older=found.older and not stopped, stopped=stopped, reading=talk.busy)
        return Loaded(found, talk.trouble, talk.at)

    def wanted(self, run: Run, observed: float | None = None) -> bool:
        """Whether a fetch would tell more than what is kept; `observed` is when the run's thread last answered."""
        talk = self._talks.get(run.key)
        if run.placeholder or (talk is not None and talk.busy):
            return False
        if talk is None:
            return True
        now = self._now()
        if talk.trouble:
            pause = min(_LONGEST_RETRY, _RETRY * 2 ** min(talk.failures - 1, 10))
            return observed is not None and observed > talk.failed_at and now - talk.failed_at >= pause
        if talk.again or talk.status != run.status or not talk.settled(run):
            return True
        return run.active and talk.at is not None and not 0 <= now - talk.at < INTERVAL

    def forget_trouble(self, key: RunKey) -> None:
        """Let what could not be read be tried again, and the newest page be read anew."""
        talk = self._talks.get(key)
        if talk is None:
            return
        talk.trouble, talk.failures, talk.again = "", 0, True
        if talk.way.offset is None and not talk.way.walk.complete:
            talk.way, talk.left = _way(), PAGES

    async def fetch(self, run: Run) -> None:
        """Read on until the run is covered, at most the pages that need no asking; then look for what is new."""
        talk = self._known(run)
        if not talk.busy:
            await self._guarded(
                talk, self._look(talk, run) if talk.settled(run) else self._descend(talk, run)
            )

    async def more(self, run: Run) -> None:
        """Read a few older pages, until the run is covered."""
        talk = self._known(run)
        if not talk.busy and not (talk.at is not None and (_stopped(talk) or covers(talk.reading, run))):
            talk.left = PAGES
            await self._guarded(talk, self._descend(talk, run))

    def _known(self, run: Run) -> _Talk:
        talk = self._talks.setdefault(run.key, _Talk())
        self._talks.move_to_end(run.key)
        while len(self._talks) > MAX_KEPT:
            self._talks.popitem(last=False)
        return talk

    async def _guarded(self, talk: _Talk, work: Awaitable[None]) -> None:
        talk.busy, talk.again = True, False
        try:
            await work
        except FlowtuiError as error:
            talk.trouble, talk.failed_at = str(error), self._now()
            talk.failures += 1
        else:
            talk.trouble, talk.failures = "", 0
        finally:
            talk.busy = False

    async def _descend(self, talk: _Talk, run: Run) -> None:
        """Go down from where the last reading stopped."""
        while talk.left > 0 and not _stopped(talk):
            await self._page(talk, run, talk.way)
            talk.left -= 1
            if covers(talk.reading, run):
                return

    async def _look(self, talk: _Talk, run: Run) -> None:
        """Read the newest page again, and on where it shares no message with what is known: there is a gap."""
        known = frozenset(message.key for message in talk.reading.linked)
        lately = talk.at is not None and self._now() - talk.at < 10 * INTERVAL
        way = _way(NEWEST if lately else PAGE)
        for _ in range(PAGES):
            fresh = await self._page(talk, run, way)
            if way.offset is None or not known.isdisjoint(fresh) or covers(talk.reading, run):
                return
        talk.way, talk.left = way, 0

    async def _page(self, talk: _Talk, run: Run, way: _Way) -> list[str]:
        """Read the next page of a way into what is known; return the keys on it."""
        asked = way.offset or 0
        values = await self._fetch_page(run.thread_key, way.walk.limit, asked)
        page = []
        for message in parse_page(values, run.raw_id):
            page.append(redact_message(message) if self._redact else message)
            await asyncio.sleep(0)  # a large page takes long to parse, and keys are to be answered meanwhile
        keys = [message.key for message in page]
        way.offset = way.walk.take(asked, keys)
        if asked == 0:
            talk.at, talk.status = self._now(), run.status
        if asked == 0 or way.walk.linked:
            way.lowest = keys[-1] if keys else way.lowest
            self._merge(talk, page, way, newest=asked == 0)
        if way.offset is None and way.walk.complete:
            talk.reading = talk.reading._replace(bottom=way.lowest)
            if way is talk.way and not covers(talk.reading, run):
                talk.way = _way()  # there is a gap further up
        elif way.offset is None and way is talk.way and way.walk.reason == TOO_FAST:
            talk.way = _way()  # it may be calmer next time
        return keys

    def _merge(self, talk: _Talk, page: list[Message], way: _Way, *, newest: bool) -> None:
        """Take a page into what is known. Where it leaves a gap, that is what is read next, and then what lies below."""
        gaps = len(talk.reading.beyond)
        talk.reading = add_page(talk.reading, page, newest=newest)
        if len(talk.reading.beyond) > gaps:
            talk.deeper = talk.deeper or talk.way
            if way is talk.way:
                talk.way = _way()
            else:
                talk.way, talk.left = way, 0
        elif not talk.reading.beyond and talk.deeper is not None:
            talk.way, talk.deeper = talk.deeper, None


def _stopped(talk: _Talk) -> str:
    """Return why nothing older can be read, "" where it can."""
    if talk.way.offset is None:
        return talk.way.walk.reason
    if talk.reading.size >= MAX_READ:
        return f"{talk.reading.size:,} messages of the thread were read, which is the most for one run"
    return ""
