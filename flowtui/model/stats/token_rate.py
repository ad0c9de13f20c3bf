"""Tokens used per minute. Pure.

The tokens of an ended run are dated by its end, those of an active run by the observation that first showed them.
Tokens that the first observation of a thread by this start shows do not count, as they may be old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from flowtui.model.run.row import RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, Change

_MINUTE: Final = 60.0
_KEPT: Final = 600.0  # seconds
_AHEAD: Final = 5.0  # seconds by which clocks may differ; tokens dated further in the future are ignored


class TokenRate:
    """Collects the tokens used since flowtui started.

    `now` is UTC epoch seconds by the server's clock. `wanted` says whether the tokens of a run count; None: those of
    all runs do.
    """

    def __init__(self) -> None:
        self._used: list[tuple[float, RunKey, int]] = []
        self._since: float | None = None  # when the first run was observed

    def update(self, changes: Iterable[Change], offset: float) -> None:
        """Apply changes; `offset` is the server's clock minus the local one, in seconds."""
        for change in changes:
            if self._since is None:
                self._since = change.at + offset
            after, before = change.after, change.before
            if after.total_tokens is None or change.kind not in (APPEARED, CHANGED):
                continue
            if change.catch_up or (before is None and change.since is None):
                continue  # the first observation: these tokens were used before
            grown = after.total_tokens - ((before.total_tokens or 0) if before is not None else 0)
            if grown > 0:
                at = after.ended if after.terminal and after.ended is not None else change.at + offset
                self._used.append((at, after.key, grown))

    def is_short(self, now: float) -> bool:
        """Whether tokens are collected for less than a minute, so that `per_minute` is what was used since then."""
        return self._since is None or now - self._since < _MINUTE

    def per_minute(self, now: float, wanted: Callable[[RunKey], bool] | None = None) -> int:
        """Return the tokens used in the last 60 s."""
        self._used = [item for item in self._used if item[0] > now - _KEPT]
        return sum(
            used
            for at, key, used in self._used
            if now - _MINUTE < at <= now + _AHEAD and (wanted is None or wanted(key))
        )
