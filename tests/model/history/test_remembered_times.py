"""Usual times of the last days, as the history remembers them."""

from __future__ import annotations

from flowtui.model.history.past import LIVE, Watched
from flowtui.model.history.remembered_times import DAYS, MOST_OF_A_DAY, remembered_times
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, DurationStats

from ...past import ListPast

DAY = 86_400.0
NOW = 100 * DAY


def test_usual_times_rest_on_the_last_seven_days_a_bounded_number_of_runs_each(a_run):
    rows = [
        a_run(
            f"run_{day}_{n}", "completed", agent_id="a", created=at, started=at + 1, completed=at + 11 + day
        )
        for day in range(9)
        for n in range(3)
        for at in [NOW - day * DAY - 60 - n]
    ]
    past = ListPast(rows, [Watched(NOW - 40 * DAY, NOW, LIVE)])
    found = remembered_times(past, NOW, 4)
    assert found.durations == {"a": DurationStats(13.0, 16.0, 21, "in the 7 days remembered")}
    assert found.waits["a"] == DurationStats(1.0, 1.0, 21, "in the 7 days remembered")
    assert found.revision == 4
    reads = [asked for asked in past.asked if asked[0] == "runs"]
    assert len(reads) == DAYS
    assert {most for *_, most in reads} == {MOST_OF_A_DAY}


def test_a_young_history_says_how_young_it_is_and_an_empty_one_says_nothing(a_run):
    rows = [
        a_run(f"r{n}", "completed", agent_id="a", started=NOW - 60, completed=NOW, created=NOW - 60)
        for n in range(3)
    ]
    young = ListPast(rows, [Watched(NOW - 5 * 3600, NOW, LIVE)])
    assert remembered_times(young, NOW, 1).durations["a"].basis == "in the 5 hours remembered"
    assert remembered_times(ListPast(rows), NOW, 1) == NO_USUAL_TIMES
