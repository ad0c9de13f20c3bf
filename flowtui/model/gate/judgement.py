"""What the gate found: a verdict, a row for each comparison (and agent), and failures that were not there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Estimate(NamedTuple):
    """A metric on one side with its 95 % interval, over `n` runs that told of it. None: unknown, or no such bound yet.

    Shares are of 1, durations in seconds.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """One comparison, of one agent (its name; None: of all runs).

    `text` is the comparison as it was written, `reason` one sentence that names both. `limit_low` and `limit_high` are the
    95 % interval of a limit that depends on the base. `judged` is how many runs of the new side the
    verdict is about: it was reached at the last look, and the estimates are of now. `needed`: about how many runs a
    side a decision takes at what is seen (None: decided, or nothing to go by).
    """

    agent: str | None
    metric: str
    text: str
    base: Estimate
    new: Estimate
    limit: float | None
    limit_low: float | None
    limit_high: float | None
    verdict: str
    reason: str
    judged: int
    needed: int | None


class NewReason(NamedTuple):
    """A reason of failures without what differs from run to run, and how many runs of the new side gave it."""

    text: str
    runs: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's answer. `reason` is one sentence; `needed` as in a row, for the whole gate.

    `new_reasons` are those not seen before, the most frequent first; `unexplained` is of how many failed runs of
    the base no reason is known: the more there are, the less "new" means. `waiting` runs of the new side have ended
    but do not count yet, since too many that were created before them are still active.
    """

    verdict: str
    reason: str
    rows: tuple[ComparisonResult, ...]
    new_reasons: tuple[NewReason, ...]
    unexplained: int
    needed: int | None
    waiting: int = 0
