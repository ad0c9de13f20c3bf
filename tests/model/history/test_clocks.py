"""How far the server's clock is from the one of the machine that watched, by the ends of runs that were seen."""

from __future__ import annotations

import pytest

from flowtui.model.history.clocks import server_ahead
from flowtui.model.history.past import PastMove
from flowtui.model.state.changes import StatusChange

NOW = 1_794_000_000.0


@pytest.fixture
def moves(a_run):
    """Return the ends of some runs, seen by a clock that the server's is `ahead` of, within 10 s; the latest first."""

    def make(ahead, *, count=8, begin=NOW, late=0.0):
        found = []
        for number in range(count):
            ended = begin + 60.0 * number
            local = ended - ahead + late
            run = a_run(f"run-{number}", "completed", completed=ended)
            change = StatusChange("running", "completed", local - number % 10, local + 10 - number % 10)
            found.insert(0, PastMove(run, change))
        return found

    return make


@pytest.mark.parametrize("ahead", [7_200.0, -7_200.0, 86_400.0, -400.0])
def test_clocks_far_apart_are_known_within_seconds(moves, ahead):
    assert server_ahead(moves(ahead)) == pytest.approx(ahead, abs=10)


@pytest.mark.parametrize("late", [0.0, 120.0, 280.0])
def test_ends_that_the_server_shows_late_say_nothing_of_clocks(moves, late):
    assert server_ahead(moves(0.0, late=late)) == server_ahead(moves(30.0, late=late)) == 0.0


def test_a_few_ends_prove_nothing(moves):
    assert server_ahead(moves(7_200.0, count=4)) == server_ahead([]) == 0.0


def test_after_a_clock_was_set_the_moves_since_then_count(moves):
    later = NOW + 3_600.0
    assert server_ahead([*moves(0.0, begin=later), *moves(7_200.0)]) == 0.0
    assert server_ahead([*moves(7_200.0, begin=later), *moves(0.0)]) == pytest.approx(7_200.0, abs=10)


def test_other_changes_and_wrong_dates_are_left_out(moves, a_run):
    begun = PastMove(a_run("run", "running"), StatusChange("queued", "running", NOW, NOW + 2))
    first = PastMove(a_run("run", "completed", completed=NOW), StatusChange("", "completed", None, NOW))
    assert server_ahead([begun, first, *moves(7_200.0)]) == pytest.approx(7_200.0, abs=10)
    wrong = PastMove(
        a_run("x", "completed", completed=9e9), StatusChange("running", "completed", NOW, NOW + 2)
    )
    assert server_ahead([wrong, *moves(0.0)]) == 0.0
