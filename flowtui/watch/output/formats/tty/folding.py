"""Keeps a busy watch readable: completed runs share rows, and so do failures that tell nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.watch.events import Event

_SINGLE: Final = 5  # so many completed runs have a row of their own, as in a calm watch
_AT_ONCE: Final = 3  # most runs of one kind that have rows of their own at the same time
PAUSE: Final = 10.0
"""Seconds between two rows of completed runs, after the first rows."""

_OVERDUE: Final = 60.0  # seconds after which completed runs get a row even if no other run completes


class Folded(NamedTuple):
    """A run that gets a row. `more`: how many other runs share it."""

    event: Event
    more: int = 0


class CompletedRuns:
    """Decides which completed runs get a row now. All times are in UTC epoch seconds of the local clock."""

    def __init__(self) -> None:
        self._held: list[Event] = []
        self._rows = 0
        self._printed_at = float("-inf")

    def take(self, told: Sequence[Event]) -> list[Folded]:
        """Take completed runs of the same moment, and return the rows to print now."""
        if not told:
            return []
        at = told[-1].at
        if self._rows < _SINGLE and len(told) <= _AT_ONCE and not self._held:
            self._rows += len(told)
            self._printed_at = at
            return [Folded(event) for event in told]
        self._held += told
        return self.flush(at) if at - self._printed_at >= PAUSE else []

    def due(self, at: float) -> bool:
        """Whether runs have waited for a row for so long that they get one at `at`."""
        return bool(self._held) and at - self._printed_at >= _OVERDUE

    def flush(self, at: float) -> list[Folded]:
        """Return a row for all runs that wait for one; none if no run waits."""
        if not self._held:
            return []
        held, self._held = self._held, []
        self._rows += 1
        self._printed_at = at
        return [Folded(held[-1], len(held) - 1)]


def fold_failures(told: Sequence[Event]) -> list[Folded]:
    """Return the rows of failures of the same moment: many that tell nothing new share the row of the last one."""
    kinds = [_kind(event) for event in told]
    counts = Counter(kind for kind in kinds if kind is not None)
    left = Counter(counts)
    out: list[Folded] = []
    for event, kind in zip(told, kinds, strict=True):
        if kind is None or counts[kind] <= _AT_ONCE:
            out.append(Folded(event))
            continue
        left[kind] -= 1
        if not left[kind]:
            out.append(Folded(event, counts[kind] - 1))
    return out


def _kind(event: Event) -> tuple[int, str] | None:
    """Return what failures have in common that may share a row; None for a failure that is news."""
    if event.mention is None:
        return 0, event.reason_state
    return None if event.mention.news else (event.mention.number, "")
