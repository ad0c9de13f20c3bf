"""What the spans of the gap say about restored threads: which moved, which were silent, and when nothing is known."""

from __future__ import annotations

import pytest

from flowtui.formatting import iso_time
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.source.poll.catch_up.catching_up import FEW, MARGIN, CatchUp
from flowtui.source.poll.catch_up.restored_threads import RestoredThreads

from ....feeds import raw_run

LEFT = 1_800_000_000.0
NOW = LEFT + 3_600.0


def a_span(thread, start):
    return {
        "span_id": f"{thread}/{start}",
        "thread_id": thread,
        "run_id": "r",
        "start_timestamp": iso_time(start),
    }


class Away:
    """Some threads, last observed at the given times (seconds before `LEFT`), that the list shows."""

    def __init__(self, count=40, ago=lambda _: 0.0, until=None):
        self.threads = RestoredThreads()
        self.catch_up = CatchUp(self.threads)
        self.keys = [f"t{number}" for number in range(count)]
        for number, key in enumerate(self.keys):
            self.threads.add(key, LEFT - ago(number))
        self.catch_up.begin(count, NOW, until)
        for key in self.keys:
            self.threads.on_list(key, None)
        self.catch_up.listed(self.threads.take_listed())

    def page(self, *spans):
        """Answer a request with spans (thread, seconds after `LEFT`), newest first; return the threads that moved by them."""
        self.catch_up.question(0.0, 0.0)
        return self.catch_up.name(self.catch_up.take([a_span(key, LEFT + at) for key, at in spans]))

    def observe(self, *keys):
        for key in keys:
            self.threads.seen(key)
            self.catch_up.seen(key)


def test_threads_are_silent_once_the_spans_since_their_last_observation_were_read():
    away = Away(ago=lambda number: 60.0 * number)
    assert set(away.page(("t3", 3_000), ("t5", 1_000))) == {"t3", "t5"}
    assert set(away.catch_up.moved) == {"t3", "t5"}
    assert away.catch_up.settle(trusted=True) == []
    away.page(("foreign", -600 - MARGIN))
    silent = away.catch_up.settle(trusted=True)
    assert silent == [f"t{n}" for n in range(11) if n not in (3, 5)]
    assert away.catch_up.unfinished
    away.page()
    assert len(away.catch_up.settle(trusted=True)) == 40 - 11
    assert not away.catch_up.open
    assert not away.catch_up.unfinished


def test_nothing_is_known_while_spans_are_not_trusted():
    away = Away()
    away.page()
    assert away.catch_up.settle(trusted=False) == []
    assert not away.catch_up.unfinished, "all spans were read"
    assert len(away.catch_up.settle(trusted=True)) == 40
    assert away.catch_up.settle(trusted=False) == []
    assert len(away.catch_up.open) == 40
    assert not away.catch_up.silent


def test_a_silent_thread_that_a_later_span_names_has_moved():
    away = Away()
    away.page()
    away.catch_up.settle(trusted=True)
    assert away.catch_up.name(["t7", "foreign"]) == ["t7"]
    assert "t7" not in away.catch_up.silent


def test_threads_that_were_watched_until_a_later_time_need_no_earlier_spans():
    away = Away(ago=lambda number: 60.0 * number, until=LEFT)
    away.page(("foreign", -MARGIN - 1))
    assert len(away.catch_up.settle(trusted=True)) == 40


def test_fewer_pages_are_read_than_there_are_threads():
    away = Away(count=60)
    pages = 0
    while away.catch_up.unfinished:
        pages += 1
        away.page(("foreign", 3_600 - pages))
        away.catch_up.settle(trusted=True)
    assert pages == 30
    assert len(away.catch_up.open) == 60
    assert not away.catch_up.waits


def test_a_few_threads_that_were_observed_long_before_the_others_are_not_waited_for():
    away = Away(count=200, ago=lambda number: 0.0 if number < 190 else 90 * 86_400.0)
    away.page(("foreign", -MARGIN - 1))
    assert len(away.catch_up.settle(trusted=True)) == 190
    pages = 0
    while away.catch_up.unfinished:
        pages += 1
        away.page(("foreign", -1_000 - pages))
        away.catch_up.settle(trusted=True)
    assert pages == 6


def test_few_threads_are_observed_without_reading_spans():
    assert not Away(count=FEW).catch_up.unfinished
    assert Away(count=FEW + 1).catch_up.unfinished


def test_after_a_failure_the_threads_wait_no_longer_until_a_page_is_read():
    away = Away()
    away.catch_up.failed(final=False)
    assert (away.catch_up.unfinished, away.catch_up.waits) == (True, False)
    away.page(("t1", 3_000))
    assert away.catch_up.waits
    away.catch_up.failed(final=True)
    assert not away.catch_up.unfinished


def a_change(thread, *, kind=CHANGED, started=1_000.0, ended=1_010.0, catch_up=True):
    times = {"started_at": iso_time(LEFT + started), "completed_at": iso_time(LEFT + ended)}
    run = parse_run(raw_run("r", at=LEFT + started, **times), thread)
    before = None if kind == APPEARED else run._replace(started=None)
    return Change(kind, before, run, LEFT, NOW, catch_up)


@pytest.mark.parametrize("kind", [APPEARED, CHANGED])
def test_spans_that_missed_two_runs_of_the_gap_are_not_trusted(kind):
    away = Away()
    away.page(("t1", 3_000), ("t2", 1_000))
    away.page()
    away.catch_up.settle(trusted=True)
    compare = away.catch_up.compare
    assert not compare([a_change("t5", kind=kind)], 0.0)
    assert not compare([a_change("t1", kind=kind)], 0.0), "this one was named"
    assert not compare([a_change("t5", kind=kind)], 0.0)
    assert compare([a_change("t6", kind=kind)], 0.0)
    assert away.catch_up.settle(trusted=True) == []
    assert not away.catch_up.silent
    assert "t9" in away.catch_up.open
    assert not away.catch_up.waits


@pytest.mark.parametrize(
    "fields",
    [
        {"catch_up": False},
        {"started": -500.0},  # on an older page
        {"started": 3_590.0, "ended": 3_599.0},  # its spans may come later
    ],
)
def test_runs_whose_spans_cannot_have_been_read_prove_nothing(fields):
    away = Away()
    away.page()
    changes = [a_change(key, **fields) for key in ("t1", "t2", "t3")]
    assert not away.catch_up.compare(changes, 0.0)


def test_all_is_caught_up_once_each_thread_is_silent_or_observed():
    away = Away()
    away.page(("t1", 3_000), ("t2", 1_000))
    away.page()
    away.catch_up.settle(trusted=True)
    assert away.catch_up.caught_up(unread=40) is None
    away.observe("t1", "t2")
    assert away.catch_up.caught_up(unread=39) is None, "a new thread was not read yet"
    assert away.catch_up.caught_up(unread=38) == (LEFT, NOW)
