"""What can go wrong with the file of a history. The dashboard goes on each time, and one line says why."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import suppress
from random import Random

import pytest

from flowtui.config.files.user_dirs import state_folder
from flowtui.errors import HistoryError
from flowtui.store import keeper
from flowtui.store.files import filesystem
from flowtui.store.history import read_history
from flowtui.store.sqlite import Database
from flowtui.text import safe_text

from .. import processes
from .random_threads import RandomThread, remembered
from .remembering import BEGIN, KEY, Remembering, run, state


@pytest.fixture
def file(tmp_path):
    """The file of a history with two threads."""
    first = Remembering(tmp_path)
    first.record(
        state(*(run(f"run-{number}", created=BEGIN + number) for number in range(60, 0, -1))),
        state(run("run-0", thread="thread-0"), key="thread-0"),
    )
    first.history.close()
    return first.file


def _goes_on(start):
    """Check that a start can still be recorded."""
    start.record(state(run("run-new", created=BEGIN + 999)))
    assert start.history.past.newest(1)[0].raw_id == "run-new"
    assert start.trouble == ""
    start.history.close()


def _untouched(path, content, start, words):
    """Check that a start has no history, says why, and leaves the file as it is."""
    assert start.history.past is None
    assert words in start.history.notice
    assert safe_text(start.history.notice) == start.history.notice
    start.record(state(run("run-new")))
    start.history.close()
    assert path.read_bytes() == content
    assert start.files == [".db"]


def test_a_file_of_another_program_is_not_touched(file):
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE notes(text)")
    other.close()
    _untouched(file, file.read_bytes(), Remembering(file.parent), "belongs to another program")
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA application_id=99")
    other.close()
    content = file.read_bytes()
    _untouched(file, content, Remembering(file.parent), "belongs to another program")
    with pytest.raises(HistoryError, match="another program"):
        read_history(Remembering(file.parent).settings, KEY)


def test_a_file_of_a_newer_flowtui_is_not_touched(file):
    with sqlite3.connect(file) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    content = file.read_bytes()
    _untouched(file, content, Remembering(file.parent), "a newer flowtui wrote it")


@pytest.mark.parametrize(
    "content", [b"no database", b"SQLite format 3\0" + b"\xff" * 4096], ids=["text", "noise"]
)
def test_a_file_that_is_no_database_is_set_aside_and_only_one_is_kept(file, content):
    for count in range(2):
        file.write_bytes(content + bytes([count]))
        start = Remembering(file.parent)
        assert "could not be read" in start.history.notice
        assert f"{file.name}.broken" in start.history.notice
        _goes_on(start)
        assert start.files == [".db", ".db.broken"]
        assert file.with_name(file.name + ".broken").read_bytes() == content + bytes([count])


def test_other_tables_count_as_damage_so_that_none_of_their_code_runs(file):
    with sqlite3.connect(file) as hostile:
        hostile.execute("CREATE TRIGGER t AFTER INSERT ON word BEGIN DELETE FROM run; END")
    hostile.close()
    start = Remembering(file.parent)
    assert "not as flowtui makes them" in start.history.notice
    _goes_on(start)


def _flipped(path, seed):
    """Flip some bits behind the header, and those of the page with the tables less often."""
    random = Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(random.choice([1, 3, 30])):
        place = random.randrange(100 if seed % 5 == 0 else 4096, len(content))
        content[place] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def _check_flipped(file, seed):
    good = file.read_bytes()
    _flipped(file, seed)
    start = Remembering(file.parent)
    for read in (
        lambda past: [each for part in past.threads() for each in part],
        lambda past: past.newest(100),
        lambda past: past.runs(0.0, 1e12, "ended"),
        lambda past: past.sums(0.0, 1e12),
        lambda past: past.moves(0.0, 1e12, 100),
        lambda past: past.watched(0.0, 1e12),
        lambda past: past.agents(),
    ):
        with suppress(HistoryError):
            assert isinstance(read(start.history.past), list | dict)
    start.record(state(run("run-new"), run("run-1")), agents={"agent-1": "Billing"})
    start.record(state(run("run-newer"), run("run-new"), run("run-1")))
    with suppress(HistoryError):
        start.history.past.newest(1)
    start.history.recorder.flush()  # the next file, if damage was found only now
    assert start.trouble == "", seed
    assert start.history.past.newest(1), seed
    start.history.close()
    assert set(start.files) <= {".db", ".db.broken", ".db.broken-wal"}, seed
    for path in file.parent.iterdir():
        path.unlink()
    file.write_bytes(good)


@pytest.mark.parametrize(
    "seeds", [range(12), pytest.param(range(12, 150), marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_flipped_bits_never_stop_the_dashboard(file, seeds):
    for seed in seeds:
        _check_flipped(file, seed)


def test_text_that_is_not_utf_8_sets_the_file_aside_while_the_dashboard_runs(file):
    start = Remembering(file.parent)
    with sqlite3.connect(file) as bad:
        bad.execute("UPDATE word SET text=CAST(x'fffe' AS TEXT) WHERE text='agent-1'")
    bad.close()
    with pytest.raises(HistoryError):
        start.history.past.newest(5)
    start.history.recorder.flush()
    assert "could not be read" in start.history.notice
    _goes_on(start)


def test_a_full_disk_pauses_and_the_rows_are_written_later(file):
    start = Remembering(file.parent)
    database = start.history.recorder.writer.database
    (pages,) = database.row("PRAGMA page_count")
    database.run(f"PRAGMA max_page_count={pages}")  # SQLite's own error of a full disk
    many = state(*(run(f"run-{number}-{'x' * 2000}") for number in range(60)))
    start.record(many)
    assert start.trouble == "Nothing is remembered now: the disk is full"
    assert len(start.restored()) == 2
    database.run("PRAGMA max_page_count=1000000")
    start.record(many)
    assert start.trouble == ""
    assert len(start.history.past.newest(1000)) == 61 + 60
    start.history.close()


def _mounted(*words):
    """Run `mount` with these words and return whether it did it; only root may."""
    if os.geteuid() or shutil.which("mount") is None:
        return False
    return processes.run(["mount", *map(str, words)], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_real_full_disk(tmp_path):
    if not _mounted("-t", "tmpfs", "-o", "size=300k", "none", tmp_path):
        pytest.skip("needs the right to mount a file system")
    try:
        start = Remembering(tmp_path)
        for size in range(1, 40):
            start.record(state(*(run(f"run-{number}-{'x' * 500}") for number in range(20 * size))))
            if start.trouble:
                break
        assert "disk" in start.trouble
        start.record(state(run("run-1")))
        assert len(start.history.past.newest(1000)) > 0
        start.history.close()
        again = Remembering(tmp_path)
        assert again.history.past is None or again.restored()
        again.history.close()
    finally:
        processes.run(["umount", str(tmp_path)], check=True)


def test_a_fault_of_flowtui_itself_costs_no_history_and_is_reported_once(file, monkeypatch):
    start = Remembering(file.parent)
    before = start.files
    with monkeypatch.context() as broken:
        broken.setattr("flowtui.store.writing.writer.Writer.write", lambda *_, **__: 1 / 0)
        start.record(state(run("run-new")))
        start.record(state(run("run-newer")))
    assert start.trouble == "Nothing is remembered now: flowtui failed (ZeroDivisionError)"
    (report,) = state_folder().glob("crash-*.txt")
    assert "in _step" in report.read_text()
    assert start.files == before
    assert len(start.history.past.newest(100)) == 61  # the file was not set aside
    _goes_on(start)


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    start = Remembering(blocked / "history")
    assert start.history.past is None
    assert "cannot be made (Not a directory)" in start.history.notice
    start.record(state(run("run-1")))
    start.history.close()


def test_a_file_that_another_program_keeps_locked_is_tried_again(file, monkeypatch):
    monkeypatch.setattr("flowtui.store.sqlite.WRITER_WAIT", 0.01)
    start = Remembering(file.parent)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    start.record(state(run("run-new")))
    assert start.trouble == "Nothing is remembered now: another program keeps it locked"
    assert len(start.history.past.newest(100)) == 61  # reading goes on
    other.execute("COMMIT")
    other.close()
    _goes_on(start)


def test_a_file_that_is_locked_at_the_start_is_opened_later(file, monkeypatch):
    monkeypatch.setattr("flowtui.store.files.opening._PAUSE", 0.001)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    start = Remembering(file.parent)
    assert start.history.past is None
    assert start.trouble == start.history.notice
    assert "another program keeps it locked" in start.trouble
    other.close()
    _goes_on(start)


@pytest.mark.slow
def test_a_history_on_a_read_only_file_system_is_read(tmp_path):
    if not _mounted("-t", "tmpfs", "-o", "size=2m", "none", tmp_path):
        pytest.skip("needs the right to mount a file system")
    try:
        first = Remembering(tmp_path)
        first.record(state(run("run-1")))
        first.history.close()
        assert _mounted("-o", "remount,ro", tmp_path)
        start = Remembering(tmp_path)
        assert "cannot be written" in start.history.notice
        assert [one.raw_id for one in start.history.past.newest(5)] == ["run-1"]
        start.record(state(run("run-2")))
        start.history.close()
        assert start.files == [".db"]
    finally:
        processes.run(["umount", str(tmp_path)], check=True)


def test_there_is_no_history_on_a_network_file_system(tmp_path, monkeypatch):
    monkeypatch.setattr(filesystem, "_linux_type", lambda *_: "nfs4")
    monkeypatch.setattr(filesystem, "_macos_type", lambda *_: "nfs4")
    start = Remembering(tmp_path / "history")
    assert start.history.past is None
    assert "network file system (nfs4)" in start.history.notice
    start.history.close()
    assert not (tmp_path / "history").exists()


def test_the_history_begins_anew_if_its_file_is_deleted(file):
    start = Remembering(file.parent)
    file.unlink()
    _goes_on(start)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_two_dashboards_write_the_same_history(file):
    one, two = Remembering(file.parent), Remembering(file.parent)
    busy = state(run("run-a", "running", created=BEGIN + 99))
    for start in (one, two):
        start.record(busy)
    for start, seconds in ((one, 2.0), (two, 3.5)):
        start.now = BEGIN + seconds
        done = state(run("run-a", created=BEGIN + 99), at=start.now, known=busy)
        start.record(done)
    two.record(
        state(run("run-b", created=BEGIN + 120), run("run-a", created=BEGIN + 99), at=BEGIN + 4.0, known=done)
    )
    (found,) = [each for each in one.restored() if each.key == "thread-1"]
    assert list(found.runs)[:3] == ["run-b", "run-a", "run-60"]
    assert [change.at for change in found.trails["run-a"].status_changes] == [BEGIN + 2.0]
    assert sum(one.history.past.sums(0.0, 1e12)[0][3:4]) == 63
    one.history.close()
    two.history.close()


@pytest.mark.slow
def test_two_dashboards_that_miss_different_observations_come_to_one_history(tmp_path):
    for seed in range(30):
        random = Random(seed)
        both = [Remembering(tmp_path / str(seed)) for _ in range(2)]
        thread = RandomThread(random, "thread-1", clock_jumps=False)
        last = None
        for at, last in thread.states(random.randint(2, 25)):
            for start in both:
                start.now = at
                if random.random() < 0.8:
                    start.record(last)
        for start in both:
            start.record(last)
        if last.read or last.thread is not None:
            (found,) = both[0].restored()
            wanted = remembered(last)
            assert (found.runs, list(found.runs)) == (wanted.runs, list(wanted.runs)), seed
            for name in ("thread", "whole", "not_seen", "went_back", "configs", "observed"):
                assert getattr(found, name) == getattr(wanted, name), (seed, name)
            ended = [one for one in found.runs.values() if one.ended is not None]
            assert sum(one.runs for one in both[1].history.past.sums(0.0, 1e12)) == len(ended)
        for start in both:
            start.history.close()


def test_a_clock_that_was_ahead_does_not_keep_its_rows_for_ever(tmp_path):
    ahead = Remembering(tmp_path, now=BEGIN + 1e7)
    ahead.record(state(run("run-1", "running"), at=ahead.now))
    ahead.history.close()
    now = Remembering(tmp_path)
    now.record(state(run("run-1")))
    assert now.history.past.newest(1) == [run("run-1")]
    now.history.close()


def test_damage_that_comes_back_ends_the_history_of_this_start(file, monkeypatch):
    start = Remembering(file.parent)
    error = keeper.DamagedError("a value is out of range")
    for _ in range(3):
        start.history.recorder.report_damage(error)
        start.history.recorder.flush()
    assert start.trouble == "Nothing is remembered any more: a value is out of range"
    assert "any more" in start.history.notice
    start.history.close()


def test_memory_is_shared_by_the_threads_that_read_and_write():
    database = Database.in_memory()
    database.run("CREATE TABLE t(x)")
    with database.writing():
        database.run("INSERT INTO t VALUES(1)")
    assert database.rows("SELECT x FROM t") == [(1,)]
    database.close()
    with pytest.raises(HistoryError):
        database.rows("SELECT x FROM t")
