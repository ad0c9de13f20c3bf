"""What there is of the history of one profile and key, for `flowtui history`. Never makes or changes a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowtui.config.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr


class HistoryFacts(NamedTuple):
    """What there is of a history. Times are UTC epoch seconds. Numbers that could not be read are None."""

    path: Path
    """The file."""
    size: int
    """The bytes on the disk: of the file, and of what is not in it yet (`-wal`)."""
    begin: float | None = None
    """When the first span began that was watched; None if nothing was watched."""
    end: float | None = None
    """When the last span ended that was watched; None if nothing was watched."""
    runs: int | None = None
    """How many runs are remembered."""
    threads: int | None = None
    """How many threads are remembered."""
    by_class: Mapping[str, int] = {}
    """Status class → how many runs of it are remembered."""
    forgotten: float | None = None
    """Runs that ended before this time are not remembered any more; None if none was removed."""
    sums_begin: float | None = None
    """Since when there are sums of ended runs, which outlive the runs; None if there are none."""
    set_aside: tuple[Path, ...] = ()
    """Files that could not be read and were renamed."""
    other_keys: tuple[Path, ...] = ()
    """Files of the same profile, address and team that another key wrote. They are not opened."""
    trouble: str = ""
    """Why the file cannot be read, display-safe; "" if it can."""


def read_facts(settings: Settings, key: SecretStr) -> HistoryFacts | None:
    """Return what there is of the history of these settings and this key; None if there is no file. Blocks. Never raises."""
    raise NotImplementedError
