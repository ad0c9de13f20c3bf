"""One way down a list that changes while it is read: where to ask next, what joins, and when it is over. Pure.

A page counts only if it is linked to what was read before, by an id that both hold; else the walk steps back. In
a stable order that is a proof: two stretches of one order that share a row leave no gap between them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

END = "end"
IGNORES_OFFSET = "the server ignores offset, so older rows cannot be reached"
TOO_FAST = "the list changes faster than it can be read"

_MAX_STALLS = 8  # pages in a row that reach nothing older
_MAX_RESTARTS = 6  # times that a walk may find itself back at offset 0
_REPEATS = 2  # pages in a row that equal the top: time for a second look at the top itself


class Walk:
    """One way down the list, from the newest row to the end."""

    def __init__(self, limit: int, overlap: int) -> None:
        self.limit = limit
        self.overlap = overlap
        self.linked = False  # whether the last page joins what was read before
        self.disturbed = False  # whether anything moved while it walked
        self.reordered = False  # whether rows swapped places: no overlap protects against that
        self.complete = False
        self.reason = ""
        self._at: dict[str, int] = {}  # id -> the offset where it was last seen
        self._oldest = ""  # the last row of the page that reached furthest
        self._top: list[str] = []  # the page at offset 0
        self._end = 0  # offset behind the last linked page
        self._widest = 0  # most rows in one page: the server's own cap, as far as known
        self._probe = -1  # the offset behind a short page that reached the oldest row: empty there is the end
        self._gap = -1  # a probe that found rows which join nothing
        self._resume = -1  # where to go on after a second look at the top; -1: none is under way
        self._overshot = False  # the guess where the oldest row would be was wrong
        self._drift = 0  # how far the last page's rows had moved down
        self._stream = 0  # how far they will have moved at the next, where two pages in a row moved
        self._repeats = self._stalls = self._unlinked = self._restarts = 0

    @property
    def is_proof(self) -> bool:
        """Whether walking again can bring nothing: nothing moved, or nothing else can be reached."""
        return not self.disturbed or self.reason == IGNORES_OFFSET

    def take(self, offset: int, ids: Sequence[str]) -> int | None:
        """Return the next offset to ask for after the page `ids` at `offset`; None: the walk is over."""
        self._widest = max(self._widest, len(ids))
        shared = next((i for i in range(len(ids) - 1, -1, -1) if ids[i] in self._at), None)
        self.linked = offset == 0 or shared is not None or (bool(ids) and self._accepts_gap(offset))
        if self._resume >= 0:
            return self._second_look(ids)
        if not ids and offset in {0, self._probe}:
            self.linked = True
            return self._over(END, complete=True)
        if not self.linked:
            return self._step_back(offset, ids)
        if offset == 0:
            if self._top:
                self._restarts += 1
                if self._restarts > _MAX_RESTARTS:
                    return self._over(TOO_FAST)
            self._top = list(ids)
            if shared is None:
                self._at.clear()
        self._unlinked = 0
        self._repeats = self._repeats + 1 if offset and list(ids) == self._top else 0
        following = self._link(offset, ids, shared)
        if self._repeats >= _REPEATS and following:
            self._resume = following
            return 0
        return following

    def _second_look(self, ids: Sequence[str]) -> int | None:
        """Tell a server that ignores `offset` from inserts that pushed the top to where a later page was due."""
        following, self._resume, self._repeats = self._resume, -1, 0
        if list(ids) == self._top:
            # fewer rows than were asked for, or more: then this page is all there is
            return self._over(IGNORES_OFFSET, complete=len(ids) != self.limit)
        return following

    def _link(self, offset: int, ids: Sequence[str], shared: int | None) -> int | None:
        """Take a page that joins the others, and return what to ask for next."""
        self._compare(offset, ids)
        end = offset + len(ids)
        drift = 0 if shared is None else offset + shared - self._at[ids[shared]]
        reached = shared is None or shared < len(ids) - 1
        self._at.update(zip(ids, range(offset, end), strict=True))
        self._end = end
        if reached:
            self._oldest, self._stalls, self._overshot = ids[-1], 0, False
        else:
            self._stalls += 1
        # A linked page shorter than the server's cap is proof of the end, if that cap is constant; the probe
        # behind it makes sure where it is not.
        tail = len(ids) < self._widest
        if tail and self._probe >= 0 and not reached:
            return self._over(END, complete=True)  # steady inserts push the last row past every probe
        if self._stalls > _MAX_STALLS:
            return self._over(TOO_FAST)
        steady = 0 if self.reordered else min(drift, self._drift)
        self._stream = max(0, min(steady, self._step() // 2))
        self._drift = drift
        self._probe = end if tail or self._step() == 0 else -1
        if self._gap != end:
            self._gap = -1
        if tail:
            return end
        return end - self._step() + self._stream if reached else self._catch_up(ids, end, drift)

    def _catch_up(self, ids: Sequence[str], end: int, drift: int) -> int:
        """Return the offset where the oldest row should be by now, after inserts pushed it down by `drift`."""
        if self._oldest not in ids:
            self._at[self._oldest] += drift
        if self._overshot:
            self._overshot = False
            return end - self._step()
        again = drift if self._stalls > 1 else 0  # it is not one burst but a stream
        return max(end, self._at[self._oldest] + 1 + again) - self._step()

    def _compare(self, offset: int, ids: Sequence[str]) -> None:
        """Note whether the rows that were read before stand where they stood, and in the same order."""
        again = max(min(self._end - offset, len(ids)), 0)
        stand = all(self._at.get(item) == offset + i for i, item in enumerate(ids[:again]))
        if not stand or any(item in self._at for item in ids[again:]):
            self.disturbed = True
        places = [self._at[item] for item in ids if item in self._at]
        if any(earlier > later for earlier, later in pairwise(places)):
            self.reordered = True

    def _step_back(self, offset: int, ids: Sequence[str]) -> int:
        """Return where to look for the thread again, after a page that joins nothing read before."""
        self.disturbed = self._overshot = True
        self._unlinked += 1
        if self._unlinked == 1:
            self._gap = offset if ids and offset == self._probe else -1
            if offset >= self._end:
                self._probe = -1
                return max(0, self._end - self._step())
        return max(0, min(offset, self._end) - (self._widest << (self._unlinked - 1)))

    def _accepts_gap(self, offset: int) -> bool:
        """Whether to go on without a link: pages of one row cannot overlap, and some servers' lengths are erratic."""
        return self._step() == 0 or offset == self._probe == self._gap

    def _step(self) -> int:
        """Return how many rows the next page reads again."""
        return min(self.overlap, self._widest // 2)

    def _over(self, reason: str, *, complete: bool = False) -> int | None:
        """End the walk; returns what `take` answers then."""
        self.reason = reason
        self.complete = complete
        return None
