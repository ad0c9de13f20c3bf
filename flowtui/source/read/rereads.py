"""Which rows may still be as a server wrongly listed them. Decides when to read them again, and how far down.

The API says that an ended run does not change. Where one did, the server was wrong before or is wrong now, and rows
that it showed meanwhile may have left the newest page since: nobody would ask for them again. So some time after the
last such sign the thread is read once more, down to the oldest row that was read in the hour before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flowtui.model.run.row import Run
from flowtui.model.state.changes import APPEARED, CHANGED, Change

QUIET: Final = 300.0
"""Seconds without a sign after which a server is believed to be well again."""

PER_PAGE: Final = 30.0
"""Seconds to wait for each page that is to be read again: what always lies costs two requests a minute at most."""

_HOUR: Final = 3600.0  # how long what a look showed may be doubted
_PAGE: Final = 100

# A lock is let go, and with it its end, a moment after the run has ended: no contradiction.
_MAY_CHANGE: Final = frozenset({Run._fields.index(name) for name in ("is_active", "expires")})


@dataclass(slots=True)
class _Reread:
    """`now` and `before`: creation of the oldest row read since `began`, and in the hour before that.

    `floor` is how far down the next reading goes, `due` when it may come (monotonic seconds); None: no doubt.
    """

    began: float
    now: float = math.inf
    before: float = math.inf
    floor: float = math.inf
    due: float | None = None


class Rereads:
    """What is doubted, by thread. `now` is monotonic seconds everywhere; creation is the server's UTC epoch seconds."""

    def __init__(self) -> None:
        self._rereads: dict[str, _Reread] = {}

    def floor(self, key: str, now: float) -> float | None:
        """Return the creation down to which a thread is to be read again by now; None: it is not."""
        doubt = self._rereads.get(key)
        return doubt.floor if doubt is not None and doubt.due is not None and doubt.due <= now else None

    def observed(
        self, key: str, now: float, rows: Iterable[Run], changes: Iterable[Change], *, known: int
    ) -> None:
        """Take in a look: its rows, what they changed, and how many rows of the thread are `known` now."""
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
        """Take in that a thread was read down to its floor: what was doubted so far is so no more."""
        doubt = self._rereads[key]
        doubt.floor, doubt.due = math.inf, None


def _suspicious(change: Change) -> bool:
    """Whether a change is one that no honest list shows."""
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
