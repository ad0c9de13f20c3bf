"""Messages of an empty table, of errors and of unreadable data: each names the cause and what to do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View
from flowtui.ui.dashboard.left_column import OutcomePane
from flowtui.ui.widgets.placeholders import placeholder


def _said(lines):
    return "\n".join("".join(span.text for span in line) for line in lines)


def _state(**fields):
    return ThreadState("thr_1", interval=2.0, **fields)


REFUSED = Failure("unreachable", "Connection refused. Is it up?", since=40.0, attempts=3, retry_at=104.0)


def test_before_the_first_answer_the_table_shows_connecting_then_loading():
    assert "Connecting" in _said(placeholder(None, View(), "", 100.0, 80))
    assert "Loading" in _said(placeholder(Snapshot(100.0), View(), "", 100.0, 80))
    threads = {"thr_1": _state(observed=99.0), "thr_2": _state()}
    said = _said(placeholder(Snapshot(100.0, threads=threads, listed=True), View(), "", 100.0, 80))
    assert "Loading" in said
    assert "1 of 2 threads" in said


def test_an_error_shows_its_cause_its_duration_and_the_next_retry():
    snapshot = Snapshot(100.0, list_failure=REFUSED)
    said = _said(placeholder(snapshot, View(), "", 100.0, 80))
    for words in ("1m 00s", "Connection refused", "4", "4s", "r"):
        assert words in said
    one = Snapshot(100.0, threads={"thr_1": _state(failure=REFUSED)}, listed=True)
    assert "Connection refused" in _said(placeholder(one, View(Grouping("thread", "thr_1")), "", 100.0, 80))


def test_a_pause_that_the_server_asks_for_is_ended_by_no_key():
    limited = Snapshot(100.0, list_failure=replace(REFUSED, kind="rate_limited"))
    said = _said(placeholder(limited, View(), "", 100.0, 80))
    assert said.endswith("\ntry 4 in 4s")


def test_a_long_message_is_whole_in_a_narrow_table():
    message = " ".join(f"word{number}" for number in range(60))
    lines = placeholder(Snapshot(100.0, stopped=message), View(), "", 100.0, 40)
    said = _said(lines).split()
    assert [word for word in said if word.startswith("word")] == message.split()
    assert all(len(_said([line])) <= 40 for line in lines)


def test_an_empty_table_says_why_and_which_key_to_press(a_run):
    none = Snapshot(100.0, listed=True)
    assert "no threads" in _said(placeholder(none, View(), "", 100.0, 80))
    quiet = Snapshot(100.0, threads={"thr_1": _state(observed=99.0)}, listed=True)
    assert "no runs" in _said(placeholder(quiet, View(), "", 100.0, 80))
    assert "0" in _said(placeholder(quiet, View(Grouping("thread", "thr_1")), "", 100.0, 80))
    assert "No active runs" in _said(placeholder(quiet, View(only="active"), "", 100.0, 80))
    runs = {"run_1": a_run("run_1", "completed", created=1.0, completed=40.0)}
    ended = Snapshot(100.0, threads={"thr_1": _state(observed=99.0, runs=runs)}, listed=True)
    assert "ended 1m ago" in _said(placeholder(ended, View(only="active"), "", 100.0, 80))
    assert "No problems" in _said(placeholder(quiet, View(only="problems"), "", 100.0, 80))


async def test_a_key_without_threads_is_told_so(app):
    async with app(world={"threads": 0, "runs": 0}, wait=False) as seat:
        await seat.sees("no threads", "0/0 threads", "0 active  0 failed in 0 runs", "No run ended")
        assert "live" in seat.lines[0]


async def _fault(seat, key, *faults):
    """Let these be the only faults, and press a key that polls."""
    seat.simulator.clear_faults()
    for fault in faults:
        seat.simulator.add_fault(fault)
    await seat.press(key)


async def _refused(seat, key, word):
    """Check the error of a refused key, which says what to do."""
    await seat.sees(word, "tries again")
    assert "SEEKR_API_KEY" in seat.text or "team" in seat.text
    assert "refused" in seat.lines[0]
    assert key not in seat.text
    asked = len(seat.simulator.requests)
    for _ in range(5):
        seat.clock.advance(10)
        await seat.pilot.pause()
    assert len(seat.simulator.requests) - asked <= 1  # names of agents may be under way


async def _unknown(seat):
    """Check that the counts of threads that were never read are unknown, and not 0."""
    await seat.sees("tries again", "— active  — failed in — runs", "nothing read yet")
    assert "0" not in seat.dashboard.query_one(OutcomePane).text
    for key, name in (("f", "Failures"), ("dollar_sign", "Spend")):
        await seat.press(key)
        await seat.sees(f"─ {name}", "tries again")
        assert not re.search("every run|No run ended|No run failed", seat.text), key
        if name == "Spend":
            await seat.press("l", "l", "l")  # the range of the table
            await seat.sees("· — runs")
        await seat.press("escape")
    await seat.press("F")
    await seat.until(lambda: re.search(r"1  all +—", seat.text))
    await seat.press("escape", "tab", "tab", "z")
    await seat.until(lambda: re.search(r"all threads( +—){8}", seat.text))
    await seat.press("z", "B", "B", "B")
    await seat.until(lambda: re.search(r"running +—", seat.text))
    await seat.press("a", "W")
    await seat.sees("(none")  # the rest of the message may be cut


@pytest.mark.slow
async def test_errors_before_the_first_answer_say_what_to_do_and_a_read_thread_is_shown(app, key):
    async with app(faults=["unauthorized"], wait=False) as seat:
        await _refused(seat, key, "refuses this key")
        await _fault(seat, "r", "forbidden")
        await seat.sees("403 Forbidden")
        await _refused(seat, key, "refuse")
        await _fault(seat, "r", "reset@all")
        await seat.until(lambda: "refuse" not in seat.text.lower())
        await seat.sees("tries again")
        assert not seat.ids
        await _fault(seat, "R", "not-found")
        await _unknown(seat)
        gone = seat.simulator.thread_ids()[0]
        await _fault(seat, "0", f"not-found:{gone}")
        await seat.press("R")
        others = {run for run in seat.world() if run not in seat.simulator.run_ids(gone)}
        await seat.until(lambda: set(seat.ids) == others)
        await seat.sees("3/4 live")
        await _fault(seat, "R")
        await seat.loaded()
        await seat.sees(f"{len(seat.world())} known runs")


async def test_errors_after_the_first_answer_are_shown_and_keep_the_rows(app):
    async with app() as seat:
        before = seat.ids
        for fault in ("html", "truncated-json", "empty-body", "object-body", "bad-gateway", "short-body"):
            asked = len(seat.simulator.requests)
            await _fault(seat, "R", fault)
            await seat.until(lambda asked=asked: len(seat.simulator.requests) > asked + 4)
            assert set(before) <= set(seat.ids)
        await _fault(seat, "R")
        await seat.loaded()

        await seat.pilot.resize_terminal(300, 40)
        before = seat.ids
        await _fault(seat, "R", "unauthorized")
        await seat.until(lambda: "refused" in seat.lines[0])
        assert seat.ids == before
        await seat.sees("Check the key in SEEKR_API_KEY")
        said = next(line for line in seat.lines if "─ GET /v1/threads" in line)
        assert "…" not in said
        for size in ((120, 36), (80, 24), (60, 15)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(
                lambda: re.search(r"─ 401 Unauthorized[^…]* ─╯", seat.text)
            )  # its advice goes first


async def test_an_outage_is_shown_and_keeps_the_rows_until_the_server_answers(app):
    async with app() as seat:
        before = seat.ids
        seat.simulator.stop()
        await seat.later(10)
        await seat.until(lambda: "server down" in seat.lines[0])
        await seat.later(40)
        await seat.until(lambda: re.search(r"data \d+s old", seat.lines[0]))
        assert seat.ids == before
        await seat.later(250)
        await seat.until(lambda: "data 5m old" in seat.lines[0])
        await seat.sees("lost")
        assert seat.ids == before
        assert seat.cells_of(before[0])
        seat.simulator.start()
        await seat.press("R")
        await seat.loaded()
        await seat.until(lambda: "● live" in seat.lines[0])
        assert "lost" not in seat.text


async def test_unknown_statuses_and_unreadable_elements_are_rows_that_say_so(app):
    # Each poll may make another element bad: here the next poll is a minute away.
    async with app(faults=["one-bad-element"], wait=False, interval=60.0) as seat:
        await seat.until(lambda: len(seat.ids) == 16)
        bad = [run for run in seat.rows if run.unreadable is not None]
        assert len(bad) == 4
        assert len(seat.rows) - len(bad) == 12
        await seat.sees("4 unreadable")
        await seat.choose(bad[0].raw_id)
        assert "unreadable" in seat.cells_of(bad[0].raw_id)[1]
        await seat.until(lambda: bad[0].unreadable in " ".join(seat.dashboard.detail.text.split()))

        await _fault(seat, "R", "unknown-status:dreaming")
        await seat.until(lambda: {run.status for run in seat.rows if not run.unreadable} == {"dreaming"})
        await seat.until(lambda: not any(run.unreadable for run in seat.rows))
        assert len(seat.ids) == 16
        dreaming = [run for run in seat.rows if run.is_active]
        assert dreaming
        for run in dreaming:
            await seat.choose(run.raw_id)
            assert "dreaming" in seat.cells_of(run.raw_id)[1]
        failed = [run for run in seat.rows if run.failed is not None]
        await seat.sees(f"0 active  {len(failed)} failed")
        assert f"0 active  {len(failed)} failed" in " ".join(seat.lines[0].split(" "))
        neutral = seat.cells_of(dreaming[0].raw_id)[2]
        assert neutral.bold or neutral.color is not None
        await seat.press("exclamation_mark")
        await seat.until(lambda: {run.raw_id for run in dreaming} <= set(seat.ids) and len(seat.ids) != 16)


async def test_elements_without_an_id_are_shown_as_rows_and_can_be_opened(app):
    async with app(faults=["null-elements"], wait=False) as seat:
        await seat.until(lambda: set(seat.world()) < set(seat.ids))
        bad = next(run for run in seat.rows if run.placeholder)
        await seat.choose(bad.raw_id)
        await seat.press("enter")
        await seat.sees("unreadable")
        await seat.press("escape")
        assert seat.app.screen is seat.dashboard
