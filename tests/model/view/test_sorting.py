"""Sorting by a column: `asc` and `desc` mean the same in every column, and wrong directions are refused."""

from __future__ import annotations

import pytest

from flowtui.errors import UsageError
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.view.sorting import (
    DIRECTIONS,
    Order,
    direction,
    is_reversed,
    order_of,
    order_words,
    sort_runs,
    split_direction,
)

NOW = 1_000.0
CTX = Context(now=NOW)


def _first(runs, text):
    name, descending = order_of(text)
    return sort_runs(runs, find_column(name), CTX, descending=descending)[0].id


@pytest.mark.parametrize(
    ("column", "small", "large"),
    [
        ("tokens", {"usage": {"total_tokens": 5}}, {"usage": {"total_tokens": 90}}),
        ("wait", {"created": 900, "started": 910}, {"created": 900, "started": 980}),
        ("time", {"started": 900, "completed": 910}, {"started": 900, "completed": 980}),
        ("age", {"created": 100}, {"created": 900}),
        ("created", {"created": 100}, {"created": 900}),
        ("ended", {"completed": 100}, {"completed": 900}),
        ("agent", {"agent_id": "a"}, {"agent_id": "z"}),
        ("model", {"model": "a"}, {"model": "z"}),
    ],
)
def test_desc_means_largest_or_newest_first_in_every_column(a_run, column, small, large):
    runs = [a_run("small", "completed", **small), a_run("large", "completed", **large)]
    for rows in (runs, runs[::-1]):
        assert _first(rows, f"{column}:desc") == "large"
        assert _first(rows, f"{column}:asc") == "small"


def test_statuses_are_larger_the_later_they_come_in_a_runs_life(a_run):
    runs = [a_run("q", "queued"), a_run("f", "failed")]
    assert (_first(runs, "status:asc"), _first(runs, "status:desc")) == ("q", "f")


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_without_a_direction_has_its_natural_order(name):
    assert order_of(name) == order_of(f" {name.upper()} ") == Order(name)
    natural = direction(COLUMNS[name], descending=False)
    assert natural == ("desc" if name == "age" else "asc")
    for said in DIRECTIONS:
        assert order_of(f"{name}:{said}") == Order(name, said != natural)
        assert is_reversed(COLUMNS[name], said) == (said != natural)
        assert direction(COLUMNS[name], descending=said != natural) == said


def test_a_path_may_have_a_direction_and_a_quoted_key_with_a_colon():
    assert order_of("meta_data.env:desc") == Order("meta_data.env", descending=True)
    assert order_of('meta_data["a:desc"]') == Order("meta_data.a:desc")
    assert split_direction("meta_data.a:b") == ("meta_data.a:b", None)


@pytest.mark.parametrize("text", ["tokens:down", "age:", "tokens:desc:asc", "TOKENS : up"])
def test_a_wrong_direction_is_refused_with_the_possible_ones(text):
    with pytest.raises(UsageError) as caught:
        order_of(text, "--sort")
    said = f"{caught.value.message} {caught.value.hint}"
    assert said.startswith("--sort: there is no ")
    assert "direction" in said or "column" in said


@pytest.mark.parametrize(
    ("name", "descending", "words"),
    [
        ("age", False, "newest first"),
        ("created", False, "oldest first"),
        ("tokens", True, "largest first"),
        ("wait", False, "smallest first"),
        ("agent", True, "Z to A"),
        ("status", False, "queued first"),
    ],
)
def test_an_order_is_described_in_words(name, descending, words):
    assert order_words(COLUMNS[name], descending=descending) == words
