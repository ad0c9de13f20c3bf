"""Messages shown instead of rows: loading, why the table is empty, or an error and what to do. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.state.known_runs import Failure
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE, Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.memory_words import end_words, runs_that_left

_BAR = 24  # cells


def placeholder(
    snapshot: Snapshot | None, view: View, trouble: str, now: float, cells: int, *, glyphs: Glyphs = UNICODE
) -> list[Line]:
    """Return the message for a table without rows, at most `cells` wide; `trouble`: why there is no connection, or ""."""
    room = max(20, min(72, cells - 6))
    if trouble:
        return _error("Not connected", trouble, room)
    if snapshot is None:
        return [ink.line(("Connecting …", "strong"))]
    if snapshot.stopped:
        return _error("The API refuses this key", snapshot.stopped, room)
    chosen = snapshot.threads.get(view.thread) if view.thread is not None else None
    shown = [chosen] if chosen is not None else list(snapshot.threads.values())
    waiting = sum(state.observed is None and state.failure is None for state in shown)
    failure = next((state.failure for state in shown if state.failure and state.observed is None), None)
    if not shown and not snapshot.listed:
        failure = snapshot.list_failure
    if failure is not None and not waiting:
        return _failed(failure, now, room)
    if waiting or not (snapshot.listed or snapshot.threads):
        read = sum(state.observed is not None for state in shown)
        return _loading(read, len(shown) - waiting - read, len(shown), glyphs)
    left = end_words(runs_that_left(snapshot, view))
    return _empty(snapshot, view, now) + [
        ink.line((text, "dim")) for text in (ink.wrap(left, room) if left else ())
    ]


def _last_end(snapshot: Snapshot) -> float | None:
    """Return when the newest run of a thread ended last, by the server's clock; None if that is unknown."""
    newest = (next(iter(state.runs.values()), None) for state in snapshot.threads.values())
    return max((run.ended for run in newest if run is not None and run.ended is not None), default=None)


def _loading(read: int, failed: int, wanted: int, glyphs: Glyphs) -> list[Line]:
    if not wanted:
        return [ink.line(("Loading …", "strong")), ink.line(("the list of threads", "dim"))]
    filled = read * _BAR // wanted
    told = f", {failed:,} failed" if failed else ""
    return [
        ink.line(("Loading …", "strong")),
        ink.line((f"{read:,} of {wanted:,} threads read{told}", "dim")),
        ink.line((glyphs.bar * filled, "bar"), (glyphs.track * (_BAR - filled), "track")),
    ]


def _empty(snapshot: Snapshot, view: View, now: float) -> list[Line]:
    if view.text.strip():
        said = ink.line((f'No run matches "{view.text.strip()}"', "strong"))
        return [said, ink.line(("esc", "key"), (" shows all runs", "dim"))]
    if view.only != "all":
        words = "No active runs" if view.only == "active" else "No problems"
        ended = _last_end(snapshot) if view.only == "active" else None
        ago = (
            []
            if ended is None
            else [f"the last run ended {formatting.age(snapshot.server_time(now) - ended)} ago"]
        )
        return [
            ink.line((words, "strong")),
            *(ink.line((each, "dim")) for each in ago),
            ink.line(("0", "key"), (" shows all runs", "dim")),
        ]
    if not snapshot.threads:
        title, then = "This key has no threads yet", "They show here as soon as the first one is created"
    elif view.group.member is None:
        title, then = "These threads have no runs yet", "They show here as soon as the first one is created"
    else:
        by, member = view.group
        title = f"No run is {member}" if by == "status" else f"This {by} has no runs yet"
        return [ink.line((title, "strong")), ink.line(("0", "key"), (" shows all runs", "dim"))]
    return [ink.line((title, "strong")), ink.line((then, "dim"))]


def _failed(failure: Failure, now: float, room: int) -> list[Line]:
    lines = _error(f"No answer for {formatting.span(now - failure.since)}", failure.message, room)
    if failure.retry_at is not None:
        again = ink.line((f"try {failure.attempts + 1} in {max(0.0, failure.retry_at - now):.0f}s", "dim"))
        if failure.kind == "rate_limited":  # in a pause that the server asked for, no key sends a request
            lines[-1] = again
        else:
            lines.insert(-1, again)
    return lines


def _error(title: str, message: str, room: int) -> list[Line]:
    told = [ink.line((part, "text")) for part in ink.wrap(message, room)]
    return [ink.line((title, "bad")), *told, ink.BLANK, (Span("r", "key"), Span(" tries again", "dim"))]
