"""Whether a folder is on a network file system, where SQLite cannot keep programs apart and a history may be lost."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    [
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "webdav", "davfs"),
        *(
            "9p",
            "ceph",
            "glusterfs",
            "lustre",
            "gpfs",
            "beegfs",
            "orangefs",
            "pvfs2",
            "coda",
            "ocfs2",
            "gfs2",
        ),
        *(
            "fuse.sshfs",
            "fuse.rclone",
            "fuse.glusterfs",
            "fuse.ceph",
            "fuse.s3fs",
            "fuse.davfs",
            "fuse.smbnetfs",
        ),
        *(
            "fuse.gcsfuse",
            "fuse.mountpoint-s3",
            "fuse.juicefs",
            "fuse.beegfs",
            "fuse.moosefs",
            "fuse.lizardfs",
        ),
    ]
)


def network_type(folder: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the network file system that a folder is on, such as `nfs4`; "" if it is on this machine.

    The folder may still be missing. If the type cannot be found out, it counts as being on this machine.
    """
    found = _macos_type(folder) if sys.platform == "darwin" else _linux_type(folder, mounts)
    return found if found in _NETWORK else ""


def _linux_type(folder: Path, mounts: Path) -> str:
    """Return the type of the innermost mount around a folder; the last line counts if one lies on the other."""
    best, found = -1, ""
    with suppress(OSError, ValueError, RuntimeError):
        inside = os.fspath(folder.expanduser().resolve())
        for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            before, _, after = line.partition(" - ")
            fields, types = before.split(" "), after.split(" ")
            if len(fields) < 5 or not types[0]:
                continue
            root = _unescaped(fields[4])
            if _is_in(inside, root) and len(root) >= best:
                best, found = len(root), types[0]
    return found


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _unescaped(name: str) -> str:
    """Return a path of a mount as it is: blanks and backslashes are written as octal numbers."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        name = name.replace(code, char)
    return name


def _macos_type(folder: Path) -> str:
    """Return the type of the innermost mount around a folder, as `mount` tells it."""
    import subprocess  # noqa: PLC0415  only on macOS

    best, found = -1, ""
    with suppress(OSError, ValueError, RuntimeError, subprocess.SubprocessError):
        inside = os.fspath(folder.expanduser().resolve())
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True).stdout
        for line in listed.splitlines():
            place, _, options = line.partition(" on ")[2].rpartition(" (")
            if (
                place
                and (inside == place or inside.startswith(place.rstrip("/") + "/"))
                and len(place) > best
            ):
                best, found = len(place), options.split(",")[0].rstrip(")")
    return found
