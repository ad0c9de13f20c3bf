"""Parsing of gates, and the columns of errors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtui.errors import QueryError
from flowtui.model.gate import parse_gate
from flowtui.model.gate.lexer import LONGEST
from flowtui.model.gate.parser import MOST
from flowtui.model.gate.tree import METRICS, Compare, asks_base
from flowtui.model.language.tree import And, Not, Or

WORDS = [
    *METRICS,
    "base",
    "and",
    "or",
    "not",
    "(",
    ")",
    "+",
    "-",
    "*",
    "/",
    "<=",
    "<",
    ">",
    "2%",
    "1.2",
    "90s",
    "0",
    "x",
    "=",
    "é",
]


def limit(text, base=0.0):
    (only,) = parse_gate(text).comparisons
    return only.limit.at(base)


def test_the_example_has_three_comparisons_joined_by_and():
    gate = parse_gate(
        "failure_rate <= base + 2% and p95(duration) <= base * 1.2 and tokens_per_run <= base * 1.5"
    )
    assert isinstance(gate.node, And)
    assert [found.metric for found in gate.comparisons] == ["failure_rate", "p95(duration)", "tokens_per_run"]
    assert [found.limit.at(0.1) for found in gate.comparisons] == pytest.approx([0.12, 0.12, 0.15])
    assert gate.comparisons[0].text == "failure_rate <= base + 2%"


def test_not_binds_before_and_which_binds_before_or():
    node = parse_gate("failure_rate < 1% or not cancel_rate < 1% and p50(wait) < 5s").node
    assert isinstance(node, Or)
    assert isinstance(node.nodes[0], Compare)
    assert isinstance(node.nodes[1], And)
    assert isinstance(node.nodes[1].nodes[0], Not)


def test_parentheses_group_comparisons_and_numbers():
    node = parse_gate("(failure_rate < 1% or cancel_rate < 1%) and p50(wait) < (base + 1s) * 2").node
    assert isinstance(node, And)
    assert isinstance(node.nodes[0], Or)
    assert limit("p50(wait) < (base + 1s) * 2", 3.0) == 8.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p95(duration) <= 90s", 90.0),
        ("p95(duration) <= 1.5m", 90.0),
        ("p95( Duration )<=2H", 7200.0),
        ("p95(duration) <= 500 ms", 0.5),
        ("p95(duration) <= 90", 90.0),
        ("tokens_per_run <= 20k", 20_000.0),
        ("failure_rate <= 2.5%", 0.025),
        ("p50(wait) <= base * (100% + 20%)", 12.0),
        ("p50(wait) <= 2 * base - 1s", 19.0),
        ("p50(wait) <= base / 4", 2.5),
        ("p50(wait) <= --5s", 5.0),
        ("p50(wait) <= 1 - 2 - 3 + base", 6.0),
    ],
)
def test_numbers_and_arithmetic(text, value):
    assert limit(text, 10.0) == pytest.approx(value)


def test_only_a_limit_with_base_depends_on_it():
    assert [
        asks_base(parse_gate(text).comparisons[0].limit) for text in ("p50(wait) < 5s", "p50(wait) < -base")
    ] == [False, True]


def test_a_limit_that_divides_by_a_base_of_zero_is_unknown():
    assert math.isnan(limit("p50(wait) <= base * (base / base)", 0.0))


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("failure_rat <= 1%", 1, "no metric 'failure_rat'"),
        ("p99(duration) <= 1m", 1, "no metric 'p99(duration)'"),
        ("failure_rate", 13, "<=, <, >= or > was expected"),
        ("failure_rate <=", 16, "a number or base was expected"),
        ("failure_rate <= base + ", 23, "a number or base was expected"),
        ("failure_rate == 1%", 14, "no comparison"),
        ("failure_rate <= 1% cancel_rate <= 1%", 20, "'and', 'or' or the end"),
        ("failure_rate <= 1% and", 23, "a metric was expected"),
        ("0.1 >= failure_rate", 1, "begins with a metric"),
        ("failure_rate + 1% <= base", 14, "was expected"),
        ("failure_rate <= cancel_rate", 17, "made of numbers and base"),
        ("1% < failure_rate < 2%", 1, "begins with a metric"),
        ("failure_rate < 2% < 3%", 19, "two sides"),
        ("(failure_rate <= 1%", 1, "never closed"),
        ("failure_rate <= (1%", 17, "never closed"),
        ("failure_rate <= 1%)", 19, "closes nothing"),
        ("failure_rate <= 5s", 17, "is a share, and this limit is a duration"),
        ("p95(duration) <= 20%", 18, "is a duration, and this limit is a share"),
        ("p95(duration) <= base + 20%", 23, "cannot be computed"),
        ("p95(duration) <= base * base", 23, "is no limit"),
        ("failure_rate <= 5", 17, "above 100%"),
        ("failure_rate <= base + 2", 17, "above 100%"),
        ("p95(duration) <= base + 1 / 0", 27, "cannot be computed"),
        ("p95(duration) <= 5 parsecs", 20, "no unit"),
        ("p95(duration) <= 1.2.3", 21, "end here"),
        ("failure_rate <= 1% ; x", 20, "means nothing"),
    ],
)
def test_an_error_has_its_column_and_what_was_expected(text, column, says):
    with pytest.raises(QueryError) as caught:
        parse_gate(text)
    assert caught.value.column == column
    assert says in str(caught.value)
    assert "^" in caught.value.pointer()


def test_the_size_of_a_gate_is_bounded():
    parse_gate(" and ".join(["failure_rate<1%"] * MOST))
    for text in (
        " and ".join(["failure_rate<1%"] * (MOST + 1)),
        "(" * 200 + "failure_rate < 1%" + ")" * 200,
        "p50(wait) < " + "-" * 200 + "1",
        "not " * 200 + "failure_rate < 1%",
        "failure_rate < 1%" + " " * LONGEST,
    ):
        with pytest.raises(QueryError, match=r"at most|more than"):
            parse_gate(text)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)))
def test_any_text_is_a_gate_or_an_error_with_a_column(text):
    try:
        gate = parse_gate(text)
    except QueryError as error:
        column = error.column
    else:
        column = 1
        assert gate.comparisons
        assert all(isinstance(found.limit.at(0.5), float) for found in gate.comparisons)
    assert 1 <= column <= len(text) + 1
