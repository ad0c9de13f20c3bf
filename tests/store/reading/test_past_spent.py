"""The sums that SQLite makes of what runs used are those of the rows, and so are the dearest runs."""

from __future__ import annotations

import pytest

from flowtui.model.answers.spend.chosen import dearest
from flowtui.model.answers.spend.spend import GROUPINGS
from flowtui.model.answers.spend.spent import key_reader, sums_of_rows

from ...model.answers.spend.spend_world import DAY, PRICES, World
from ..remembering import Remembering, run, state

STEP = DAY / 240
WEIGHTS = {"large": (2.0, 10.0), "maker/small": (0.5, 0.5)}


def _check(folder, world, *more):
    start = Remembering(folder, now=world.now)
    threads = sorted({row.thread_key for row in world.runs})
    start.record(
        *(
            state(*(row for row in world.runs if row.thread_key == key), at=world.now, key=key)
            for key in threads
        ),
        *more,
    )
    past = start.history.past
    since, until = world.since, world.now - 600
    rows = past.runs(since, until, "counted")
    assert rows
    for by in GROUPINGS:
        releases = world.releases if by == "release" else []
        found = past.spent(since, until, by, STEP, releases)
        assert sorted(found, key=repr) == sorted(sums_of_rows(rows, by, STEP, releases), key=repr)
        read = key_reader(by, releases)
        for key in {read(row) for row in rows}:
            own = [row for row in rows if read(row) == key]
            best = past.dearest(since, until, by, key, most=7, weights=WEIGHTS, releases=releases)
            assert [row.key for row in dearest(best, PRICES, 7)] == [
                row.key for row in dearest(own, PRICES, 7)
            ]
    assert past.dearest(since, until, "agent", "\ud800", most=7, weights={}) == []
    start.history.close()


def test_sums_and_dearest_runs_are_those_of_the_rows(tmp_path):
    huge = [
        run(f"huge-{n}", thread="huge", created=World(3).since + 60, total_tokens=2**63 - 1) for n in range(3)
    ]
    _check(tmp_path, World(3, count=50), state(*huge, key="huge"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 8))
def test_sums_of_random_worlds(tmp_path, seed):
    _check(tmp_path, World(seed, count=150))
