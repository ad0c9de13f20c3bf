"""Walks once through a list that may change meanwhile: decides which offset to request next, and when it has ended. Pure.

A page is linked to the pages before it if they have a row in common. Only linked pages count; after a page that is
not linked, the walk steps back. If rows never swap places, this proves that no row was skipped: there is no gap between
pages that share a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

END = "end"
IGNORES_OFFSET = "the server ignores offset, so older rows cannot be reached"
TOO_FAST = "the list changes faster than it can be read"

_MAX_STALLS = 8  # pages in a row that reach nothing older
_MAX_RESTARTS = 6  # times that a walk may return to offset 0
_REPEATS = 2  # if so many pages in a row equal the first page, the first page is read again


class Walk:
    """One pass over a list, from its first row to its end.

    `limit`: the number of rows per page.
    `overlap`: the number of rows that a page is to share with the page before.
    """

    def __init__(self, limit: int, overlap: int) -> None:
        self.limit = limit
        self.overlap = overlap
        self.linked = False  # whether the last page has a row in common with those before
        self.disturbed = False  # whether the list changed during the walk
        self.reordered = False  # whether rows swapped places, which overlapping pages cannot detect reliably
        self.complete = False
        self.reason = ""
        self._at: dict[str, int] = {}  # id -> the offset where it was last seen
        self._oldest = ""  # the last row of the page that reached furthest down
        self._top: list[str] = []  # the page at offset 0
        self._end = 0  # offset after the last linked page
        self._widest = 0  # rows of the longest page: the server's page limit, as far as known
        # the offset after a short page that reached the oldest row; an empty page there proves the end
        self._probe = -1
        self._gap = -1  # the offset of a probe that found rows, but not linked ones
        # the offset to continue at after the first page is read again; -1: it is not being read again
        self._resume = -1
        self._overshot = False  # whether the oldest row was not where it was expected
        self._drift = 0  # how many places the rows of the last page had moved down
        self._stream = 0  # how many places rows will probably move until the next page; 0 unless they moved at two pages in a row
        self._repeats = self._stalls = self._unlinked = self._restarts = 0

    @property
    def is_proof(self) -> bool:
        """Whether another walk would find nothing new: the list did not change, or no other rows can be reached."""
        return not self.disturbed or self.reason == IGNORES_OFFSET

    def take(self, offset: int, ids: Sequence[str]) -> int | None:
        """Return the next offset to request after the page `ids` at `offset`; None: the walk is over."""
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
        """Take the first page, which was read again because later pages were equal to it.

        If it is unchanged, the server ignores `offset`. Otherwise new rows have pushed its rows down to the later pages.
        """
        following, self._resume, self._repeats = self._resume, -1, 0
        if list(ids) == self._top:
            # a page of another length than `limit` is the whole list: the list is short, or the server ignores `limit`, too
            return self._over(IGNORES_OFFSET, complete=len(ids) != self.limit)
        return following

    def _link(self, offset: int, ids: Sequence[str], shared: int | None) -> int | None:
        """Add a linked page, and return the next offset to request."""
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
        # If the server's page limit is constant, a shorter linked page proves the end. As the limit may vary, a probe
        # after that page makes sure.
        tail = len(ids) < self._widest
        if tail and self._probe >= 0 and not reached:
            # The list grows faster than we probe: the probe will never come back empty, so the short page counts as the end.
            return self._over(END, complete=True)
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
        """Return an offset at which the page should show the oldest row, which new rows have pushed down by `drift`."""
        if self._oldest not in ids:
            self._at[self._oldest] += drift
        if self._overshot:
            self._overshot = False
            return end - self._step()
        # if rows were added at two pages in a row, expect as many once more
        again = drift if self._stalls > 1 else 0
        return max(end, self._at[self._oldest] + 1 + again) - self._step()

    def _compare(self, offset: int, ids: Sequence[str]) -> None:
        """Note whether rows that were read before have moved or swapped places."""
        again = max(min(self._end - offset, len(ids)), 0)
        stand = all(self._at.get(item) == offset + i for i, item in enumerate(ids[:again]))
        if not stand or any(item in self._at for item in ids[again:]):
            self.disturbed = True
        places = [self._at[item] for item in ids if item in self._at]
        if any(earlier > later for earlier, later in pairwise(places)):
            self.reordered = True

    def _step_back(self, offset: int, ids: Sequence[str]) -> int:
        """Return an earlier offset to continue at, after a page that is not linked."""
        self.disturbed = self._overshot = True
        self._unlinked += 1
        if self._unlinked == 1:
            self._gap = offset if ids and offset == self._probe else -1
            if offset >= self._end:
                self._probe = -1
                return max(0, self._end - self._step())
        return max(0, min(offset, self._end) - (self._widest << (self._unlinked - 1)))

    def _accepts_gap(self, offset: int) -> bool:
        """Whether to accept a page without a link.

        Pages of one row cannot overlap. And if a probe finds rows for the second time, the short page before it was not
        the end: the server sends pages of varying length.
        """
        return self._step() == 0 or offset == self._probe == self._gap

    def _step(self) -> int:
        """Return how many rows the next page is to have in common with the page before."""
        return min(self.overlap, self._widest // 2)

    def _over(self, reason: str, *, complete: bool = False) -> int | None:
        """End the walk; return None, which `take` returns in turn."""
        self.reason = reason
        self.complete = complete
        return None
