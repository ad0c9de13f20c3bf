"""TOKENS, PROMPT and COMPLETION of runs that report usage, and of those of which only spans have counts."""

from __future__ import annotations

import pytest

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.query.query import parse
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.view.sorting import sort_runs

FACTS = SpanFacts("", (), 900, 100)


@pytest.fixture
def context() -> Context:
    return Context(now=0.0, threads={"thr_1": ThreadState("thr_1", 2.0, span_facts={"live": FACTS})})


@pytest.mark.parametrize(("name", "text"), [("tokens", "1,000+"), ("prompt", "900+"), ("completion", "100+")])
def test_counts_of_spans_are_shown_as_lower_bounds_and_are_no_values(context, a_run, name, text):
    column = COLUMNS[name]
    assert column.text(a_run("live"), context) == text
    assert column.value(a_run("live"), context) is None, "a program that adds up values must not count them"
    assert column.text(a_run("other"), context) == "—"
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    assert column.text(a_run("live", "completed", usage=usage), context) in {"1", "2", "3"}


def test_the_order_and_the_filter_use_what_the_table_shows(context, a_run):
    big = a_run("big", "completed", usage={"total_tokens": 5_000})
    small = a_run("small", "completed", usage={"total_tokens": 5})
    runs = [small, a_run("live"), big, a_run("unknown")]
    ordered = sort_runs(runs, COLUMNS["tokens"], context, descending=True)
    assert [run.raw_id for run in ordered] == ["big", "live", "small", "unknown"]
    matches = parse("tokens>500").matcher(context)
    assert [run.raw_id for run in runs if matches(run)] == ["live", "big"]
