"""Rules that find suspicious runs and threads whose status looks normal. Findings explain; nothing acts on them. Pure.

Each finding needs evidence that a single late answer cannot produce, because a late finding is better than a false
alarm. `kinds.py` says what the findings mean, and gives the reasons for the thresholds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.formatting import span
from flowtui.model.findings import kinds
from flowtui.model.findings.kinds import GRACE, QUEUED_FLOOR, ROUNDING, RUNNING_FLOOR
from flowtui.model.run.row import CANCELLED, QUEUED, RUNNING, TERMINAL, Run, getter
from flowtui.model.state.agent_statuses import UNREAD, AgentStatuses
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, DurationStats, UsualTimes
from flowtui.text import safe_text, short_id

_JUDGED: Final = getter(
    "raw_id",
    "is_active",
    "created",
    "started",
    "completed",
    "failed",
    "cancelled",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
)
_SEVERITY: Final = {name: place for place, name in enumerate(kinds.FINDINGS)}


class Finding(NamedTuple):
    """A finding about one run or thread."""

    name: str
    """The name of its kind. It is part of the interface of `runs -o json`."""
    text: str
    """A short explanation with the evidence."""


def run_findings(
    run: Run,
    now: float,
    state: ThreadState | None = None,
    clock_offset: float = 0.0,
    usual: UsualTimes = NO_USUAL_TIMES,
    *,
    agents: AgentStatuses = UNREAD,
) -> tuple[Finding, ...]:
    """Return the findings for one run at `now`, the most serious first.

    `now` is UTC epoch seconds by the server's clock. `state` is the state of the run's thread. Without it, nothing is
    found that takes several observations or the thread's lock. `clock_offset` is the server's clock minus the local
    one, in seconds. `usual` has the usual times of all agents, `agents` their statuses.
    """
    # The run is judged as of the last observation (server time): what it has done since is unknown.
    seen = now
    if state is not None and state.observed is not None:
        seen = min(now, state.observed + clock_offset)
    found: list[Finding] = []
    if wrong := _contradictions(run, seen, state, clock_offset):
        found.append(Finding(kinds.CONTRADICTION, "; ".join(wrong)))
    if run.active and run.expires is not None and seen > run.expires:
        found.append(Finding(kinds.OVERDUE, f"overdue by {span(now - run.expires)}"))
    vanished = False
    if state is not None:
        vanished = run.raw_id in state.not_seen
        if vanished:
            found.append(Finding(kinds.VANISHED, "not in the last answer"))
        if run.raw_id in state.went_back:
            found.append(Finding(kinds.WENT_BACK, "its status went backwards"))
        if state.thread is not None and state.thread.active_run == run.raw_id and state.orphan:
            found.append(Finding(kinds.ORPHAN_LOCK, "ended, but its thread is still locked by it"))
    # An observation that did not show the run proves nothing about it.
    if run.active and not vanished:
        read_later = state is not None and state.restored is not None  # the agents, not the run
        waits = () if read_later else _agent_not_active(run, now, seen, agents.read_at + clock_offset, agents)
        long = _too_long(run, seen, state, usual)
        found += waits
        # that the agent is not active explains why a run is queued for long
        found += [finding for finding in long if not (waits and finding.name == kinds.QUEUED_LONG)]
    if len(found) > 1:
        found.sort(key=lambda finding: _SEVERITY[finding.name])
    return tuple(found)


def remarkable_runs(state: ThreadState) -> list[Run]:
    """Return the runs of a thread that may have findings, now or later: few, so that not all need be judged."""
    marked = {raw_id for raw_id, trail in state.trails.items() if trail.tokens_fell}
    marked |= state.not_seen | state.went_back
    if state.thread is not None and state.thread.active_run is not None:
        marked.add(state.thread.active_run)
    found = []
    # All runs of the history come through here, so this is one flat loop over fields.
    for run in state.runs.values():
        raw_id, is_active, created, started, completed, failed, cancelled, prompt, completion, total = (
            _JUDGED(run)
        )
        if (
            created is None
            or started is None
            or created > started
            or (completed is not None and started > completed)
            or (failed is not None and started > failed)
            or (cancelled is not None and started > cancelled)
            or (
                total is not None
                and prompt is not None
                and completion is not None
                and total < prompt + completion
            )
            or is_active
            or raw_id in marked
            or run.status_class not in TERMINAL
        ):
            found.append(run)
    return found


def may_wait_for_agent(run: Run, agents: AgentStatuses) -> bool:
    """Whether a run is queued and its agent was not active when it was last read."""
    return run.status_class == QUEUED and run.agent_id in agents.not_active


def may_be_long(run: Run, now: float) -> bool:
    """Whether a run has been queued or running long enough that its agent's usual times matter."""
    if run.status_class == QUEUED:
        return (run.wait(now) or 0.0) > QUEUED_FLOOR
    return run.status_class == RUNNING and (run.duration(now) or 0.0) > RUNNING_FLOOR


def stable_until_changed(run: Run, found: tuple[Finding, ...]) -> bool:
    """Whether these findings stay the same until the run changes; otherwise time or the thread's lock may change them."""
    return not (run.active or run.is_active or any(finding.name == kinds.ORPHAN_LOCK for finding in found))


def thread_findings(state: ThreadState) -> tuple[Finding, ...]:
    """Return the findings for a thread as a whole: an orphaned lock, or nothing."""
    if not state.orphan or state.thread is None:
        return ()
    holder = state.runs.get(state.thread.active_run or "")
    if state.thread.active_run is None:
        text = "locked by no run"
    elif holder is None:
        text = "locked by a run it does not list"
    else:
        ended = "been cancelled" if holder.status_class == CANCELLED else holder.status_class
        text = f"locked by {short_id(holder.id)}, which has {ended}"
    return (Finding(kinds.ORPHAN_LOCK, text),)


