"""The history of the demo: what earlier starts would have remembered of the simulated world."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from flowtui.model.history.past import Recorder
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.why import reason_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_runs, parse_thread
from flowtui.model.run.row import RunKey
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.source.http.archive import read_archive

_LOOK_EVERY: Final = 100.0  # seconds between two moments at which an earlier start watched
_PAGE: Final = 4  # runs that an answer shows
_ENDS: Final = ("completed_at", "failed_at", "cancelled_at")
_ACTIVE: Final[Mapping[str, Any]] = {
    "status": "running",
    "is_active": True,
    "usage": None,
    **dict.fromkeys(_ENDS),
}


def fill_demo(recorder: Recorder, base_url: str, now: float) -> None:
    """Record the earlier days of the simulator at `base_url`, seen as they happened. `now`: UTC epoch seconds. Blocks.

    Raises:
        OSError, ValueError: the simulator does not answer.
    """
    archived = read_archive(base_url)
    threads = {state.key: state for state in map(_seen, archived) if state is not None}
    if not threads:
        return
    known = Snapshot(now, threads, listed=True)
    at = min(run.created or now for run in known.runs())
    while at < now:
        recorder.record(Update(Snapshot(at, listed=True)))
        at += _LOOK_EVERY
    recorder.record(Update(Snapshot(now, threads, listed=True)))
    recorder.explain({run: reason for each in archived for run, reason in _reasons(each)})
    recorder.flush()


def _reasons(archived: Mapping[str, Any]) -> Iterator[tuple[RunKey, Reason]]:
    """Yield why runs of an archived thread failed."""
    for run_id, spans in archived["spans"].items():
        found = reason_of(evidence(spans, (), run_id))
        if found is not None:
            yield (archived["thread"]["id"], run_id), found.folded


def _seen(archived: Mapping[str, Any]) -> ThreadState | None:
    """Return the state of an archived thread after each of its runs was seen running, and then ended; None without runs."""
    thread = parse_thread(archived["thread"])
    state, shown = ThreadState(thread.key, 2.0), dict[str, Any]()
    for at, run in _sights(archived["runs"]):
        shown[run["id"]] = run
        page = sorted(shown.values(), key=itemgetter("created_at"), reverse=True)[:_PAGE]
        rows = parse_runs(json.dumps(page).encode(), thread.key).rows
        state, _ = apply_runs(state, rows, at=at, whole=len(shown) <= _PAGE)
    return apply_thread(state, thread, at=state.observed) if state.observed is not None else None


def _sights(runs: list[dict[str, Any]]) -> Iterator[tuple[float, dict[str, Any]]]:
    """Yield each run as it was seen while it was active, and as it ended, in the order of these moments."""
    seen = []
    for run in runs:
        row = parse_runs(json.dumps([run]).encode(), run["thread_id"]).rows[0]
        if row.started is not None and row.ended is not None:
            seen.append(((row.started + row.ended) / 2, {**run, **_ACTIVE}))
        if row.ended is not None:
            seen.append((row.ended + 1.0, run))
    yield from sorted(seen, key=lambda each: each[0])
