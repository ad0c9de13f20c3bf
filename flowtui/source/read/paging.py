"""Decides which page of a list to request next, so that no row is lost while the list changes. Pure: no I/O, no clock.

Paging by offset skips rows if newer ones are deleted between two requests. So pages overlap, and a page counts only if
it has a row in common with the pages before; else the walk steps back. Runs with the same creation time may come in
another order in every answer, which overlaps cannot detect: so a walk that saw any change is repeated. If a sweep does
not find a row, this does not prove that the row was deleted. Every walk ends, whatever the server answers.

A walk is one pass over the list (`list_walk.py`); a sweep is one or more walks.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from flowtui.source.read.list_walk import END, Walk

KNOWN = "known"
MAX_ROWS = "max_rows"
PAGE_LIMIT = "the list is longer than the pages that one sweep may ask for"

# The most pages of a sweep, as a multiple of the pages up to the end of its first complete walk. While rows are added,
# each walk is longer than the one before.
_MAX_COST = 6


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page to request, newest rows first."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class SweepEnd:
    """How a sweep ended.

    `complete`: whether all requested rows were read.
    `reason`: `end`, `known`, `max_rows`, or a sentence that says why the sweep is not complete.
    `pages`: how many requests were made.
    """

    complete: bool
    reason: str
    pages: int


Sweep = Generator[PageRequest, Sequence[str], SweepEnd]
"""Yields the pages to request; the caller sends back the ids on each."""


def sweep(
    *,
    limit: int,
    overlap: int = 10,
    max_sweeps: int = 3,
    max_rows: int | None = None,
    known: Container[str] = (),
    must_see: AbstractSet[str] = frozenset(),
    max_pages: int = 5_000,
) -> Sweep:
    """Yield the pages to request, from the top of the list. The caller sends back the ids on each, in the server's order.

    Without `known` the sweep goes to the end of the list, an empty page; a short page proves nothing, as servers may lower
    `limit`. A walk during which the list changed is repeated until a walk sees no change or finds nothing new. As rows may
    be added all the time, there are at most `max_sweeps` walks. If rows swapped places, a walk that finds nothing new
    proves little: then walks go on until one sees no change, or until there were `max_sweeps`.

    With `known` (ids of earlier reads) the sweep is one walk. It stops once it has seen a known id and every id of
    `must_see`. If a run of `must_see` was deleted, the sweep goes on to the end of the list, or until `max_rows`.

    `max_rows`: stop once that many different ids were received; then `complete` is false.
    `overlap`: rows that each page has in common with the one before, at most half a page.
    `max_pages`: most requests of the sweep.

    Raises:
        ValueError: `limit`, `max_sweeps` or `max_pages` is below 1, or `overlap` below 0.
    """
    if min(limit, max_sweeps, max_pages) < 1 or overlap < 0:
        raise ValueError("limit, max_sweeps and max_pages must be at least 1, overlap at least 0")
    goal = _Goal(max_rows, known, must_see)
    best = Walk(limit, overlap)
    bound, pages, reordered = max_pages, 0, False
    for number in range(1 if goal.head else max_sweeps):
        before = len(goal.seen)
        walk = Walk(limit, overlap)
        asked, reason = yield from _walk_down(walk, goal, most=bound - pages)
        pages += asked
        if reason == PAGE_LIMIT:
            return SweepEnd(complete=best.complete, reason=best.reason or PAGE_LIMIT, pages=pages)
        if reason:
            return SweepEnd(complete=reason == KNOWN, reason=reason, pages=pages)
        if walk.complete and not best.complete:
            bound = min(bound, pages * _MAX_COST)
        if number == 0 or walk.complete:
            best = walk
        reordered = reordered or walk.reordered
        nothing_new = number > 0 and len(goal.seen) == before and not reordered
        if goal.full or nothing_new or walk.is_proof:
            break
    return SweepEnd(complete=best.complete, reason=best.reason, pages=pages)


def _walk_down(
    walk: Walk, goal: _Goal, *, most: int
) -> Generator[PageRequest, Sequence[str], tuple[int, str]]:
    """Yield the pages of one walk, at most `most`; return their number, and why the walk was stopped.

    The reason is `KNOWN`, `MAX_ROWS` or `PAGE_LIMIT`; "" if the walk was not stopped and has ended.
    """
    offset: int | None = 0
    pages = 0
    while offset is not None:
        if pages >= most:
            return pages, PAGE_LIMIT
        ids = yield PageRequest(offset, walk.limit)
        pages += 1
        offset = walk.take(offset, ids)
        reached = goal.reached(ids) if walk.linked else ""
        if reached and (offset is not None or reached == KNOWN):
            return pages, reached
    return pages, ""


def first_page(*, limit: int, full: int) -> Sweep:
    """Yield the newest page only: a cheap first observation, before any row is known.

    `full` is the length of the longest page that this server has sent of such a list. `SweepEnd.complete` is true if the
    page is empty, or shorter than both `limit` and `full`: a server with a constant page limit sends such a page only at
    the end. This is weaker than the API's only proof, an empty page after the end; but as no row is known yet, no run is
    called missing because of it. If `complete` is false, older rows may exist, and `sweep` reads them later.
    """
    ids = yield PageRequest(0, limit)
    complete = not ids or len(ids) < min(limit, full)
    return SweepEnd(complete=complete, reason=END if complete else MAX_ROWS, pages=1)


def ids_of(names: Iterable[str], offset: int) -> list[str]:
    """Return the ids of a page's rows for a sweep; a row without id ("") gets an id made of its place in the list.

    If all rows without id counted as one row, this row would seem to be known, and would link pages that have no row in
    common: rows between them would never be requested.
    """
    return [name or f"\0{offset + place}" for place, name in enumerate(names)]


class _Goal:
    """Tells when a sweep may stop before the end of the list; `seen` are all ids on linked pages."""

    def __init__(self, max_rows: int | None, known: Container[str], must_see: AbstractSet[str]) -> None:
        self.head = bool(known)
        self.seen: set[str] = set()
        self._max_rows = max_rows
        self._known = known
        self._missing = set(must_see)
        self._met_known = False

    @property
    def full(self) -> bool:
        return self._max_rows is not None and len(self.seen) >= self._max_rows

    def reached(self, ids: Sequence[str]) -> str:
        """Add the ids of a linked page; return the reason to stop, "" to continue."""
        self.seen.update(ids)
        self._missing.difference_update(ids)
        self._met_known = self._met_known or (self.head and any(item in self._known for item in ids))
        if self._met_known and not self._missing:
            return KNOWN
        return MAX_ROWS if self.full else ""
