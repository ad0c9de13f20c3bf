"""The commented config file that `config init` writes: packaged, and at the root of a source tree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from flowtui.config.files.private_files import create_private, make_folder
from flowtui.errors import ConfigError, UsageError

_EXAMPLE: Final = "config.example.toml"


def example_text() -> str:
    """Return the commented config file: packaged beside this package, or at the root of a source tree."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package, package.parent):
        if (folder / _EXAMPLE).is_file():
            return (folder / _EXAMPLE).read_text(encoding="utf-8")
    raise ConfigError(f"This installation lacks its {_EXAMPLE}", hint="Install flowtui again")


def write_example(path: Path) -> None:
    """Write the commented config file, readable by its owner only; a folder that has to be made likewise.

    Raises:
        UsageError: a file is there already; it is left as it is.
        ConfigError: it cannot be written there.
    """
    content = example_text().encode()
    try:
        make_folder(path.parent)
        with os.fdopen(create_private(path), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        if not os.path.lexists(path):  # it was the folder's place that is taken, by a file
            raise ConfigError(f"Cannot write {path}: {path.parent} is no folder") from None
        raise UsageError(
            f"{path} is there already and stays as it is", hint="Edit it, or name another with --config"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot write {path}: {getattr(error, 'strerror', None) or 'its path is not valid'}"
        ) from None
