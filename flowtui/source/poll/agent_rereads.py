"""Decides when the agents are read again because queued runs wait for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flowtui.model.findings.kinds import AGENT_GRACE
from flowtui.model.run.row import QUEUED, Run, RunKey
from flowtui.model.state.agent_statuses import AgentStatuses
from flowtui.model.state.changes import DROPPED, LET_GO, NOT_SEEN, Change
from flowtui.source.http.concurrency import BUDGET_WINDOW

SOON: Final = 30.0
"""Seconds between two readings while a queued run waits for an agent that is not active or was not read since."""

LATER: Final = 300.0
"""Seconds between two readings while another queued run waits."""

_SHARE: Final = 0.02  # of the budget: the most for these readings


class AgentRereads:
    """Knows the queued runs. Times are UTC epoch seconds by the server's clock. `budget`: requests a minute."""

    def __init__(self, budget: int) -> None:
        self._least = BUDGET_WINDOW / (budget * _SHARE)
        self._queued: dict[RunKey, tuple[float, str]] = {}
        self._asked = float("-inf")

    def update(self, changes: Iterable[Change]) -> None:
        """Take in the changes of runs."""
        for change in changes:
            run = change.after
            self._queued.pop(run.key, None)
            if change.kind not in (DROPPED, LET_GO, NOT_SEEN):
                self.add((run,))

    def add(self, runs: Iterable[Run]) -> None:
        """Take in runs without a change, as those from the history are."""
        for run in runs:
            if run.status_class == QUEUED and run.created is not None:
                self._queued[run.key] = run.created, run.agent_id

    def due(self, statuses: AgentStatuses, read_at: float, now: float) -> bool:
        """Whether to read the agents now. `read_at`: when `statuses` were read; -inf: never, so a first reading is planned anyway."""
        since = now - max(read_at, self._asked)
        if read_at == float("-inf") or since < max(SOON, self._least):
            return False
        waiting = [(each, agent) for each, agent in self._queued.values() if now >= each + AGENT_GRACE]
        due = (since >= LATER and bool(waiting)) or any(
            read_at < each + AGENT_GRACE or agent in statuses.not_active for each, agent in waiting
        )
        if due:
            self._asked = now
        return due
