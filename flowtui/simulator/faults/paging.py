"""Lists that shift, repeat or refuse to page, and servers with another opinion about the key."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.exchange import Page
from flowtui.simulator.world.ids import dice

if TYPE_CHECKING:
    from flowtui.simulator.exchange import Hit, Record

_EVERYTHING: Final = 1_000_000
_ON_EACH_REQUEST: Final = 2
_GO_ONE_OF: Final = 5


def ignore_offset(page: Page, _hit: Hit) -> Page:
    """The first page comes, whatever `offset` says."""
    return page._replace(offset=0)


def ignore_limit(page: Page, _hit: Hit) -> Page:
    """Everything comes, whatever `limit` says."""
    return page._replace(limit=_EVERYTHING)


def ignore_order(page: Page, _hit: Hit) -> Page:
    """Oldest first, whatever `order` says."""
    return page._replace(order="asc")


def cap_limit(page: Page, hit: Hit) -> Page:
    """At most N rows a page (5)."""
    return page._replace(limit=min(page.limit, int(hit.number(5))))


def shifting(rows: list[Record], hit: Hit) -> list[Any]:
    """On each list call N more runs (2) stand at the newest end, and one old run goes.

    Every fifth run goes, from the oldest on: those whose place, counted from the oldest, is a multiple of five.
    """
    if hit.page is None or hit.read is None:
        return list(rows)
    oldest_first = hit.read(Page(_EVERYTHING, 0, "asc"))
    gone = {place * _GO_ONE_OF for place in range(hit.count)}
    shown = [row for place, row in enumerate(oldest_first) if place not in gone]
    fresh = int(hit.number(_ON_EACH_REQUEST)) * hit.count if oldest_first else 0
    shown += [{**oldest_first[-1], "id": f"run_fresh{number}", "is_active": False} for number in range(fresh)]
    if hit.page.order == "desc":
        shown.reverse()
    return shown[hit.page.offset : hit.page.offset + hit.page.limit]


def churning(rows: list[Record], hit: Hit) -> list[Any]:
    """On each list call N more runs (2) stand at the newest end, and as many go, from anywhere.

    What goes between two pages moves all older runs up: who pages by offset alone never sees some of them.
    """
    if hit.page is None or hit.read is None:
        return list(rows)
    shown = hit.read(Page(_EVERYTHING, 0, "asc"))
    each, newest = int(hit.number(_ON_EACH_REQUEST)), shown[-1:]
    for call in range(hit.count):
        rng = dice("churning", call)
        for _ in range(min(each, len(shown))):
            del shown[rng.randrange(len(shown))]
        shown += [
            {**row, "id": f"run_fresh{call}_{number}", "is_active": False}
            for number in range(each)
            for row in newest
        ]
    if hit.page.order == "desc":
        shown.reverse()
    return shown[hit.page.offset : hit.page.offset + hit.page.limit]


def unstable(rows: list[Record], hit: Hit) -> list[Any]:
    """Ten neighbours at a time come in another order on each call, as ties do in an unstable sort."""
    if hit.page is None or hit.read is None:
        return list(rows)
    page = hit.page
    all_rows = hit.read(Page(_EVERYTHING, 0, page.order))
    rng = dice("unstable", hit.count)
    shuffled: list[Record] = []
    for start in range(0, len(all_rows), 10):
        tie = all_rows[start : start + 10]
        rng.shuffle(tie)
        shuffled += tie
    return shuffled[page.offset : page.offset + page.limit]


def any_key(_header: str, _key: str | None) -> bool:
    """Everybody may pass, also without a key."""
    return True


def no_key(_header: str, _key: str | None) -> bool:
    """Nobody may pass."""
    return False


def bearer(header: str, key: str | None) -> bool:
    """The key must come as `Bearer KEY`; the bare key is refused."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given:
        return False
    return key is None or hmac.compare_digest(given.encode(), key.encode())
