"""Orders the failed runs of which it is not known why they failed: whose evidence to fetch next. Pure.

The aim is to know soon why most runs failed. So each agent's turn comes as often as its share of the failed runs asks,
and of its runs the newest comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Final

from flowtui.model.run.row import FAILED, Run, RunKey

_SPARE: Final = 100  # entries of runs that wait no longer, which a heap may have


@dataclass(slots=True)
class _Agent:
    """The failed runs of one agent. `taken`: how many of them are not waiting any more."""

    failed: int = 0
    taken: int = 0
    waiting: list[tuple[float, RunKey]] = field(default_factory=list)
    """A heap of the runs that may wait: minus the time of creation, and the key."""


class Unexplained:
    """The failed runs that wait for their reason."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._agents: dict[str, _Agent] = {}
        self._waiting: dict[RunKey, Run] = {}
        self._seen: set[RunKey] = set()
        for run in runs:
            if run.status_class == FAILED:  # a call for each of 100,000 runs would take too long
                self.add(run)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def keys(self) -> frozenset[RunKey]:
        """The runs that wait."""
        return frozenset(self._waiting)

    def latest(self, most: int) -> list[RunKey]:
        """Return the runs that were the last to begin to wait, at most `most`."""
        return list(islice(reversed(self._waiting), most))

    def add(self, run: Run) -> None:
        """Let a run wait, if it has failed and was not added before."""
        if run.status_class != FAILED or run.placeholder:
            return
        key = run.key
        if key in self._seen:
            return
        self._seen.add(key)
        self._waiting[key] = run
        name = _name(run)
        agent = self._agents.get(name)
        if agent is None:
            agent = self._agents[name] = _Agent()
        agent.failed += 1
        heappush(agent.waiting, (-(run.created or 0.0), key))

    def remove(self, run: Run) -> None:
        """Let a run wait no longer, because its evidence was fetched, or is about to be."""
        if self._waiting.pop(run.key, None) is not None:
            self._agents[_name(run)].taken += 1

    def again(self, run: Run) -> None:
        """Let a run wait once more that was removed."""
        if run.key in self._seen and run.key not in self._waiting:
            agent = self._agents[_name(run)]
            agent.taken -= 1
            self._waiting[run.key] = run
            heappush(agent.waiting, (-(run.created or 0.0), run.key))

    def forget(self, run: Run) -> None:
        """Forget a run that has left memory."""
        if run.key not in self._seen:
            return
        self._seen.discard(run.key)
        waited = self._waiting.pop(run.key, None)
        agent = self._agents.get(_name(waited or run))
        if agent is None:
            return
        agent.failed -= 1
        agent.taken -= waited is None
        if not agent.failed:
            del self._agents[_name(run)]
        elif len(agent.waiting) > 2 * agent.failed + _SPARE:
            agent.waiting = [entry for entry in agent.waiting if entry[1] in self._waiting]
            heapify(agent.waiting)

    def next(self) -> Run | None:
        """Return the run whose evidence to fetch next; None if none waits."""
        turns = [
            (agent.failed / (agent.taken + 1), -found[0], found[1])
            for agent in self._agents.values()
            if (found := self._newest(agent)) is not None
        ]
        return self._waiting[max(turns)[2]] if turns else None

    def _newest(self, agent: _Agent) -> tuple[float, RunKey] | None:
        while agent.waiting and agent.waiting[0][1] not in self._waiting:
            heappop(agent.waiting)
        return agent.waiting[0] if agent.waiting else None


def _name(run: Run) -> str:
    """Return what groups the runs: the agent, and for runs of an unknown agent the thread."""
    return run.agent_id or f"\0{run.thread_key}"
