"""Texts of a gate: how much independent evidence there is."""

from __future__ import annotations

import pytest

from flowtui.model.gate import Estimate, parse_gate
from flowtui.model.gate.tree import METRICS
from flowtui.model.gate.wording import NAMES, counts_as, decided_reason, evidence, sample_size, two_digits


@pytest.mark.parametrize(
    ("threads", "worth", "said"),
    [
        (9, 40.3, "124 runs on 9 threads count as about 40"),
        (1, 0.2, "124 runs on 1 thread count as about 1"),
        (124, 124.0, ""),
        (30, 123.7, ""),
        (None, None, ""),
    ],
)
def test_evidence_is_told_where_runs_are_worth_less_than_their_number(threads, worth, said):
    found = Estimate(0.1, 0.0, 0.2, 124, threads, worth)
    assert evidence(found) == said
    assert sample_size(found) == (f"n=124, worth {said.split()[-1]}" if said else "n=124")
    assert evidence(found._replace(n=0)) == ""


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        ("failure_rate <= 5%", "FAIL", "failed share of 124 judged runs is 24.2%, surely above 5%"),
        (
            "failure_rate <= base + 2%",
            "FAIL",
            "failed share of 124 judged runs is 24.2%, surely above 7.0% (base + 2%)",
        ),
        ("failure_rate < 50%", "PASS", "failed share of 124 judged runs is 24.2%, surely below 50%"),
        ("failure_rate <= 50%", "PASS", "failed share of 124 judged runs is 24.2%, surely at most 50%"),
        ("failure_rate >= 50%", "FAIL", "failed share of 124 judged runs is 24.2%, surely below 50%"),
        ("failure_rate > 5%", "PASS", "failed share of 124 judged runs is 24.2%, surely above 5%"),
    ],
)
def test_the_reason_of_a_verdict_says_on_which_side_of_the_limit_the_value_is(text, verdict, said):
    leaf = parse_gate(text).comparisons[0]
    assert decided_reason(leaf, verdict, 124, 30 / 124, 0.07) == said


def test_a_few_words_say_how_many_runs_alike_ones_count_as():
    found = Estimate(0.1, 0.0, 0.2, 1_024, 9, 40.3)
    plain = found._replace(worth=1_024.0)
    assert counts_as(found, plain) == "about 40 new and 1,024 of the base"
    assert counts_as(plain, found) == "about 1,024 new and 40 of the base"
    assert counts_as(plain, plain) == ""


def test_each_metric_has_a_name_for_people():
    assert NAMES.keys() == METRICS.keys()


def test_an_estimated_number_of_runs_has_two_digits():
    assert [two_digits(runs) for runs in (1, 42, 99.1, 101, 246, 13_448)] == [1, 42, 100, 110, 250, 14_000]
