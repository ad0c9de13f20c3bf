"""Runs that share a row, so that a busy watch stays readable."""

from __future__ import annotations

from flowtui.model.reasons.reason import Reason
from flowtui.watch.events import AWAITED, Event
from flowtui.watch.output.formats.tty.folding import PAUSE, CompletedRuns, fold_failures
from flowtui.watch.reason_numbers import Mention


def at(seconds):
    return Event("run.status", float(seconds))


def test_completed_runs_have_rows_of_their_own_while_few_end():
    folding = CompletedRuns()
    assert [len(folding.take([at(second)])) for second in range(5)] == [1] * 5
    assert folding.take([at(5)]) == [], "from now on one row in ten seconds"
    assert folding.take([at(6), at(7)]) == []
    (row,) = folding.take([at(4 + PAUSE)])
    assert (row.event.at, row.more) == (4 + PAUSE, 3)
    assert folding.flush(99) == []


def test_many_at_once_share_a_row_and_nobody_waits_for_ever():
    folding = CompletedRuns()
    (row,) = folding.take([at(1)] * 40)
    assert row.more == 39
    assert folding.take([at(2)] * 4) == []
    assert not folding.due(30)
    assert folding.due(61)
    assert [each.more for each in folding.flush(61)] == [3]


def failure(number, *, first=False, agent=""):
    mention = Mention(1, Reason("x"), number, first, agent) if number else None
    return Event("run.status", float(number), mention=mention, reason_state="" if number else AWAITED)


def test_failures_that_tell_nothing_new_share_a_row():
    told = [failure(1, first=True), failure(2), failure(3, agent="billing"), *map(failure, (4, 5, 6))]
    rows = [(each.event.at, each.more) for each in fold_failures(told)]
    assert rows == [(1.0, 0), (3.0, 0), (6.0, 3)]
    assert len(fold_failures([failure(number) for number in (2, 3, 4)])) == 3, "few have rows of their own"
    assert [each.more for each in fold_failures([failure(0)] * 9)] == [8]
