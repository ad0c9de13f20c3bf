"""The deploy gate of a watch: takes the runs of both sides from the snapshot, judges them, and explains the result.

The last result is kept, because judging is slow: it is repeated only if something has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flowtui import formatting
from flowtui.model.messages.why import Why
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import safe_text
from flowtui.watch.options import Options

if TYPE_CHECKING:  # a watch without a gate needs none of these
    from flowtui.model.gate.answer import Answer
    from flowtui.model.gate.odds import KeptOdds
    from flowtui.model.gate.past_base import PastBase
    from flowtui.model.gate.sides import Labelled

PASS: Final = "PASS"  # noqa: S105  a verdict
FAIL: Final = "FAIL"
INCONCLUSIVE: Final = "INCONCLUSIVE"

_AGAIN: Final = 1.0  # minimum seconds between two judgements
_SAID: Final = 3  # most comparisons that a reason names


class GateJudge:
    """Judges the gate of a watch.

    `view`: the last result; None before the first one.
    `admits`: takes a snapshot and returns a function, which tells whether a run counts.
    `labels`: takes a snapshot and returns `Labelled`; None if labels do not matter.
    `reasons`: the known reasons of failures, by run.
    `past`: what the history says of the base; None: nothing.
    """

    def __init__(
        self,
        options: Options,
        admits: Callable[[Snapshot], Callable[[Run], bool]],
        reasons: Mapping[RunKey, Why],
        *,
        labels: Callable[[Snapshot], Labelled | None] = lambda _: None,
        past: PastBase | None = None,
    ) -> None:
        self.view: Answer | None = None
        self._options = options
        self._admits = admits
        self._labels = labels
        self._past = past
        self._reasons = reasons
        self._stale = True
        self._judged_at = float("-inf")
        self._known = 0
        self._final = False
        self._kept: KeptOdds | None = None

    def refresh(self) -> None:
        """Note that something has changed, so that the next `judge` does not return the last result."""
        self._stale = True

    @property
    def due(self) -> float | None:
        """When `judge` may judge again, in monotonic seconds; None if nothing has changed or there is no gate."""
        return self._judged_at + _AGAIN if self._stale and self._options.gate is not None else None

    def judge(self, snapshot: Snapshot, moment: float, *, final: bool) -> Answer | None:
        """Return the result; None without a gate. Judges again only if something has changed and a second has passed.

        `moment` is now, in monotonic seconds. `final`: this is the last judgement (see `flowtui help gate`), which does
        not wait for the second to pass.
        """
        plan, since = self._options.gate, self._options.since
        if plan is None or since is None:
            return None
        new_reasons = len(self._reasons) != self._known
        waits = moment < self._judged_at + _AGAIN and not (final and not self._final)
        if self.view is not None and (waits or not (self._stale or new_reasons or final != self._final)):
            return self.view
        from flowtui.model.gate.answer import Question, answer  # noqa: PLC0415
        from flowtui.model.gate.odds import KeptOdds  # noqa: PLC0415
        from flowtui.model.gate.past_base import NO_PAST  # noqa: PLC0415

        self._kept = self._kept or KeptOdds()
        self._stale, self._judged_at, self._final = False, moment, final
        self._known = len(self._reasons)
        mark = Mark(since, self._options.mark)
        self.view = answer(
            Question(mark, plan.compare, plan.gate, plan.min_runs, plan.by_agent),
            snapshot,
            {key: why.folded for key, why in self._reasons.items()},
            threads=self._options.threads,
            wants=self._admits(snapshot),
            labelled=self._labels(snapshot),
            past=self._past or NO_PAST,
            final=final,
            kept=self._kept,
        )
        return self.view

    def last(self, snapshot: Snapshot) -> Answer | None:
        """Return the last result with the reasons that are known now; None if there was no result.

        If judging again would change the verdict, the last result is returned unchanged.
        """
        before = self.view
        if before is None:
            return None
        view = self.judge(snapshot, float("inf"), final=self._final)
        return before if view is None or view.verdict != before.verdict else view

    @property
    def failed_before(self) -> list[RunKey] | None:
        """The failed runs of the base; None before the first result."""
        if self.view is None:
            return None
        return [run.key for run in self.view.sides.base.runs if run.status_class == FAILED]

    def failures(self, most: int) -> list[Run]:
        """Return the latest failed runs, at most `most` of each side: in turn one of the new side and one of the base."""
        if self.view is None:
            return []
        from flowtui.model.gate.answer import latest_failures  # noqa: PLC0415

        return latest_failures(self.view.sides, most)


def reason(view: Answer) -> str:
    """Return the reason for the verdict in a few display-safe words."""
    if view.sides.missing and view.verdict == INCONCLUSIVE:
        return view.sides.missing
    rows = [row for row in view.judgement.rows if row.verdict == view.verdict]
    new, base = len(view.sides.new.runs), len(view.sides.base.runs)
    if view.verdict == PASS:
        return f"the gate is met: {formatting.count(new)} runs created since, {formatting.count(base)} before"
    if view.verdict == INCONCLUSIVE:
        return safe_text(view.judgement.reason)
    said = "; ".join(safe_text(row.reason) for row in rows[:_SAID]) or safe_text(view.judgement.reason)
    more = f"; and {len(rows) - _SAID} more" if len(rows) > _SAID else ""
    return f"the gate is not met: {said}{more}"
