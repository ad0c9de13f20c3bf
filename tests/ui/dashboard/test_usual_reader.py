"""When usual times are read from the history."""

from __future__ import annotations

from flowtui.model.history.past import LIVE, Watched
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.dashboard.usual_reader import AGAIN, FIRST, UsualReader

from ...past import ListPast, reader_of
from ..services import FakeServices

AT = 1_800_000_000.0


def _ended(run_id):
    raw = {"id": run_id, "status": "completed", "agent_id": "a", "created_at": AT - 60, "started_at": AT - 60}
    return parse_run({**raw, "completed_at": AT - 20}, "thr_1")


async def test_usual_times_are_read_once_after_the_start_and_rarely_later():
    past = ListPast([_ended(f"run_{n}") for n in range(12)], [Watched(AT - 86_400 * 9, AT, LIVE)])
    services = FakeServices()
    usual, reader = UsualReader(), reader_of(past, services)
    revisions = []
    for at in (0.0, FIRST - 1, FIRST, FIRST + 60, FIRST + AGAIN - 1, FIRST + AGAIN):
        usual.update(reader, Snapshot(AT + at))
        await services.work()
        revisions.append(usual.times.revision)
    assert revisions == [0, 0, 1, 1, 1, 2]
    assert usual.times.durations["a"][:3] == (40.0, 40.0, 12)
    past.broken = "the file is broken"
    usual.update(reader, Snapshot(AT + FIRST + 2 * AGAIN))
    await services.work()
    assert usual.times.revision == 2  # the last times stay
