"""Where the user's folders are. Who has no home has none, and nothing is looked for or left where we happen to run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs

NO_HOME: Final = Path(os.devnull) / "no-home-directory-set-HOME"
"""Where nothing is and nothing can be: the folder of somebody whom the system gives no home."""


def state_folder() -> Path:
    """Return where what is remembered lies."""
    return _folder(platformdirs.user_state_path)


def config_folder() -> Path:
    """Return where the config file lies."""
    return _folder(platformdirs.user_config_path)


def _folder(path: Callable[[str], Path]) -> Path:
    try:
        found = path("flowtui")
    except RuntimeError:
        return NO_HOME
    return found if found.is_absolute() else NO_HOME
