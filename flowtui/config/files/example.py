"""The commented config file that `flowtui config init` writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from flowtui.config.files.private_files import create_private, make_folder, reason
from flowtui.errors import ConfigError, UsageError

_EXAMPLE: Final = "config.example.toml"


def example_text() -> str:
    """Return the text of the commented config file, from the installed package or the root of the source tree.

    Raises:
        ConfigError: it is in neither place.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package, package.parent):
        if (folder / _EXAMPLE).is_file():
            return (folder / _EXAMPLE).read_text(encoding="utf-8")
    raise ConfigError(f"This installation lacks the file {_EXAMPLE}", hint="Install flowtui again")


def write_example(path: Path) -> None:
    """Write the commented config file and, if missing, its folder. Only their owner can read them.

    Raises:
        UsageError: the file exists already; it is not changed.
        ConfigError: the file cannot be written.
    """
    content = example_text().encode()
    try:
        make_folder(path.parent)
        with os.fdopen(create_private(path), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        if not os.path.lexists(path):  # the error was about the folder: a file is in its place
            raise ConfigError(f"Cannot write {path}: {path.parent} is no folder") from None
        raise UsageError(
            f"{path} exists already and was not changed", hint="Edit it, or name another with --config"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot write {path}: {reason(error)}") from None
