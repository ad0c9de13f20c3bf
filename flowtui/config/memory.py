"""What the dashboard remembers from one time to the next: a small JSON file in the state directory.

Nothing here may stop a live view: a file that cannot be read is set aside, never deleted, one that cannot be written
is forgotten about. Holds no key and no data of the API.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

_VERSION = 1
_MAX_BYTES = 1 << 20


def memory_path() -> Path:
    """Return where the file is."""
    return user_state_path("flowtui") / "state.json"


def recall(path: Path | None = None) -> dict[str, Any]:
    """Return what is remembered; empty where nothing is, or where the file is broken (which is set aside)."""
    path = path or memory_path()
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        value = json.loads(content) if len(content) <= _MAX_BYTES else None
    except OSError:
        return {}
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and value.get("v") == _VERSION:
        return value
    with suppress(OSError):
        path.replace(path.with_suffix(".broken.json"))
    return {}


def remember(changes: dict[str, Any], path: Path | None = None) -> bool:
    """Add to what is remembered; return whether it could be written. Whole or not at all, readable by the user alone."""
    path = path or memory_path()
    value = {**recall(path), **changes, "v": _VERSION}
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(value, file)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        return False
    return True
