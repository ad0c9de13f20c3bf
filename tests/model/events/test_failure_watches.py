"""Watches of reasons and agents, and their notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.events.failure_watches import (
    GAP,
    MOST_WAITING,
    WAIT,
    awaited,
    check_failures,
    watch_agent,
    watch_reason,
)
from flowtui.model.events.notices import AGENT, REASON, bundle, explained
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.state.known_runs import apply_runs
from flowtui.model.state.snapshot import Snapshot

CRM = Reason("crm #", "tool crm")


class World:
    """One thread, first observed at 100, and the watches."""

    def __init__(self, state):
        self.state, self.at, self.watches, self.reasons = state, 100.0, (), {}

    @property
    def snapshot(self):
        return Snapshot(self.at, {self.state.key: self.state}, {"agent_1": "checkout"}, listed=True)

    @property
    def context(self):
        return Context(self.at, self.snapshot.agents, self.snapshot.threads, reasons=self.reasons)

    def look(self, *rows, at):
        """Observe runs too; return the notices."""
        self.at = at
        self.state, changes = apply_runs(self.state, rows, at=at, whole=False)
        return self.judged(changes)

    def judged(self, changes=(), at=None):
        self.at = at or self.at
        found = check_failures(self.watches, changes, self.snapshot, self.context, self.at)
        self.watches = found.watches
        return found.notices

    def explain(self, run_id, reason=CRM):
        self.reasons = {**self.reasons, ("thr_1", run_id): reason}


@pytest.fixture
def world(fresh):
    return World(fresh())


def _failed(a_run, run_id, at, agent="agent_1"):
    return a_run(run_id, "failed", created=at - 10, started=at - 5, failed=at, agent_id=agent)


def test_a_watched_reason_is_told_once_it_is_known(world, a_run):
    world.look(_failed(a_run, "old", 90), at=100)
    world.watches = (watch_reason(CRM, 101),)
    assert world.look(_failed(a_run, "new", 115), _failed(a_run, "other", 116), at=120) == []
    assert [run.id for run in awaited(world.watches).values()] == ["new", "other"]
    world.explain("old")
    world.explain("new")
    world.explain("other", Reason("quota"))
    (notice,) = world.judged(at=123)
    assert (notice.kind, notice.title) == (REASON, "Watched reason: crm #")
    assert notice.text == "new (checkout) failed again after 00:05: crm #"
    assert explained(notice, world.context).text == notice.text
    assert notice.severity == "error"
    assert not awaited(world.watches)
    record = notice.record()
    assert (record["kind"], record["reason"], record["reason_id"]) == ("reason", "crm #", reason_id(CRM))
    assert world.judged(at=124) == []


def test_what_failed_before_the_watch_or_comes_from_the_history_is_not_told(world, a_run):
    world.watches = (watch_reason(CRM, 100), watch_agent("agent_1", "checkout", 100))
    world.explain("old")
    assert world.look(_failed(a_run, "old", 90), at=101) == []
    restored = replace(world.state, observed=90.0, restored=90.0)
    world.state, world.watches = restored, tuple(replace(w, waiting=(), untold=()) for w in world.watches)
    world.explain("gap")
    assert world.look(_failed(a_run, "gap", 95), at=103) == []
    world.explain("live")
    assert [n.kind for n in world.look(_failed(a_run, "live", 112), at=120)] == [REASON, AGENT]


def test_a_flood_is_told_at_first_and_then_once_a_minute(world, a_run):
    world.look(at=100)
    world.watches = (watch_reason(CRM, 101),)
    told = []
    for number in range(70):
        world.explain(f"run_{number}")
        told += world.look(_failed(a_run, f"run_{number}", 120 + number), at=120 + number)
    told += world.judged(at=120 + 2 * GAP)
    assert [len(notice.runs) for notice in told] == [1, 60, 9]
    assert told[1].text == "60 runs failed again, crm #: run_1, run_2, run_3, …"


def test_a_reason_that_stays_unknown_is_not_waited_for_for_ever(world, a_run):
    world.look(at=100)
    world.watches = (watch_reason(CRM, 101),)
    world.look(*(_failed(a_run, f"run_{n}", 115) for n in range(MOST_WAITING + 3)), at=120)
    assert len(awaited(world.watches)) == MOST_WAITING
    world.judged(at=120 + WAIT)
    assert not awaited(world.watches)


def test_a_watched_agent_is_told_of_its_own_failures_only(world, a_run):
    world.look(at=100)
    world.watches = (watch_agent("agent_1", "checkout", 101),)
    done = a_run("done", "completed", created=110, started=111, completed=112, agent_id="agent_1")
    told = world.look(_failed(a_run, "a", 115), _failed(a_run, "b", 116, "agent_2"), done, at=120)
    assert [(n.kind, n.title, n.text) for n in told] == [
        (AGENT, "Watched agent: checkout", "a (checkout) failed after 00:05")
    ]
    assert told[0].unexplained == told[0].runs
    world.explain("a")
    known = explained(told[0], world.context)
    assert (known.text, known.reason) == ("a (checkout) failed after 00:05: crm #", CRM)
    several = explained(told[0]._replace(runs=(*told[0].runs, done), sentences=("a", "done")), world.context)
    assert several.reason is None
    both = bundle([told[0], told[0]._replace(about="billing")])
    assert len(both) == 2
