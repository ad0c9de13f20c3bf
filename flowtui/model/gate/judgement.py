"""The result of a gate: a verdict, a row for each comparison (and agent), and new reasons of failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Estimate(NamedTuple):
    """A metric on one side with its 95 % interval, from `n` runs with a value. None: unknown, or no bound yet.

    Shares are numbers from 0 to 1, durations are in seconds.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """The result of one comparison for the agent with the name `agent`, or for all runs (None).

    `text` is the comparison as the user wrote it, `reason` one sentence on the verdict. `limit_low` and `limit_high`
    are the 95 % interval of a limit that depends on the base. `judged` is the number of runs of the new side at the
    last interim look, on which the verdict rests; the estimates include later runs. `needed` is about how many runs a
    side a decision takes if the estimates are true (None: decided, or unknown).
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
    """A folded reason for which `runs` runs of the new side failed, and no run of the base."""

    text: str
    runs: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of the gate. `reason` is one sentence; `needed` is as in `ComparisonResult`, for the whole gate.

    `new_reasons` are reasons of failures that the base does not have, the most frequent first. `unexplained` is the
    number of failed runs of the base without a known reason: the more there are, the less "new" means. `waiting` runs
    of the new side have ended but do not count yet, as too many runs created before them are still active.
    """

    verdict: str
    reason: str
    rows: tuple[ComparisonResult, ...]
    new_reasons: tuple[NewReason, ...]
    unexplained: int
    needed: int | None
    waiting: int = 0
