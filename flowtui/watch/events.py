"""The events of a watch. Scripts rely on their names and JSON fields (version 1). Pure: prints nothing.

An event has fields for JSON, and the rows that it is about for formats that people read. The fields hold raw ids, which
are harmless because JSON is written in ASCII only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flowtui import formatting
from flowtui.model.findings.rules import Finding
from flowtui.model.messages.why import Why, show_command
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.row import COMPLETED, FAILED, QUEUED, RUNNING, Run
from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.watch.ledger import Counts
from flowtui.watch.reason_numbers import Mention

STARTED: Final = "watch.started"
RUN_APPEARED: Final = "run.appeared"
RUN_STATUS: Final = "run.status"
RUN_USAGE: Final = "run.usage"
RUN_FINDING: Final = "run.finding"
RUN_REASON: Final = "run.reason"
POLL_ERROR: Final = "poll.error"
POLL_RECOVERED: Final = "poll.recovered"
HEARTBEAT: Final = "heartbeat"
GATE: Final = "gate"
SUMMARY: Final = "summary"

NAMES: Final = (
    STARTED,
    RUN_APPEARED,
    RUN_STATUS,
    RUN_USAGE,
    RUN_FINDING,
    RUN_REASON,
    POLL_ERROR,
    POLL_RECOVERED,
    HEARTBEAT,
    GATE,
    SUMMARY,
)

SINCE_THEN: Final = " since then"
"""Stands in the text of the first event for its field `since`, which each format writes in the user's time zone."""

KNOWN: Final = "known"
AWAITED: Final = "awaited"
NOT_FOUND: Final = "not found"
NOT_FETCHED: Final = "not fetched"
"""What is known of the reason of a failure: NOT_FETCHED if so many reasons were fetched that no more are."""

_MILLI: Final = 3
_NAMED: Final = 5  # threads that the event of a failure names


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a watch.

    `at`: when it happened, in UTC epoch seconds of the local clock.
    `fields`: the fields for JSON.
    `run`: the row of the run that the event is about; None if it is about no run.
    `before`: the row of this run in the observation before; None if there was none.
    `since`: the time of the thread's observation before this one; None if there was none.
    `why`: the reason of a failure; None if it is not known.
    `mention`: what the line of the failure says of its reason; None if it is not known.
    `reason_state`: KNOWN, AWAITED, NOT_FOUND or NOT_FETCHED; "" if the event is of no failure.
    `counts`: the counts of the watched runs after the event.
    """

    name: str
    at: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    run: Run | None = None
    before: Run | None = None
    since: float | None = None
    why: Why | None = None
    mention: Mention | None = None
    reason_state: str = ""
    counts: Counts | None = None
    history: bool = False
    """Whether the run had this status already when the watch began."""

    @property
    def failure(self) -> bool:
        """Whether the event means that a run has failed since the watch began."""
        return self.name in (RUN_STATUS, RUN_APPEARED) and not self.history and self._failed

    @property
    def old_failure(self) -> bool:
        """Whether the event is about a run that had failed before the watch began."""
        return self.name == RUN_APPEARED and self.history and self._failed

    @property
    def _failed(self) -> bool:
        return self.run is not None and self.run.status_class == FAILED

    def record(self) -> dict[str, Any]:
        """Return the event as a JSON object."""
        return {"v": 1, "event": self.name, "at": formatting.iso_time(self.at), **self.fields}


def identity(run: Run, agents: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that name a run."""
    return {
        "thread_id": run.thread_key,
        "run_id": run.raw_id,
        "agent_id": run.agent_id,
        "agent": agents.get(run.agent_id),
        "model": run.model,
    }


def run_fields(run: Run, agents: Mapping[str, str], now: float) -> dict[str, Any]:
    """Return the JSON fields of a run for events and the summary. `now` is server time."""
    wait, duration = run.wait(now), run.duration(now)
    return {
        **identity(run, agents),
        "status": run.status,
        "status_class": run.status_class,
        "terminal": run.terminal,
        **({"inferred": True} if run.inferred else {}),
        "created_at": formatting.iso_time(run.created),
        "wait_s": None if wait is None else round(wait, _MILLI),
        "duration_s": None if duration is None else round(duration, _MILLI),
        "total_tokens": run.total_tokens,
    }


def appeared_event(
    run: Run, at: float, agents: Mapping[str, str], now: float, *, since: float | None, history: bool
) -> Event:
    """Return the event of a run that is watched from now on, first observed at `at`.

    `now`: server time.
    `since`: the time of the last observation that did not show the run; None if there was none.
    `history`: whether the run existed before the watch began.
    """
    fields = {
        **run_fields(run, agents, now),
        "observed_between": [formatting.iso_time(since), formatting.iso_time(at)],
        "history": history,
    }
    return Event(RUN_APPEARED, at, fields, run=run, since=since, history=history)


