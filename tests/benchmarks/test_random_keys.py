"""A short session of random keys, and the detection of each failure. `python -m benchmarks.random_keys` runs long ones."""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.pty_sessions import session
from benchmarks.pty_sessions.account import KEY, leaks
from benchmarks.pty_sessions.random_events import Event, random_events
from benchmarks.pty_sessions.session import play, read_record, write_record

CALM = (Event(0.0),)
TAKE = "import os, signal, sys, time; print('\\x1b[?1049h\\x1b[?25l', end='', flush=True); "
GIVE = "print('\\x1b[?1049l\\x1b[?25h', end='', flush=True); "


@pytest.fixture
def patient(monkeypatch):
    """Longer time limits, since the machine may be busy."""
    monkeypatch.setattr(session, "ANSWER", 40.0)
    monkeypatch.setattr(session, "_LEAVE", 40.0)


def _played(program):
    return play(1, 5.0, CALM, lambda _url: [sys.executable, "-c", program]).wrong


@pytest.mark.slow
def test_random_keys_break_nothing(patient):
    played = play(7, math.inf, itertools.islice(random_events(7), 25))
    assert played.wrong == [], played.report
    assert len(played.events) == 25


def test_a_program_that_restores_the_terminal_has_no_failure():
    assert _played(TAKE + GIVE) == []


def test_a_crash_is_noticed():
    wrong = _played(TAKE + GIVE + "raise KeyError(1)")
    assert "it ended with exit 1" in wrong
    assert "it shows a traceback" in wrong


def test_terminal_modes_left_on_are_noticed():
    assert _played(TAKE + "print('\\x1b[?2004h\\x1b[>1u', end='', flush=True)") == [
        "the cursor is left off",
        "the alternate screen is left on",
        "bracketed paste is left on",
        "the keyboard protocol is left on",
    ]


def test_a_crash_report_is_noticed():
    wrong = _played(TAKE + GIVE + "open('crash-1.txt', 'w').write('KeyError')")
    assert wrong == ["it left a report of a crash"]


def test_a_program_that_hangs_is_noticed(monkeypatch):
    monkeypatch.setattr(session, "ANSWER", 0.3)
    monkeypatch.setattr(session, "_LEAVE", 0.5)
    wrong = _played("import signal, time; signal.signal(signal.SIGWINCH, signal.SIG_IGN); time.sleep(600)")
    assert [one.partition(":")[0] for one in wrong] == ["it hangs", "it hangs"]


@pytest.mark.parametrize(
    ("program", "place"),
    [
        ("print(os.environ['SEEKR_API_KEY'])", "on the terminal"),
        ("print('\\x1b[1m'.join(os.environ['SEEKR_API_KEY']))", "on the terminal"),
        ("open('.log', 'w').write('x' + os.environ['SEEKR_API_KEY'])", "in .log"),
        ("open(os.environ['SEEKR_API_KEY'], 'w')", f"in {KEY}"),
        (
            "import base64; print('\\x1b]52;c;' + base64.b64encode(os.environ['SEEKR_API_KEY'].encode()).decode() + '\\x07')",
            "in the clipboard",
        ),
    ],
)
def test_the_key_is_found_on_the_terminal_in_files_and_in_the_clipboard(program, place):
    assert f"the key stands {place}" in _played(TAKE + GIVE + program)


def test_a_part_of_the_key_is_not_a_leak(tmp_path):
    (tmp_path / "a").write_text(KEY[:-1])
    assert leaks(KEY[:-1].encode(), tmp_path) == []


def test_a_seed_yields_the_same_events_and_a_record_restores_them(tmp_path):
    events = list(itertools.islice(random_events(3), 300))
    assert events == list(itertools.islice(random_events(3), 300))
    assert events != list(itertools.islice(random_events(4), 300))
    write_record(tmp_path / "record", 3, session.Played(events=events, wrong=["it hangs"]))
    seed, again = read_record(tmp_path / "record")
    assert (seed, list(again)) == (3, events)
