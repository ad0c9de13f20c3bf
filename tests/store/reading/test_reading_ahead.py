"""A large history is read by another process, and by this one as far as the other fails."""

from __future__ import annotations

import os
import sys

import pytest

from flowtui.model.history import past
from flowtui.store.reading import reading_ahead as room
from flowtui.store.reading.reading_ahead import ReadingAhead, read_ahead

from ..remembering import BEGIN, Remembering, run, state

THREADS = 7
STEP, MOST = 2, 3
# writes one part as the other process does, and then fails
_FAILS = """
import os, sys
from flowtui.store import reading_process
from flowtui.store.reading.past_reader import StoredPast
threads = StoredPast.threads
StoredPast.threads = lambda self, step, most: [next(iter(threads(self, step, most)))]
reading_process.main()
{end}
"""


@pytest.fixture
def filled(tmp_path):
    """A history whose threads have runs with and without trails, and the file that it is in."""
    made = Remembering(tmp_path)
    threads = [
        state(
            *(run(f"run-{n}-{place}", thread=f"t{n}", created=BEGIN + n + place) for place in range(n)),
            key=f"t{n}",
        )
        for n in range(THREADS)
    ]
    made.record(*threads)
    busy = run("busy", "running", thread="t3", created=BEGIN + 50)
    before = state(busy, *threads[3].runs.values(), key="t3", known=threads[3])
    made.record(before)
    ended = busy._replace(status="failed", status_class="failed", is_active=False, failed=BEGIN + 60)
    made.record(state(ended, *threads[3].runs.values(), at=BEGIN + 61, key="t3", known=before))
    yield made.history.past, next(tmp_path.rglob("*.db"))
    made.history.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        room._CODE,
        "raise SystemExit(1)",
        _FAILS.format(end="raise SystemExit(1)"),
        _FAILS.format(end="sys.stdout.buffer.write(b'\\0' * 7)"),
        _FAILS.format(end="sys.stdout.buffer.write((99).to_bytes(8, 'big') + b'cut')"),
        _FAILS.format(end="sys.stdout.buffer.write((5).to_bytes(8, 'big') + b'other' + b'\\0' * 8)"),
    ],
)
def test_all_threads_are_read_once_whatever_the_other_process_delivers(filled, monkeypatch, code):
    stored, file = filled
    monkeypatch.setattr(room, "LEAST", 0)
    expected = list(stored.threads(STEP, MOST))
    assert sum(map(len, expected)) == THREADS
    assert any(one.trails for states in expected for one in states)
    monkeypatch.setattr(room, "_CODE", code)
    stored.begin_threads(file, STEP, MOST)
    read = list(stored.threads(STEP, MOST))
    assert [one for states in read for one in states] == [one for states in expected for one in states]
    assert list(stored.threads(STEP, MOST)) == expected  # from then on here


@pytest.mark.slow
def test_the_other_process_ends_if_nobody_takes_what_it_reads(filled, monkeypatch):
    stored, file = filled
    monkeypatch.setattr(room, "LEAST", 0)
    monkeypatch.setattr(room, "_CODE", "import time; time.sleep(600)")
    stored.begin_threads(file, STEP, MOST)
    process = stored._ahead._process
    assert [one for states in stored.threads(STEP, None) for one in states]  # other threads than it reads
    assert process.wait(30) != 0


@pytest.mark.slow
def test_a_history_begins_to_read_when_it_is_opened_and_stops_when_it_is_closed(
    filled, monkeypatch, tmp_path
):
    monkeypatch.setattr(room, "LEAST", 0)
    monkeypatch.setattr(room, "_CODE", "import time; time.sleep(600)")
    again = Remembering(tmp_path, options={"history": 17})
    ahead = again.history.past._ahead
    assert ahead.how == (past.STEP, 17)
    again.history.close()
    assert ahead._process.wait(30) != 0


def test_a_small_history_needs_no_other_process(filled, monkeypatch):
    stored, file = filled
    monkeypatch.setattr(room.subprocess, "Popen", pytest.fail)
    assert read_ahead(file, STEP, MOST) is None
    assert read_ahead(file.with_name("none.db"), STEP, MOST) is None
    stored.begin_threads(file, STEP, MOST)
    assert stored._ahead is None


def test_the_other_process_gets_no_key_and_no_module_of_the_current_folder(tmp_path, monkeypatch):
    asked = []

    class Process:
        stdout = None

        def __init__(self, words, **options):
            asked.append((words, options["env"]))

        def kill(self):
            pass

        wait = kill

    monkeypatch.setattr(room.subprocess, "Popen", Process)
    monkeypatch.setenv("SEEKR_API_KEY", "sk-secret")
    monkeypatch.setattr(sys, "path", ["", "relative", "/somewhere"])
    assert list(ReadingAhead(tmp_path / "a.db", STEP, None)) == []
    ((words, environ),) = asked
    assert "-P" in words
    assert "sk-secret" not in repr((words, environ))
    assert environ["PYTHONPATH"].split(os.pathsep) == [str(room.Path("relative").absolute()), "/somewhere"]
