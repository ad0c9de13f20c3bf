"""Updates of the poller that are not about runs."""

from __future__ import annotations

from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.options import Options

NOW = 1_800_000_000.0


def test_each_incident_makes_one_event():
    reducer, kept = UpdateReducer(Options(), NOW), 20
    told = []
    for count in range(50):
        incidents = ("poller restarted: it was stopped",) * min(count, kept)
        snapshot = Snapshot(NOW + count, incidents=incidents, incident_count=count)
        told += reducer.take(snapshot, (), float(count)) + reducer.take(snapshot, (), float(count))
    assert [event.fields["kind"] for event in told] == ["internal"] * 49
