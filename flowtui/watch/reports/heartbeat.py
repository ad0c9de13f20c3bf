"""The heartbeat event: counts, polling interval, and what the watch waits for. Pure."""

from __future__ import annotations

from typing import Any, Final

from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import short_id
from flowtui.watch import events
from flowtui.watch.events import Event, identity
from flowtui.watch.judge.facts import Trouble
from flowtui.watch.judge.progress import NO_PROGRESS, Progress
from flowtui.watch.judge.selection import threads_read
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import Options
from flowtui.watch.reports.summary import counts_fields

_NAMED: Final = 20  # most runs of unknown status in the field `unknown`
_NOTED: Final = 3  # most runs of unknown status in the field `notes`, which people read


def heartbeat(
    snapshot: Snapshot,
    ledger: Ledger,
    options: Options,
    trouble: Trouble | None,
    *,
    at: float,
    progress: Progress = NO_PROGRESS,
) -> Event:
    """Return the heartbeat event. `at`: its time, in UTC epoch seconds of the local clock."""
    counts = ledger.counts
    unknown = ledger.unknown
    fields: dict[str, Any] = {
        "counts": counts_fields(counts),
        "active": counts.active if counts.known else None,
        "tokens": counts.tokens,
        "interval_s": round(effective_interval(snapshot, ledger, options), 3),
        "requests": snapshot.requests,
        "budget": snapshot.budget,
        "unknown": [
            {**identity(run, snapshot.agents), "status": run.status, "unreadable": run.unreadable}
            for run in unknown[:_NAMED]
        ],
        "progress": progress.fields(),
        "notes": [
            *filter(None, [threads_read(snapshot) if ledger.unread else ""]),
            *_notes(unknown, ledger, options, trouble),
        ],
    }
    return Event(events.HEARTBEAT, at, fields, counts=counts)


def effective_interval(snapshot: Snapshot, ledger: Ledger, options: Options) -> float:
    """Return the real seconds between two observations of a thread with active runs.

    If the request budget is too small, these are more than the configured seconds.
    """
    threads = {run.thread_key for run in ledger.active}
    states = filter(None, map(snapshot.threads.get, threads))
    return max((state.interval for state in states), default=options.interval)


def _notes(unknown: list[Run], ledger: Ledger, options: Options, trouble: Trouble | None) -> list[str]:
    notes = [_waits_for(run) for run in unknown[:_NOTED]]
    if len(unknown) > _NOTED:
        notes.append(f"and {len(unknown) - _NOTED} more of unknown status")
    if not ledger.unread:
        missing = options.runs - {key[1] for key in ledger.runs}
        notes += [f"{run_id} has not appeared" for run_id in sorted(missing)]
        if not ledger.total and not options.runs and not ledger.labels_unread:
            notes.append("nothing has matched yet")
    if trouble is not None:
        notes.append(trouble.message)
    return notes


def _waits_for(run: Run) -> str:
    if run.placeholder:
        return f"one element cannot be read: {run.unreadable}"
    status = f"status {run.status!r}, which says not whether it has ended" if run.status else "no status"
    return f"{short_id(run.id)} has {status}"
