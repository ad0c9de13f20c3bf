"""Threads on the time axis: the content of each cell, overlaps, and missing times."""

from __future__ import annotations

import math
import random

import pytest

from flowtui.model.timeline.lanes import (
    CLASH,
    CROWD,
    EMPTY,
    END,
    FRONT,
    JOIN,
    LINE,
    UNSURE,
    group_runs,
    lane,
    segment_of,
    thread_history,
)
from flowtui.model.timeline.time_window import TimeWindow

WINDOW = TimeWindow(1000.0, 10.0, 20)  # 1000 to 1200
NOW = 1195.0
SIGNS = {EMPTY: " ", LINE: "-", UNSURE: ".", JOIN: "j", END: "x", FRONT: ">", CLASH: "!", CROWD: "#"}


def drawn(runs, *, window=WINDOW, now=NOW, seen=math.inf):
    """Return the upper and the lower row of a lane, one sign for each cell."""
    made = lane(thread_history(runs), window, now, seen)
    upper, lower = ("".join(SIGNS[cell.kind] for cell in row).rstrip() for row in (made.upper, made.lower))
    return upper, lower


@pytest.fixture
def completed(a_run):
    def make(name, created, started, ended):
        return a_run(name, "completed", created=created, started=started, completed=ended)

    return make


def test_a_run_waits_in_the_lower_row_and_runs_in_the_upper_one(completed):
    assert drawn([completed("a", 1010.0, 1040.0, 1085.0)]) == ("    ----x", " ---j")


def test_a_wait_of_less_than_a_cell_cannot_be_drawn(completed):
    assert drawn([completed("a", 1041.0, 1049.0, 1085.0)]) == ("    ----x", "")


def test_a_run_that_goes_on_ends_in_a_front_at_now(a_run):
    runs = [a_run("a", "running", created=1150.0, started=1160.0), a_run("b", "queued", created=1170.0)]
    assert drawn(runs) == (" " * 16 + "--->", " " * 15 + "-j-->")


def test_runs_that_go_on_are_unsure_after_the_last_observation(a_run):
    runs = [a_run("a", "running", started=1100.0), a_run("b", "queued", created=1110.0)]
    assert drawn(runs, seen=1155.0) == (" " * 10 + "----->....", " " * 11 + "---->....")
    assert drawn(runs, seen=-math.inf)[0] == " " * 10 + ">........."


def test_a_run_cancelled_while_queued_ends_in_the_lower_row(a_run):
    assert drawn([a_run("a", "cancelled", created=1010.0, cancelled=1050.0)]) == ("", " ----x")


def test_runs_that_reach_beyond_the_window_are_cut(completed):
    assert drawn([completed("a", 900.0, 950.0, 1300.0)]) == ("-" * 20, "")
    assert drawn([completed("a", 900.0, 1020.0, 1300.0)]) == ("  " + "-" * 18, "--j")
    assert drawn([completed("a", 1150.0, 1250.0, 1300.0)]) == ("", " " * 15 + "-----")


def test_the_window_includes_its_start_and_excludes_its_end(completed):
    assert drawn([completed("a", 900.0, 950.0, 1000.0)]) == ("x", "")
    assert drawn([completed("a", 900.0, 950.0, 999.9)]) == ("", "")
    assert drawn([completed("a", 1200.0, 1200.0, 1210.0)]) == ("", "")
    assert drawn([completed("a", 1199.9, 1199.9, 1210.0)]) == (" " * 19 + "-", "")


def test_future_times_are_drawn_where_the_server_puts_them(a_run):
    ahead = a_run("a", "running", created=1150.0, started=1155.0)
    assert drawn([ahead], now=1100.0) == (" " * 15 + ">", "")
    assert drawn([a_run("a", "queued", created=1150.0)], now=1100.0) == ("", " " * 15 + ">")


def test_a_run_without_any_time_is_counted_and_not_drawn(a_run):
    history = thread_history([a_run("a", "queued"), a_run("b", "completed", created=1100.0)])
    assert history.untimed == 1
    assert len(history.segments) == 1
    assert segment_of(a_run("a", "queued")) is None


def test_a_run_without_a_start_time_is_unsure(a_run):
    done = a_run("a", "completed", created=1010.0, completed=1050.0)
    assert drawn([done]) == (" ....x", "")
    assert drawn([a_run("a", "running", created=1150.0)]) == (" " * 15 + "....>", "")


def test_a_run_with_only_an_end_time_takes_one_cell(a_run):
    assert drawn([a_run("a", "failed", failed=1050.0)]) == ("     x", "")


def test_an_ended_run_without_an_end_time_does_not_extend_to_now(a_run):
    assert drawn([a_run("a", "completed", created=1010.0, started=1030.0)]) == ("   x", " --j")


def test_contradicting_times_are_drawn_as_far_as_possible(completed, a_run):
    assert drawn([completed("a", 1100.0, 1050.0, 1080.0)]) == ("     ---x", "")  # started before created
    assert drawn([completed("a", 1010.0, 1090.0, 1050.0)]) == (" ....x", "")  # ended before it started
    assert drawn([completed("a", 1100.0, 1110.0, 1050.0)]) == (
        "     x",
        "",
    )  # ended before it was created or started
    queued = a_run("a", "queued", created=1100.0, started=1120.0)
    assert drawn([queued]) == ("", " " * 10 + "--------->"), "its status says that it waits"


