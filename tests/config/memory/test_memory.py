"""What the dashboard remembers between two starts: written in one step, checked when read, never a reason to fail."""

from __future__ import annotations

import errno
import json
import os
import stat
from threading import Thread

import pytest

from flowtui.config.memory import memory
from flowtui.config.memory.memory import Memory, delete_view, memory_path, recall, remember, save_view
from flowtui.config.values.tables import TableError
from flowtui.config.values.views import SavedView

COSTLY = SavedView(name="costly", filter="age<1d", sort="tokens", descending=True, columns=("run", "tokens"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "state.json"


def test_the_file_is_in_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert memory_path() == tmp_path / "flowtui" / "state.json"
    assert recall() == Memory()
    assert remember(theme="day")
    assert recall().theme == "day"


def test_a_change_keeps_other_fields_and_none_forgets_one(path):
    assert remember(theme="day", path=path)
    assert remember(sort="tokens", descending=True, columns=("run", "tokens"), path=path)
    assert remember(theme="night", widths={"run": 12}, view="costly", path=path)
    kept = Memory(
        theme="night",
        sort="tokens",
        descending=True,
        columns=("run", "tokens"),
        widths={"run": 12},
        view="costly",
    )
    assert recall(path=path) == kept
    assert remember(sort=None, widths=None, columns=None, path=path)
    assert recall(path=path) == Memory(theme="night", descending=True, view="costly")


def test_profiles_are_remembered_separately(path):
    remember("blue", theme="day", sort="age", path=path)
    save_view("blue", COSTLY, path=path)
    remember("red", theme="night", path=path)
    assert recall("blue", path) == Memory(theme="day", sort="age", views={"costly": COSTLY})
    assert recall("red", path) == Memory(theme="night")
    assert recall("green", path) == Memory()


def test_a_theme_stored_before_profiles_existed_is_read(path):
    path.parent.mkdir()
    path.write_text('{"v": 1, "theme": "day"}', encoding="utf-8")
    assert recall("blue", path).theme == "day"
    remember("blue", theme="night", path=path)
    assert recall("blue", path).theme == "night"
    assert recall("red", path).theme == "day"


def test_unknown_fields_are_refused(path):
    for name in ("thema", "views"):
        with pytest.raises(TypeError, match=name):
            remember(path=path, **{name: "day"})


def test_views_are_saved_replaced_and_deleted(path):
    assert save_view("blue", COSTLY, path=path)
    other = SavedView(name="mine", group="agent", thread="thr_9a\u202e")
    assert save_view("blue", other, path=path)
    assert save_view("blue", SavedView(name="costly", sort="age"), path=path)
    assert recall("blue", path).views == {"costly": SavedView(name="costly", sort="age"), "mine": other}
    assert delete_view("blue", "costly", path=path)
    assert not delete_view("blue", "costly", path=path)
    assert not delete_view("red", "mine", path=path)
    assert recall("blue", path).views == {"mine": other}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[2J", "x" * 61])
def test_a_view_needs_a_name_that_fits_on_a_line(name, path):
    with pytest.raises(TableError, match="name of a view"):
        save_view("blue", SavedView(name=name, sort="age"), path=path)
    assert not path.exists()


def test_views_keep_their_places_in_the_menu(path):
    view = SavedView(name="mine", sort="age")
    assert save_view("blue", view, numbers={"costly": 7, "mine": 8}, path=path)
    assert recall("blue", path).view_numbers == {"costly": 7, "mine": 8}
    assert save_view("blue", view, path=path)
    assert delete_view("blue", "mine", numbers={"costly": 7}, path=path)
    assert recall("blue", path).view_numbers == {"costly": 7}
    document = json.loads(path.read_text())
    document["profiles"]["blue"]["view_numbers"] = {"a": 0, "b": "7", "c": True, "d": 1e9, "e": 9}
    path.write_text(json.dumps(document))
    assert recall("blue", path).view_numbers == {"e": 9}


def test_the_file_is_private_and_no_draft_is_left(path):
    remember(theme="day", path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_a_file_that_others_can_read_is_made_private(path):
    remember(theme="day", path=path)
    path.chmod(0o644)
    assert recall(path=path).theme == "day"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


BROKEN = {
    "empty": b"",
    "cut": b"{",
    "bytes": b"\xff\xfe\x00",
    "list": b"[]",
    "null": b"null",
    "no-version": b'{"theme": "day"}',
    "newer": b'{"v": 2, "theme": "day"}',
    "deep": b"[" * 100_000,
    "huge": b'{"v": 1, "x": "' + b"x" * (1 << 20) + b'"}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_renamed_not_deleted(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    assert recall(path=path) == Memory()
    assert not path.exists()
    assert path.with_suffix(".broken.json").read_bytes() == content
    assert remember(theme="day", path=path)
    assert recall(path=path).theme == "day"


def test_a_second_broken_file_does_not_replace_the_first(path):
    path.parent.mkdir()
    for number in range(12):
        path.write_text(f"broken {number}", encoding="utf-8")
        recall(path=path)
    kept = {file.read_text(encoding="utf-8") for file in path.parent.iterdir()}
    assert len(kept) == 9
    assert "broken 11" in kept


@pytest.mark.parametrize(
    "profiles",
    [
        [],
        {"default": []},
        {
            "default": {
                "theme": 3,
                "sort": [],
                "descending": "yes",
                "columns": "run",
                "widths": [],
                "views": 1,
            }
        },
        {
            "default": {
                "theme": "",
                "columns": ["run", 3],
                "widths": {"a": "b", "c": -1, "d": True, "e": 10**9},
            }
        },
        {"default": {"columns": [], "views": {"x": 1, "y": {"sort": 3}, "z": {"new": "field"}, "": {}}}},
    ],
)
def test_invalid_parts_are_left_out(path, profiles):
    path.parent.mkdir()
    path.write_text(json.dumps({"v": 1, "profiles": profiles}), encoding="utf-8")
    assert recall(path=path) == Memory()
    assert remember(theme="day", path=path)
    assert recall(path=path).theme == "day"


def test_an_unreadable_view_does_not_hide_others(path):
    save_view("blue", COSTLY, path=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["profiles"]["blue"]["views"]["future"] = {"zoom": 3}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert recall("blue", path).views == {"costly": COSTLY}
    remember("blue", theme="day", path=path)
    assert "future" in path.read_text(encoding="utf-8")  # a newer flowtui may still read it


def test_a_file_that_cannot_be_read_or_written_stops_nothing(path):
    path.mkdir(parents=True)  # a directory cannot be read as a file, even by root
    assert recall(path=path) == Memory()
    assert not remember(theme="day", path=path)
    assert not save_view("blue", COSTLY, path=path)
    assert not delete_view("blue", "costly", path=path)
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


def test_a_folder_that_cannot_be_created_stops_nothing(tmp_path):
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    path = tmp_path / "state" / "state.json"
    assert recall(path=path) == Memory()
    assert not remember(theme="day", path=path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("step", ["open", "write"])
def test_a_full_or_read_only_disk_leaves_the_old_file(path, code, step, monkeypatch):
    remember(theme="day", path=path)
    real = os.open

    def refuse(name, flags, mode=0o777, **rest):
        if not str(name).endswith(".tmp"):
            return real(name, flags, mode, **rest)
        if step == "open":
            raise OSError(code, os.strerror(code))
        real(name, flags, mode, **rest)  # the draft is created, then the disk is full
        return real("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(os, "open", refuse)
    assert not remember(theme="night", path=path)
    monkeypatch.undo()
    assert recall(path=path).theme == "day"
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_the_file_never_grows_beyond_its_size_limit(path):
    remember(theme="day", path=path)
    assert not remember(view="x" * (1 << 20), path=path)
    assert recall(path=path).theme == "day"


def test_problems_with_the_file_are_described(tmp_path):
    path = tmp_path / "state.json"
    assert recall(path=path).trouble == ""
    path.write_text("no JSON")
    assert recall(path=path).trouble == (
        f"{path} was broken and is now state.broken.json: its content is not used"
    )
    assert recall(path=path).trouble == ""
    path.mkdir()
    assert recall(path=path).trouble == f"{path} cannot be read: Is a directory"


def test_two_threads_that_write_at_once_keep_what_the_other_writes(path, monkeypatch):
    """The order of the table is written some time after it was chosen, perhaps just when a theme is."""
    write, others = memory._write, []

    def write_later(*words):
        if not others:
            others.append(Thread(target=remember, kwargs={"theme": "day", "path": path}))
            others[0].start()
            others[0].join(0.2)  # it has read the file by now, unless it has to wait
        return write(*words)

    monkeypatch.setattr(memory, "_write", write_later)
    remember(sort="tokens", path=path)
    others[0].join()
    assert recall(path=path) == Memory(theme="day", sort="tokens")
