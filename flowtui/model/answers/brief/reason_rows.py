"""The reasons of the failed runs: how often, when, and whether they were seen before. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from flowtui.model.answers.brief.inputs import BriefInput, Ended
from flowtui.model.answers.brief.sentence import Sentence
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason


class ReasonRow(NamedTuple):
    """One reason."""

    reason: Reason
    times: tuple[float, ...]
    """When its runs ended, in order."""
    agents: tuple[str, ...]
    """The names of its agents, in the order of names."""
    seen: Seen | None
    """What is remembered of it from before the range; None if nothing is."""
    new: bool
    """Whether it is new: not remembered from before the range, though the history began earlier."""
    over: bool | None
    """Whether it went; None if no sentence says so."""

    @property
    def runs(self) -> int:
        """How many runs failed for it."""
        return len(self.times)


def reason_rows(data: BriefInput, said: Sequence[Sentence]) -> tuple[list[ReasonRow], int]:
    """Return the reasons, new ones first, then by runs; and of how many failed runs no reason is known yet."""
    failures: defaultdict[Reason, list[Ended]] = defaultdict(list)
    unexplained = 0
    for one in data.failures:
        reason = data.reasons.get(one.run.key)
        if reason is None:
            unexplained += 1
        else:
            failures[reason].append(one)
    over = {one.reason: one.until is not None for one in said if one.reason is not None}
    rows = [
        ReasonRow(
            reason=reason,
            times=tuple(one.at for one in failed),
            agents=tuple(sorted({data.name(one.run.agent_id) for one in failed})),
            seen=data.seen.get(reason),
            new=data.is_new(reason),
            over=over.get(reason),
        )
        for reason, failed in failures.items()
    ]
    return sorted(rows, key=lambda row: (not row.new, -row.runs, row.times[0])), unexplained
