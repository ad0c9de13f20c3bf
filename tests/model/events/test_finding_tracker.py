"""Findings are kept up to date, and only runs whose findings may have changed are checked."""

from __future__ import annotations

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.events import finding_tracker
from flowtui.model.events.finding_tracker import FindingTracker
from flowtui.model.findings.kinds import CONTRADICTION, ORPHAN_LOCK, OVERDUE, VANISHED
from flowtui.model.findings.rules import Finding, stable_until_changed
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot

NOW = 1_800_000_000.0


def run(name, status="completed", **fields):
    ended = {} if status == "running" else {"completed_at": NOW - 80}
    raw = {"id": name, "status": status, "created_at": NOW - 50, "started_at": NOW - 100, **ended, **fields}
    return parse_run(raw, "thr_1")


class Looks:
    """Observes one thread, and counts how often findings are computed."""

    def __init__(self, monkeypatch):
        self.judged = 0
        self.finding_tracker = FindingTracker()
        self._state = ThreadState("thr_1", interval=2.0)
        real = finding_tracker.findings

        def counted(row, context):
            self.judged += 1
            return real(row, context)

        monkeypatch.setattr(finding_tracker, "findings", counted)

    def take(self, *rows, at=NOW, whole=True):
        self._state, changes = apply_runs(self._state, rows, at=at, whole=whole)
        snapshot = Snapshot(at, threads={"thr_1": self._state})
        return self.finding_tracker.take(changes, snapshot, Context(at, threads=snapshot.threads))

    def names(self, raw_id):
        return self.finding_tracker.names(("thr_1", raw_id))


@pytest.fixture
def looks(monkeypatch):
    return Looks(monkeypatch)


def test_findings_that_cannot_change_are_not_computed_again(looks):
    rows = [run(f"run_{number}") for number in range(50)]
    assert len(looks.take(*rows)) == 50
    assert (looks.judged, looks.names("run_7")) == (50, {CONTRADICTION})
    for step in range(10):
        assert looks.take(*rows, at=NOW + step) == []
    assert (looks.judged, looks.names("run_7")) == (50, {CONTRADICTION})


def test_an_ended_run_is_checked_again_when_it_changes_or_leaves_the_list(looks):
    looks.take(run("run_1"), run("run_2"))
    looks.take(run("run_1", started_at=NOW - 40, completed_at=NOW - 20), at=NOW + 2)
    assert looks.names("run_1") == frozenset()
    assert looks.names("run_2") == {CONTRADICTION, VANISHED}
    looks.take(run("run_1", started_at=NOW - 40, completed_at=NOW - 20), run("run_2"), at=NOW + 4)
    assert looks.names("run_2") == {CONTRADICTION}


def test_an_active_run_is_checked_at_every_update(looks):
    late = run("run_1", "running", created_at=NOW - 120, expires_at=NOW - 1)
    looks.take(late)
    looks.take(late, at=NOW + 60)
    assert looks.judged == 2
    assert looks.finding_tracker.known["thr_1", "run_1"] == (Finding(OVERDUE, "overdue by 1m 01s"),)


@pytest.mark.parametrize(
    ("status", "active", "name", "last"),
    [
        ("completed", False, CONTRADICTION, True),
        ("completed", False, ORPHAN_LOCK, False),  # the lock may be released
        ("completed", True, CONTRADICTION, False),  # the finding says how long it has been active
        ("running", True, OVERDUE, False),
    ],
)
def test_findings_are_stable_if_neither_time_nor_a_lock_can_change_them(status, active, name, last):
    assert stable_until_changed(run("run_1", status, is_active=active), (Finding(name, ""),)) is last
