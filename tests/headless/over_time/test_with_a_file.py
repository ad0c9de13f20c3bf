"""`flowtui stats`, `runs --since` and `history` over a history file that the store has written."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from flowtui.store.sqlite import Database
from flowtui.store.writing.removal import remove_runs

from ..conftest import NOW
from .recorded import record, record_beside


def files(folder):
    """Return the content of all files below a folder."""
    return {str(path): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def test_commands_read_the_file_and_leave_it_as_it_is(flowtui, simulator, state):
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    read = json.loads(flowtui.out)
    assert (read["source"], files(state)) == ("api", {})
    record(simulator, 4)
    before = files(state)
    assert len(before) >= 1
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    known = json.loads(flowtui.out)
    assert (known["source"], known["coverage"]["text"]) == ("history", "watched all 3h")
    assert known["all"] == read["all"]
    assert known["all"]["active"] > 0
    assert flowtui("stats", "--since", "5h") == 0
    assert "from the API" in flowtui.err
    assert "(the history begins 2026-11-06 17:20:00 UTC)" in flowtui.err
    assert flowtui("runs", "--since", "3h", "-o", "csv") == 0
    assert "from the history: " in flowtui.err
    assert files(state) == before
    assert {oct(path.stat().st_mode & 0o777) for path in map(Path, before)} == {"0o600"}


@pytest.mark.parametrize("ahead", [7_200.0, -7_200.0])
def test_a_clock_that_is_hours_off_changes_no_number(flowtui, simulator, clock, ahead):
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    read = json.loads(flowtui.out)["all"]
    clock.now = lambda: NOW - ahead
    assert flowtui("stats", "--since", "1h") == 0
    assert (
        "the server's, which dates the runs; times on the command line are by this machine's\n" in flowtui.err
    )
    record_beside(simulator, 4, ahead)
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    known = json.loads(flowtui.out)
    assert (known["source"], known["coverage"]["text"]) == ("history", "watched all 3h")
    assert known["all"] == read
    way = "behind" if ahead > 0 else "ahead of"
    assert f"this machine's clock is 2h 00m {way} the server's; times are by the server's\n" in flowtui.err
    assert "ended since 2026-11-06 18:" in flowtui.err
    assert flowtui("brief", "--since", "3h") == 0
    assert "since Fri 6 Nov 18:" in flowtui.out


@pytest.mark.slow
def test_another_key_sees_nothing_of_it(flowtui, simulator):
    record(simulator, 4)
    assert flowtui("stats", "--since", "3h", SEEKR_API_KEY="hunter2-other") == 0
    assert "from the API: " in flowtui.err
    assert "the history" not in flowtui.err


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_left_and_the_api_asked(flowtui, simulator, state):
    record(simulator, 4)
    database = max(state.rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    database.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    before = files(state)
    assert flowtui("stats", "--since", "3h") == 0
    assert "cannot be read" in flowtui.err
    assert "from the API: " in flowtui.err
    assert files(state) == before


def test_of_rows_that_are_too_old_sums_are_left(flowtui, simulator, state):
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    read = json.loads(flowtui.out)["all"]
    record(simulator, 5)
    (path,) = state.rglob("*.db")
    with closing(Database.to_write(path)) as database:
        assert remove_runs(database, NOW - 600) > 0
    assert flowtui("stats", "--since", "3h", "-o", "json") == 0
    known = json.loads(flowtui.out)
    assert known["source"] == "history", flowtui.err
    assert known["all"]["only_sums"] > 0
    same = ("runs", "completed", "failed", "cancelled", "tokens", "timed", "wasted_tokens")
    assert {name: known["all"][name] for name in same} == {name: read[name] for name in same}
    assert known["all"]["p50_s"] is None
