"""Marks: stored for the next process, private, and never lost silently."""

from __future__ import annotations

import json
import os
import stat

import pytest

from flowtui.config.memory import marks_file
from flowtui.config.memory.marks import (
    MAX_LOCAL_ADDRESSES,
    MAX_MARKS,
    Mark,
    Owner,
    delete_mark,
    mark_name,
    marks_of_other_addresses,
    other_addresses_hint,
    owner_of,
    read_marks,
    set_mark,
)
from flowtui.config.settings import Settings
from flowtui.errors import ConfigError, UsageError

from ... import processes

PROD = "https://flow.seekr.com"
HERE = Owner("default", PROD, adopts_old=True)
STAGING = Owner("staging", PROD)
SIMULATOR = Owner("default", "http://127.0.0.1:8765")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "marks.json"


def test_marks_are_in_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert marks_file.marks_path() == tmp_path / "flowtui" / "marks.json"
    assert read_marks(HERE) == {}
    assert not marks_file.marks_path().parent.exists(), "reading writes nothing"


def test_setting_a_mark_again_returns_its_previous_time(path):
    assert set_mark(HERE, "r1", 100.0, made=110.0, path=path).previous is None
    assert set_mark(HERE, "r2", 50.0, made=111.0, path=path).previous is None
    assert set_mark(HERE, "r1", 200.0, made=210.0, path=path).previous == Mark("r1", 100.0, 110.0)
    assert list(read_marks(HERE, path).values()) == [Mark("r2", 50.0, 111.0), Mark("r1", 200.0, 210.0)]


def test_each_profile_has_its_own_marks(path):
    set_mark(HERE, "r", 1.0, made=1.0, path=path)
    set_mark(STAGING, "r", 2.0, made=2.0, path=path)
    assert read_marks(HERE, path)["r"].at == 1.0
    assert read_marks(STAGING, path)["r"].at == 2.0
    assert read_marks(Owner("nobody", HERE.address), path) == {}


def test_file_and_folder_are_private(path):
    set_mark(HERE, "r", 1.0, made=1.0, path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {each.name for each in path.parent.iterdir()} == {"marks.json", "marks.lock"}


def test_deleting_a_mark_keeps_the_others(path):
    set_mark(HERE, "a", 1.0, made=1.0, path=path)
    set_mark(HERE, "b", 2.0, made=2.0, path=path)
    assert delete_mark(HERE, "a", path=path).previous == Mark("a", 1.0, 1.0)
    assert delete_mark(HERE, "a", path=path).previous is None
    assert set(read_marks(HERE, path)) == {"b"}


def test_a_broken_file_is_renamed_and_the_mark_is_set(path):
    path.parent.mkdir()
    path.write_text('{"v": 1, "profiles": {"default"')
    with pytest.raises(ConfigError, match="is broken"):
        read_marks(HERE, path)
    assert path.exists(), "reading changes nothing"
    written = set_mark(HERE, "r", 1.0, made=1.0, path=path)
    assert written.set_aside is not None
    assert written.set_aside.read_text() == '{"v": 1, "profiles": {"default"'
    assert set(read_marks(HERE, path)) == {"r"}


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"v": 1}', '{"v": "1", "profiles": {}}', "[" * 100_000]
)
def test_a_file_with_another_structure_is_broken(content, path):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ConfigError):
        read_marks(HERE, path)


def test_a_file_of_a_newer_version_is_not_changed(path):
    path.parent.mkdir()
    path.write_text('{"v": 3, "profiles": {}}')
    with pytest.raises(ConfigError, match="newer flowtui"):
        set_mark(HERE, "r", 1.0, made=1.0, path=path)
    assert path.read_text() == '{"v": 3, "profiles": {}}'


def test_unreadable_entries_are_kept(path):
    path.parent.mkdir()
    odd = {"at": "soon", "made": 1}
    own = {"odd": odd, "a": {"at": 1, "made": 1, "by": "ci"}}
    document = {"v": 2, "new": 1, "profiles": {"default": {PROD: own, "odd": 7}, "odd": 7}}
    path.write_text(json.dumps(document))
    assert set(read_marks(HERE, path)) == {"a"}
    set_mark(HERE, "b", 2.0, made=2.0, path=path)
    own["b"] = {"at": 2.0, "made": 2.0}
    assert json.loads(path.read_text()) == document