def test_a_run_with_an_unknown_status_is_open_only_while_is_active(a_run):
    still = a_run("a", "requires_action", created=1000.0, started=1100.0, is_active=True)
    assert drawn([still])[0] == " " * 10 + "--------->"
    gone = a_run("a", "requires_action", created=1000.0, started=1100.0)
    assert drawn([gone])[0] == " " * 10 + "x"


def test_runs_that_wait_together_are_counted(a_run):
    runs = [
        a_run("a", "queued", created=1010.0),
        a_run("b", "queued", created=1100.0),
        a_run("c", "completed", created=1020.0, started=1150.0, completed=1180.0),
    ]
    cells = lane(thread_history(runs), WINDOW, NOW).lower
    assert [cell.runs for cell in cells] == [0, 1, *[2] * 8, *[3] * 6, *[2] * 4]
    assert cells[15].kind == JOIN
    assert cells[15].runs == 3, "others go on waiting where one of them starts"


def test_overlapping_runs_clash_and_consecutive_ones_do_not(completed):
    after = [completed("a", 1010.0, 1010.0, 1055.0), completed("b", 1020.0, 1055.0, 1100.0)]
    assert drawn(after)[0] == " ----x----x"
    both = [completed("a", 1010.0, 1010.0, 1085.0), completed("b", 1020.0, 1050.0, 1120.0)]
    assert drawn(both)[0] == " ----!!!x---x"
    inside = [completed("a", 1010.0, 1010.0, 1150.0), completed("b", 1050.0, 1050.0, 1082.0)]
    assert drawn(inside)[0] == " ----!!!x------x"


def test_three_runs_in_a_cell_show_their_number_and_the_worst_status(a_run, completed):
    runs = [completed(f"r{at}", 1051.0 + at, 1051.0 + at, 1051.5 + at) for at in range(3)]
    assert drawn(runs)[0] == "     #"
    cell = lane(thread_history(runs), WINDOW, NOW).upper[5]
    assert (cell.status, cell.runs) == ("completed", 3)
    failed = a_run("f", "failed", created=1052.0, started=1052.0, failed=1100.0)
    cell = lane(thread_history([*runs, failed]), WINDOW, NOW).upper[5]
    assert (cell.kind, cell.status, cell.runs) == (CROWD, "failed", 4)


@pytest.mark.parametrize(
    ("one", "other", "worst"),
    [
        ("completed", "cancelled", "cancelled"),
        ("cancelled", "running", "running"),
        ("completed", "running", "running"),
        ("running", "failed", "failed"),
    ],
)
def test_if_two_runs_share_a_cell_it_shows_the_worse_status(a_run, one, other, worst):
    def run_of(status, at):
        ended = {} if status == "running" else {status: at + 1.0}
        return a_run(status, status, created=at, started=at, **ended)

    for order in ((one, other), (other, one)):
        runs = [run_of(status, 1190.0 + place) for place, status in enumerate(order)]
        cell = lane(thread_history(runs), WINDOW, NOW).upper[19]
        assert (cell.kind, cell.status) == (FRONT if worst == "running" else END, worst)


def test_between_finds_exactly_the_runs_in_the_window(a_run):
    dice = random.Random(7)
    runs = []
    for number in range(400):
        created = dice.uniform(0, 3000)
        started = created + dice.choice([0, 5, 300])
        long = dice.choice([1, 30, 2000])
        runs.append(
            a_run(f"r{number}", "completed", created=created, started=started, completed=started + long)
        )
    runs.append(a_run("stuck", "running", created=3.0, started=4.0))
    history = thread_history(runs)
    for start in (0.0, 500.0, 1234.5, 2999.0, 9000.0):
        found = {segment.run.raw_id for segment in history.between(start, start + 100.0)}
        wanted = {
            run.raw_id
            for run in runs
            if run.created < start + 100.0 and (run.completed is None or run.completed >= start)
        }
        assert found == wanted


def test_a_history_has_counts_and_finds_its_last_run_and_the_index_of_a_run(a_run, completed):
    runs = [
        completed("b", 1100.0, 1110.0, 1120.0),
        a_run("f", "failed", created=1000.0, failed=1010.0),
        a_run("q", "queued", created=1150.0),
    ]
    history = thread_history(runs)
    assert [segment.run.raw_id for segment in history.segments] == ["f", "b", "q"]
    assert (history.active, history.failed, history.untimed) == (1, 1, 0)
    assert history.place(runs[0].key) == 1
    assert history.place(("thr_1", "nobody")) is None
    assert history.last_before(1100.0).run.raw_id == "f"
    assert history.last_before(999.0) is None
    assert list(group_runs(runs)) == ["thr_1"]


def test_a_thread_without_runs_is_an_empty_lane():
    made = lane(thread_history([]), WINDOW, NOW)
    assert {cell.kind for cell in (*made.upper, *made.lower)} == {EMPTY}
    assert made.segments == ()
