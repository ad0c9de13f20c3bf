"""Runs the dashboard many times in one process on one terminal, so that all faults cost one start of Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..terminal import Terminal, environment

SCRIPT = Path(__file__).with_name("crashing_dashboard.py")
_END = re.compile(rb"<<([^>]*) (\d+|raised \w+) (same|other)>>")
_ROW = re.compile(rb"run_[0-9a-f]{6}")
_OPEN = b"\x1b[?1049h"


class Ended(NamedTuple):
    """The end of one run of the dashboard: exit code, whether the line settings are as before, its bytes and modes."""

    code: str
    same: bool
    raw: bytes
    modes: dict[int, bool]

    @property
    def after(self) -> str:
        """The output after it left the alternate screen."""
        return self.raw.rpartition(b"\x1b[?1049l")[2].decode()


class RepeatedDashboard(Terminal):
    """A terminal on which the dashboard runs once for each of `places`; see `crashing_dashboard.py`."""

    def __init__(self, places: Sequence[str], home: Path, url: str, key: str, **more: str) -> None:
        given = environment(home, SEEKR_API_KEY=key, SEEKR_BASE_URL=url, **more)
        super().__init__((str(SCRIPT), *places), given, columns=100, rows=24)
        self._from = 0
        self._starts = 0

    @property
    def _ended(self) -> re.Match[bytes] | None:
        return _END.search(bytes(self.raw), self._from)

    def opens(self) -> None:
        """Wait until the next run has opened the alternate screen."""
        self._starts += 1
        self.until(lambda: self.raw.count(_OPEN) >= self._starts or self._ended)

    def shows_rows(self) -> bool:
        """Wait for rows, or for the end; return whether there are rows."""
        self.until(lambda: self._ended or _ROW.search(bytes(self.raw), self._from))
        return self._ended is None

    def ended(self) -> Ended:
        """Wait until this run has ended."""
        self.until(lambda: self._ended)
        found = self._ended
        assert found is not None
        whole, self._from = bytes(self.raw)[self._from : found.end()], found.end()
        modes = Terminal.modes.fget  # evaluated for the bytes of this run only
        assert modes is not None
        raw, self.raw = self.raw, bytearray(whole)
        try:
            return Ended(found[2].decode(), found[3] == b"same", whole, modes(self))
        finally:
            self.raw = raw
