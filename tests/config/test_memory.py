"""What is remembered from one time to the next: written whole, read with suspicion, never a reason to fail."""

from __future__ import annotations

import json
import stat

import pytest

from flowtui.config.memory import memory_path, recall, remember


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "state.json"


def test_it_lies_in_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert memory_path() == tmp_path / "flowtui" / "state.json"
    assert recall() == {}
    assert remember({"theme": "day"})
    assert recall()["theme"] == "day"


def test_what_is_added_leaves_the_rest(path):
    assert remember({"theme": "day"}, path)
    assert remember({"other": 1}, path)
    assert remember({"theme": "night"}, path)
    assert recall(path) == {"theme": "night", "other": 1, "v": 1}


def test_only_the_user_can_read_it_and_no_draft_is_left(path):
    remember({"theme": "day"}, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"theme": "day"}',
        b'{"v": 2, "theme": "day"}',
        b"[" * 100_000,
        b'{"v": 1, "x": "' + b"x" * (1 << 20) + b'"}',
    ],
    ids=["empty", "cut", "bytes", "list", "null", "no-version", "newer", "deep", "huge"],
)
def test_a_broken_file_is_set_aside_and_never_deleted(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    assert recall(path) == {}
    assert not path.exists()
    assert path.with_suffix(".broken.json").read_bytes() == content
    assert remember({"theme": "day"}, path)
    assert json.loads(path.read_text(encoding="utf-8"))["theme"] == "day"


def test_a_file_that_cannot_be_read_or_written_stops_nothing(path):
    path.mkdir(parents=True)  # whoever the tests run as, a directory is no file
    assert recall(path) == {}
    assert not remember({"theme": "day"}, path)
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


def test_a_directory_that_cannot_be_made_stops_nothing(tmp_path):
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    path = tmp_path / "state" / "state.json"
    assert recall(path) == {}
    assert not remember({"theme": "day"}, path)
