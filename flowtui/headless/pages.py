"""Reads a whole list or its first N rows page by page; no row is repeated or lost, even if the list changes meanwhile."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Container, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from flowtui.errors import ApiError, TooLargeError
from flowtui.headless.retry import Requester
from flowtui.source.http.reply import Reply
from flowtui.source.read.paging import MAX_ROWS, SweepEnd, sweep

PAGE: Final = 100
"""Rows per page. The API documents no maximum, and servers may send fewer."""

_SWEEPS: Final = 3

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ListRange:
    """The wanted part of a list: at most `limit` rows (None: all) in the API's `order`, starting at `offset`.

    `reaches`: takes the raw rows of a page, and returns whether no row after it is wanted; None: all pages are.
    `page`: rows of a page, at most.
    """

    limit: int | None = 20
    order: str = "desc"
    offset: int = 0
    reaches: Callable[[Sequence[Any]], bool] | None = None
    page: int = PAGE


class ListCall(Protocol):
    """A method of the client that returns one page of a list."""

    def __call__(self, *, limit: int, order: str, offset: int) -> Awaitable[Reply]:
        """Request one page."""


@dataclass(slots=True)
class Listing:
    """The raw rows of one list, by their identity. Filled while reading, so that the rows read before a failure are kept.

    `name`: what the list is called in messages.
    `error`: why the list is incomplete; None if it is complete.
    """

    name: str
    rows: dict[Hashable, Any] = field(default_factory=dict)
    error: ApiError | None = None

    def add(self, values: list[Any], identify: Callable[[Any], str]) -> list[str]:
        """Add a page and return the ids of its rows. A row that was read before is replaced. `identify`: returns a row's id."""
        ids: dict[str, None] = {}
        anonymous: dict[str, int] = {}
        for value in values:
            key = identify(value)
            if not isinstance(value, dict) or not value.get("id"):
                # Equal elements without id on one page are different rows; on the next page they are the same rows again.
                anonymous[key] = anonymous.get(key, 0) + 1
                key = f"{key}#{anonymous[key]}"
            self.rows[key] = value
            # without repeats: else a list with repeated rows would seem to change while it is read
            ids[key] = None
        return list(ids)


@dataclass(slots=True)
class _Reached(Container[str]):
    """Takes the place of the known ids at which a sweep ends: it contains every id once the last wanted page was read."""

    last: bool = False

    def __contains__(self, _: object) -> bool:
        return self.last


async def read_list(
    requester: Requester, call: ListCall, list_range: ListRange, identify: Callable[[Any], str], into: Listing
) -> None:
    """Fill `into` with the rows of `list_range` in the order in which they arrive. A failure is stored in `into.error`."""
    if list_range.limit == 0:
        found = await requester.elements(
            lambda: call(limit=0, order=list_range.order, offset=list_range.offset)
        )
        into.error = found.error
        return
    reached = _Reached()
    plan = sweep(
        limit=list_range.page if list_range.limit is None else min(list_range.page, list_range.limit),
        max_sweeps=_SWEEPS if list_range.limit is None else 1,
        max_rows=list_range.limit,
        known=() if list_range.reaches is None else reached,
    )
    end: SweepEnd
    request = next(plan)
    most = request.limit
    while True:
        found = await requester.elements(
            partial(
                call,
                limit=min(most, request.limit),
                order=list_range.order,
                offset=list_range.offset + request.offset,
            )
        )
        if isinstance(found.error, TooLargeError) and most > 1:
            most = max(1, most // 4)  # for the sweep this is the same as a server with a lower page limit
            del found  # frees the memory of this page before the next one arrives
            continue
        known = len(into.rows)
        ids = into.add(found.value, identify)
        requester.progress.got(len(into.rows) - known)
        reached.last = list_range.reaches is not None and list_range.reaches(found.value)
        if found.error is not None:
            into.error = found.error
            break
        try:
            request = plan.send(ids)
        except StopIteration as done:
            end = done.value
            if not end.complete and end.reason != MAX_ROWS:
                into.error = ApiError(f"Not all of it: {end.reason}")
            break
    for surplus in list(into.rows)[list_range.limit :] if list_range.limit is not None else ():
        del into.rows[surplus]


def by_time(items: list[Item], created: Callable[[Item], float | None], order: str) -> list[Item]:
    """Return `items` newest first (`desc`) or oldest first.

    Items with the same time keep their order; an item without a time stays after the item before it. Sorting is needed
    because rows arrive out of order if the list changes while it is read.
    """
    sign = -1.0 if order == "desc" else 1.0
    place = -math.inf
    keyed: list[tuple[float, Item]] = []
    for item in items:
        at = created(item)
        place = place if at is None else sign * at
        keyed.append((place, item))
    keyed.sort(key=lambda pair: pair[0])
    return [item for _, item in keyed]
