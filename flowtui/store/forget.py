"""Deletes a history, or what it holds of the time before a moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowtui.config.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr


class Forgotten(NamedTuple):
    """What was deleted."""

    path: Path | None
    """The file of the history; None if there was none."""
    files: tuple[Path, ...] = ()
    """The files that were deleted; () if only a part of the history was."""
    runs: int | None = None
    """How many runs were deleted; None if that is not known, because the file could not be read."""
    freed: int = 0
    """The bytes that the disk has got back."""
    in_use: bool = False
    """Whether another program has the history open, such as a dashboard. It begins a new one and may write again what it
    has in memory."""


def forget(settings: Settings, key: SecretStr, before: float | None) -> Forgotten:
    """Delete the history of these settings and this key; return what was deleted. Blocks.

    `before`: delete only runs that ended before this time (UTC epoch seconds), and the sums and spans of that time. None:
    delete the file with all that belongs to it, the files that were set aside too. Histories of other keys stay.

    Raises:
        HistoryError: the file cannot be read or deleted.
    """
    raise NotImplementedError