def test_a_full_disk_leaves_the_old_file(path, monkeypatch):
    set_mark(HERE, "a", 1.0, made=1.0, path=path)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device") as caught:
        set_mark(HERE, "b", 2.0, made=2.0, path=path)
    assert caught.value.exit_code == 2
    assert set(read_marks(HERE, path)) == {"a"}
    assert not list(path.parent.glob("*.tmp"))


def test_a_folder_that_cannot_be_created_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Cannot write marks in"):
        set_mark(HERE, "a", 1.0, made=1.0, path=tmp_path / "file" / "marks.json")


def test_a_held_lock_is_waited_for_and_then_an_error(path, monkeypatch):
    set_mark(HERE, "a", 1.0, made=1.0, path=path)
    monkeypatch.setattr(marks_file, "_LOCK_WAIT", 0.05)
    with marks_file.locked(path), pytest.raises(ConfigError, match="Another process has held"):
        set_mark(HERE, "b", 2.0, made=2.0, path=path)
    assert set(read_marks(HERE, path)) == {"a"}
    set_mark(HERE, "b", 2.0, made=2.0, path=path)


# -- addresses -----------------------------------------------------------------------------------------------------


def test_a_mark_belongs_to_the_address_it_was_made_for(path):
    set_mark(HERE, "r1", 100.0, made=110.0, path=path)
    set_mark(SIMULATOR, "r1", 200.0, made=210.0, path=path)
    set_mark(SIMULATOR, "r2", 300.0, made=310.0, path=path)
    assert read_marks(HERE, path) == {"r1": Mark("r1", 100.0, 110.0)}
    assert list(read_marks(SIMULATOR, path)) == ["r1", "r2"]
    assert list(marks_of_other_addresses(HERE, path)) == [SIMULATOR.address]
    assert other_addresses_hint(HERE, "r2", path) == "A mark of this name was made for http://127.0.0.1:8765"
    assert other_addresses_hint(HERE, "r3", path) == ""
    assert delete_mark(HERE, "r2", path=path).previous is None
    assert delete_mark(SIMULATOR, "r1", path=path).previous == Mark("r1", 200.0, 210.0)
    assert list(read_marks(HERE, path)) == ["r1"]


@pytest.mark.parametrize(
    ("base_url", "source", "adopts_old"),
    [
        (PROD, "default", True),
        ("https://x.example", "SEEKR_BASE_URL", True),
        ("https://x.example", "/home/u/config.toml", True),
        ("https://x.example", "--base-url", False),
        ("http://127.0.0.1:8765", "SEEKR_BASE_URL", False),
        ("http://localhost:8765", "/home/u/config.toml", False),
    ],
)
def test_only_a_configured_remote_address_takes_over_old_marks(base_url, source, adopts_old):
    settings = Settings(base_url=base_url, profile="p", sources={"base_url": source})
    assert owner_of(settings) == Owner("p", base_url, adopts_old)


OLD = {
    "v": 1,
    "profiles": {
        "default": {"a": {"at": 1, "made": 2, "by": "ci"}, "odd": {"at": "soon"}},
        "demo": {"d": {"at": 5, "made": 6}},
    },
    "new": True,
}


def test_old_marks_are_taken_over_when_the_configured_address_reads(path):
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))
    assert read_marks(SIMULATOR, path) == {}
    assert json.loads(path.read_text()) == OLD, "who does not inherit, changes nothing"
    assert marks_of_other_addresses(SIMULATOR, path) == {"": {"a": Mark("a", 1.0, 2.0)}}
    assert "older versions did not keep" in other_addresses_hint(SIMULATOR, "a", path)
    assert read_marks(HERE, path) == {"a": Mark("a", 1.0, 2.0)}
    now = {
        "v": 2,
        "profiles": {
            "default": {"": {"odd": {"at": "soon"}}, PROD: {"a": {"at": 1, "made": 2, "by": "ci"}}},
            "demo": {"": {"d": {"at": 5, "made": 6}}},
        },
        "new": True,
    }
    assert json.loads(path.read_text()) == now
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = Owner("default", "https://staging.example", adopts_old=True)
    assert read_marks(other, path) == {}, "they belong to the first"
    assert json.loads(path.read_text()) == now


