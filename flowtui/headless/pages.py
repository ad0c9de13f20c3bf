"""A whole list, or the newest N of it, page by page: no row twice, none lost while rows come and go."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from flowtui.errors import ApiError, TooLargeError
from flowtui.headless.retry import Answer, Requester
from flowtui.source.read.paging import MAX_ROWS, SweepEnd, sweep

PAGE: Final = 100
"""Rows asked for at a time. The API documents no maximum; a server that gives fewer is read just the same."""

_SWEEPS: Final = 3

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ListRange:
    """Which part of a list is wanted: `limit` rows at most (None: all), in the API's `order`, from its `offset` on."""

    limit: int | None = 20
    order: str = "desc"
    offset: int = 0


class ListCall(Protocol):
    """One page of a list, as the client offers it."""

    def __call__(self, *, limit: int, order: str, offset: int) -> Awaitable[Answer]:
        """Ask for one page."""


@dataclass(slots=True)
class Listing:
    """What has been read of one list, raw; filled while reading, so that what there is outlives a failure.

    `error`: why it is not whole, None where it is.
    """

    name: str
    rows: dict[Hashable, Any] = field(default_factory=dict)
    error: ApiError | None = None

    def add(self, values: list[Any], identify: Callable[[Any], str]) -> list[str]:
        """Take a page in and return its ids; a row that was read before is replaced by its newer self."""
        ids: dict[str, None] = {}
        anonymous: dict[str, int] = {}
        for value in values:
            key = identify(value)
            if not isinstance(value, dict) or not value.get("id"):
                # Elements without an id that look the same are several on one page, and the same ones on the next.
                anonymous[key] = anonymous.get(key, 0) + 1
                key = f"{key}#{anonymous[key]}"
            self.rows[key] = value
            ids[key] = None  # once: a server that repeats rows on a page must not look like a list that moves
        return list(ids)


async def read_list(
    requester: Requester, call: ListCall, list_range: ListRange, identify: Callable[[Any], str], into: Listing
) -> None:
    """Fill `into` with the rows of the window in the order they were received."""
    if list_range.limit == 0:
        found = await requester.elements(
            lambda: call(limit=0, order=list_range.order, offset=list_range.offset)
        )
        into.error = found.error
        return
    plan = sweep(
        limit=PAGE if list_range.limit is None else min(PAGE, list_range.limit),
        max_sweeps=_SWEEPS if list_range.limit is None else 1,
        max_rows=list_range.limit,
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
            most = max(1, most // 4)  # to the sweep it looks like a server that caps `limit`
            del found  # before the next one comes: it is as large as memory allows
            continue
        ids = into.add(found.value, identify)
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
    """Return `items` newest first (`desc`) or last, ties as received; one without a time stays with its neighbour.

    Pages of a list that moves arrive out of order; a list that stands still comes out as the server sent it.
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
