"""Deleting a history, and what `flowtui history` tells of it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from flowtui.config.memory.installation_key import key_path
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.store.facts import read_facts
from flowtui.store.forget import Forgotten, forget

from .remembering import BEGIN, KEY, Remembering, run, state


@pytest.fixture
def start(tmp_path):
    """A start that has recorded ten runs, of one a minute."""
    made = Remembering(tmp_path, now=BEGIN + 700)
    rows = [run(f"run-{n}-of-many", created=BEGIN + n * 60) for n in range(9, -1, -1)]
    made.record(state(run("busy", "running", created=BEGIN + 600), *rows, at=made.now))
    yield made
    made.history.close()


def test_facts_of_a_history(start):
    other = Remembering(start.folder, key=SecretStr("sk-other"))
    other.history.claim(["thread-9"])
    other.history.close()
    start.now += 60
    start.record(state(run("busy", "running", created=BEGIN + 600), at=start.now))
    facts = read_facts(start.settings, KEY)
    assert (facts.runs, facts.threads, facts.by_class) == (11, 1, {"running": 1, "completed": 10})
    assert (facts.begin, facts.end) == (BEGIN + 700, BEGIN + 760)
    assert facts.sums_begin == BEGIN // 900 * 900
    assert facts.size > 0
    assert facts.trouble == ""
    assert [path.name[33:] for path in facts.other_keys] == [".db"]
    assert facts.path.is_file()
    assert read_facts(Remembering(start.folder / "none").settings, SecretStr("sk-third")) is None


def test_facts_make_no_file_and_tell_what_is_damaged(tmp_path):
    settings = Settings(remember_path=str(tmp_path / "history"))
    assert read_facts(settings, KEY) is None
    assert forget(settings, KEY, None) == Forgotten(None)
    assert not (tmp_path / "history").exists()
    assert not key_path().exists()
    made = Remembering(tmp_path / "history")
    made.history.close()
    made.file.write_bytes(b"noise")
    facts = read_facts(settings, KEY)
    assert (facts.trouble, facts.runs, facts.size) == ("it is no database", None, 5)
    with pytest.raises(HistoryError, match="it is no database"):
        forget(settings, KEY, BEGIN)
    assert forget(settings, KEY, None).files == (facts.path,)
    assert list((tmp_path / "history").iterdir()) == []


def test_what_is_older_than_a_moment_is_deleted_with_its_bytes_and_is_not_stored_again(start):
    known = start.restored()[0]
    start.history.close()
    gone = forget(start.settings, KEY, BEGIN + 5 * 60 + 5)
    assert (gone.runs, gone.in_use, gone.files) == (5, False, ())
    content = start.file.read_bytes()
    assert b"run-5-of-many" in content
    for number in range(5):
        assert b"run-%d-of-many" % number not in content
    again = Remembering(start.folder, now=start.now + 1)
    again.record(known)
    assert len(again.history.past.newest(100)) == 6
    assert sum(one.runs for one in again.history.past.sums(0.0, 1e12)) == 5
    assert read_facts(again.settings, KEY).forgotten == BEGIN + 5 * 60 + 5
    assert forget(again.settings, KEY, BEGIN).in_use
    again.history.close()


@pytest.mark.parametrize("later", [-30.0, 1.0])
def test_a_running_dashboard_does_not_say_that_forgotten_time_was_watched(start, later):
    busy = state(run("busy", "running", created=BEGIN + 600), at=start.now)
    start.record(busy)
    start.now += 100
    start.record(busy)
    before = start.now + later  # within its span, or after what was written of it
    forget(start.settings, KEY, before)
    start.now += 50
    start.record(busy)
    (watched,) = start.history.past.watched(0.0, 1e12)
    assert (watched.since, watched.until) == (before, start.now)


def test_all_is_deleted_and_a_running_dashboard_begins_anew(start):
    aside = start.file.with_name(start.file.name + ".broken")
    aside.write_bytes(b"noise")
    gone = forget(start.settings, KEY, None)
    assert gone.in_use
    assert gone.runs == 11
    assert {path.name[33:] for path in gone.files} == {".db", ".db-wal", ".db-shm", ".db.broken"}
    assert list(start.folder.iterdir()) == []
    assert read_facts(start.settings, KEY) is None
    start.record(state(run("run-new"), at=start.now))
    assert [one.raw_id for one in start.history.past.newest(100)] == ["run-new"]


def test_a_part_is_deleted_while_a_dashboard_runs(start):
    assert forget(start.settings, KEY, BEGIN + 5 * 60 + 5).in_use
    start.now += 2
    later = state(run("busy", created=BEGIN + 600), at=start.now, known=start.restored()[0])
    start.record(later)
    assert start.trouble == ""
    assert len(start.history.past.newest(100)) == 6
