"""What cells, filters and findings depend on besides the run, and the words for a run's status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.messages.redaction import redact_facts
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.run.row import Run, RunKey
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.agent_statuses import UNREAD, AgentStatuses
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes
from flowtui.text import safe_text, short_id

CANCELLING: Final = "cancelling"
"""The status shown for a run while the result of a request to cancel it is unknown."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a cell or a filter needs besides the run."""

    now: float
    """The server's time in UTC epoch seconds."""
    agents: Mapping[str, str] = field(default_factory=dict)
    """Names of agents by id."""
    threads: Mapping[str, ThreadState] = field(default_factory=dict)
    """Known threads by raw id."""
    zone: tzinfo | None = None
    """The time zone in which times are shown; None for the local one."""
    prices: Prices | None = None
    """What tokens cost; None if the config file has no prices."""
    usual: UsualTimes = NO_USUAL_TIMES
    """How long the runs of each agent usually wait and take, for agents with enough known runs."""
    reasons: Mapping[RunKey, Reason] = field(default_factory=dict)
    """Run key → why the run failed, as far as known."""
    pending_actions: Mapping[RunKey, str] = field(default_factory=dict)
    """Run key → the unfinished action that the user asked for, such as `cancelling 4s`."""
    clock_offset: float = 0.0
    """The server's clock minus the local one, in seconds. It converts local times such as `ThreadState.observed`."""
    lineage: Lineage | None = None
    """Finds the previous run of the same agent. None: changes of configuration are not shown."""
    marks: Sequence[Mark] = ()
    """Named moments such as deployments, the newest last."""
    redact: bool = False
    """Whether cells hide private values (see `messages/redaction.py`); the caller must redact `reasons`."""
    agent_statuses: AgentStatuses = UNREAD
    """Which agents cannot start runs, and when that was read."""
    reason_counts: Mapping[Reason, int] = field(default_factory=dict)
    """Reason → how many runs are known to have failed for it; may be some seconds old. Only people see it."""

    old: frozenset[str] = frozenset()
    """Raw ids of the threads whose data is old, as they could not be read."""

    def restored(self, run: Run) -> float | None:
        """Return as of when an active run is known from the history, in UTC epoch seconds of the local clock.

        None if this start has observed its thread, or if the run has ended: that does not change any more.
        """
        state = self.threads.get(run.thread_key) if run.active else None
        return state.restored if state is not None else None

    def known_at(self, run: Run) -> float | None:
        """Return as of when an active run is known, if its data is old, in UTC epoch seconds of the local clock; else None."""
        seen = self.restored(run)
        if seen is None and run.active and run.thread_key in self.old:
            seen = self.threads[run.thread_key].observed if run.thread_key in self.threads else None
        return seen

    def as_known(self, run: Run) -> Context:
        """Return the context in which a run is shown: while its data is old, its own time does not go on."""
        seen = self.known_at(run)
        return self if seen is None else replace(self, now=min(self.now, seen + self.clock_offset))

    def agent_name(self, agent_id: str) -> str:
        """Return the name of an agent, or its id if the name is unknown."""
        return self.agents.get(agent_id) or agent_id

    def short_agent(self, agent_id: str) -> str:
        """Return the name of an agent, or its id as it is shown to people if the name is unknown."""
        return self.agents.get(agent_id) or short_id(agent_id)

    def short_thread(self, thread_key: str) -> str:
        """Return the id of a thread as it is shown to people."""
        return short_id(self.thread_name(thread_key))

    def reason_text(self, key: RunKey) -> str:
        """Return the folded text of the failure of a run; "" if its reason is not known, or it did not fail."""
        found = self.reasons.get(key)
        return "" if found is None else found.text

    def reason_count(self, key: RunKey) -> int:
        """Return how many runs are known to have failed for the reason of this run; 0 if its reason is not known."""
        found = self.reasons.get(key)
        return 0 if found is None else self.reason_counts.get(found, 0)

    def span_facts(self, run: Run) -> SpanFacts | None:
        """Return what spans say about a run, to be shown; None if no span of it was read."""
        found = self.private_facts(run)
        return redact_facts(found) if self.redact and found is not None else found

    def private_facts(self, run: Run) -> SpanFacts | None:
        """Return what spans say about a run with nothing hidden, to be compared with what the user typed; else as above."""
        state = self.threads.get(run.thread_key)
        return state.span_facts.get(run.raw_id) if state is not None else None

    def thread_name(self, thread_key: str) -> str:
        """Return the id of a thread, display-safe."""
        state = self.threads.get(thread_key)
        return state.id if state is not None else safe_text(thread_key)


def status_word(run: Run) -> str:
    """Return the word that is shown for a run's status.

    A known status has flowtui's own word, with `?` if it was inferred: `failed?`. An unknown status is the server's
    word and `?`, a missing one a dash.
    """
    if run.status_class != UNKNOWN_CLASS:
        return f"{run.status_class}?" if run.inferred else run.status_class
    return f"{run.status}?" if run.status else UNKNOWN


def status_phrase(run: Run) -> str:
    """Return the status for a sentence: as `status_word`, but an inferred status as `failed (inferred)`."""
    return f"{run.status_class} (inferred)" if run.inferred else status_word(run)


def action_word(run: Run, context: Context) -> str:
    """Return `cancelling` if a request to cancel the run was sent and its result is still unknown, else ""."""
    pending = context.pending_actions.get(run.key, "")
    return CANCELLING if pending.startswith(CANCELLING) else ""
