"""What cells, filters and findings need to know beside the run itself, and the words for a run's status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from flowtui.formatting import UNKNOWN
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.values.prices import Prices


CANCELLING: Final = "cancelling"
"""The status shown after a request to cancel a run, until the API lists what became of the run."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a cell or a filter needs beside the run. `now` is server time in UTC epoch seconds."""

    now: float
    agents: Mapping[str, str] = field(default_factory=dict)
    """Names of agents by id."""
    threads: Mapping[str, ThreadState] = field(default_factory=dict)
    """Known threads by raw id."""
    zone: tzinfo | None = None
    """The time zone in which times are shown; None for the local one."""
    prices: Prices | None = None
    """What tokens cost, if the config file says so."""
    usual: UsualTimes = NO_USUAL_TIMES
    """How long the runs of each agent usually wait and take, for agents with enough known runs."""
    reasons: Mapping[RunKey, str] = field(default_factory=dict)
    """Why failed runs failed, as far as known."""
    pending_actions: Mapping[RunKey, str] = field(default_factory=dict)
    """What the user has asked for and is not finished, such as `cancelling 4s`."""
    clock_offset: float = 0.0
    """Server clock minus local clock, in seconds: `ThreadState.observed` is local time."""
    lineage: Lineage | None = None
    """The previous run of each agent's run; None: changes of configuration are not looked for."""
    marks: Sequence[Mark] = ()
    """Named moments such as deployments, the newest last."""
    redact: bool = False
    """Whether cells hide what `redaction` calls private; `reasons` must be redacted by the caller."""

    def agent_name(self, agent_id: str) -> str:
        """Return the name of an agent, or its id where the name is unknown."""
        return self.agents.get(agent_id) or agent_id

    def thread_name(self, thread_key: str) -> str:
        """Return the id of a thread, display-safe."""
        state = self.threads.get(thread_key)
        return state.id if state is not None else safe_text(thread_key)


def status_word(run: Run) -> str:
    """Return the word for a run's status: flowtui's own for a known one, else the server's word with a `?`."""
    if run.status_class != UNKNOWN_CLASS:
        return run.status_class
    return f"{run.status}?" if run.status else UNKNOWN


def action_word(run: Run, context: Context) -> str:
    """Return the one word for what the user has asked for and is not finished; "" for nothing."""
    pending = context.pending_actions.get(run.key, "")
    return CANCELLING if pending.startswith(CANCELLING) else ""
