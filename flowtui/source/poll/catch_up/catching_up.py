"""Finds out which restored threads moved since they were last observed, by the spans of the time between. Pure.

An unchanged list of threads proves nothing, as a thread has no time of its last change. So the spans of the gap are read, from
now back to when the threads were last observed. A thread that they name, or that was active when it was last observed, has
moved: it is observed first. A thread that they do not name is silent: it stays restored until its turn comes. At most half as
many pages of spans are read as there are threads; with more it would be as fast to observe each. Where spans cannot be
trusted, nothing is known, and every thread is observed.

Times are UTC epoch seconds of the local clock, where nothing else is said. `offset` is the server's clock minus the local one,
in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.source.poll.catch_up.restored_threads import RestoredThreads
from flowtui.source.read.gap_spans import GRAIN, GapSpans
from flowtui.source.read.span_discovery import OVERLAP, Question

MARGIN: Final = 2 * OVERLAP
"""Seconds by which the spans are read further back, as they become visible some time after their stamp."""

AT_ONCE: Final = 250
"""The most threads that are decided at once: 5,000 together would stop the event loop for 0.2 s."""

FEW: Final = 30
"""So many threads are observed at once, without reading the spans of the gap."""

_PAGES: Final = 0.5  # pages of spans for each thread, at most
_BLIND: Final = (
    2  # runs in a row that began in the gap and that its spans do not name: spans are not trusted then
)


class CatchUp:
    """What is known of the time since the restored threads were last observed. Threads are raw ids.

    `begun`: when the first threads were restored; None: none were.
    `open`: the listed threads of which nothing is known yet.
    `moved`: the listed threads that are observed first, until they are.
    `silent`: the listed threads that were not active since, by the spans, until they are observed.
    """

    def __init__(self, restored: RestoredThreads) -> None:
        self.begun: float | None = None
        self.open: dict[str, None] = {}
        self.moved: dict[str, None] = {}
        self.silent: dict[str, None] = {}
        self._restored = restored
        self._count = 0
        self._spans = GapSpans()
        self._named: set[str] = set()
        self._until = -math.inf
        self._since = math.inf
        self._back = 0.0  # seconds by which the stamps of spans are behind the local clock
        self._gave_up = False
        self._failing = False
        self._missed = 0
        self._fruitless = 0

    def begin(self, count: int, at: float, watched_until: float | None) -> None:
        """Note that `count` threads were restored at `at`. `watched_until`: until when all were watched; None: unknown."""
        self.begun = at if self.begun is None else self.begun
        self._count += count
        if watched_until is not None:
            self._until = max(self._until, min(watched_until, at))

    def listed(self, keys: Iterable[str]) -> list[str]:
        """Note that the list shows these restored threads; return those of them that are known to have moved."""
        moved = []
        for key in keys:
            self._since = min(self._since, self._horizon(key))
            if key in self._named:
                self.moved[key] = None
                moved.append(key)
            elif key not in self.moved:
                self.open[key] = None
        return moved

    def first(self, key: str) -> None:
        """Note that a restored thread is observed first for another reason, such as that it was active when last observed."""
        self.open.pop(key, None)
        self.silent.pop(key, None)
        self.moved[key] = None

    def seen(self, key: str) -> None:
        """Note that a thread was observed, or that it cannot be read."""
        for threads in (self.open, self.moved, self.silent):
            threads.pop(key, None)

    def _horizon(self, key: str) -> float:
        """Return since when it is unknown what happened on a thread."""
        return max(self._restored.observed[key], self._until)

    # -- the spans of the gap ----------------------------------------------------------------------------------

    @property
    def unfinished(self) -> bool:
        """Whether more of the gap's spans are worth reading."""
        return not self._gave_up and self._count > FEW and bool(self.open) and not self._whole

    @property
    def _whole(self) -> bool:
        return self._known_since <= self._since

    @property
    def _known_since(self) -> float:
        """Since when all is known that spans say: those that began earlier were not read."""
        return self._spans.reached + self._back + MARGIN - GRAIN

    @property
    def waits(self) -> bool:
        """Whether the threads that may have moved wait for what more of the spans say."""
        return self.unfinished and not self._failing

    def question(self, offset: float, lag: float) -> Question:
        """Return the page to request. `lag`: by how many seconds the stamps of spans are behind the server's clock."""
        self._back = max(0.0, lag) - offset
        return self._spans.question(self._since - MARGIN - self._back)

    def take(self, values: Sequence[Any]) -> set[str]:
        """Take in a page of spans; return the threads that it names. The caller passes these to `name`.

        Raises:
            UnreadableError: no element is a span.
        """
        named = self._spans.take(values)
        self._failing = False
        self._fruitless += 1
        self._gave_up = self._gave_up or self._spans.broken or self._spans.pages >= self._count * _PAGES
        return named

    def name(self, threads: Iterable[str]) -> list[str]:
        """Note that spans named these threads; return those that are known by it to have moved."""
        new = set(threads) - self._named
        self._named |= new
        moved = [key for key in new if key in self.open or key in self.silent]
        for key in moved:
            self.first(key)
        return moved

    def failed(self, *, final: bool) -> None:
        """Note that a page could not be read. `final`: whether no page is requested any more."""
        self._failing = True
        self._gave_up = self._gave_up or final

    def settle(self, *, trusted: bool) -> list[str]:
        """Return threads that are newly known to be silent, at most `AT_ONCE`.

        `trusted`: whether spans can be trusted to name every thread that moves. If not, no thread is silent.
        """
        blind = self._missed >= _BLIND
        self._gave_up = self._gave_up or blind
        if not trusted or blind or self._spans.broken:
            self.open.update(self.silent)
            self.silent.clear()
            return []
        since = self._known_since
        silent = list(islice((key for key in self.open if self._horizon(key) >= since), AT_ONCE))
        for key in silent:
            del self.open[key]
            self.silent[key] = None
        if silent:
            self._fruitless = 0
        elif self._fruitless > len(self.open) * _PAGES:
            self._gave_up = True  # the few that are left were last observed long before the others
        return silent

    def compare(self, changes: Iterable[Change], offset: float) -> bool:
        """Check that the spans named the threads of runs that began and ended in the part of the gap that was read.

        Return whether spans are not trusted any more because of this.
        """
        if self.begun is None or self._missed >= _BLIND:
            return False
        begin, end = self._spans.reached + MARGIN, self.begun + offset - OVERLAP
        for change in changes:
            before, run = change.before, change.after
            new = change.kind == APPEARED or (
                change.kind == CHANGED and before is not None and before.started is None
            )
            if not (new and change.catch_up and change.since is not None):
                continue
            if run.started is None or run.ended is None:
                continue
            # a run that began before the thread was last observed was on an older page
            if max(begin, change.since + offset) <= run.started and run.ended <= end:
                self._missed = 0 if run.thread_key in self._named else self._missed + 1
        return self._missed >= _BLIND

    def caught_up(self, unread: int) -> tuple[float, float] | None:
        """Return the span of time that was read afterwards, as in `Snapshot.caught_up`; None: something of it may be unread.

        `unread`: how many threads were not observed yet, restored ones and others. On a fast server all are observed before
        the history is there, so none is restored: the span then begins when all were last watched.
        """
        since = self._until if math.isinf(self._since) else self._since
        if self.begun is None or unread > len(self.silent) or math.isinf(since):
            return None
        return min(since, self.begun), self.begun
