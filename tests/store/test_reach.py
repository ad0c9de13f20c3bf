"""How far threads are remembered, and bounded reads of runs, through a real file in memory."""

from __future__ import annotations

import json
import math

import pytest

from flowtui.model.history.past import Reach
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_in_memory

NOW = 1_800_000_000.0


def _state(key, *created, whole=True):
    raws = [
        {"id": f"{key}-{place}", "created_at": at, "status": "completed", "completed_at": NOW - 5}
        for place, at in enumerate(created)
    ]
    rows = parse_runs(json.dumps(raws).encode(), key).rows
    return apply_runs(ThreadState(key, 2.0), rows, at=NOW - 9, whole=whole)[0]


@pytest.fixture
def past():
    history = open_in_memory(lambda: NOW)
    states = [
        _state("whole", NOW - 50, NOW - 60),
        _state("part", NOW - 10, NOW - 20, NOW - 30, None, whole=False),
        _state("one", NOW - 40, whole=False),
        ThreadState("unread", 2.0),
    ]
    history.recorder.record(Update(Snapshot(NOW, {state.key: state for state in states}, listed=True)))
    history.recorder.flush()
    yield history.past
    history.close()


def test_the_reach_of_a_thread_is_its_second_oldest_run_unless_it_is_whole(past):
    found = past.reach()
    assert found == {
        "whole": Reach(NOW - 9, True, math.inf),
        "part": Reach(NOW - 9, False, NOW - 20),
        "one": Reach(NOW - 9, False, math.inf),
    }
    assert past.reach(["one", "unknown"]) == {"one": found["one"]}


def test_a_thread_that_was_read_whole_stays_so_although_memory_then_has_only_its_newest_runs():
    history = open_in_memory(lambda: NOW)
    for state in (_state("whole", NOW - 50, NOW - 60), _state("whole", NOW - 50, whole=False)):
        history.recorder.record(Update(Snapshot(NOW, {"whole": state}, listed=True)))
        history.recorder.flush()
    assert history.past.reach() == {"whole": Reach(NOW - 9, True, math.inf)}
    history.close()


@pytest.mark.parametrize("by", ["created", "ended"])
def test_a_bounded_read_returns_the_last_runs(past, by):
    every = past.runs(0.0, NOW, by)
    assert len(every) == 6 + (by == "ended")
    assert past.runs(0.0, NOW, by, most=2) == every[:2]