def _agent_not_active(
    run: Run, now: float, seen: float, read_at: float, agents: AgentStatuses
) -> tuple[Finding, ...]:
    """Return the finding that a run's agent is not active. `read_at`: when that was read, by the server's clock."""
    if not may_wait_for_agent(run, agents) or run.created is None:
        return ()
    if read_at < run.created + kinds.AGENT_GRACE or seen - read_at > kinds.AGENT_KEPT:
        return ()
    status = agents.not_active[run.agent_id]
    if now - read_at > kinds.AGENT_OLD:
        text = f"agent was {status} {span(now - read_at)} ago, and the run has not started"
    elif status.lower() == "pending":
        text = f"{status} agent, so the run cannot start yet"
    else:
        text = f"{status} agent, so the run will not start"
    return (Finding(kinds.AGENT_NOT_ACTIVE, text),)


# -- longer than usual -----------------------------------------------------------------------------------------


def _too_long(run: Run, seen: float, state: ThreadState | None, usual: UsualTimes) -> tuple[Finding, ...]:
    if not may_be_long(run, seen):
        return ()
    if run.status_class == QUEUED:
        return _queued_long(run, seen, state, _trusted(usual.waits.get(run.agent_id)))
    return _stalled(run, seen, state, _trusted(usual.durations.get(run.agent_id)))


def _trusted(known: DurationStats | None) -> DurationStats | None:
    return known if known is not None and known.runs >= kinds.TRUSTED_RUNS else None


def _queued_long(
    run: Run, seen: float, state: ThreadState | None, known: DurationStats | None
) -> tuple[Finding, ...]:
    waited = run.wait(seen) or 0.0
    if waited <= (
        kinds.QUEUED_DEFAULT if known is None else max(QUEUED_FLOOR, kinds.FAR_FACTOR * known.slow)
    ):
        return ()
    compared = _compared(known)
    front = None if state is None else _in_front(run, state, seen)
    if front is None:
        return (Finding(kinds.QUEUED_LONG, f"queued for {span(waited)}, {compared}"),)
    return (Finding(kinds.WAITING_BEHIND, f"{front}; queued for {span(waited)}, {compared}"),)


def _in_front(run: Run, state: ThreadState, seen: float) -> str | None:
    """Return which other run holds the thread and for how long, in words; None if no known run does."""
    holder = state.active_run
    other = state.runs.get(holder) if holder is not None else None
    if holder is None or (other is not None and other.terminal and not state.orphan):
        # No lock is known, or the run that the lock names has ended since: take a running run as the holder.
        other = next((each for each in state.runs.values() if each.status_class == RUNNING), None)
        holder = other.raw_id if other is not None else None
    if holder is None or holder == run.raw_id or holder in state.not_seen:
        return None
    if other is None:
        return f"waits behind {short_id(safe_text(holder))}"
    if other.terminal:
        return f"waits behind {short_id(other.id)}, which has ended"
    spent = other.wait(seen) if other.status_class == QUEUED else other.duration(seen)
    since = "" if spent is None else f" for {span(spent)}"
    return (
        f"waits behind {short_id(other.id)}, {'queued' if other.status_class == QUEUED else 'running'}{since}"
    )


def _stalled(
    run: Run, seen: float, state: ThreadState | None, known: DurationStats | None
) -> tuple[Finding, ...]:
    trail = None if state is None else state.trails.get(run.raw_id)
    if state is None or trail is None or state.observed is None:
        return ()
    taken = run.duration(seen) or 0.0
    untouched = state.observed - trail.changed_at
    if known is None:
        long, still = kinds.RUNNING_DEFAULT, kinds.UNTOUCHED_DEFAULT
    else:
        long = max(RUNNING_FLOOR, kinds.FAR_FACTOR * known.slow)
        still = max(kinds.UNTOUCHED_FLOOR, known.slow)
    if taken <= long or untouched < still:
        return ()
    text = f"no change for {span(untouched)}; running for {span(taken)}, {_compared(known)}"
    return (Finding(kinds.STALLED, text),)


def _compared(known: DurationStats | None) -> str:
    if known is None:
        return "too few runs are known to say what is usual"
    when = f" {known.basis}" if known.basis else ""
    return f"usually {_short(known.median)} over {known.runs:,} runs{when}"


def _short(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 10 else span(seconds)


# -- fields that disagree --------------------------------------------------------------------------------------


def _contradictions(run: Run, seen: float, state: ThreadState | None, clock_offset: float) -> list[str]:
    wrong: list[str] = []
    created, started, ended = run.created, run.started, run.ended
    trail = None if state is None else state.trails.get(run.raw_id)
    if run.is_active and run.terminal:
        since = ended if ended is not None else None if trail is None else trail.changed_at + clock_offset
        if since is not None and seen - since > GRACE:
            wrong.append("ended, but calls itself active")
    if started is not None:
        if created is not None and created - started >= ROUNDING:
            wrong.append("started before it was created")
        if ended is not None and started - ended >= ROUNDING:
            wrong.append("ended before it started")
    elif created is not None and ended is not None and created - ended >= ROUNDING:
        wrong.append("ended before it was created")
    prompt, completion, total = run.prompt_tokens, run.completion_tokens, run.total_tokens
    # A larger total is valid: some models count reasoning tokens only in the total.
    if prompt is not None and completion is not None and total is not None and total < prompt + completion:
        wrong.append("its tokens do not add up")
    if trail is not None and trail.tokens_fell:
        wrong.append("a count of its tokens fell")
    return wrong
