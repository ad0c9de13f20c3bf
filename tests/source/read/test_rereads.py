"""Rows that the server once sent wrong are read again, so that none stays wrong."""

from __future__ import annotations

import pytest

from flowtui.errors import TransportError
from flowtui.source.read.rereads import PER_PAGE, QUIET

BEGUN, ENDED = "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z"
TRUTH = {"status": "completed", "started_at": BEGUN, "completed_at": ENDED, "usage": {"total_tokens": 10}}
LIE = {"status": "failed"}


class Thread:
    """A thread of ended runs, some of which the server lists wrongly if the test says so."""

    def __init__(self, source, looks, count=60):
        self.source, self.looks = source, looks
        self.ids = source.add("t", count, **TRUTH)[::-1]

    def grow(self, count):
        self.ids = self.source.add("t", count, **TRUTH)[::-1] + self.ids

    async def lie(self, ids, lie=LIE):
        """Observe once while these runs are listed wrongly, then list them correctly."""
        for raw_id in ids:
            self.source.change(raw_id, **lie)
        await self.looks.look()
        for raw_id in ids:
            self.source.change(raw_id, **TRUTH)

    def wrong(self):
        return [raw_id for raw_id, run in self.looks.state.runs.items() if run.status != "completed"]

    async def after(self, seconds):
        self.looks.clock.elapsed += seconds
        return (await self.looks.look())[0]


@pytest.fixture
async def thread(source, looks):
    thread = Thread(source, looks)
    await looks.look()
    return thread


async def test_wrong_rows_that_left_the_newest_page_are_read_again(thread):
    await thread.lie(thread.ids[:20])
    thread.grow(15)
    await thread.looks.look()
    assert len(thread.wrong()) == 15  # they are not on the newest page any more
    await thread.after(QUIET - 10)
    assert len(thread.wrong()) == 15  # the server may still send wrong rows, so it is too early
    requests = await thread.after(20)
    assert thread.wrong() == []
    assert [request.limit for request in requests] == [100]


async def test_rereading_ends_once_no_more_rows_change(thread):
    await thread.lie(thread.ids[:20])
    thread.grow(15)
    await thread.looks.look()
    await thread.after(QUIET)
    assert thread.wrong() == []
    requests = await thread.after(
        QUIET
    )  # the corrected rows were suspicious changes, too: so there is one more reread
    assert [request.limit for request in requests] == [100]
    assert [request.limit for request in await thread.after(10 * QUIET)] == [20]
    assert [request.limit for request in await thread.after(10 * QUIET)] == [20]


async def test_wrong_rows_from_the_start_are_read_again(source, looks):
    source.add("t", 150, **TRUTH)
    for raw in source.runs_of["t"]:
        raw["status"] = "failed"
    await looks.look()
    for raw in source.runs_of["t"]:
        raw["status"] = "completed"
    await looks.look()
    assert sum(run.status == "failed" for run in looks.state.runs.values()) == 130
    looks.clock.elapsed += QUIET
    requests, _ = await looks.look()
    assert {run.status for run in looks.state.runs.values()} == {"completed"}
    assert [request.limit for request in requests] == [100, 100]


async def test_only_rows_of_the_last_hour_are_read_again(source, looks):
    thread = Thread(source, looks, 500)
    await looks.look()
    for _ in range(2):  # two observations with changes, more than an hour apart: the first one is long ago
        thread.grow(1)
        await thread.after(4000)
    await thread.lie(thread.ids[:20])
    assert len(await thread.after(2000)) == 1
    assert thread.wrong() == []


async def test_rereading_many_pages_waits_longer(source, looks_of):
    looks = looks_of(5000)
    thread = Thread(source, looks, 2400)
    await looks.look()
    await thread.lie(thread.ids[:20])
    assert [request.limit for request in await thread.after(QUIET + 2)] == [20]
    requests = await thread.after(PER_PAGE * 24)
    assert len(requests) > 24


@pytest.mark.parametrize(
    "lie",
    [
        {"usage": {"total_tokens": 11}},
        {"usage": None},
        {"completed_at": "2026-11-20T10:02:00Z"},
        {"agent_id": "agent_b"},
        {"created_at": "no date"},
    ],
)
async def test_every_change_of_an_ended_run_is_suspicious(thread, lie):
    created = {raw["id"]: raw["created_at"] for raw in thread.source.runs_of["t"]}
    await thread.lie(thread.ids[:1], lie)
    thread.source.change(thread.ids[0], agent_id="agent_a", created_at=created[thread.ids[0]])
    thread.grow(30)
    await thread.after(2)
    assert [request.limit for request in await thread.after(QUIET + 2)] == [100]


@pytest.mark.parametrize(
    "news",
    [
        {"is_active": True},
        {"expires_at": "2026-11-20T10:02:00Z"},
        {"failed_at": "2026-11-20T10:02:00Z"},  # unknown before
    ],
)
async def test_later_changes_that_the_api_allows_are_not_suspicious(thread, news):
    thread.source.change(thread.ids[0], **news)
    assert (await thread.looks.look())[1]
    assert [request.limit for request in await thread.after(QUIET)] == [20]


async def test_a_broken_element_is_suspicious_once(thread):
    thread.source.change(thread.ids[0], usage="much")
    await thread.looks.look()
    assert thread.looks.state.runs[thread.ids[0]].unreadable
    assert [request.limit for request in await thread.after(QUIET)] == [100]
    assert [request.limit for request in await thread.after(QUIET)] == [20]


async def test_a_failed_reread_is_repeated(thread):
    await thread.lie(thread.ids[:20])
    thread.grow(15)
    await thread.looks.look()
    thread.source.trouble["runs", "t"] = [TransportError("reset")]
    with pytest.raises(TransportError):
        await thread.after(QUIET)
    assert len(thread.wrong()) == 15
    await thread.looks.look()
    assert thread.wrong() == []
