"""Reads the lists of runs of some threads, or of all, in parallel; back to a time, if the caller wants no older runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from flowtui.formatting import count, span
from flowtui.headless.one_shot import print_note, stops_all
from flowtui.headless.pages import PAGE, Listing, ListRange, read_list
from flowtui.headless.retry import Requester
from flowtui.headless.threads import thread_identity
from flowtui.model.run.parsing import parse_run, parse_thread
from flowtui.source.http.client import Client

_SHORT: Final = 3600.0  # seconds in which a thread has hardly more runs than fit on a short page
_SHORT_PAGE: Final = 20
_AT_ONCE: Final = 5  # parallel reads, as many as the client has connections


class RunLists(NamedTuple):
    """What was read."""

    runs: list[Listing]
    """The list of runs of each thread."""
    threads: list[Listing]
    """The list of threads, if that was read; else empty."""

    @property
    def refused(self) -> bool:
        """Whether the server refused the key."""
        return any(stops_all(each.error) for each in (*self.threads, *self.runs))


def _nothing(_: Listing) -> None:
    """Do nothing with a list."""


async def read_run_lists(
    source: Client,
    requester: Requester,
    wanted: ListRange,
    threads: Sequence[str],
    *,
    done: Callable[[Listing], None] = _nothing,
) -> RunLists:
    """Return the part `wanted` of the list of runs of each of `threads`; if empty, of all threads of the key's owner.

    `done`: is called with each list once it is read, so that the caller may drop raw rows that it does not need.

    With `wanted.reaches` it says on stderr how long that takes at least, if it is more than a minute.
    """
    lists: list[Listing] = []
    if not threads:
        found = Listing("threads")
        with requester.progress.reading("the list of threads", "thread"):
            await read_list(requester, source.threads, ListRange(limit=None), thread_identity, found)
        lists = [found]
        threads = [key for value in found.rows.values() if (key := parse_thread(value).key)]
        if stops_all(found.error):
            return RunLists([], lists)
    listings = [Listing(thread) for thread in dict.fromkeys(threads)]
    minutes = len(listings) / requester.budget.limit
    if wanted.reaches is not None and minutes > 1:
        them = f"{count(len(listings))} threads"
        print_note(f"asking the API for the runs of {them}, which takes {span(minutes * 60)} or more")
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(listing: Listing) -> None:
        async with free:
            call = partial(source.runs, listing.name)
            await read_list(requester, call, wanted, partial(_identity, listing.name), listing)
            done(listing)
        requester.progress.step()

    with requester.progress.reading("runs", "thread", len(listings)):
        await _until_refused(listings, [asyncio.create_task(one(listing)) for listing in listings])
    return RunLists(listings, lists)


async def _until_refused(listings: list[Listing], tasks: list[asyncio.Task[None]]) -> None:
    """Wait for all tasks. Once a listing shows that the key is refused, cancel the tasks that still run."""
    try:
        for done in asyncio.as_completed(tasks):
            await done
            if any(stops_all(listing.error) for listing in listings):
                return
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _identity(thread: str, value: Any) -> str:
    return parse_run(value, thread).raw_id


def back_to(since: float, reaches: Callable[[Sequence[Any]], bool], now: float) -> ListRange:
    """Return the part of a list that goes back to `since`. If that is not long ago, its pages are short, as a run is large.

    `reaches`: tells of a page whether it goes back so far. Times are UTC epoch seconds by the server's clock.
    """
    return ListRange(limit=None, reaches=reaches, page=_SHORT_PAGE if now - since <= _SHORT else PAGE)


def created_before(since: float) -> Callable[[Sequence[Any]], bool]:
    """Return a test of a page of runs, newest first: whether all runs after it were created before `since`.

    The last run with a time decides, so that one wrong time on a page does not end the reading.
    """

    def reaches(values: Sequence[Any]) -> bool:
        dated = (
            created for value in reversed(values) if (created := parse_run(value, "").created) is not None
        )
        last = next(dated, None)
        return last is not None and last < since

    return reaches


def ended_before(since: float) -> Callable[[Sequence[Any]], bool]:
    """Return a test of a page of runs, newest first: whether all runs after it are taken to have ended before `since`.

    They are if the last run with a time was created before `since`, and no run of the page that was created before it is
    active or ended later. The API runs one run of a thread at a time, so older runs end earlier.
    """
    before = created_before(since)

    def reaches(values: Sequence[Any]) -> bool:
        if not before(values):
            return False
        old = [
            run
            for value in values
            if (run := parse_run(value, "")).created is not None and run.created < since
        ]
        return not any(run.active or (run.ended is not None and run.ended >= since) for run in old)

    return reaches
