"""Verdicts joined by and, or and not, and in how many ways a gate can be wrong."""

from __future__ import annotations

import pytest

from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, parse_gate
from flowtui.model.gate.logic import all_of, any_of, decide, negate, ways

AND = {
    (PASS, PASS): PASS,
    (PASS, FAIL): FAIL,
    (PASS, INCONCLUSIVE): INCONCLUSIVE,
    (FAIL, FAIL): FAIL,
    (FAIL, INCONCLUSIVE): FAIL,
    (INCONCLUSIVE, INCONCLUSIVE): INCONCLUSIVE,
}
OR = {
    (PASS, PASS): PASS,
    (PASS, FAIL): PASS,
    (PASS, INCONCLUSIVE): PASS,
    (FAIL, FAIL): FAIL,
    (FAIL, INCONCLUSIVE): INCONCLUSIVE,
    (INCONCLUSIVE, INCONCLUSIVE): INCONCLUSIVE,
}


@pytest.mark.parametrize("two", AND)
def test_one_fail_makes_an_and_fail(two):
    assert all_of(two) == all_of(reversed(two)) == AND[two]


@pytest.mark.parametrize("two", OR)
def test_one_pass_makes_an_or_pass(two):
    assert any_of(two) == any_of(reversed(two)) == OR[two]


def test_not_reverses_pass_and_fail():
    assert [negate(one) for one in (PASS, FAIL, INCONCLUSIVE)] == [FAIL, PASS, INCONCLUSIVE]


def test_a_gate_is_decided_if_inconclusive_parts_cannot_change_it():
    gate = parse_gate("failure_rate < 1% and not (cancel_rate < 1% or p50(wait) < 5s)")
    known = {"failure_rate < 1%": INCONCLUSIVE, "cancel_rate < 1%": PASS, "p50(wait) < 5s": INCONCLUSIVE}
    assert decide(gate.node, known.__getitem__) == FAIL


@pytest.mark.parametrize(
    ("text", "fail", "passing"),
    [
        ("A", 1, 1),
        ("A and B and C", 3, 1),
        ("A or B or C", 1, 3),
        ("A and (B or C)", 2, 2),
        ("not (A and B)", 1, 2),
        ("not (A or B)", 2, 1),
    ],
)
def test_ways_to_be_wrong_add_up_only_if_one_error_is_enough(text, fail, passing):
    for name, written in (("A", "failure_rate < 1%"), ("B", "cancel_rate < 1%"), ("C", "p50(wait) < 5s")):
        text = text.replace(name, written)
    node = parse_gate(text).node
    assert (ways(node, FAIL), ways(node, PASS)) == (fail, passing)
