"""Whether a folder is on a network file system."""

from pathlib import Path

import pytest

from flowtui.store.files.filesystem import network_type

_MOUNTS = """\
21 28 0:19 / / rw,relatime - ext4 /dev/sda1 rw
22 21 0:20 / /home rw,relatime shared:1 - nfs4 server:/home rw
23 22 0:21 / /home/ann/local\\040disk rw,relatime - xfs /dev/sdb rw
24 21 0:22 / /mnt/share rw,relatime - fuse.sshfs ann@host: rw
25 24 0:23 / /mnt/share rw,relatime - tmpfs none rw
broken line
"""


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("/var/lib", ""),
        ("/home/ann/.local/state", "nfs4"),
        ("/home", "nfs4"),
        ("/homely", ""),
        ("/home/ann/local disk/missing", ""),
        ("/mnt/share/x", ""),  # the later mount lies on the first
        ("/mnt", ""),
    ],
)
def test_the_innermost_mount_counts(tmp_path, folder, found, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(_MOUNTS)
    assert network_type(Path(folder), mounts) == found


def test_an_unknown_file_system_counts_as_local(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert network_type(tmp_path, tmp_path / "missing") == ""
    (tmp_path / "noise").write_bytes(b"\xff\xfe - \n\n - nfs")
    assert network_type(tmp_path, tmp_path / "noise") == ""


def test_on_macos_the_mount_command_tells(tmp_path, monkeypatch):
    class Listed:
        stdout = "/dev/disk1s1 on / (apfs, local, journaled)\n//ann@host/share on /Volumes/my share (smbfs, nodev)\n"

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: Listed)
    assert network_type(Path("/Volumes/my share/flowtui")) == "smbfs"
    assert network_type(Path("/Users/ann")) == ""
