"""Tells a sweep when it has read far enough back."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.run.row import Run

_SURE = 2  # one row alone may have a wrong date


class Before:
    """Contains the id of a row once two rows were read that were created before `floor` (UTC epoch seconds of the server).

    `rows`: the rows read so far; the sweep adds to them.
    """

    def __init__(self, floor: float, rows: Sequence[Run]) -> None:
        self._floor, self._rows = floor, rows
        self._older: set[str] = set()
        self._read = 0

    def __contains__(self, raw_id: object) -> bool:
        for row in self._rows[self._read :]:
            if row.created is not None and row.created < self._floor:
                self._older.add(row.raw_id)
        self._read = len(self._rows)
        return raw_id in self._older and len(self._older) >= _SURE
