"""How far an undecided comparison is from a verdict: how many more runs it takes, and how long they take to come. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.gate.page import Measured
from flowtui.model.gate import INCONCLUSIVE
from flowtui.model.gate.answer import Answer
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.gate.tree import asks_base
from flowtui.model.gate.wording import two_digits

_LEAST: Final = 60.0  # seconds since the mark from which a rate is told


class ToVerdict(NamedTuple):
    """What one undecided comparison waits for."""

    measured: Measured
    done: int
    """Runs of the new side with a value."""
    needed: int | None
    """About how many it takes, to two digits, if the estimates are true; None if that is unknown, or if no number would do."""
    per_minute: float | None
    """How many such runs came a minute since the mark; None if too little time has passed."""
    base_short: bool
    """Whether no number of new runs is enough with so few runs in the base."""

    @property
    def more(self) -> int | None:
        """About how many more runs it takes, to two digits."""
        return None if self.needed is None else two_digits(max(1, self.needed - self.done))

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
    if wanted is not None and wanted <= row.new.n:
        # There are as many, but they were not judged yet or did not decide: what comes next is the next look.
        wanted = next(size for size in sizes() if size > max(row.judged, row.new.n))
    return ToVerdict(measured, row.new.n, None if wanted is None else two_digits(wanted), rate, short)


def more_runs(answer: Answer, metrics: Sequence[Measured]) -> int | None:
    """Return about how many more runs of the new side the verdict of the whole gate takes, to two digits.

    None if it is decided, or if that is unknown: if a comparison that it needs has no such number.
    """
    waiting = [each for row in metrics if (each := to_verdict(answer, row)) is not None]
    wanted = answer.judgement.needed
    if wanted is None or not waiting:
        return None
    numbers = [each.measured.row.needed for each in waiting]
    if None in numbers or any(number > wanted for number in numbers if number is not None):
        # one comparison that leans to a fail is enough
        return next((each.more for each in waiting if each.measured.row.needed == wanted), None)
    every = [each.more for each in waiting]
    return None if None in every else max(more for more in every if more is not None)


def _with_base(needed: int, base: int) -> tuple[int | None, bool]:
    """Return how many new runs tell as much as `needed` on each side, with `base` runs in the base; whether none do."""
    if 2 * base <= needed:
        return None, True
    return math.ceil(1 / (2 / needed - 1 / base)), False
