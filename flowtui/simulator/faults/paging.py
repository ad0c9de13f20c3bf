"""Faults in paging (lists that shift, ignored parameters) and in the check of the API key."""

from __future__ import annotations

import hmac
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Page, Record
from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.world.ids import seeded_random

_EVERYTHING: Final = 1_000_000
_NEW_ROWS: Final = 2
_REMOVED_EVERY: Final = 5


def _shifting(rows: list[Record], use: FaultUse) -> list[Any]:
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


def _churning(rows: list[Record], use: FaultUse) -> list[Any]:
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


def _unstable(rows: list[Record], use: FaultUse) -> list[Any]:
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


def _bearer(header: str, key: str | None) -> bool:
    """Accept the key as `Bearer KEY` only, and reject the bare key."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given:
        return False
    return key is None or hmac.compare_digest(given.encode(), key.encode())


PAGING: Final[dict[str, Fault]] = {
    "shifting": Fault(
        "ARG (2) new runs on each call, and an old run disappears", rows=_shifting, argument="NUMBER"
    ),
    "churning": Fault(
        "ARG (2) new runs on each call, and as many old runs disappear from random places",
        rows=_churning,
        argument="NUMBER",
    ),
    "unstable-order": Fault("neighbours change places on each call", rows=_unstable),
    "ignore-offset": Fault("always the first page", page=lambda page, _: page._replace(offset=0)),
    "ignore-limit": Fault(
        "always all rows, in one page", page=lambda page, _: page._replace(limit=_EVERYTHING)
    ),
    "ignore-order": Fault("always oldest first", page=lambda page, _: page._replace(order="asc")),
    "cap-limit": Fault(
        "at most ARG (5) rows a page",
        page=lambda page, use: page._replace(limit=min(page.limit, int(use.number(5)))),
        argument="NUMBER",
    ),
    "no-key-check": Fault("every API key is accepted, on all requests", key=lambda *_: True, scope=ALL),
    "bearer": Fault("the key must come as `Bearer KEY`, on all requests", key=_bearer, scope=ALL),
}
"""These faults, by name on the command line."""
