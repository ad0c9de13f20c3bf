"""The installation's key: made once, private, the same for every process, and never missing."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from flowtui.config.memory import installation_key as keys
from flowtui.config.memory.installation_key import installation_key, key_path
from flowtui.model.reasons.reason import Reason, reason_id

from ...processes import run


@pytest.fixture(autouse=True)
def path(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    keys._key.cache_clear()
    yield key_path()
    keys._key.cache_clear()


def again():
    keys._key.cache_clear()  # as another process would read it
    return installation_key()


def test_the_key_is_made_when_it_is_first_needed_and_then_kept(path, tmp_path):
    assert path == tmp_path / "flowtui" / "installation.key"
    assert not path.exists()
    made = installation_key()
    assert len(made) == 32
    assert again() == made
    code = "from flowtui.config.memory.installation_key import installation_key as k; print(k().hex())"
    other = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == made.hex()
    assert [one.name for one in path.parent.iterdir()] == ["installation.key"], "no draft is left"


def test_only_its_owner_can_read_the_key(path):
    made = installation_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert again() == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "00ff", "zz" * 32, "00" * 33, "\xff" * 8])
def test_a_broken_file_is_replaced(path, content):
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="latin-1")
    made = installation_key()
    assert len(made) == 32
    assert again() == made


def test_the_key_of_a_faster_process_is_used(path, monkeypatch):
    path.parent.mkdir(parents=True)
    faster, link = "11" * 32, os.link

    def late(source, target):
        path.write_text(faster, encoding="ascii")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert installation_key().hex() == faster


def test_a_file_system_without_links_will_do(monkeypatch):
    def no_link(source, target):
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", no_link)
    assert again() == again()


def test_a_key_that_cannot_be_kept_is_random_and_the_same_in_the_process(path):
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("a file in place of the folder", encoding="ascii")
    made = installation_key()
    assert len(made) == 32
    assert installation_key() == made != again()


def test_a_named_pipe_in_its_place_does_not_hang(path):
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert len(installation_key()) == 32


def test_the_ids_of_two_installations_differ(tmp_path):
    reason = Reason("'tax_rate' is not in the order", "tool run_python")
    here, there = (reason_id(reason, installation_key(tmp_path / name / "k")) for name in "ab")
    assert len({here, there, reason_id(reason)}) == 3