def changed_events(
    change: Change, agents: Mapping[str, str], now: float, *, usage: bool = True
) -> list[Event]:
    """Return the events of a change: one if the status has changed; one if `usage` is True and token counts have changed."""
    before, after = change.before, change.after
    if before is None or change.kind == APPEARED:
        return []
    told: list[Event] = []
    moved = (before.status, before.status_class) != (after.status, after.status_class)
    if not (moved or usage):
        return []
    between = [formatting.iso_time(change.since), formatting.iso_time(change.at)]
    if moved:
        fields = {
            **run_fields(after, agents, now),
            "from": before.status or before.status_class,
            "to": after.status or after.status_class,
            "from_class": before.status_class,
            "to_class": after.status_class,
            "not_observed": skipped(before, after),
            "observed_between": between,
            "reason": None,
        }
        told.append(Event(RUN_STATUS, change.at, fields, run=after, before=before, since=change.since))
    counts = (after.prompt_tokens, after.completion_tokens, after.total_tokens)
    if usage and counts != (before.prompt_tokens, before.completion_tokens, before.total_tokens):
        counted = dict(zip(("prompt_tokens", "completion_tokens", "total_tokens"), counts, strict=True))
        fields = {**identity(after, agents), **counted, "observed_between": between}
        told.append(Event(RUN_USAGE, change.at, fields, run=after, before=before, since=change.since))
    return told


def skipped(before: Run, after: Run) -> list[str]:
    """Return the statuses that polling missed: `running` if a queued run has ended since and must have run, else none."""
    ran = after.status_class in (COMPLETED, FAILED) or after.started is not None
    return [RUNNING] if before.status_class == QUEUED and after.terminal and ran else []


def with_why(event: Event, why: Why | None, mention: Mention | None = None, state: str = NOT_FOUND) -> Event:
    """Return the event of a failure with its reason `why` (None: unknown) and a command that shows the run.

    `state`: if the reason is unknown, AWAITED, NOT_FOUND or NOT_FETCHED.
    """
    state = state if why is None else KNOWN
    fields = {**event.fields, **reason_fields(why, mention), "reason_state": state}
    if event.run is not None:
        fields["see"] = show_command(event.run)
    return replace(event, fields=fields, why=why, mention=mention, reason_state=state)


def reason_fields(why: Why | None, mention: Mention | None) -> dict[str, Any]:
    """Return the JSON fields of the reason of one failure; `reason` is the whole line, `failure_reason` the folded text."""
    reason = None if why is None else why.folded
    return {
        "reason": None if why is None else why.reason,
        "failure_reason": None if reason is None else reason.text,
        "reason_source": None if reason is None else reason.source,
        "reason_id": None if reason is None else reason_id(reason),
        "reason_number": None if mention is None else mention.number,
        "reason_count": None if mention is None else mention.runs,
    }


def late_reason_event(event: Event, why: Why, mention: Mention | None, at: float) -> Event:
    """Return the event that the reason of a failure has become known at `at`, after `event`, the failure, was printed."""
    names = ("thread_id", "run_id", "agent_id", "agent", "model")
    fields = {name: event.fields.get(name) for name in names}
    late = replace(event, name=RUN_REASON, at=at, fields=fields)
    return with_why(late, why, mention)


def poll_error(
    at: float, kind: str, message: str, *, retry: float | None, threads: Sequence[str] = ()
) -> Event:
    """Return the event of a failure to read these threads (raw ids). `retry`: seconds until the next try; None: there is none."""
    fields = {
        "kind": kind,
        "retry_in_s": retry,
        "message": message,
        "threads": list(threads[:_NAMED]),
        "thread_count": len(threads),
    }
    return Event(POLL_ERROR, at, fields)


def finding_event(run: Run, finding: Finding, at: float, agents: Mapping[str, str]) -> Event:
    """Return the event of a finding about a run."""
    fields = {**identity(run, agents), "finding": finding.name, "text": finding.text}
    return Event(RUN_FINDING, at, fields, run=run)


def thread_finding_event(state: ThreadState, finding: Finding, at: float) -> Event:
    """Return the event of a finding about a thread. Its `run_id` is the run that locks the thread; None: not known."""
    fields = {
        "thread_id": state.key,
        "run_id": None if state.thread is None else state.thread.active_run,
        "agent_id": None,
        "agent": None,
        "model": None,
        "finding": finding.name,
        "text": finding.text,
    }
    return Event(RUN_FINDING, at, fields)
