"""The installation's key: 32 random bytes in a private file of the state directory, made when they are first needed.

Hashes that `--redact` shows are keyed by it, so that nobody can find a hidden text by hashing guesses. Two installations
give different hashes of the same text.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from flowtui.config.files.private_files import FILE, create_private, make_folder
from flowtui.config.files.user_dirs import state_folder

_BYTES: Final = 32
_OTHERS: Final = 0o077


def key_path() -> Path:
    """Return the path of the file."""
    return state_folder() / "installation.key"


def installation_key(path: Path | None = None) -> bytes:
    """Return the key; the file is made if it is missing or broken. It blocks for a small file, once in a process.

    If the file can neither be read nor written, a random key is returned, which is valid for this process only: without a
    key, hashes could be guessed.
    """
    return _key(path or key_path())


@lru_cache(maxsize=8)  # a key that cannot be kept must at least be the same in the whole process
def _key(path: Path) -> bytes:
    fresh = os.urandom(_BYTES)
    with suppress(OSError, ValueError):
        kept = _read(path)
        if kept is None:
            _write(path, fresh)
            kept = _read(path)  # another process may have been faster
        if kept is not None:
            return kept
    return fresh


def _read(path: Path) -> bytes | None:
    """Return the key in the file; None if there is none. Other users lose their rights to the file.

    Raises:
        OSError: the file cannot be read.
        ValueError: a NUL is in the path.
    """
    try:
        # Non-blocking: if there is a named pipe instead of a file, this would else wait for a writer.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            content = file.read(2 * _BYTES + 2)
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                path.chmod(FILE)
    except FileNotFoundError:
        return None
    try:
        key = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        return None
    return key if len(key) == _BYTES else None


def _write(path: Path, key: bytes) -> None:
    """Write the key unless another process was faster. A broken file is replaced.

    Raises:
        OSError: the file cannot be written.
    """
    make_folder(path.parent, own=path == key_path())
    broken = path.is_file() and _read(path) is None
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)  # a killed process may have left it behind
        with os.fdopen(create_private(draft), "wb") as file:
            file.write(key.hex().encode() + b"\n")
        if broken:
            draft.replace(path)
            return
        with suppress(FileExistsError):
            try:
                os.link(draft, path)  # unlike a rename, it keeps the key of a faster process
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
