"""Rules: told once when one is broken and once when that is over, by chance not, and nothing of the time before the start."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from flowtui.config.values.notify_rules import parse_rule
from flowtui.model.columns.context import Context
from flowtui.model.events.notices import RULE, bundle, explained
from flowtui.model.events.rule_limits import told_from
from flowtui.model.events.rules import RuleTracker
from flowtui.model.state.known_runs import apply_runs
from flowtui.model.state.snapshot import Snapshot, Update

BEGAN = 10_000.0
SHARE = "failed share of agent checkout over 10 % in the last 20 runs"
AGENTS = {"agent_1": "checkout", "agent_2": "billing"}


class World:
    """One thread, observed every ten seconds since `BEGAN`, and a tracker of rules."""

    def __init__(self, fresh, a_run, *rules):
        self.state, self._run, self.at, self._numbers = fresh(), a_run, BEGAN, count()
        self.tracker = RuleTracker([parse_rule(rule) for rule in rules], BEGAN)

    @property
    def snapshot(self):
        return Snapshot(self.at, {self.state.key: self.state}, AGENTS, listed=True)

    def run(self, status, *, at=None, agent="agent_1", seconds=5.0):
        at = self.at - 1 if at is None else at
        name = f"run_{next(self._numbers):04}"
        return self._run(
            name, status, created=at - seconds - 1, started=at - seconds, agent_id=agent, **{status: at}
        )

    def observe(self, *rows, later=10.0):
        """Observe runs too; return the texts of the notices."""
        self.at += later
        self.state, changes = apply_runs(self.state, rows, at=self.at, whole=False)
        return self.take(Update(self.snapshot, tuple(changes)))

    def take(self, update):
        context = Context(self.at, update.snapshot.agents, update.snapshot.threads)
        self.notices = self.tracker.take(update, context)
        return [notice.text for notice in self.notices]

    def each(self, letters, **fields):
        """Observe one run after the other: f failed, any other letter completed. Return all texts."""
        status = {"f": "failed"}
        told = []
        for letter in letters:
            self.at += 10
            told += self.observe(self.run(status.get(letter, "completed"), **fields), later=0)
        return told


@pytest.fixture
def world(fresh, a_run):
    def make(*rules):
        made = World(fresh, a_run, *(rules or (SHARE,)))
        made.observe()
        return made

    return make


def test_it_is_told_once_when_it_begins_and_once_when_it_is_over(world):
    seat = world()
    assert seat.each("c" * 20 + "f" * 8) == []
    assert seat.each("f") == ["checkout: 9 of the last 20 runs failed, above 10% (95% interval 26% to 66%)"]
    (begun,) = seat.notices
    assert (begun.kind, begun.title, begun.severity) == (RULE, f"Rule: {SHARE}", "error")
    assert [run.id for run in begun.runs][:2] == ["run_0028", "run_0027"]  # the newest first
    assert begun.unexplained == ()
    assert explained(begun, Context(0.0)) is begun
    assert begun.record()["rule"] == SHARE
    assert seat.each("ffcfcf" + "c" * 15) == []
    assert seat.each("c") == [
        "checkout: over after 3m 40s, 2 of the last 20 runs failed, no longer above 10%"
    ]
    assert seat.notices[0].severity == "information"
    assert seat.notices[0].record()["run_count"] == 0
    both = bundle([begun, *seat.notices, *(begun._replace(said=f"agent {number}") for number in range(4))])
    assert [notice.text for notice in both] == [
        f"{begun.text}; agent 0; agent 1; and 2 more",
        seat.notices[0].text,
    ]
    assert len(both[0].runs) == 5 * len(begun.runs)
    assert seat.each("cfcccfccc") == []


def test_three_of_twenty_are_no_news(world):
    assert world().each(("f" + "c" * 5) * 30) == []


def test_a_few_runs_are_enough_if_all_of_them_fail(world):
    assert [text.partition(",")[0] for text in world().each("f" * 12)] == [
        "checkout: 9 of the last 9 runs failed"
    ]


def test_near_the_limit_it_is_not_told_again_and_again(world):
    seat = world()
    assert len(seat.each("f" * 9)) == 1
    assert seat.each("cccf" * 40) == []


def test_what_the_history_has_is_counted_but_not_told(world):
    seat = world()
    rows = [seat.run("failed", at=BEGAN - 500 + number) for number in range(15)]
    state, _ = apply_runs(seat.state, rows, at=BEGAN - 100, whole=False)
    seat.state = replace(state, restored=BEGAN - 100, observed=BEGAN - 100)
    assert seat.take(Update(seat.snapshot, restored=("thr_1",))) == []
    assert seat.observe(*(seat.run("failed", at=BEGAN - 50 + number) for number in range(5))) == []
    assert seat.tracker.rows(Context(0.0, AGENTS))[0].broken == ["checkout"]
    assert seat.each("c" * 17) == []
    assert [text.partition(",")[0] for text in seat.each("c")] == ["checkout: over"]


def test_what_begins_while_the_threads_are_first_read_is_told_then(fresh, a_run):
    seat = World(fresh, a_run, SHARE)
    unread = replace(seat.snapshot, listed=False)
    assert seat.take(Update(unread)) == []
    seat.at += 100
    old = [seat.run("completed", at=BEGAN - 50 + number) for number in range(11)]
    new = [seat.run("failed", at=BEGAN + 50 + number) for number in range(9)]
    seat.state, changes = apply_runs(seat.state, [*new, *old], at=seat.at, whole=True)
    assert seat.take(Update(replace(seat.snapshot, listed=False), tuple(changes))) == []
    assert len(seat.take(Update(seat.snapshot))) == 1
    # The same, but it had begun before flowtui started.
    other = World(fresh, a_run, SHARE)
    rows = [other.run("failed", at=BEGAN - 50 + number) for number in range(20)]
    assert other.observe(*rows, later=1.0) == []


def test_a_rule_is_about_one_agent_by_name_or_id_each_agent_or_all(world):
    seat = world(
        "failed share of agent CheckOut over 10 % in the last 20 runs",
        "failed share of agent agent_2 over 10 % in the last 20 runs",
        "failed share of each agent over 50 % in the last 20 runs",
        "failed share of all agents over 30 % in the last 40 runs",
    )
    told = seat.each("f" * 10)
    assert len(told) == 1
    assert told[0].startswith("checkout: 9 of the last 9 runs failed, above 10%")
    told = seat.each("f" * 10, agent="agent_2")
    assert [text.partition(" runs")[0] for text in told] == ["billing: 9 of the last 9"]
    told = seat.each("f" * 20, agent="agent_2")
    assert [text.partition(" runs")[0] for text in told] == [
        "all agents: 23 of the last 23",
        "billing: 18 of the last 18",
    ]
    rows = seat.tracker.rows(Context(0.0, AGENTS))
    assert [row.broken for row in rows] == [["checkout"], ["billing"], ["billing"], ["all agents"]]
    worst = [row.worst for row in seat.tracker.rows(Context(0.0, AGENTS), worst=True)]
    assert worst == [
        "checkout 10 of 10, told from 9",
        "billing 20 of 20, told from 9",
        "billing 20 of 20, told from 18",
        "all agents 40 of 40, told from 23",
    ]
    seat.tracker.stop(rows[0].rule)
    assert len(seat.tracker.rows(Context(0.0, AGENTS))) == 3


def test_a_rule_about_an_unknown_agent_says_so(world):
    seat = world("failed share of agent chekout over 10 % in the last 20 runs")
    assert seat.each("f" * 20) == []
    assert [row.worst for row in seat.tracker.rows(Context(0.0, AGENTS), worst=True)] == [
        "no run of it known"
    ]


def test_a_p95_counts_the_runs_that_take_longer(world):
    seat = world("p95 time of agent checkout over 2m in the last 100 runs")
    assert seat.each("c" * 100) == []
    number = told_from(0.05, 100)
    assert seat.each("c" * (number - 1), seconds=121.0) == []
    assert seat.each("c", seconds=121.0) == [
        f"checkout: {number} of the last 100 runs took longer than 2m 00s, above 5% (95% interval 9% to 22%)"
    ]
    assert seat.notices[0].severity == "warning"


def test_a_run_counts_once_with_its_last_status(world):
    seat = world()
    again = [seat.run("failed") for _ in range(8)]
    for _ in range(3):
        assert seat.observe(*again) == []
    completed = [
        run._replace(status="completed", status_class="completed", failed=None, completed=run.failed)
        for run in again
    ]
    assert seat.observe(*completed) == []
    assert seat.each("f" * 8) == []
    assert len(seat.each("f")) == 1
