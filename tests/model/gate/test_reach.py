"""How many runs an unchanged release needs to pass a gate, and which gates it can hardly pass."""

from __future__ import annotations

import math
import random

import pytest

from flowtui.model.gate import PASS, ComparisonResult, Estimate, parse_gate
from flowtui.model.gate.reach import POWER, Reach, reach, reach_text, without_margin


def needed(judged, text, base, windows=1.0, min_runs=20, **options):
    """Return the reach of a gate, given the runs of its base."""
    found = judged(text, base, base._replace(since=1_000.0, until=2_000.0), **options)
    return reach(parse_gate(text), found.rows, min_runs, windows)


def spread(seed, count, sigma=0.7):
    chance = random.Random(seed)
    return [chance.lognormvariate(3, sigma) for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("failure_rate <= base + 10%", 60, 130),
        ("failure_rate <= base + 2%", 1_200, 2_300),
        ("not failure_rate > base + 10%", 60, 130),
        ("failure_rate <= base * 3", 250, 500),
        ("failure_rate <= 10%", 120, 300),
        ("failure_rate >= 1%", 50, 300),
        ("p50(duration) <= base * 1.2", 200, 600),
        ("p95(duration) <= base * 2", 50, 130),
        ("tokens_per_run <= base * 1.5", 20, 120),
        ("tokens_per_run >= base * 0.67", 20, 120),
        ("failure_rate <= base + 10% or failure_rate <= base + 2%", 60, 150),
    ],
)
def test_the_number_is_about_what_textbooks_give(side, judged, text, low, high):
    base = side(400, failed=20, took=spread(1, 400), tokens=[round(50 * used) for used in spread(2, 400)])
    assert low <= needed(judged, text, base).needed <= high


def test_a_gate_needs_what_its_hardest_comparison_needs(side, judged):
    base = side(400, failed=20, took=spread(1, 400))
    both = needed(judged, "failure_rate <= base + 10% and p50(duration) <= base * 1.2", base)
    assert both.text == "p50(duration) <= base * 1.2"
    assert both.needed > needed(judged, "p50(duration) <= base * 1.2", base).needed, "both must pass at once"
    assert needed(judged, "failure_rate <= base + 50%", base, min_runs=33).needed == 33


@pytest.mark.parametrize(
    "text",
    ["failure_rate <= base", "failure_rate <= 4%", "p95(duration) < base * 0.9", "tokens_per_run <= 1"],
)
def test_a_limit_at_or_below_the_base_is_out_of_reach(side, judged, text):
    found = needed(judged, text, side(400, failed=20, took=spread(1, 400)))
    assert math.isinf(found.needed)
    assert not found.within
    assert "can hardly pass" in reach_text(found, "--compare 2h", "")


def test_nothing_is_said_before_the_base_tells(side, judged):
    assert needed(judged, "failure_rate <= base + 2%", side(0)) is None
    assert needed(judged, "tokens_per_run <= base * 2", side(5)) is None


def test_bunches_need_more_runs():
    def of(worth):
        row = Estimate(0.05, 0.03, 0.08, 400, 50, worth)
        return reach(
            parse_gate("failure_rate <= base + 10%"), [_row("failure_rate <= base + 10%", row)], 20, 1.0
        )

    bunched, single = of(100.0), of(400.0)
    assert bunched.needed == pytest.approx(4 * single.needed, rel=0.1)
    assert (single.threads, bunched.threads) == (None, bunched.needed / 8)
    assert "runs on 52 threads a side" in reach_text(
        bunched._replace(needed=414.0, threads=51.8, base=9), "--compare 2h", ""
    )


def _row(text, base):
    none = Estimate(None, None, None, 0)
    return ComparisonResult(
        None, text.split()[0], text, base, none, None, None, None, "INCONCLUSIVE", "", 0, None
    )


def test_within_reach_counts_both_sides():
    found = Reach(200.0, "failure_rate <= base + 5%", None, 200, 200.0, asks_base=True)
    assert found.within
    assert reach_text(found, "--compare 2h", "30m") == ""
    few = found._replace(expected=50.0)
    assert not few.within
    assert reach_text(few, "--compare 2h", "30m 00s") == (
        "an unchanged release needs about 200 runs a side to pass failure_rate <= base + 5%; "
        "--compare 2h has 200 runs and --timeout 30m 00s brings about 50"
    )
    assert not found._replace(base=120).within
    assert found._replace(base=120, expected=700.0).within, "more new runs make up for fewer before"
    assert not found._replace(base=90, expected=1e9).within, "but not for any number"
    fixed = few._replace(asks_base=False, agent="billing", needed=2_345.0)
    assert reach_text(fixed, "--compare 2h", "") == (
        "an unchanged release of billing needs about 2,400 runs to pass failure_rate <= base + 5%"
    )
    assert fixed._replace(expected=2_400.0).within


def test_each_agent_needs_its_runs(side, both, judged):
    text = "failure_rate <= base + 10%"
    base = both([side(400, failed=20, agent="a"), side(50, failed=2, agent="b")])
    found = needed(judged, text, base, by_agent=True)
    assert (found.agent, found.base) == ("b", 50)
    assert "of b needs" in reach_text(found, "--compare 2h", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("failure_rate <= base", "such as base + 10%"),
        ("not failure_rate > base", ""),
        ("failure_rate < base - 1% and tokens_per_run <= base * 1.5", "such as base + 10%"),
        ("p95(duration) <= base", "such as base * 1.5"),
        ("tokens_per_run >= base", ""),
    ],
)
def test_a_gate_without_margin_is_told_by_its_text(text, said):
    found = without_margin(parse_gate(text))
    assert "has no margin, so an unchanged release can hardly ever pass" in found
    assert said in found


@pytest.mark.parametrize(
    "text",
    [
        "failure_rate <= base + 1%",
        "failure_rate <= 5%",
        "failure_rate <= base or failure_rate <= 5%",
        "not failure_rate <= base - 1%",
        "runs_per_min >= base * 0.5",
    ],
)
def test_a_gate_with_some_margin_is_not(text):
    assert without_margin(parse_gate(text)) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["failure_rate <= base + 10%", "p50(duration) <= base * 1.3", "tokens_per_run <= base * 1.5"]
)
def test_an_unchanged_release_passes_about_as_often_as_computed(side, judged, text):
    def sample(seed, count, *, new=False):
        chance = random.Random(f"{seed} {count} {new}")
        bad = sum(chance.random() < 0.05 for _ in range(count))
        values = [chance.lognormvariate(3, 0.7) for _ in range(2 * count)]
        tokens = [round(50 * used) for used in values[count:]]
        return side(count, new=new, failed=bad, took=values[:count], tokens=tokens)

    runs = math.ceil(needed(judged, text, sample(0, 3_000)).needed)
    passed = [
        judged(text, sample(seed, runs), sample(seed, runs, new=True)).verdict for seed in range(1, 101)
    ]
    assert POWER - 0.2 <= passed.count(PASS) / 100 <= 0.99
