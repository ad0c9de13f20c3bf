"""How runs ended: by agent against usual, and over time. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.brief.inputs import ENOUGH, BriefInput, UsualOutcomes
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, TERMINAL, getter

_ORDER: Final[Sequence[str]] = (COMPLETED, FAILED, CANCELLED)
_CLASS: Final = getter("status_class")
_OUTCOME: Final = getter("agent_id", "status_class")


class AgentOutcomes(NamedTuple):
    """How the runs of one agent ended."""

    agent_id: str
    name: str
    completed: int
    failed: int
    cancelled: int
    unknown: int
    """Of how many runs it is unknown whether they have ended."""
    usual: UsualOutcomes | None
    """How its runs ended before the range; None if fewer than `ENOUGH` are known."""
    unusual: bool
    """Whether a sentence says that more of its runs failed than before."""

    @property
    def runs(self) -> int:
        """The runs that have ended."""
        return self.completed + self.failed + self.cancelled

    @property
    def share(self) -> float | None:
        """The share that failed, 0 to 1; None if none has ended."""
        return self.failed / self.runs if self.runs else None


class Counts(NamedTuple):
    """How many runs there are, by what is known of them."""

    completed: int
    failed: int
    cancelled: int
    active: int
    """How many are queued or running."""
    unknown: int
    """Of how many it is unknown whether they have ended."""

    @property
    def ended(self) -> int:
        """The runs that have ended."""
        return self.completed + self.failed + self.cancelled

    @property
    def runs(self) -> int:
        """All runs."""
        return sum(self)

    @property
    def share(self) -> float | None:
        """The share of the ended runs that failed, 0 to 1; None if none has ended."""
        return self.failed / self.ended if self.ended else None


class Column(NamedTuple):
    """How many runs ended in a part of the range."""

    since: float
    until: float
    completed: int
    failed: int
    cancelled: int


def counts_of(data: BriefInput) -> Counts:
    """Return how many runs of the range ended how, and how many runs are active."""
    count = Counter(map(_CLASS, data.runs))
    return Counts(
        completed=count[COMPLETED],
        failed=count[FAILED],
        cancelled=count[CANCELLED],
        active=len(data.active),
        unknown=count.total() - sum(map(count.__getitem__, TERMINAL)),
    )


def agent_outcomes(data: BriefInput, unusual: Collection[str]) -> list[AgentOutcomes]:
    """Return the outcomes of each agent: first those in `unusual`, then by share of failures, then by runs."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (agent, status_class), number in Counter(map(_OUTCOME, data.runs)).items():
        counts[agent][status_class] = number
    found = []
    for agent, count in counts.items():
        usual = data.usual.get(agent)
        known = usual if usual is not None and usual.runs >= ENOUGH else None
        found.append(
            AgentOutcomes(
                agent_id=agent,
                name=data.name(agent),
                completed=count[COMPLETED],
                failed=count[FAILED],
                cancelled=count[CANCELLED],
                unknown=count.total() - sum(map(count.__getitem__, TERMINAL)),
                usual=known,
                unusual=agent in unusual,
            )
        )
    return sorted(found, key=lambda one: (not one.unusual, -(one.share or 0.0), -one.runs, one.name))


def columns(data: BriefInput, count: int) -> list[Column]:
    """Return how many runs ended in each of `count` equal parts of the range; all that count in it are in one of them."""
    width = (data.until - data.since) / count
    edges = [*(data.since + width * number for number in range(count)), data.until]
    cuts = [_cuts(data.ends.get(word, ()), edges) for word in _ORDER]
    return [
        Column(edges[number], edges[number + 1], *(cut[number + 1] - cut[number] for cut in cuts))
        for number in range(count)
    ]


def _cuts(times: Sequence[float], edges: Sequence[float]) -> list[int]:
    """Return how many times are before each edge. By its clock, a server may end a run after the present."""
    return [0, *(bisect_left(times, edge) for edge in edges[1:-1]), len(times)]
