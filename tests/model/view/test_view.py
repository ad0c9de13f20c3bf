"""Which runs a view shows, and their order."""

from __future__ import annotations

import random

import pytest

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.view import SORTABLE, View, is_problem, shows

NOW = 1000.0
AGENTS = {"agent_1": "Checkout", "agent_2": "Straße"}


def run_of(a_run, number, status, thread="thr_1", **fields):
    return a_run(f"run_{number}", status, **fields)._replace(thread_key=thread)


@pytest.fixture
def runs(a_run):
    """One run of each kind by the name that the tests use."""
    return {
        "running": run_of(
            a_run,
            1,
            "running",
            created=900.0,
            started=910.0,
            agent_id="agent_1",
            model="meta/llama",
            is_active=True,
        ),
        "queued": run_of(a_run, 2, "queued", created=950.0, agent_id="agent_2", model="qwen"),
        "completed": run_of(
            a_run, 3, "completed", created=800.0, started=801.0, completed=821.0, usage={"total_tokens": 50}
        ),
        "failed": run_of(a_run, 4, "failed", thread="thr_2", created=700.0, started=705.0, failed=709.0),
        "canceled": run_of(a_run, 5, "canceled", thread="thr_2", created=600.0, cancelled=640.0),
        "odd": run_of(a_run, 6, "dreaming", thread="thr_2", created=None, is_active=True),
    }


@pytest.fixture
def snapshot(runs):
    states = {}
    for thread in ("thr_1", "thr_2"):
        mine = {run.raw_id: run for run in runs.values() if run.thread_key == thread}
        states[thread] = ThreadState(thread, interval=2.0, runs=mine, observed=NOW)
    return Snapshot(NOW, states, AGENTS)


@pytest.fixture
def context(snapshot):
    return Context(NOW, AGENTS, snapshot.threads)


@pytest.fixture
def shown(runs, snapshot, context):
    """Return the names of the runs that a view shows, in its order."""
    names = {run.key: name for name, run in runs.items()}
    return lambda **view: [names[run.key] for run in Ranking().arrange(snapshot, View(**view), context)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RUN_3", {"completed"}),
        ("thr_2", {"failed", "canceled", "odd"}),
        ("checkout", {"running"}),
        ("STRASSE", {"queued"}),
        ("meta/llama", {"running"}),
        ("qwen", {"queued"}),
        ("cancelled", {"canceled"}),
        ("canceled", {"canceled"}),
        ("dreaming", {"odd"}),
        ("unknown status", {"odd"}),
        ("thr_2 failed", {"failed"}),
        ("failed thr_1", set()),
        ("  ", {"running", "queued", "completed", "failed", "canceled", "odd"}),
        ("no-such-thing", set()),
    ],
)
def test_every_word_must_be_in_the_row(shown, text, found):
    assert set(shown(text=text)) == found


def test_a_note_can_be_searched(a_run, context):
    bad = a_run("run_9", 7)
    assert bad.unreadable is not None
    assert shows(View(text="unreadable"), context)(bad)
    assert not shows(View(text="readablex"), context)(bad)


def test_thread_and_active_and_problems_restrict_the_view(shown):
    assert set(shown(group=Grouping("thread", "thr_1"))) == {"running", "queued", "completed"}
    assert shown(group=Grouping("thread", "no-such-thread")) == []
    assert set(shown(only="active")) == {"running", "queued"}
    assert set(shown(only="problems")) == {"failed", "odd"}
    assert shown(only="problems", group=Grouping("thread", "thr_2"), text="odd") == []
    assert shown(only="problems", text="run_4") == ["failed"]


def test_failed_unknown_and_unreadable_runs_are_problems_and_queued_ones_are_not(runs, context):
    state = context.threads["thr_1"]
    assert not is_problem(runs["queued"], context)
    assert state.active_run == runs["running"].raw_id
    assert is_problem(runs["failed"], context)
    assert is_problem(runs["odd"], context)
    assert is_problem(runs["completed"]._replace(unreadable="usage is a list"), context)


def test_a_view_knows_whether_it_hides_runs():
    assert not View().narrowed
    assert not View(Grouping("thread", "thr_1"), text="  ").narrowed
    assert View(only="active").narrowed
    assert View(text="x").narrowed


def test_by_age_the_newest_comes_first_and_runs_without_a_time_last(shown):
    order = ["queued", "running", "completed", "failed", "canceled"]
    assert shown() == [*order, "odd"]
    assert shown(descending=True) == [*order[::-1], "odd"]


@pytest.mark.parametrize("name", SORTABLE)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_sorts_both_ways_with_the_unknown_last(snapshot, context, name, descending):
    column = COLUMNS[name]
    values = [
        column.value(run, context)
        for run in Ranking().arrange(snapshot, View(sort=name, descending=descending), context)
    ]
    known = [value for value in values if value is not None]
    keys = [column.rank(value) for value in known] if column.rank else known
    assert keys == sorted(keys, reverse=descending)
    assert values == [*known, *[None] * (len(values) - len(known))]
    assert len(values) == 6


def test_the_order_does_not_depend_on_the_order_of_arrival(runs, snapshot, context):
    dice = random.Random(3)
    for name in SORTABLE:
        view = View(sort=name)
        wanted = [run.key for run in Ranking().arrange(snapshot, view, context)]
        for _ in range(5):
            mixed = list(runs.values())
            dice.shuffle(mixed)
            states = {
                thread: ThreadState(
                    thread, interval=2.0, runs={r.raw_id: r for r in mixed if r.thread_key == thread}
                )
                for thread in dice.sample(["thr_1", "thr_2"], 2)
            }
            assert [
                run.key for run in Ranking().arrange(Snapshot(NOW, states, AGENTS), view, context)
            ] == wanted


def test_every_column_of_the_table_can_be_sorted_by():
    assert set(SORTABLE) <= set(COLUMNS)
