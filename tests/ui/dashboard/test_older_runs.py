"""How many runs of the history the table would show."""

from __future__ import annotations

import json
from datetime import UTC

from flowtui.model.columns.context import Context
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View
from flowtui.ui.dashboard import older_runs
from flowtui.ui.dashboard.older_runs import AGAIN, NONE_OLDER, OlderRunsCounter, command

from ...past import ListPast, reader_of
from ..services import FakeServices

NOW = 1_800_000_000.0
HOUR = 3600.0


def _rows(thread, *hours, status="failed"):
    raws = [{"id": f"{thread}{hour}", "created_at": NOW - hour * HOUR, "status": status} for hour in hours]
    return list(parse_runs(json.dumps(raws).encode(), thread).rows)


class Seat:
    """A counter over a thread of which the last three hours are in memory, and five days in the history."""

    def __init__(self):
        remembered = [*_rows("a", 1, 2, 3, 5, 30, 100), *_rows("a", 6, status="completed"), *_rows("gone", 7)]
        self.past = ListPast(remembered, [Watched(NOW - 120 * HOUR, NOW, LIVE)])
        self.services, self.counter = FakeServices(), OlderRunsCounter()
        self.reader = reader_of(self.past, self.services)
        state, _ = apply_runs(ThreadState("a", 2.0), _rows("a", 1, 2, 3), at=NOW, whole=False)
        self.snapshot = Snapshot(NOW, {"a": state}, listed=True)

    async def count(self, text="", at=0.0, **view):
        self.counter.look(self.reader, self.snapshot, View(text=text, **view), Context(NOW + at, zone=UTC))
        await self.services.work()
        return self.counter.found

    @property
    def reads(self):
        return [asked[:3] for asked in self.past.asked if asked[0] == "runs"]


async def test_older_runs_that_match_are_counted_back_to_the_limit_of_the_filter():
    seat = Seat()
    assert await seat.count() is NONE_OLDER  # nothing is hidden
    found = await seat.count("status:failed age<2d")
    assert (found.runs, found.whole, found.words) == (2, True, " · 2 older in the history")
    assert seat.reads[0][1] == NOW - 48 * HOUR
    assert command(seat.counter.view, found, NOW) == "flowtui runs --since 2d --filter 'status:failed age<2d'"
    assert (await seat.count("status:failed")).runs == 3
    assert (await seat.count("status:failed age<1h")).words == ""
    assert (await seat.count(sort="age", descending=True)).runs == 4
    found = await seat.count(group=Grouping("thread", "a"))
    assert (found.runs, command(seat.counter.view, found, NOW)) == (4, "flowtui runs a --since 5d")


async def test_a_bounded_number_is_read_and_rarely(monkeypatch):
    monkeypatch.setattr(older_runs, "MOST", 3)
    seat = Seat()
    found = await seat.count("status:failed")
    assert (found.runs, found.words) == (1, " · at least 1 older in the history")
    await seat.count("status:failed", at=AGAIN - 1)
    assert len(seat.reads) == 1
    await seat.count("status:failed", at=AGAIN)
    assert len(seat.reads) == 2
    seat.past.broken = "the file is broken"
    assert await seat.count("status:completed") is NONE_OLDER
