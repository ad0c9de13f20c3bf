"""Marks: what is marked is there for the next process, whole, private, and never lost in silence."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat

import pytest

from flowtui.config import marks as marks_module
from flowtui.config.marks import MOST, Mark, delete_mark, mark_name, marks_path, read_marks, set_mark
from flowtui.errors import ConfigError, UsageError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "marks.json"


def test_they_lie_in_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert marks_path() == tmp_path / "flowtui" / "marks.json"
    assert read_marks() == {}
    assert not marks_path().parent.exists(), "reading writes nothing"


def test_a_mark_is_kept_and_the_same_name_again_says_the_earlier_time(path):
    assert set_mark("default", "r1", 100.0, made=110.0, path=path).before is None
    assert set_mark("default", "r2", 50.0, made=111.0, path=path).before is None
    assert set_mark("default", "r1", 200.0, made=210.0, path=path).before == Mark("r1", 100.0, 110.0)
    assert list(read_marks("default", path).values()) == [Mark("r2", 50.0, 111.0), Mark("r1", 200.0, 210.0)]


def test_each_profile_has_its_own(path):
    set_mark("default", "r", 1.0, made=1.0, path=path)
    set_mark("staging", "r", 2.0, made=2.0, path=path)
    assert read_marks("default", path)["r"].at == 1.0
    assert read_marks("staging", path)["r"].at == 2.0
    assert read_marks("nobody", path) == {}


def test_file_and_folder_are_private(path):
    set_mark("default", "r", 1.0, made=1.0, path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {each.name for each in path.parent.iterdir()} == {"marks.json", "marks.lock"}


def test_deleting_one_leaves_the_others(path):
    set_mark("default", "a", 1.0, made=1.0, path=path)
    set_mark("default", "b", 2.0, made=2.0, path=path)
    assert delete_mark("default", "a", path=path).before == Mark("a", 1.0, 1.0)
    assert delete_mark("default", "a", path=path).before is None
    assert set(read_marks("default", path)) == {"b"}


def test_a_broken_file_is_set_aside_and_the_mark_is_set(path):
    path.parent.mkdir()
    path.write_text('{"v": 1, "profiles": {"default"')
    with pytest.raises(ConfigError, match="is broken"):
        read_marks("default", path)
    assert path.exists(), "reading changes nothing"
    written = set_mark("default", "r", 1.0, made=1.0, path=path)
    assert written.aside is not None
    assert written.aside.read_text() == '{"v": 1, "profiles": {"default"'
    assert set(read_marks("default", path)) == {"r"}


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"v": 1}', '{"v": "1", "profiles": {}}', "[" * 100_000]
)
def test_what_we_did_not_write_is_broken(content, path):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ConfigError):
        read_marks("default", path)


def test_a_file_of_a_newer_version_is_left_alone(path):
    path.parent.mkdir()
    path.write_text('{"v": 2, "profiles": {}}')
    with pytest.raises(ConfigError, match="newer flowtui"):
        set_mark("default", "r", 1.0, made=1.0, path=path)
    assert path.read_text() == '{"v": 2, "profiles": {}}'


def test_what_cannot_be_read_among_the_marks_is_kept(path):
    path.parent.mkdir()
    odd = {"at": "soon", "made": 1}
    path.write_text(json.dumps({"v": 1, "profiles": {"default": {"odd": odd, "a": {"at": 1, "made": 1}}}}))
    assert set(read_marks("default", path)) == {"a"}
    set_mark("default", "b", 2.0, made=2.0, path=path)
    assert json.loads(path.read_text())["profiles"]["default"]["odd"] == odd


def test_a_full_disk_leaves_what_was_there(path, monkeypatch):
    set_mark("default", "a", 1.0, made=1.0, path=path)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device") as caught:
        set_mark("default", "b", 2.0, made=2.0, path=path)
    assert caught.value.exit_code == 2
    assert set(read_marks("default", path)) == {"a"}
    assert not list(path.parent.glob("*.tmp"))


def test_a_folder_that_cannot_be_made_is_an_error_with_its_name(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Cannot write marks in"):
        set_mark("default", "a", 1.0, made=1.0, path=tmp_path / "file" / "marks.json")


def test_a_lock_that_is_held_is_waited_for_and_then_said(path, monkeypatch):
    set_mark("default", "a", 1.0, made=1.0, path=path)
    monkeypatch.setattr(marks_module, "_LOCK_WAIT", 0.05)
    with marks_module._locked(path), pytest.raises(ConfigError, match="Another process has held"):
        set_mark("default", "b", 2.0, made=2.0, path=path)
    assert set(read_marks("default", path)) == {"a"}
    set_mark("default", "b", 2.0, made=2.0, path=path)


def _mark_many(path, prefix):
    marks_module._LOCK_WAIT = 50.0  # on a slow disk all marks of the other take longer than a user waits
    for number in range(20):
        set_mark("default", f"{prefix}{number}", float(number), made=1.0, path=path)


def test_two_pipelines_at_once_lose_nothing(path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_mark_many, args=(path, prefix)) for prefix in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(read_marks("default", path)) == 40


def test_only_the_newest_are_kept_and_what_is_marked_now_is(path):
    document = {f"m{number}": {"at": 1000 + number, "made": 1} for number in range(MOST)}
    path.parent.mkdir()
    path.write_text(json.dumps({"v": 1, "profiles": {"default": document}}))
    written = set_mark("default", "old", 5.0, made=9.0, path=path)
    assert written.dropped == 1
    names = read_marks("default", path)
    assert len(names) == MOST
    assert "old" in names
    assert "m0" not in names


@pytest.mark.parametrize("name", ["release-42", "v1.2 (rc)", "多言語", "x" * 80, "mark:x"])
def test_names_that_can_be(name):
    assert mark_name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "x" * 81, "a\nb", "a\x1b[31m", "\u202ea", "\udcff", "agent:checkout"]
)
def test_names_that_cannot_be(name):
    with pytest.raises(UsageError):
        mark_name(name)
