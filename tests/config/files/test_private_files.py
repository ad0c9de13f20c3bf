"""Private files and folders: 0600 and 0700 with any umask, replaced in one step, never through a link."""

import os
import stat

import pytest

from flowtui.config.files.private_files import (
    append_private,
    create_private,
    folder_open_to_all,
    make_folder,
    write_atomically,
)


@pytest.fixture(params=[0, 0o022, 0o077, 0o377])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def write(descriptor, text):
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def test_created_files_and_folders_are_private(umask, tmp_path):
    folder = tmp_path / "a" / "b" / "c"
    make_folder(folder)
    write(create_private(folder / "new"), "1")
    write(append_private(folder / "log"), "2")
    write_atomically(folder / "whole", b"3", sure=True)
    assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
    assert [(path.name, mode(path)) for path in sorted(folder.iterdir())] == [
        ("log", 0o600),
        ("new", 0o600),
        ("whole", 0o600),
    ]


def test_only_flowtuis_own_folders_are_made_private_if_they_exist(tmp_path):
    tmp_path.chmod(0o755)
    make_folder(tmp_path)
    assert mode(tmp_path) == 0o755
    make_folder(tmp_path, own=True)
    assert mode(tmp_path) == 0o700


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(OSError, match=r"Not a directory|exists"):
            make_folder(path)


def test_a_new_file_follows_no_link_and_overwrites_nothing(tmp_path):
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            create_private(tmp_path / name)
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_log_that_others_could_read_becomes_private(tmp_path):
    path = tmp_path / "log"
    path.write_text("old\n")
    path.chmod(0o644)
    write(append_private(path), "new\n")
    assert (path.read_text(), mode(path)) == ("old\nnew\n", 0o600)


def test_a_file_is_replaced_in_one_step_and_leaves_no_draft(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to(tmp_path / "elsewhere")  # an attacker's link
    write_atomically(path, b"new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    write_atomically(path, b"newer", mode=0o640)
    assert mode(path) == 0o640


def test_a_failed_write_leaves_the_old_file(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "folder", b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    ("folder_mode", "found"), [(0o700, False), (0o775, False), (0o757, True), (0o777, True), (0o1777, False)]
)
def test_a_folder_in_which_any_user_can_replace_a_file_is_found(folder_mode, found, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("")
    (tmp_path / "link").symlink_to("folder/file")
    folder.chmod(folder_mode)
    for path in (folder / "file", tmp_path / "link"):
        assert folder_open_to_all(path) == (folder if found else None)
