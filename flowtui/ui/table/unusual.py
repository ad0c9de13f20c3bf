"""Which values of a row are far above what is usual for its agent. What is usual is kept for a while, as it changes slowly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from flowtui.model.answers.run.earlier import completed_before
from flowtui.model.answers.run.usual import LEAST, RUNS
from flowtui.model.columns.context import Context
from flowtui.model.run.row import RUNNING, Run, RunKey
from flowtui.ui.paint.ink import Line, Span

FAR: Final = 1.5
"""A value is far above what is usual if it is more than this many times the highest usual one."""

FLOOR: Final = 5.0
"""Seconds that are never far above what is usual."""

_KEPT: Final = 20.0  # seconds
_MOST: Final = 2_000  # runs that are kept


class Unusual(NamedTuple):
    """How many times the highest usual value a value is; None: not far above it, or unknown."""

    time: float | None = None
    wait: float | None = None
    tokens: float | None = None

    def note(self, run: Run) -> Line:
        """Return the text for the note; blank if neither time nor tokens are unusual."""
        if self.time is not None:
            counting = ", still counting" if run.status_class == RUNNING else ""
            return Span(f"{self.time:.1f}× usual", "warn"), Span(f" time{counting}", "dim")
        if self.tokens is not None:
            return Span(f"{self.tokens:.1f}× usual", "warn"), Span(" tokens", "dim")
        return ()


NOTHING: Final = Unusual()


class _Highest(NamedTuple):
    """The highest usual values of the runs before a run; None: too few are known."""

    time: float | None
    wait: float | None
    tokens: float | None


class UnusualValues:
    """Finds unusual values of runs."""

    def __init__(self) -> None:
        self._kept: dict[RunKey, tuple[float, _Highest]] = {}

    def of(self, run: Run, context: Context) -> Unusual:
        """Return what is unusual of a run."""
        kept = self._kept.get(run.key)
        if kept is None or not 0 <= context.now - kept[0] < _KEPT:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[run.key] = context.now, _highest(run, context)
        time, wait, tokens = kept[1]
        if time is None and wait is None and tokens is None:
            return NOTHING
        return Unusual(
            _times(run.duration(context.now), time, FLOOR),
            _times(run.wait(context.now), wait, FLOOR),
            _times(run.total_tokens, tokens, 0.0),
        )


def _highest(run: Run, context: Context) -> _Highest:
    others = list(islice(completed_before(run, context), RUNS))
    return _Highest(
        _high([other.duration(0.0) for other in others]),
        _high([other.wait(0.0) for other in others]),
        _high([other.total_tokens for other in others]),
    )


def _high(values: Sequence[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    return known[math.ceil(len(known) * 0.9) - 1] if len(known) >= LEAST else None


def _times(value: float | None, high: float | None, floor: float) -> float | None:
    if value is None or high is None or value <= floor or value <= FAR * high or high <= 0:
        return None
    try:
        return value / high
    except OverflowError:  # an integer of more than 308 digits
        return None
