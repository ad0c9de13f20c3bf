"""Decides when to read a thread again because the server sent wrong rows, and how far down.

By the API, an ended run does not change. If an ended run changes, the server was wrong before or is wrong now. Other wrong
rows may have left the newest page since, and would never be read again. So some time after the last such change the
thread is read once more, down to the oldest row that was read in the one to two hours before that change.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flowtui.model.run.row import Run
from flowtui.model.state.changes import APPEARED, CHANGED, Change

QUIET: Final = 300.0
"""Seconds without a wrong row after which the server is trusted again."""

PER_PAGE: Final = 30.0
"""Seconds to wait for each page to read again. So a server that is always wrong causes at most two requests a minute."""

_HOUR: Final = 3600.0  # seconds of a period; rows read in this period and in the last one are read again
_PAGE: Final = 100

# These fields may change shortly after the run has ended, when its lock is released.
_MAY_CHANGE: Final = frozenset({Run._fields.index(name) for name in ("is_active", "expires")})


@dataclass(slots=True)
class _Reread:
    """What is noted of a thread in order to read it again.

    `began`: when the current period of an hour began, in monotonic seconds.
    `now`: the creation time of the oldest row that was read in this period.
    `before`: the creation time of the oldest row that was read in the period before.
    `floor`: the creation time down to which to read again.
    `due`: when to read again, in monotonic seconds; None: there is nothing to read again.
    """

    began: float
    now: float = math.inf
    before: float = math.inf
    floor: float = math.inf
    due: float | None = None


class Rereads:
    """Which threads to read again. `now` is monotonic seconds everywhere; creation times are UTC epoch seconds of the server."""

    def __init__(self) -> None:
        self._rereads: dict[str, _Reread] = {}

    def floor(self, key: str, now: float) -> float | None:
        """Return the creation time down to which to read a thread again now; None: the thread need not be read again now."""
        doubt = self._rereads.get(key)
        return doubt.floor if doubt is not None and doubt.due is not None and doubt.due <= now else None

    def observed(
        self, key: str, now: float, rows: Iterable[Run], changes: Iterable[Change], *, known: int
    ) -> None:
        """Note an observation: its rows, the changes that it showed, and how many rows of the thread are `known` after it."""
        doubt = self._rereads.get(key)
        if doubt is None:
            doubt = self._rereads[key] = _Reread(now)
        elif now - doubt.began > _HOUR:
            doubt.began, doubt.before, doubt.now = now, doubt.now, math.inf
        dates = [row.created for row in rows]
        dated = [at for at in dates if at is not None]
        doubt.now = min([doubt.now, *dated] if dated or not dates else [-math.inf])
        if any(_suspicious(change) for change in changes):
            doubt.floor = min(doubt.floor, doubt.now, doubt.before)
            doubt.due = now + max(QUIET, PER_PAGE * known / _PAGE)

    def checked(self, key: str) -> None:
        """Note that a thread was read again down to its `floor`."""
        doubt = self._rereads[key]
        doubt.floor, doubt.due = math.inf, None


def _suspicious(change: Change) -> bool:
    """Whether a change contradicts the API: the server was wrong before or is wrong now."""
    before, after = change.before, change.after
    if change.kind == APPEARED:
        return after.unreadable is not None and not after.placeholder
    if change.kind != CHANGED or before is None:
        return False
    if after.unreadable is not None:
        return before.unreadable is None
    return before.terminal and any(
        old is not None and old != new
        for place, (old, new) in enumerate(zip(before, after, strict=True))
        if place not in _MAY_CHANGE
    )
