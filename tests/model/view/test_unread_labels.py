"""How many runs a view leaves out only because their labels were not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState, apply_span_facts
from flowtui.model.view.groups import Grouping
from flowtui.model.view.unread_labels import UnreadLabels
from flowtui.model.view.view import View

NOW = 1000.0


@pytest.fixture
def context(a_run):
    """One thread with two failed and two completed runs; a span named the first one."""
    runs = [
        a_run(f"run_{number}", status, created=NOW - 50.0, agent_id=f"agent_{number % 2}")
        for number, status in enumerate(("failed", "failed", "completed", "completed"), 1)
    ]
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})
    state = apply_span_facts(state, {"run_1": SpanFacts("a")})
    return Context(NOW, threads={"thr_1": state})


@pytest.mark.parametrize(
    ("view", "count"),
    [
        (View(text=""), 0),
        (View(text="status:failed"), 0),
        (View(text="group:a"), 3),
        (View(text="group:a status:failed"), 1),
        (View(text="not group:a"), 0),
        (View(text="group:a", only="problems"), 1),
        (View(Grouping("thread", "thr_2"), text="group:a"), 0),
        (View(Grouping("agent", "agent_1"), text="group:a"), 1),
    ],
)
def test_only_runs_that_labels_could_bring_into_the_view_count(context, view, count):
    assert UnreadLabels().of(view, context) == count


def test_the_count_follows_spans_the_filter_and_time(context):
    unread, view = UnreadLabels(), View(text="group:a age<1m")
    assert unread.of(view, context) == 3
    state = apply_span_facts(context.threads["thr_1"], {"run_2": SpanFacts("b")})
    context = replace(context, threads={"thr_1": state})
    assert unread.of(view, context) == 2
    assert unread.of(replace(view, text="group:a status:failed"), context) == 0
    assert unread.of(view, context) == 2
    assert unread.of(view, replace(context, now=NOW + 31.0)) == 0
