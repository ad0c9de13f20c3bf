"""The runs that count in a time range: each once, in its newest state, whatever comes first."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.statistics import moment_of
from flowtui.model.state.changes import APPEARED, CHANGED, DROPPED, LET_GO, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update

from ...store.remembering import BEGIN, run


def snapshot(*runs, restored=None):
    state = ThreadState("thread-1", 2.0, runs={one.raw_id: one for one in runs}, restored=restored)
    return Snapshot(BEGIN, {"thread-1": state})


def ids(found, *span):
    return [one.raw_id for one in found.between(*span)]


def update(*changes, restored=(), shown=None):
    return Update(shown or Snapshot(BEGIN), tuple(changes), restored=restored)


def change(kind, after):
    return Change(kind, None, after, None, BEGIN)


def test_history_and_memory_together_each_run_once_by_its_end():
    found = EndedRuns(BEGIN + 20)
    found.begin(
        snapshot(run("live", created=BEGIN + 30), run("early"), run("busy", "running", created=BEGIN + 90))
    )
    found.fill([run("live", "failed", created=BEGIN + 30), run("old", created=BEGIN + 10), run("early")])
    assert ids(found) == ["live", "old"]
    assert found.between()[0].status == "completed", "what this start has observed is newer"
    assert ids(found, BEGIN + 21.5, BEGIN + 41.5) == ["old"]
    assert len(found) == 2


def test_updates_add_change_and_remove_runs():
    found, revisions = EndedRuns(BEGIN), []
    found.begin(snapshot(run("a", "running")))
    done = run("a")
    for each in (
        change(CHANGED, done),
        change(LET_GO, done),
        change(APPEARED, run("b", "running")),
        change(DROPPED, done),
    ):
        found.take(update(each))
        revisions.append((found.revision, ids(found)))
    assert [names for _, names in revisions] == [["a"], ["a"], ["a"], []]
    assert [revision for revision, _ in revisions] == [2, 2, 2, 3]
    found.fill([done, run("b")])
    assert ids(found) == [], "runs that this start has observed are not taken from the history again"


def test_restored_runs_may_come_before_and_after_the_history():
    found = EndedRuns(BEGIN)
    found.begin(snapshot(run("a", "failed"), restored=BEGIN))
    found.fill([run("a")])
    assert found.between()[0].status == "completed"
    found.take(update(restored=("thread-1",), shown=snapshot(run("a"), run("c"), restored=BEGIN)))
    assert sorted(ids(found)) == ["a", "c"]


def test_only_runs_of_an_agent_or_only_failed_ones():
    runs = [run("a", "failed"), run("b", "failed", agent_id="agent-2"), run("c")]
    assert [
        (found.begin(snapshot(*runs)), sorted(ids(found)))[1]
        for found in (
            EndedRuns(BEGIN, agent="agent-1"),
            EndedRuns(BEGIN, failed=True),
            EndedRuns(BEGIN, agent="agent-2", failed=True),
        )
    ] == [["a", "c"], ["a", "b"], ["b"]]


@pytest.mark.parametrize("seed", range(4))
def test_as_a_search_of_all_runs(seed):
    random = Random(seed)
    known, found = {}, EndedRuns(BEGIN)
    for _ in range(200):
        one = run(
            f"run-{random.randrange(40)}",
            random.choice(["queued", "running", "completed", "failed", "cancelled", "odd"]),
            created=random.choice([None, BEGIN + random.uniform(-50, 50)]),
        )
        known[one.raw_id] = one
        found.take(update(change(CHANGED, one)))
    since, until = BEGIN + random.uniform(-10, 5), BEGIN + random.uniform(30, 60)
    wanted = [
        one
        for one in known.values()
        if not one.active and (at := moment_of(one)) is not None and max(since, BEGIN) <= at < until
    ]
    assert ids(found, max(since, BEGIN), until) == [
        one.raw_id for one in sorted(wanted, key=lambda one: (moment_of(one), one.key), reverse=True)
    ]
    assert wanted


def test_order_stays_right_while_runs_change_one_by_one():
    random, found = Random(4), EndedRuns(BEGIN)
    found.begin(snapshot())
    known = {}
    for _ in range(200):
        found.between()
        row = run(f"r{random.randrange(30)}", random.choice(("completed", "failed", "running")),
                  created=BEGIN + random.randrange(-5, 20))  # fmt: skip
        kind = random.choice((CHANGED, CHANGED, DROPPED))
        found.take(update(change(kind, row)))
        known.pop(row.raw_id, None)
        if kind == CHANGED and not row.active and moment_of(row) >= BEGIN:
            known[row.raw_id] = row
        wanted = sorted(known.values(), key=lambda one: (moment_of(one), one.key), reverse=True)
        assert found.between() == wanted
        assert +Counter(found.tally) == tally_counted_anew(wanted)


def tally_counted_anew(runs):
    return Counter((one.status_class, one.agent_id, one.model) for one in runs)


def test_the_tally_counts_each_outcome_agent_and_model_and_follows_updates():
    found = EndedRuns(BEGIN)
    found.begin(snapshot(run("a"), run("b", "failed"), run("busy", "running"), run("c", agent_id="agent-2")))
    own = found.between()
    assert +Counter(found.tally) == tally_counted_anew(own)
    assert sorted(found.tally.values()) == [1, 1, 1]
    found.take(update(change(CHANGED, run("a", "failed")), change(DROPPED, run("c", agent_id="agent-2"))))
    assert [(key[:2], number) for key, number in (+Counter(found.tally)).items()] == [
        (("failed", "agent-1"), 2)
    ]
    assert sum(found.tally.values()) == len(found)
