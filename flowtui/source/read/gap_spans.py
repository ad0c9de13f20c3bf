"""Reads all spans of a span of time that has passed, from its end to its begin, to find the threads that moved in it. Pure.

Each page ends where the next one begins: the bound of a request is the oldest start that was read so far. So spans that
arrive meanwhile push nothing down, and no offset becomes large. A short page proves nothing; only an empty page is the end.
Times are UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from flowtui.errors import UnreadableError
from flowtui.source.read.span_discovery import Question, read_spans

GRAIN: Final = 0.001
"""Seconds: times in requests have milliseconds."""

_AHEAD: Final = (
    1.0  # seconds by which a start may lie beyond the bound, or two spans may be in the wrong order
)


class GapSpans:
    """What was read of the gap.

    `reached`: every span that began later than this was read. Infinite before the first page.
    `pages`: how many pages were read.
    `broken`: whether the server's answers cannot be read in order: it ignores the bounds, or does not sort.
    """

    def __init__(self) -> None:
        self.reached = math.inf
        self.pages = 0
        self.broken = False
        self._since = -math.inf
        self._offset = 0
        self._last: frozenset[str] = frozenset()

    def question(self, since: float) -> Question:
        """Return the next page to request of the spans that began at `since` or later."""
        self._since = since
        until = None if math.isinf(self.reached) else self.reached + GRAIN
        return Question(since, until, self._offset)

    def take(self, values: Sequence[Any]) -> set[str]:
        """Take in the page that was requested last; return the raw ids of the threads that it names.

        Raises:
            UnreadableError: there are elements, but none of them is a span with an id and a thread.
        """
        self.pages += 1
        if not values:
            self.reached, self._offset = min(self.reached, self._since), 0
            return set()
        spans = read_spans(values)
        if not spans:
            raise UnreadableError(f"Spans: none of {len(values)} elements names a span and its thread")
        starts = [span.start for span in spans if span.start is not None]
        ids = frozenset(span.id for span in spans)
        self.broken = self._wrong(starts, ids)
        if not self.broken:
            oldest = min(starts)
            self._offset = 0 if oldest < self.reached else self._offset + len(values)
            self.reached = min(self.reached, oldest)
        self._last = ids
        return {span.thread for span in spans}

    def _wrong(self, starts: Sequence[float], ids: frozenset[str]) -> bool:
        """Whether a page has no times, lies beyond the bound, is not sorted, or repeats the last page in spite of an offset."""
        if not starts or max(starts) > self.reached + _AHEAD:
            return True
        if any(later > earlier + _AHEAD for earlier, later in pairwise(starts)):
            return True
        return self._offset > 0 and ids <= self._last
