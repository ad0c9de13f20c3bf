"""Faults in paging (lists that shift, ignored parameters) and in the check of the API key."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.exchange import Page
from flowtui.simulator.world.ids import seeded_random

if TYPE_CHECKING:
    from flowtui.simulator.exchange import FaultUse, Record

_EVERYTHING: Final = 1_000_000
_NEW_ROWS: Final = 2
_REMOVED_EVERY: Final = 5


def ignore_offset(page: Page, _use: FaultUse) -> Page:
    """Return the first page, whatever `offset` is."""
    return page._replace(offset=0)


def ignore_limit(page: Page, _use: FaultUse) -> Page:
    """Return all rows, whatever `limit` is."""
    return page._replace(limit=_EVERYTHING)


def ignore_order(page: Page, _use: FaultUse) -> Page:
    """Return the oldest rows first, whatever `order` is."""
    return page._replace(order="asc")


def cap_limit(page: Page, use: FaultUse) -> Page:
    """Return at most N rows a page; N is the argument (default 5)."""
    return page._replace(limit=min(page.limit, int(use.number(5))))


def shifting(rows: list[Record], use: FaultUse) -> list[Any]:
    """On each further list call, show N more new runs and one old run less; N is the argument (default 2).

    The removed runs are those whose place, counted from the oldest, is a multiple of five.
    """
    if use.page is None or use.read is None:
        return list(rows)
    oldest_first = use.read(Page(_EVERYTHING, 0, "asc"))
    gone = {place * _REMOVED_EVERY for place in range(use.count)}
    shown = [row for place, row in enumerate(oldest_first) if place not in gone]
    fresh = int(use.number(_NEW_ROWS)) * use.count if oldest_first else 0
    shown += [{**oldest_first[-1], "id": f"run_fresh{number}", "is_active": False} for number in range(fresh)]
    if use.page.order == "desc":
        shown.reverse()
    return shown[use.page.offset : use.page.offset + use.page.limit]


def churning(rows: list[Record], use: FaultUse) -> list[Any]:
    """On each further list call, show N more new runs and N fewer from random places; N is the argument (default 2).

    A run removed between two pages moves all older ones up, so a client that pages by offset alone misses some.
    """
    if use.page is None or use.read is None:
        return list(rows)
    shown = use.read(Page(_EVERYTHING, 0, "asc"))
    each, newest = int(use.number(_NEW_ROWS)), shown[-1:]
    for call in range(use.count):
        rng = seeded_random("churning", call)
        for _ in range(min(each, len(shown))):
            del shown[rng.randrange(len(shown))]
        shown += [
            {**row, "id": f"run_fresh{call}_{number}", "is_active": False}
            for number in range(each)
            for row in newest
        ]
    if use.page.order == "desc":
        shown.reverse()
    return shown[use.page.offset : use.page.offset + use.page.limit]


def unstable(rows: list[Record], use: FaultUse) -> list[Any]:
    """Shuffle the rows in blocks of ten on each call, as an unstable sort does with equal keys."""
    if use.page is None or use.read is None:
        return list(rows)
    page = use.page
    all_rows = use.read(Page(_EVERYTHING, 0, page.order))
    rng = seeded_random("unstable", use.count)
    shuffled: list[Record] = []
    for start in range(0, len(all_rows), 10):
        tie = all_rows[start : start + 10]
        rng.shuffle(tie)
        shuffled += tie
    return shuffled[page.offset : page.offset + page.limit]


def any_key(_header: str, _key: str | None) -> bool:
    """Accept each request, also one without a key."""
    return True


def no_key(_header: str, _key: str | None) -> bool:
    """Reject each request."""
    return False


def bearer(header: str, key: str | None) -> bool:
    """Accept the key as `Bearer KEY` only, and reject the bare key."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given:
        return False
    return key is None or hmac.compare_digest(given.encode(), key.encode())