def test_old_marks_are_kept_if_another_address_sets_a_mark_first(path):
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))
    set_mark(SIMULATOR, "a", 9.0, made=9.0, path=path)
    assert read_marks(SIMULATOR, path) == {"a": Mark("a", 9.0, 9.0)}
    assert read_marks(HERE, path) == {"a": Mark("a", 1.0, 2.0)}


def test_a_mark_with_an_address_wins_over_an_old_one_of_the_same_name(path):
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))
    set_mark(HERE._replace(adopts_old=False), "a", 9.0, made=9.0, path=path)
    assert read_marks(HERE, path) == {"a": Mark("a", 9.0, 9.0)}
    assert marks_of_other_addresses(HERE, path) == {"": {"a": Mark("a", 1.0, 2.0)}}


def test_old_marks_are_read_even_if_the_file_cannot_be_written(path, monkeypatch):
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))

    def full(_descriptor):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "fsync", full)
    assert read_marks(HERE, path) == {"a": Mark("a", 1.0, 2.0)}
    assert json.loads(path.read_text()) == OLD


def test_only_the_newest_local_addresses_keep_marks(path):
    set_mark(HERE, "prod", 1.0, made=1.0, path=path)
    for number in range(MAX_LOCAL_ADDRESSES + 3):
        demo = Owner("default", f"http://127.0.0.1:{9000 + number}")
        written = set_mark(demo, "m", float(number), made=float(number), path=path)
        assert written.dropped == (number >= MAX_LOCAL_ADDRESSES)
    assert read_marks(HERE, path)
    assert read_marks(demo, path)
    assert (
        len(marks_of_other_addresses(demo, path)) == MAX_LOCAL_ADDRESSES
    )  # the other local addresses, and the remote one
    assert read_marks(Owner("default", "http://127.0.0.1:9000"), path) == {}


def _take_over(path):
    marks_file._LOCK_WAIT = 50.0
    for _ in range(20):
        assert read_marks(HERE, path)["a"].at == 1.0


def _mark_many(path, prefix):
    marks_file._LOCK_WAIT = 50.0  # on a slow disk the other process may hold the lock for a long time
    for number in range(20):
        set_mark(HERE, f"{prefix}{number}", float(number), made=1.0, path=path)


def test_two_pipelines_at_the_same_time_lose_no_mark(path):
    path.parent.mkdir()
    path.write_text(json.dumps(OLD))
    codes = processes.calls((_mark_many, path, "a"), (_mark_many, path, "b"), (_take_over, path))
    assert codes == [0, 0, 0]
    assert len(read_marks(HERE, path)) == 41


def test_only_the_newest_marks_are_kept_and_always_the_new_one(path):
    document = {f"m{number}": {"at": 1000 + number, "made": 1} for number in range(MAX_MARKS)}
    path.parent.mkdir()
    path.write_text(json.dumps({"v": 2, "profiles": {"default": {PROD: document}}}))
    written = set_mark(HERE, "old", 5.0, made=9.0, path=path)
    assert written.dropped == 1
    names = read_marks(HERE, path)
    assert len(names) == MAX_MARKS
    assert "old" in names
    assert "m0" not in names


@pytest.mark.parametrize("name", ["release-42", "v1.2 (rc)", "多言語", "x" * 80, "mark:x"])
def test_valid_names_of_marks(name):
    assert mark_name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "x" * 81, "a\nb", "a\x1b[31m", "\u202ea", "\udcff", "agent:checkout"]
)
def test_invalid_names_of_marks(name):
    with pytest.raises(UsageError):
        mark_name(name)
