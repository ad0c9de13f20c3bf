"""When it is found out what is new and wrong: after a failure soon, otherwise rarely, and never at the start."""

from __future__ import annotations

from dataclasses import replace

from flowtui.model.history.past import LIVE, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.dashboard.news_reader import AGAIN, FIRST, SOON, WRITTEN, NewsReader

from ...past import ListPast, reader_of
from ..services import FakeServices

AT = 1_800_000_000.0
TAX = Reason("'tax_rate' is not in the order", "tool run_python")


def _failed(run_id):
    raw = {"id": run_id, "status": "failed", "agent_id": "a", "created_at": AT - 60, "started_at": AT - 60}
    return parse_run({**raw, "failed_at": AT - 20}, "thr_1")


class Desk:
    """A reader, what it reads, and the clock."""

    def __init__(self):
        self.runs = [_failed(f"run_{number}") for number in range(3)]
        known = {run.key: TAX for run in self.runs}
        self.past = ListPast(self.runs, [Watched(AT - 86_400 * 9, AT, LIVE)], known=known)
        self.services, self.news = FakeServices(), NewsReader()
        self.reader, self.known = reader_of(self.past, self.services), {}
        states = {
            "thr_1": ThreadState("thr_1", 2.0, observed=AT, runs={run.raw_id: run for run in self.runs})
        }
        self.snapshot = Snapshot(AT, states, listed=True)
        self.news.update(Update(self.snapshot))

    @property
    def reads(self):
        return sum(what[0] == "runs" for what in self.past.asked)

    async def look(self, seconds):
        self.snapshot = replace(self.snapshot, at=AT + seconds)
        self.news.look(self.reader, self.snapshot, (Mark(AT - 200, "release-42"),), self.known)
        await self.services.work()

    def fails(self):
        change = Change(APPEARED, None, self.runs[0], None, self.snapshot.at)
        self.news.update(Update(self.snapshot, (change,)))


async def test_it_reads_after_the_start_and_then_once_a_minute():
    desk = Desk()
    reads = []
    for seconds in (0.0, FIRST - 1, FIRST, FIRST + SOON, FIRST + AGAIN - 1, FIRST + AGAIN):
        await desk.look(seconds)
        reads.append(desk.reads > 0 and desk.news.news != ())
        desk.news.news = ()
    assert reads == [False, False, True, False, False, True]


async def test_after_a_failure_it_reads_soon_but_only_when_that_is_written():
    desk = Desk()
    await desk.look(FIRST)
    (one,) = desk.news.news
    assert (one.kind, one.runs, one.reason) == ("new", 3, TAX)
    before = desk.reads
    desk.fails()
    await desk.look(FIRST + SOON - 1)
    assert desk.reads == before
    await desk.look(FIRST + SOON)
    after = desk.reads
    assert after > before
    await desk.look(FIRST + 2 * SOON)
    assert desk.reads == after  # nothing failed since
    desk.known = {desk.runs[0].key: TAX}
    await desk.look(FIRST + 2 * SOON)
    assert desk.reads == after
    await desk.look(FIRST + 2 * SOON + WRITTEN)
    assert desk.reads > after


async def test_a_history_that_cannot_be_read_has_no_news():
    desk = Desk()
    await desk.look(FIRST)
    assert desk.news.news
    desk.past.broken = "the file is broken"
    await desk.look(FIRST + AGAIN)
    assert desk.news.news == ()
    nothing = NewsReader()
    nothing.update(Update(desk.snapshot))
    nothing.look(reader_of(), desk.snapshot, (), {})
    assert nothing.news == ()
