"""Numbers the reasons of failures in one watch, and counts their runs. Every format shows the same numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from flowtui.model.messages.why import Why
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.text import safe_text, short_id


class Mention(NamedTuple):
    """What the line of one failed run says of its reason."""

    number: int
    """The number of the reason in this watch, 1 for the first."""
    reason: Reason
    runs: int
    """How many watched runs have failed for this reason so far, with this one."""
    first: bool
    """Whether no line has told the reason's text yet."""
    agent: str
    """The name of the run's agent if only runs of other agents had this reason before; else ""."""

    @property
    def news(self) -> bool:
        """Whether the line tells more than a greater count."""
        return self.first or bool(self.agent)


class ReasonGroup(NamedTuple):
    """The failed runs with one reason."""

    number: int
    reason: Reason
    runs: int
    agents: tuple[tuple[str, int], ...]
    """Agent id and number of runs, the most frequent first."""
    new: bool | None
    """Whether no run of the gate's base failed for this reason; None: unknown, or there is no base."""


class Groups(NamedTuple):
    """The failed runs of a watch by their reasons, the most frequent first."""

    known: tuple[ReasonGroup, ...] = ()
    unknown: int = 0
    """How many failed runs have no known reason."""


NO_GROUPS: Final = Groups()


class ReasonNumbers:
    """The numbers of reasons.

    `runs`: the watched runs. `known`: why runs failed, as far as known; also of runs that are not watched, such as those
    of a gate's base.
    """

    def __init__(self, runs: Mapping[RunKey, Run], known: Mapping[RunKey, Why]) -> None:
        self._runs = runs
        self._known = known
        self._numbers: dict[Reason, int] = {}
        self._told: set[Reason] = set()
        self._folded: dict[Reason, Counter[str]] = {}  # agent ids of runs that are only counted any more

    def mention(
        self, run: Run, agents: Mapping[str, str], waiting: Collection[RunKey] = ()
    ) -> Mention | None:
        """Return what the line of a failed run says of its reason; None if its reason is not known.

        `agents`: agent id -> name. `waiting`: the runs whose lines come later; they are not counted yet.
        """
        why = self._known.get(run.key)
        if why is None:
            return None
        reason = why.folded
        others = [
            other
            for other in self._failed()
            if other.key != run.key and other.key not in waiting and self._known[other.key].folded == reason
        ]
        first = reason not in self._told
        self._told.add(reason)
        folded = self._folded.get(reason, Counter())
        had = {other.agent_id for other in others} | folded.keys()
        new_agent = bool(had) and run.agent_id not in had
        return Mention(
            self.number(reason),
            reason,
            len(others) + folded.total() + 1,
            first,
            agent_label(run.agent_id, agents) if new_agent else "",
        )

    def fold(self, run: Run) -> None:
        """Only count a failed run from now on."""
        why = self._known.get(run.key)
        if why is not None and run.status_class == FAILED:
            self._folded.setdefault(why.folded, Counter())[run.agent_id] += 1

    def number(self, reason: Reason) -> int:
        """Return the number of a reason; a new reason gets the next number."""
        return self._numbers.setdefault(reason, len(self._numbers) + 1)

    def number_of(self, key: RunKey) -> int | None:
        """Return the number of the reason of a run; None if its reason is not known."""
        why = self._known.get(key)
        return None if why is None else self.number(why.folded)

    def groups(self, failed: int, base: Iterable[RunKey] | None = None) -> Groups:
        """Return the watched runs that failed by their reasons.

        `failed`: how many watched runs failed. `base`: the failed runs of a gate's base; None without a gate.
        """
        runs = {reason: Counter(agents) for reason, agents in self._folded.items()}
        for run in self._failed():
            runs.setdefault(self._known[run.key].folded, Counter())[run.agent_id] += 1
        # The sort keeps the order of equal counts, so numbers are given in the order in which the reasons became known.
        ordered = sorted(runs.items(), key=lambda entry: -entry[1].total())
        keys = None if base is None else list(base)
        before = set() if keys is None else {self._known[key].folded for key in keys if key in self._known}
        sure = keys is not None and all(key in self._known for key in keys)

        def is_new(reason: Reason) -> bool | None:
            if keys is None:
                return None
            return False if reason in before else (True if sure else None)

        known = tuple(
            ReasonGroup(
                self.number(reason), reason, agents.total(), tuple(agents.most_common()), is_new(reason)
            )
            for reason, agents in ordered
        )
        return Groups(known, max(0, failed - sum(group.runs for group in known)))

    def _failed(self) -> Iterable[Run]:
        """Yield the watched runs that failed and whose reason is known."""
        for key in self._known:
            run = self._runs.get(key)
            if run is not None and run.status_class == FAILED:
                yield run


def agent_label(agent_id: str, agents: Mapping[str, str]) -> str:
    """Return the display-safe name of an agent; if it is unknown, its id as people see it."""
    return safe_text(agents.get(agent_id) or short_id(safe_text(agent_id)))
