"""What is known of the last hours once the history was read, also if it has too many runs."""

from __future__ import annotations

from flowtui.model.history.past import LIVE, Watched
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.dashboard import recent_reader
from flowtui.ui.dashboard.recent_reader import SPAN, RecentReader

from ...past import ListPast, reader_of
from ..services import FakeServices

AT = 1_800_000_000.0


def ended(number, minutes):
    at = AT - 60 * minutes
    raw = {
        "id": f"run_{number}",
        "status": "completed",
        "agent_id": "a",
        "created_at": at - 5,
        "started_at": at,
    }
    return parse_run({**raw, "completed_at": at}, "thr_1")


async def found(runs, most, monkeypatch):
    """Return what is known if the only thread in memory has one run of a minute ago."""
    monkeypatch.setattr(recent_reader, "MOST", most)
    past = ListPast(runs, [Watched(AT - 2 * SPAN, AT, LIVE)])
    services = FakeServices()
    recent, reader = RecentReader(None), reader_of(past, services)
    newest = ended("new", 1)
    states = {"thr_1": ThreadState("thr_1", 2.0, runs={newest.raw_id: newest}, observed=AT)}
    snapshot = Snapshot(AT, states)
    recent.update(reader, Update(snapshot))
    await services.work()
    return recent.recent(recent.axis(snapshot, AT, 24))


async def test_sums_are_minimums_if_the_history_has_more_runs_than_are_read(monkeypatch):
    runs = [ended(number, 10 * number + 10) for number in range(6)]
    whole = await found(runs, 100, monkeypatch)
    assert (whole.whole.totals.runs, whole.least) == (7, False)
    assert whole.known_since == AT - 2 * SPAN
    cut = await found(runs, 3, monkeypatch)
    assert (cut.whole.totals.runs, cut.least) == (4, True)
    assert cut.known_since == AT - 30 * 60, "the earliest of those that were read"
