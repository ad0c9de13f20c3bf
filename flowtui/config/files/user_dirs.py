"""The user's folders for config and state.

For a user without a home directory both are a path that cannot exist, so that nothing is written to the current folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs

NO_HOME: Final = Path(os.devnull) / "no-home-directory-set-HOME"
"""The folder for a user without a home directory: a path at which nothing can exist."""


def state_folder() -> Path:
    """Return the folder for the dashboard's state, marks and crash reports."""
    return _folder(platformdirs.user_state_path)


def config_folder() -> Path:
    """Return the folder of the config file."""
    return _folder(platformdirs.user_config_path)


def _folder(path: Callable[[str], Path]) -> Path:
    try:
        found = path("flowtui")
    except RuntimeError:
        return NO_HOME
    return found if found.is_absolute() else NO_HOME
