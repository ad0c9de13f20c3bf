"""What ended before a time range: whole quarters from the sums, the rest from rows; both must give what the rows give."""

from __future__ import annotations

from collections import Counter

import pytest

from flowtui.model.answers.earlier_runs import earlier_runs
from flowtui.model.answers.failures import failures
from flowtui.model.answers.reason_facts import reason_facts
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.past import LIVE
from flowtui.model.reasons.reason import VERSION

from ...remembered_runs import RememberedRuns
from ...store.remembering import BEGIN
from .failing_world import World

WORLDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 50))]


class SummedRuns(RememberedRuns):
    """A history that also gives sums of longer steps, and reasons by time."""

    def sums(self, since, until, step=900.0):  # noqa: ARG002  the caller adds up
        assert (until - since) % 900 == 0
        return super().sums(since, until)

    def explained(self, since, until):
        return {
            row.key: self.why[row.key]
            for row in self.rows
            if row.key in self.why and row.ended is not None and since <= row.ended < until
        }


@pytest.mark.parametrize("seed", WORLDS)
def test_counts_are_those_of_the_rows(seed):
    world = World(seed)
    past = SummedRuns(world.runs, [(BEGIN - 9e6, world.now, LIVE)], reasons=world.reasons)
    found = earlier_runs(past, world.since, world.now, world.marks)
    ended = [row for row in world.runs if row.terminal and row.ended is not None]
    begin = world.since - world.length
    assert (found.since, found.until) == (begin, world.since)
    assert found.ended == sum(begin <= row.ended < world.since for row in ended)
    why = {row.key: world.reasons[row.key] for row in ended if row.key in world.reasons}
    assert found.failed == Counter(
        why[row.key]._replace(version=VERSION)
        for row in ended
        if row.key in why and begin <= row.ended < world.since
    )
    runs = world.count_in(world.since, world.now)
    told = failures(
        runs, world.since, world.now, world.reasons, memory=Memory(world.marks, BEGIN - 9e6, world.seen())
    )
    for one in told.reasons:
        before = reason_facts(one, runs, world.since, marks=world.marks, earlier=found).before
        if one.reason is None:
            assert before is None
            continue
        assert before.until - before.since == pytest.approx(world.length)
        counted = [row for row in world.runs if row.terminal and (row.ended or row.created)]
        if before.mark is None:
            assert (before.until, before.of) == (world.since, found.ended)
            assert before.failed == found.failed.get(one.reason, 0)
        else:
            assert before.mark == one.news.mark
            assert before.until == before.mark.at
            of = [row for row in ended if before.since <= row.ended < before.until]
            undated = [
                row for row in counted if row.ended is None and world.since <= row.created < before.until
            ]
            assert before.of == len(of) + len(undated)
            assert before.failed == sum(why.get(row.key) == one.reason for row in of) == 0


def test_unknown_if_the_history_begins_later():
    assert earlier_runs(SummedRuns([], []), BEGIN, BEGIN + 60) is None
    assert earlier_runs(SummedRuns([], [(BEGIN - 59, BEGIN, LIVE)]), BEGIN, BEGIN + 60) is None
    found = earlier_runs(SummedRuns([], [(BEGIN - 60, BEGIN, LIVE)]), BEGIN, BEGIN + 60)
    assert (found.ended, found.failed) == (0, {})
