"""What a screen shows of a gate's answer: each comparison with the interval that decides it, and each agent. Pure.

Computing it takes a tenth of a second or more, so it is called in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.answers.gate.deciding_moment import DecidingMoment, deciding_moment
from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, ComparisonResult, Estimate, judge
from flowtui.model.gate.answer import Answer
from flowtui.model.gate.odds import KeptOdds
from flowtui.model.gate.tree import Compare
from flowtui.text import safe_text

WORST: Final = (FAIL, INCONCLUSIVE, PASS)
"""The verdicts, the worst first."""

MOST: Final = 200
"""Comparisons of which intervals are computed: each takes about 3 ms."""


class Measured(NamedTuple):
    """One comparison as it is drawn."""

    leaf: Compare
    row: ComparisonResult
    verdict: str
    """INCONCLUSIVE if runs are missing."""
    used: Estimate
    """Of the judged runs, with the interval that decides; before the first interim look of all runs, without an interval."""

    @property
    def agent(self) -> str:
        """The display-safe name of the agent; "" for all runs, or if it has none."""
        return safe_text(self.row.agent or "")


@dataclass(frozen=True, slots=True, eq=False)
class GatePage:
    """An answer as it is drawn.

    `metrics`: one for each comparison in the order of the gate; if agents are judged separately, those of the worst agent
    come first. `agents`: the comparison that says most, for each agent, the worst first; empty if they were not judged.
    `others`: agent → its worse comparisons by other metrics. `decided`: when the verdict was certain.
    """

    answer: Answer
    metrics: Sequence[Measured]
    agents: Sequence[Measured] = ()
    others: Mapping[str, Sequence[Measured]] = field(default_factory=dict)
    decided: DecidingMoment | None = None

    @property
    def verdict(self) -> str:
        """The verdict."""
        return self.answer.verdict

    @property
    def first(self) -> Measured | None:
        """The comparison that decides: one that failed, else one that is undecided, else the first."""
        return _telling(self.metrics)


class PageMaker:
    """Makes the page of one question again and again. Keeps what the next page can use: odds, and when it was decided."""

    def __init__(self) -> None:
        self.kept = KeptOdds()
        self._kept_agents = KeptOdds()
        self._decided: DecidingMoment | None = None
        self._verdict = ""

    def page(self, answer: Answer, agents: Mapping[str, str], *, each_agent: bool) -> GatePage:
        """Return the page of an answer. `agents`: agent id → name. `each_agent`: each agent is also judged alone."""
        metrics = _measured(answer, in_order(answer.judgement.rows))
        found: list[Measured] = []
        others: dict[str, list[Measured]] = {}
        if each_agent and not answer.question.by_agent:
            rows = self._of_agents(answer, agents)
            leaf = _telling(metrics)
            name = leaf.row.text if leaf is not None else ""
            found = _measured(answer, [row for row in rows if row.text == name])
            found.sort(key=_badness)
            for each in _plain(answer, [row for row in rows if row.text != name]):
                if each.verdict == FAIL:
                    others.setdefault(each.agent, []).append(each)
        return GatePage(answer, metrics, found, others, self._moment(answer, agents))

    def _of_agents(self, answer: Answer, agents: Mapping[str, str]) -> Sequence[ComparisonResult]:
        question, sides = answer.question, answer.sides
        return judge(
            question.gate,
            sides.base,
            sides.new,
            min_runs=question.min_runs,
            by_agent=True,
            agents=agents,
            final=False,
            kept=self._kept_agents,
        ).rows

    def _moment(self, answer: Answer, agents: Mapping[str, str]) -> DecidingMoment | None:
        """Return when the verdict was certain; looked up once for each verdict."""
        if answer.verdict != self._verdict:
            self._verdict = answer.verdict
            self._decided = deciding_moment(answer, agents)
        return self._decided


def in_order(rows: Sequence[ComparisonResult]) -> list[ComparisonResult]:
    """Return rows by their agent's worst verdict: failing agents first, then undecided ones."""
    worst: dict[str | None, int] = {}
    for row in rows:
        worst[row.agent] = min(worst.get(row.agent, len(WORST)), WORST.index(row.verdict))
    return sorted(rows, key=lambda row: worst[row.agent])


def _badness(each: Measured) -> tuple[int, bool, int, str]:
    """Return what sorts agents: the worst verdict first, then what leans to a fail, then most runs."""
    return (WORST.index(each.verdict), each.row.leans != FAIL, -each.row.new.n, each.agent)


def _telling(found: Sequence[Measured]) -> Measured | None:
    return min(found, key=lambda each: WORST.index(each.verdict), default=None)


def _plain(answer: Answer, rows: Sequence[ComparisonResult]) -> list[Measured]:
    """Return rows without the intervals that decide them."""
    leaves = {leaf.text: leaf for leaf in answer.question.gate.comparisons}
    missing = bool(answer.sides.missing)
    return [
        Measured(
            leaves[row.text],
            row,
            INCONCLUSIVE if missing else row.verdict,
            row.new._replace(low=None, high=None),
        )
        for row in rows
    ]


def _measured(answer: Answer, rows: Sequence[ComparisonResult]) -> list[Measured]:
    found = _plain(answer, rows)
    return [
        each._replace(used=each.row.deciding()) if each.row.deciding is not None and place < MOST else each
        for place, each in enumerate(found)
    ]
