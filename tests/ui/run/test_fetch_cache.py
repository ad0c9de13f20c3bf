"""Details of opened runs: fetched once for each status; after an error, the last good value is kept."""

from __future__ import annotations

import pytest

from flowtui.errors import TransportError
from flowtui.ui.run.fetch_cache import MAX_KEPT, RETRY, FetchCache, OpenedRuns
from flowtui.ui.run.tabs import AGAINST, LAST_COMPLETED


class Shelf:
    """A `FetchCache` whose fetches return 1, 2, 3, …; `now` is its clock, and with `broken` fetches fail."""

    def __init__(self):
        self.now = 100.0
        self.fetched = []
        self.broken = False
        self.kept = FetchCache(self._fetch, lambda: self.now)

    async def _fetch(self, run):
        self.fetched.append(run.raw_id)
        if self.broken:
            raise TransportError("GET run: nobody answers", hint="Try again")
        return len(self.fetched)


@pytest.fixture
def shelf():
    return Shelf()


async def test_a_value_is_fetched_once_for_each_status(shelf, a_run):
    running = a_run("run_1", "running")
    assert shelf.kept.needs_fetch(running)
    await shelf.kept.fetch(running)
    assert not shelf.kept.needs_fetch(running)
    loaded = shelf.kept.get(running)
    assert (loaded.value, loaded.trouble, loaded.at) == (1, "", 100.0)
    assert shelf.kept.needs_fetch(a_run("run_1", "completed"))


async def test_after_an_error_the_last_good_value_is_still_returned_with_the_error(shelf, a_run):
    await shelf.kept.fetch(a_run("run_1", "running"))
    shelf.broken = True
    await shelf.kept.fetch(a_run("run_1", "completed"))
    loaded = shelf.kept.get(a_run("run_1", "completed"))
    assert loaded.value == 1
    assert loaded.trouble.startswith("GET run: nobody answers")


async def test_a_failed_fetch_is_repeated_after_a_pause_if_the_thread_was_observed_since(shelf, a_run):
    run = a_run("run_1", "running")
    shelf.broken = True
    await shelf.kept.fetch(run)
    assert not shelf.kept.needs_fetch(run, None)
    assert not shelf.kept.needs_fetch(run, 100.0)
    shelf.now = 100.0 + RETRY / 2
    assert not shelf.kept.needs_fetch(run, 100.2)
    shelf.now = 100.0 + RETRY
    assert shelf.kept.needs_fetch(run, 100.2)
    shelf.kept.allow_refetch(run.key)
    assert shelf.kept.get(run).trouble == ""
    assert shelf.kept.needs_fetch(run)


async def test_allow_refetch_keeps_the_value_and_fetches_again(shelf, a_run):
    run = a_run("run_1", "running")
    await shelf.kept.fetch(run)
    shelf.kept.allow_refetch(run.key)
    assert shelf.kept.get(run).value == 1
    assert shelf.kept.needs_fetch(run)


async def test_the_cache_keeps_only_the_values_fetched_last(shelf, a_run):
    runs = [a_run(f"run_{number}", "completed") for number in range(MAX_KEPT + 5)]
    for run in runs:
        await shelf.kept.fetch(run)
    assert [shelf.kept.get(run).value is None for run in runs] == [True] * 5 + [False] * MAX_KEPT


def test_a_run_without_an_id_is_never_fetched(shelf, a_run):
    assert not shelf.kept.needs_fetch(a_run("", "running"))


async def test_a_run_that_two_tabs_compare_with_is_fetched_once(a_run):
    run, before = a_run("new"), a_run("old", "completed")
    asked = []

    class Feed:
        fetch_message_page = None

        async def fetch_run(self, key):
            asked.append(key)
            return {"id": key[1]}

    opened = OpenedRuns(Feed(), lambda: 1_000.0, lambda _: (before, False), last=lambda _: before)
    assert opened.get(run).last_completed.raw is None
    needs = opened.needs_fetch(run, frozenset({AGAINST, LAST_COMPLETED}))
    assert needs == {AGAINST, LAST_COMPLETED}
    await opened.fetch(run, needs)
    assert asked == [before.key]
    assert opened.get(run).last_completed.raw == opened.get(run).against.raw == {"id": "old"}
    assert not opened.needs_fetch(run, needs)
    opened.allow_refetch(run)
    assert opened.needs_fetch(run, frozenset({LAST_COMPLETED})) == {LAST_COMPLETED}
    alone = OpenedRuns(Feed(), lambda: 1_000.0, lambda _: None)
    assert alone.get(run).last_completed is None
    assert not alone.needs_fetch(run, frozenset({LAST_COMPLETED}))
