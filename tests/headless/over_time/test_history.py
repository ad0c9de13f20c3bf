"""`flowtui history` and `flowtui history forget`: they tell all, delete only what was asked for, and make no file."""

import io
import json
import os
import sys

import pytest

from flowtui.headless.over_time.history import NEVER_KEPT, watched_times
from flowtui.model.history.past import LIVE, Watched
from flowtui.store.facts import HistoryFacts, read_facts

from ..test_golden import compare
from .recorded import record


@pytest.fixture(scope="module")
def ids():
    return "short"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def databases(state):
    return sorted(path.name for path in state.rglob("*.db*"))


def test_without_a_history(flowtui, state):
    assert flowtui("history") == 0
    assert flowtui.out.startswith("file        none: nothing is remembered for this address and key\n")
    assert flowtui("history", "-o", "json") == 0
    found = json.loads(flowtui.out)
    assert (found["path"], found["runs"], found["coverage"]) == (None, None, [])
    assert found["never_kept"] == list(NEVER_KEPT)
    assert flowtui("history", "forget", "--all") == 0
    assert flowtui.out == "nothing is remembered for this address and key\n"
    assert not list(state.rglob("*"))


@pytest.mark.parametrize(("late", "until"), [(20.0, 1_000.0), (40.0, 1_040.0)])
def test_what_a_dashboard_has_not_written_yet_is_no_gap(late, until):
    class WatchedPast:
        begin = 100.0

        def watched(self, since, until):
            del since, until
            return [Watched(100.0, 1_000.0, LIVE)]

    (whole,) = watched_times(WatchedPast(), 1_000.0 + late)
    assert whole.coverage.until == until


@pytest.mark.parametrize("output", ["table", "json"])
def test_golden_files(flowtui, simulator, state, monkeypatch, output):
    record(simulator, 40)

    def facts(settings, key):
        found = read_facts(settings, key)
        assert found.size > 0
        return found._replace(path=state.parent / "the.db", size=123456)

    monkeypatch.setattr("flowtui.store.facts.read_facts", facts)
    assert flowtui("history", "-o", output) == 0
    compare(f"history-{output}", flowtui.out.replace(str(state.parent), "/home"))
    assert flowtui.err == ""


def test_what_is_kept_beside_it_is_named_and_safe(flowtui, simulator, state, monkeypatch):
    record(simulator, 1)
    aside, other = state / "a\x1b[2J.db.broken", state / "other.db"
    facts = HistoryFacts(
        state / "=x.db",
        5,
        set_aside=(aside,),
        other_keys=(other,),
        trouble="\u202edamaged",
        forgotten=5.0,
        sums_begin=1.0,
    )
    monkeypatch.setattr("flowtui.store.facts.read_facts", lambda _settings, _key: facts)
    assert flowtui("history") == 3
    assert "a␛[2J.db.broken (could not be read)" in " ".join(flowtui.out.split())
    assert "other.db (not opened)" in " ".join(flowtui.out.split())
    assert "sums of quarter hours since 1970-01-01 00:00:01 UTC" in " ".join(flowtui.out.split())
    assert "the history cannot be read: " in flowtui.err
    for output in ("table", "json"):
        assert flowtui("history", "-o", output) == 3
        assert not {"\x1b", "\u202e"} & set(flowtui.out + flowtui.err)


def test_a_broken_file_ends_in_3_and_stays(flowtui, simulator, state):
    record(simulator, 4)
    (path,) = state.rglob("*.db")
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    assert flowtui("history") == 3
    assert "trouble" in flowtui.out
    assert "cannot be read" in flowtui.err
    assert flowtui("history", "forget", "--before", "1h", "--yes") == 3
    assert path.exists()
    assert flowtui("history", "forget", "--all", "--yes") == 0
    assert databases(state) == []


def test_forget_a_part(flowtui, simulator, state):
    record(simulator, 40)
    assert flowtui("history", "-o", "json") == 0
    before = json.loads(flowtui.out)
    assert flowtui("history", "forget", "--before", "2h", "--yes") == 0
    assert " runs that ended before 2026-11-06 19:20:00 UTC; " in flowtui.out
    assert flowtui("history", "-o", "json") == 0
    after = json.loads(flowtui.out)
    assert 0 < after["runs"] < before["runs"]
    assert after["since"] == "2026-11-06T19:20:00.000Z"
    assert flowtui("stats", "--since", "3h") == 0
    assert "(the history begins 2026-11-06 19:20:00 UTC)" in flowtui.err
    assert flowtui("stats", "--since", "1h") == 0
    assert "from the history" in flowtui.err


def test_only_a_person_is_asked(flowtui, simulator, state, monkeypatch):
    record(simulator, 4)
    kept = databases(state)
    assert flowtui("history", "forget", "--all") == 2
    assert "There is no terminal to ask on" in flowtui.err
    for answer, left in (("", kept), ("n\n", kept), ("nay\n", kept), ("Y\n", [])):
        assert databases(state) == kept
        stdin = io.StringIO(answer)
        stdin.isatty = lambda: True
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert flowtui("history", "forget", "--all") == (2 if left else 0)
        assert "Delete " in flowtui.err
        assert "[y/N] " in flowtui.err
        assert ("nothing was deleted" in flowtui.err) == bool(left)
        assert databases(state) == left
    assert flowtui.out.startswith("deleted 60 runs with ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show"], "takes no words but `forget`"),
        (["forget"], "needs one of --before TIME and --all"),
        (["forget", "--before", "1h", "--all"], "needs one of --before TIME and --all"),
        (["forget", "--all", "-o", "json"], "-o is for"),
        (["--all"], "--all is for `flowtui history forget` only"),
        (["--yes"], "--yes is for `flowtui history forget` only"),
        (["forget", "--before", "tomorrow", "--yes"], "neither a duration nor a time"),
        (["forget", "--before", "mark:agent:x", "--yes"], "write a time"),
        (["-o", "csv"], "invalid choice"),
    ],
)
def test_usage_errors_delete_nothing(flowtui, simulator, state, words, message):
    assert flowtui("history", *words) == 2
    assert message in flowtui.err
    assert flowtui.out == ""
