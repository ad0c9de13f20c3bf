"""How far an undecided comparison is from a verdict: how many more runs it takes, and how long they take to come. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from flowtui.model.answers.gate.page import Measured
from flowtui.model.gate import INCONCLUSIVE
from flowtui.model.gate.answer import Answer
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.gate.tree import asks_base

_LEAST: Final = 60.0  # seconds since the mark from which a rate is told


class ToVerdict(NamedTuple):
    """What one undecided comparison waits for."""

    measured: Measured
    done: int
    """Runs of the new side with a value."""
    needed: int | None
    """About how many it takes, if the estimates are true; None if that is unknown, or if no number would do."""
    per_minute: float | None
    """How many such runs came a minute since the mark; None if too little time has passed."""
    base_short: bool
    """Whether no number of new runs is enough with so few runs in the base."""

    @property
    def more(self) -> int | None:
        """About how many more runs it takes."""
        return None if self.needed is None else max(1, self.needed - self.done)

    @property
    def seconds(self) -> float | None:
        """How long these take to come at the present rate; None if unknown."""
        if self.more is None or not self.per_minute:
            return None
        return self.more / self.per_minute * 60


def to_verdict(answer: Answer, measured: Measured) -> ToVerdict | None:
    """Return what a comparison waits for; None if it is decided, or if runs are missing."""
    if measured.verdict != INCONCLUSIVE or answer.sides.missing:
        return None
    row, new = measured.row, answer.sides.new
    lasted = new.until - new.since
    rate = row.new.n / lasted * 60 if lasted >= _LEAST and row.new.n else None
    wanted, short = row.needed, False
    if wanted is not None and asks_base(measured.leaf.limit):
        wanted, short = _with_base(wanted, row.base.n)
    if (
        wanted is not None and wanted <= row.new.n
    ):  # more runs were judged by then, or will be at the next look
        wanted = next(size for size in sizes() if size > max(row.judged, row.new.n))
    return ToVerdict(measured, row.new.n, wanted, rate, short)


def _with_base(needed: int, base: int) -> tuple[int | None, bool]:
    """Return how many new runs tell as much as `needed` on each side, with `base` runs in the base; whether none do."""
    if 2 * base <= needed:
        return None, True
    return math.ceil(1 / (2 / needed - 1 / base)), False
