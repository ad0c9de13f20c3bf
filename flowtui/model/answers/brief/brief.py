"""The whole brief of a time range. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowtui.model.answers.brief.inputs import BriefInput, ConfigChange
from flowtui.model.answers.brief.long_runs import LongRun, Open, open_runs, slowest, waited_longest
from flowtui.model.answers.brief.outcomes import AgentOutcomes, Counts, agent_outcomes, counts_of
from flowtui.model.answers.brief.reason_rows import ReasonRow, reason_rows
from flowtui.model.answers.brief.releases import Release, releases
from flowtui.model.answers.brief.sentence import AGENT, REASON, RELEASE, Sentence
from flowtui.model.answers.brief.sentences import sentences
from flowtui.model.answers.brief.spend import Spending, spending
from flowtui.model.answers.brief.watched import ended_in, gaps
from flowtui.model.answers.release_verdicts import KeptVerdicts, KnownRuns, Span, Verdict, verdicts
from flowtui.model.history.past import READ

_LISTED: Final = 3  # runs in a list of the longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What happened in a time range.

    `counts`: of all runs that count in the range, and of the active ones. `agents`: how the runs of each agent ended.
    `new_reasons`: how many of `reasons` are new. `unexplained`: of how many failed runs no reason is known yet.
    `slowest`, `waited`: the runs that took, and waited, longest.
    `threads`: on how many threads these runs are. `read`: how many of them ended in a gap that was read afterwards.
    `verdicts`: of the gate, on each of `releases`; None where not all runs are known that it needs.
    `unreported`: how many of those that ended reported no tokens.
    """

    data: BriefInput
    sentences: Sequence[Sentence]
    counts: Counts
    agents: Sequence[AgentOutcomes]
    reasons: Sequence[ReasonRow]
    unexplained: int
    spending: Spending
    slowest: Sequence[LongRun]
    waited: Sequence[LongRun]
    releases: Sequence[Release]
    verdicts: Sequence[Verdict | None]
    changes: Sequence[ConfigChange] | None
    open: Open
    threads: int
    read: int
    unreported: int

    @property
    def new_reasons(self) -> int:
        """How many reasons are new."""
        return sum(row.new for row in self.reasons)


def brief(data: BriefInput, *, judged: bool = True, kept: KeptVerdicts | None = None) -> Brief:
    """Return the brief of a time range. `judged`: whether the gate judges releases; `kept`: its last verdicts."""
    found = releases(data.marks, data.since, data.until)
    said = sentences(data, found)
    unusual = {agent for one in said if one.kind in (RELEASE, REASON, AGENT) for agent in one.agent_ids}
    rows, unexplained = reason_rows(data, said)
    spent = spending(data)
    return Brief(
        data=data,
        sentences=said,
        counts=counts_of(data),
        agents=agent_outcomes(data, unusual),
        reasons=rows,
        unexplained=unexplained,
        spending=spent,
        slowest=slowest(data, _LISTED),
        waited=waited_longest(data, _LISTED),
        releases=found,
        verdicts=_verdicts(data, found, kept) if judged else [None] * len(found),
        changes=data.changes,
        open=open_runs(data),
        threads=len({run.thread_key for run in (*data.runs, *data.active)}),
        read=ended_in(data, [part for part in gaps(data) if part.how == READ]),
        unreported=spent.now.runs - spent.now.reported,
    )


def _verdicts(
    data: BriefInput, found: Sequence[Release], kept: KeptVerdicts | None
) -> Sequence[Verdict | None]:
    late = 0.0
    if found and data.until < data.now:
        late = max((at - run.created for at, run in data.ended if run.created is not None), default=0.0)
    runs = [*data.runs, *data.active] if found else []
    known = KnownRuns(runs, data.since, data.until, data.coverage, data.whole, late, data.names)
    return verdicts(known, [Span(one.at, one.until) for one in found], kept)
