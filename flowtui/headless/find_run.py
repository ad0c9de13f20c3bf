"""Finds the run that `flowtui run` means: by a part of its id, or without the id of its thread.

The API has no list of runs across threads. A whole id is looked up in the spans, which name the thread. Else the newest
page of each of the newest threads is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, UsageError
from flowtui.formatting import count, plural
from flowtui.headless.one_shot import print_note, stops_all
from flowtui.headless.pages import Listing, ListRange, read_list
from flowtui.headless.retry import Requester
from flowtui.headless.threads import thread_identity
from flowtui.model.run.id_parts import is_cut, matching_ids
from flowtui.model.run.parsing import parse_run, parse_thread
from flowtui.model.run.row import RunKey
from flowtui.model.run.thread import Thread
from flowtui.source.http.client import Client
from flowtui.text import safe_name

_LONG_AGO: Final = (
    "2020-01-01T00:00:00.000Z"  # without a beginning, the server returns the spans of 15 minutes only
)
_PAGE: Final = 100  # newest runs of a thread that are searched
_MOST_THREADS: Final = 100
_MOST_LISTED: Final = 1_000  # threads among which a thread is found by a part of its id
_AT_ONCE: Final = 5  # parallel requests, as many as the client has connections
_LISTED: Final = 10  # candidates that a message names


class RunFinder:
    """Searches for one run. `part`: its id or a part of it. `thread`: the id of its thread or a part of it; None: unknown."""

    def __init__(self, source: Client, requester: Requester, part: str, thread: str | None) -> None:
        self._source = source
        self._requester = requester
        self._part = part
        self._thread = thread
        self._threads: list[Thread] = []
        self._unread = 0
        self._searched = ""

    async def by_spans(self) -> RunKey | None:
        """Return the run that has exactly this id, if spans of it are known; None if not, or if they cannot be read."""
        if is_cut(self._part):
            return None
        query: dict[str, str | int] = {"run_id": self._part, "min_start_datetime": _LONG_AGO, "limit": 1}
        found = await self._requester.elements(lambda: self._source.spans(query))
        _stop_if_refused(found.error)
        for span in found.value:
            if isinstance(span, dict) and span.get("run_id") == self._part:
                thread = span.get("thread_id")
                return (thread, self._part) if isinstance(thread, str) and thread else None
        return None

    async def by_search(self) -> RunKey:
        """Return the only run on the searched threads whose id has this part.

        Raises:
            UsageError: several runs or threads have it.
            ApiError: no run has it, or the threads cannot be read.
        """
        keys = await self._threads_to_search()
        active = [
            (each.key, each.active_run) for each in self._threads if each.active_run and each.key in keys
        ]
        pages = await self._pages(keys)
        known = dict.fromkeys([*active, *(key for page in pages for key in page)])
        names = frozenset(matching_ids(self._part, (run_id for _, run_id in known)))
        found = [key for key in known if key[1] in names]
        if len(found) > 1:
            raise _ambiguous(self._part, "run", [f"{run_id} -t {thread}" for thread, run_id in found])
        if not found:
            raise ApiError(
                f"No run with {safe_name(self._part)!r} in its id was found in {self._searched}",
                hint=self._hint,
            )
        if self._unread:
            print_note(
                f"found in {self._searched}; another run may have {safe_name(self._part)!r} in its id, too"
            )
        return found[0]

    @property
    def _hint(self) -> str:
        return (
            "Name its thread with -t THREAD"
            if self._thread is None
            else "`flowtui runs THREAD --all` lists older ones"
        )

    async def _threads_to_search(self) -> list[str]:
        """Return the raw ids of the threads to search: the given one, those whose ids have the given part, or the newest."""
        if self._thread is not None and not is_cut(self._thread) and await self._exists(self._thread):
            self._searched = f"the newest {_PAGE} runs of the thread"
            return [self._thread]
        most = max(1, min(_MOST_THREADS, self._requester.budget.limit // 2))
        wanted = ListRange(limit=most + 1 if self._thread is None else _MOST_LISTED)
        listing = Listing("threads")
        with self._requester.progress.reading("the list of threads", "thread"):
            await read_list(self._requester, self._source.threads, wanted, thread_identity, listing)
        if listing.error is not None and not listing.rows:
            raise listing.error
        self._threads = [thread for value in listing.rows.values() if (thread := parse_thread(value)).key]
        keys = [thread.key for thread in self._threads]
        if self._thread is None:
            all_of_them = len(keys) <= most and listing.error is None
            self._unread += not all_of_them
            which = plural(min(len(keys), most), "thread" if all_of_them else "newest thread")
            self._searched = f"the newest {_PAGE} runs of {'' if all_of_them else 'the '}{which}"
            return keys[:most]
        found = matching_ids(self._thread, keys)
        if not found:
            shown = safe_name(self._thread)
            raise ApiError(
                f"None of the newest {plural(len(keys), 'thread')} has {shown!r} in its id", hint=CHECK_IDS
            )
        if len(found) > 1:
            raise _ambiguous(self._thread, "thread", found)
        self._searched = f"the newest {_PAGE} runs of thread {safe_name(found[0])}"
        return found

    async def _exists(self, thread: str) -> bool:
        """Whether there is a thread with exactly this id, as far as its list of runs shows it."""
        found = await self._requester.elements(partial(self._source.runs, thread, limit=0))
        _stop_if_refused(found.error)
        return found.error is None

    async def _pages(self, threads: list[str]) -> list[list[RunKey]]:
        """Return the runs on the newest page of each of these threads."""
        free = asyncio.Semaphore(_AT_ONCE)

        async def one(thread: str) -> list[RunKey]:
            async with free:
                found = await self._requester.elements(
                    partial(self._source.runs, thread, limit=_PAGE, order="desc", offset=0)
                )
            self._requester.progress.step()
            _stop_if_refused(found.error)
            self._unread += found.error is not None
            return list(_keys(found.value, thread))

        tasks = [asyncio.create_task(one(thread)) for thread in threads]
        try:
            with self._requester.progress.reading("runs", "thread", len(threads)):
                return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()


CHECK_IDS: Final = "`flowtui threads` lists their ids"


def _keys(values: Iterable[Any], thread: str) -> Iterable[RunKey]:
    for value in values:
        run = parse_run(value, thread)
        if not run.placeholder:
            yield run.key


def _stop_if_refused(error: ApiError | None) -> None:
    if error is not None and stops_all(error):
        raise error


def _ambiguous(part: str, what: str, found: list[str]) -> UsageError:
    listed = ", ".join(safe_name(each) for each in found[:_LISTED])
    more = f" and {count(len(found) - _LISTED)} more" if len(found) > _LISTED else ""
    return UsageError(
        f"{count(len(found))} {what}s have {safe_name(part)!r} in their ids: {listed}{more}",
        hint="Give more of the id",
    )
