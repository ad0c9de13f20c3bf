"""The bounds of a history: of time by the server's clock, and of size with the -wal."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from flowtui.store.files.location import belonging, size_of
from flowtui.store.writing.removal import STEP

from ..remembering import BEGIN, Remembering, run, state

DAY = 86_400.0


def _days(count, thread="thread-1"):
    """Return a thread with one run a day, the oldest of which was created at BEGIN."""
    rows = [run(f"run-{day}", thread=thread, created=BEGIN + day * DAY) for day in range(count - 1, -1, -1)]
    return state(*rows, at=BEGIN + count * DAY, key=thread)


def test_runs_that_ended_too_long_ago_go_and_their_sums_stay(tmp_path):
    start = Remembering(tmp_path, now=BEGIN + 20 * DAY, options={"remember_for": 10 * DAY})
    known = _days(20)
    start.record(known, clock_known=True)
    kept = [one.raw_id for one in start.history.past.newest(100)]
    assert kept == [f"run-{day}" for day in range(19, 9, -1)]
    assert (known.whole, start.restored()[0].whole) == (True, False)
    assert sum(one.runs for one in start.history.past.sums(0.0, 1e12)) == 20
    again = start.again()
    again.record(known)  # the API still lists all of them
    assert [one.raw_id for one in again.history.past.newest(100)] == kept
    assert sum(one.runs for one in again.history.past.sums(0.0, 1e12)) == 20
    again.history.close()


def test_nothing_goes_while_the_time_of_the_server_is_unknown_or_its_clock_differs(tmp_path):
    start = Remembering(tmp_path, now=BEGIN + 2_000 * DAY)
    start.record(_days(3), clock_known=False)
    assert len(start.history.past.newest(100)) == 3
    start.record(_days(3), clock_known=True, clock_offset=-1_999 * DAY)  # the local clock is five years ahead
    assert len(start.history.past.newest(100)) == 3
    start.history.close()


def test_runs_that_show_no_end_go_once_they_have_not_changed_for_so_long(tmp_path):
    start = Remembering(tmp_path, now=BEGIN + 5.0, options={"remember_for": 10 * DAY})
    rows = [run("odd", "paused"), run("undated", "paused", created=None), run("busy", "running")]
    known = state(*rows)
    start.record(known)
    start.now = BEGIN + 9 * DAY
    known = state(*rows[:2], run("busy", "queued"), at=start.now, known=known)
    start.record(known)
    assert set(start.restored()[0].runs) == {"odd", "undated", "busy"}
    start.now = BEGIN + 11 * DAY
    start.record(state(*known.runs.values(), at=start.now, known=known))
    assert set(start.restored()[0].runs) == {"busy"}
    start.history.close()


def test_the_file_and_its_wal_stay_below_the_bound_and_the_newest_runs_stay(tmp_path):
    start = Remembering(tmp_path, now=BEGIN + DAY, options={"remember_mb": 1.0})
    for round_ in range(6):
        rows = [
            run(f"run-{round_}-{number}-{'x' * 300}", created=BEGIN + round_ * 1000 + number)
            for number in range(STEP, 0, -1)
        ]
        start.record(state(*rows, key=f"thread-{round_}", at=start.now))
        for _ in range(20):
            start.history.recorder.flush()
        assert size_of(belonging(start.file)[:2]) <= 1 << 20
    kept = {one.raw_id for one in start.history.past.newest(10_000)}
    assert {one.raw_id for one in rows} <= kept
    assert len(kept) < 6 * STEP
    assert sum(one.runs for one in start.history.past.sums(0.0, 1e12)) == 6 * STEP
    assert start.trouble == ""
    start.history.close()


def test_a_reader_that_does_not_end_pauses_the_writer(tmp_path, monkeypatch):
    monkeypatch.setattr("flowtui.store.sqlite.WRITER_WAIT", 0.01)
    start = Remembering(tmp_path, options={"remember_mb": 1.0})
    start.record(state(run("run-1")))
    with closing(sqlite3.connect(start.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM run").fetchall()
        for round_ in range(30):
            start.record(
                state(*(run(f"run-{round_}-{n}-{'x' * 300}") for n in range(50)), key=f"thread-{round_}")
            )
            if start.trouble:
                break
        assert start.trouble == "Nothing is remembered now: another program reads it and does not end"
    start.history.recorder.flush()
    assert start.trouble == ""
    start.history.close()


def test_a_damaged_file_is_found_by_the_daily_search(tmp_path):
    start = Remembering(tmp_path)
    start.record(state(*(run(f"run-{number}") for number in range(200))))
    start.history.close()
    with closing(sqlite3.connect(start.file)) as plain:
        (root,) = plain.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name='sqlite_autoindex_run_1'"
        ).fetchone()
    content = bytearray(start.file.read_bytes())
    content[(root - 1) * 4096 + 2000 : root * 4096] = bytes(2096)
    start.file.write_bytes(content)
    again = Remembering(tmp_path)
    again.record()
    assert again.history.notice == ""
    again.now = BEGIN + 61
    again.record()
    assert "could not be read" in again.history.notice
    again.history.close()
