"""How alike the runs of a thread are: what a sample is worth, and that bunches of failures keep the gate's promise."""

from __future__ import annotations

import random
from itertools import takewhile
from typing import NamedTuple

import pytest

from flowtui.model.gate import FAIL, PASS, Side
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.gate.likeness import BLOCK, GRID, Tally, tally, weights
from flowtui.model.run.row import COMPLETED, FAILED

NONE = frozenset()
NOTHING = Tally()


def threads(number, runs, hits):
    """Return the tally of `number` equal threads."""
    return Tally(((runs, hits, number),))


def average(new, base=NOTHING):
    return sum(likeness * weight for likeness, weight in weights(new, base))


def test_a_tally_counts_equal_threads_together():
    runs = [("a", True), ("b", False), ("a", False), ("c", False), ("d", True), ("d", False)]
    assert tally(runs, NONE).groups == ((1, 0, 2), (2, 1, 2))


def test_a_thread_with_runs_on_both_sides_is_counted_in_blocks_of_its_runs():
    runs = [("long", number < BLOCK) for number in range(2 * BLOCK + 3)] + [("other", False)] * 2 * BLOCK
    assert tally(runs, frozenset({"long"})).groups == (
        (3, 0, 1),
        (BLOCK, 0, 1),
        (BLOCK, BLOCK, 1),
        (2 * BLOCK, 0, 1),
    )


@pytest.mark.parametrize(
    ("groups", "likeness", "worth"),
    [
        (((1, 0, 50),), 0.9, 50),
        (((8, 2, 25),), 0.0, 200),
        (((8, 2, 25),), 1.0, 25),
        (((8, 2, 25),), 0.5, 44.4),
    ],
)
def test_a_sample_is_worth_between_its_threads_and_its_runs(groups, likeness, worth):
    assert Tally(groups).worth(likeness) == pytest.approx(worth, rel=1e-2)


def test_one_long_thread_among_short_ones_makes_a_rate_uncertain():
    assert Tally(((1, 0, 100), (100, 5, 1))).worth(0.75) < 10


def test_if_no_thread_has_a_second_run_each_run_counts():
    assert weights(threads(50, 1, 0), threads(200, 1, 1)) == ((0.0, 1.0),)


def test_threads_that_fail_together_are_alike_and_threads_that_fail_alike_are_not():
    together = Tally(((8, 0, 45), (8, 7, 5)))
    independent = Tally(((8, 0, 25), (8, 1, 18), (8, 2, 7)))
    assert average(together) > 0.6
    assert average(independent) < 0.05


def test_the_other_side_tells_how_alike_runs_are():
    silent = threads(10, 8, 0)
    assert average(silent, Tally(((8, 0, 45), (8, 7, 5)))) > 0.6
    assert average(silent, Tally(((8, 0, 25), (8, 1, 18), (8, 2, 7)))) < 0.05


def test_one_thread_tells_nothing_so_its_runs_count_for_few():
    only = threads(1, 200, 20)
    found = weights(only, Tally())
    assert sum(weight for _, weight in found) == pytest.approx(1.0)
    assert {likeness for likeness, _ in found} <= set(GRID)
    assert 1 / sum(weight / only.worth(likeness) for likeness, weight in found) < 5


class Bunches(NamedTuple):
    """Threads of `size` runs in a row. A thread is ill with the probability `ill`; then `share` of its runs fail."""

    size: int
    ill: float
    share: float


def bunched(chance, start, count, world, one_run):
    runs = []
    for number in range(count):
        if number % world.size == 0:
            bad = chance.random() < world.ill
        status = FAILED if bad and chance.random() < world.share else COMPLETED
        place = start + number * 900.0 / count
        runs.append(one_run(f"{start}_{number}", place, status, thread=f"{start}_{number // world.size}"))
    return runs


def wrong(verdict, text, worlds, one_run, judged):
    """Return of how many of 200 releases the gate gives this verdict, at any of its looks."""
    (before, after), found = worlds, 0
    for seed in range(200):
        chance = random.Random(seed)
        base = Side(bunched(chance, 0.0, 200, before, one_run), 0.0, 1_000.0)
        new = bunched(chance, 1_000.0, 200, after, one_run)
        for count in [*takewhile(lambda size: size < 200, sizes()), 200]:
            side = Side(new[:count], 1_000.0, 2_000.0)
            now = judged(text, base, side, final=count == 200).verdict
            if now in (PASS, FAIL):
                found += now == verdict
                break
    return found


def test_a_bad_thread_at_the_start_does_not_fail_a_release(one_run, judged):
    base = bunched(random.Random(3), 0.0, 200, Bunches(8, 0.06, 0.8), one_run)
    new = [one_run(f"n{number}", 1_000.0 + number, FAILED, thread="ill") for number in range(8)]
    new += [one_run(f"o{number}", 1_010.0 + number, thread=f"well_{number // 8}") for number in range(4)]
    for count in (5, 7, 9, 12):
        found = judged(
            "failure_rate <= base",
            Side(base, 0.0, 1_000.0),
            Side(new[:count], 1_000.0, 2_000.0),
            final=False,
        )
        assert found.verdict != FAIL
        assert found.rows[0].new.threads == (1 if count < 9 else 2)
        assert found.rows[0].new.worth < 3.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [Bunches(3, 0.15, 1 / 3), Bunches(8, 0.15, 1 / 3), Bunches(8, 0.0625, 0.8), Bunches(5, 0.05, 1.0)],
)
def test_bunches_refuse_or_pass_no_more_releases_than_promised(world, one_run, judged):
    worse = world._replace(ill=world.ill * 1.6)
    assert wrong(FAIL, "failure_rate <= base", (world, world), one_run, judged) <= 17  # 5 %, and chance
    assert wrong(PASS, "failure_rate <= base + 2.9%", (world, worse), one_run, judged) <= 17
