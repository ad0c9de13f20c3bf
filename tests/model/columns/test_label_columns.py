"""Columns of group and labels: names, cells, order, CSV, and what `--redact` leaves of them."""

from __future__ import annotations

import pytest

from flowtui.errors import UsageError
from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import (
    MAX_PATHS,
    column_name,
    column_names,
    find_column,
    is_own,
    is_path,
    path_names,
)
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import csv_lines
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.view.sorting import order_of, sort_runs

NAMES = ("run", "group", "labels", "label.release")
FACTS = {
    "run_1": SpanFacts("nightly", (("env", "prod"), ("release", "9"))),
    "run_2": SpanFacts(labels=(("release", "10"),)),
    "run_3": SpanFacts(),
}


@pytest.fixture
def runs(a_run):
    return [a_run(f"run_{number}", "completed") for number in (1, 2, 3, 4)]


def context(runs, *, redact=False):
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs}, span_facts=FACTS)
    return Context(0.0, threads={"thr_1": state}, redact=redact)


def cells(runs, name, **options):
    return [find_column(name).text(run, context(runs, **options)) for run in runs]


def test_a_cell_has_the_value_or_says_that_it_is_unknown_or_none(runs):
    assert cells(runs, "group") == ["nightly", "(none)", "(none)", "—"]
    assert cells(runs, "labels") == ["env=prod release=9", "release=10", "(none)", "—"]
    assert cells(runs, "label.release") == ["9", "10", "(none)", "—"]


def test_redacted_cells_show_names_but_no_values(runs):
    assert cells(runs, "group", redact=True) == [REDACTED, "(none)", "(none)", "—"]
    assert cells(runs, "labels", redact=True)[0] == f"env={REDACTED} release={REDACTED}"
    assert cells(runs, "label.release", redact=True) == [REDACTED, REDACTED, "(none)", "—"]
    assert find_column("label.release").value(runs[0], context(runs, redact=True)) == REDACTED


def test_numbers_are_sorted_by_size_and_runs_without_the_label_come_last(runs):
    for down, first in ((False, ["run_1", "run_2"]), (True, ["run_2", "run_1"])):
        ordered = sort_runs(runs, find_column("label.release"), context(runs), descending=down)
        assert [run.id for run in ordered] == [*first, "run_3", "run_4"]
    assert order_of("Label.release:desc").name == "label.release"


def test_csv_leaves_unknown_values_empty_and_names_missing_ones(runs):
    lines = list(csv_lines(run_columns(NAMES, context(runs)), runs))
    assert [line.strip() for line in lines] == [
        "run,group,labels,label.release",
        "run_1,nightly,env=prod release=9,9",
        "run_2,(none),release=10,10",
        "run_3,(none),(none),(none)",
        "run_4,,,",
    ]


def test_a_label_column_is_an_own_column_but_no_path():
    assert column_name(" LABEL.Env ") == "label.Env"
    assert column_names('label.env,label["a,b"],label["x"]') == ("label.env", 'label["a,b"]', "label.x")
    assert is_own("label.env")
    assert not is_path("label.env")
    assert path_names(("run", "label.env", "tools[0].name")) == ("tools[0].name",)
    for wrong in (f"label.{'x' * 65}", 'label["', "label."):
        with pytest.raises(UsageError):
            column_name(wrong)
    with pytest.raises(UsageError):
        column_names(",".join(f"label.k{number}" for number in range(MAX_PATHS + 1)), "--columns")


def test_the_user_adds_and_removes_a_label_column():
    choice = choose(None).added("label.env")
    assert choice.names.index("label.env") == choice.names.index("note") - 1
    assert choice.paths == ()
    assert choice.removed("label.env") == choose(None)
    assert choose(["run", "label.env"]).names == ("status", "run", "label.env")


@pytest.mark.parametrize(
    ("name", "title"), [("label.env", "ENV"), ("label.status", "LABEL.STATUS"), ('label["a b"]', "A B")]
)
def test_the_title_is_the_label_unless_a_column_is_called_so(name, title):
    assert find_column(name).title == title
