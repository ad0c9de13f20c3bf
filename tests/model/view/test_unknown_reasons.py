"""Of how many failed runs of a view no reason is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.view.groups import Grouping
from flowtui.model.view.unknown_reasons import UnknownReasons, asks_reasons
from flowtui.model.view.view import View

NOW = 1000.0


@pytest.fixture
def context(a_run):
    """One thread with four failed runs and a completed one; why run_1 failed is known."""
    statuses = ("failed", "failed", "failed", "failed", "completed")
    runs = [
        a_run(f"run_{number}", status, created=NOW - 50.0, agent_id=f"agent_{number % 2}")
        for number, status in enumerate(statuses, 1)
    ]
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})
    return Context(NOW, threads={"thr_1": state}, reasons={("thr_1", "run_1"): Reason("crm 502")})


@pytest.mark.parametrize(
    ("view", "count"),
    [
        (View(), 3),
        (View(only="problems"), 3),
        (View(only="active"), 0),
        (View(text="status:completed"), 0),
        (View(text="run_2"), 3),  # a word may be in a note that is not known yet
        (View(text="run:run_2"), 1),
        (View(text="reason:crm"), 3),
        (View(text="reason!=crm status:failed run:run_3"), 1),
        (View(text="not has:reason status:failed"), 3),
        (View(text="not reason:crm status:completed"), 0),
        (View(Grouping("agent", "agent_1")), 1),
        (View(Grouping("thread", "thr_1")), 3),
        (View(Grouping("thread", "thr_2")), 0),
    ],
)
def test_failed_runs_that_the_view_shows_or_might_show_count(context, view, count):
    assert UnknownReasons().of(view, context) == count


def test_the_count_follows_reasons_runs_the_filter_and_time(context, a_run):
    unknown, view = UnknownReasons(), View(text="age<1m")
    assert unknown.of(view, context) == 3
    context = replace(context, reasons={**context.reasons, ("thr_1", "run_2"): Reason("quota")})
    assert unknown.of(view, context) == 2
    runs = {**context.threads["thr_1"].runs, "run_5": a_run("run_5", "failed", created=NOW - 50.0)}
    context = replace(context, threads={"thr_1": replace(context.threads["thr_1"], runs=runs)})
    assert unknown.of(view, context) == 3
    assert unknown.of(View(text="run:run_5"), context) == 1
    assert unknown.of(view, context) == 3
    assert unknown.of(view, replace(context, threads={})) == 0
    assert unknown.of(view, replace(context, now=NOW + 31.0)) == 0


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("", False),
        ("crm", False),
        ("status:failed", False),
        ("reason:crm", True),
        ("a or not has:reason", True),
        ("note:crm", False),
        ("reason:/x/", True),
        ("/x/", False),
        ("has:error", False),
    ],
)
def test_a_view_asks_for_reasons_if_its_filter_names_them(text, asks):
    assert asks_reasons(View(text=text)) == asks
