"""The result of a gate: a verdict, a row for each comparison (and agent), and new reasons of failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from flowtui.model.reasons.reason import Reason


class Estimate(NamedTuple):
    """A metric on one side with its 95 % interval.

    Shares are numbers from 0 to 1, durations are in seconds.
    """

    value: float | None
    """The estimate; None if unknown."""
    low: float | None
    """The lower end of the interval; None: no bound yet."""
    high: float | None
    """The upper end of the interval; None: no bound yet."""
    n: int
    """The number of runs with a value."""
    threads: int | None = None
    """The number of threads of these runs; None if threads do not matter for this metric, or if nothing is known."""
    worth: float | None = None
    """How many independent runs tell as much as these `n` runs, as runs of one thread are alike, or failures come in bursts.

    At most `n`; None if threads do not matter for this metric, or if nothing is known.
    """


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """The result of one comparison, for one agent or for all runs."""

    agent: str | None
    """The name of the agent; None: all runs."""
    metric: str
    text: str
    """The comparison as the user wrote it."""
    base: Estimate
    new: Estimate
    limit: float | None
    """The limit, computed from the estimate of the base; None if unknown."""
    limit_low: float | None
    """The lower end of the limit's 95 % interval; None if unknown."""
    limit_high: float | None
    """The upper end of the limit's 95 % interval; None if unknown."""
    verdict: str
    reason: str
    """One sentence on the verdict."""
    judged: int
    """The number of runs of the new side at the last interim look, on which the verdict rests.

    The estimates include later runs.
    """
    needed: int | None
    """About how many runs a side a decision takes, if the estimates are true.

    None if the comparison is decided, or if the number is unknown.
    """
    leans: str = ""
    """PASS or FAIL, whichever is more likely, if the comparison was judged and is undecided, and the estimate is on that side of
    the limit; else ""."""
    deciding: Callable[[], Estimate] | None = field(default=None, compare=False, repr=False)
    """Computes the estimate of the judged runs with the interval that decides (`deciding_interval.py`), which takes time.

    The interval is above or below the limit exactly if the comparison is decided, provided that enough runs are judged.
    None before the first interim look.
    """


class NewReason(NamedTuple):
    """A reason for which runs of the new side failed, and no run of the base."""

    reason: Reason
    runs: int
    """The number of runs of the new side with this reason."""

    @property
    def text(self) -> str:
        """The folded text of the reason."""
        return self.reason.text


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of a gate."""

    verdict: str
    reason: str
    """One sentence on the verdict."""
    rows: tuple[ComparisonResult, ...]
    """One result for each comparison, and for each agent if agents are judged separately."""
    new_reasons: tuple[NewReason, ...]
    """The reasons of failures that the base does not have, the most frequent first."""
    unexplained: int
    """The number of failed runs of the base without a known reason.

    The more there are, the less it means that a reason is new.
    """
    needed: int | None
    """About how many runs a side the verdict takes; None if it is known already, or if the number is unknown."""
    waiting: int = 0
    """The number of ended runs of the new side that do not count yet.

    They do not count because too many runs created before them are still active.
    """
