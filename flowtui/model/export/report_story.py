"""Report sections on what happened: the API's times, observed changes of status, and neighbouring runs.

An observed change lies between two observations of the thread; the API's own times are exact to the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import Context
from flowtui.model.export.markdown import markdown, table_head, table_row
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import TableColumn, markdown_lines
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.timeline.phases import NEIGHBOURS, status_history

_COLUMNS: Final = ("status", "run", "agent", "created", "wait", "time", "tokens", "note")
_TIMES: Final = ("created", "started", "completed", "failed", "cancelled", "expires")


def moves_section(run: Run, context: Context) -> list[str]:
    """Return the API's times and the observed changes of status, each in order of time, as Markdown lines."""
    times = [(at, name) for name in _TIMES if (at := getattr(run, name)) is not None]
    lines = table_head(["time", "the API says"])
    lines += [table_row([formatting.timestamp(at, context.zone), name]) for at, name in sorted(times)]
    if not times:
        lines = ["The API gives no time for this run."]
    seen = status_history(run, context.threads.get(run.thread_key), context.clock_offset)
    if seen is None:
        said = "No change was seen: the run had ended before flowtui first read it, or it was read only once."
        return [*lines, "", said]
    lines += ["", f"First seen at {formatting.timestamp(seen.first, context.zone)}."]
    if seen.status_changes:
        lines += ["", *table_head(["seen between", "and", "changed"])]
    for move in seen.status_changes:
        since, until = (formatting.timestamp(at, context.zone) for at in (move.since, move.at))
        change = f"{markdown(move.before) or UNKNOWN} → {markdown(move.after) or UNKNOWN}"
        lines.append(table_row([since, until, change]))
    return lines


def neighbours_section(run: Run, context: Context) -> list[str]:
    """Return the runs created just before and after on the same thread, newest first, as Markdown lines."""
    state = context.threads.get(run.thread_key)
    runs = list(state.runs.values()) if state is not None else []
    place = next((index for index, other in enumerate(runs) if other.raw_id == run.raw_id), None)
    if state is None or place is None:
        return ["The runs before and after it were not loaded."]
    after, before = runs[max(0, place - NEIGHBOURS) : place], runs[place + 1 : place + 1 + NEIGHBOURS]
    lines = [line.rstrip("\n") for line in markdown_lines(_columns(run, context), [*after, run, *before])]
    return [*lines, "", _how_whole(state, after, before)]


def _columns(run: Run, context: Context) -> Sequence[TableColumn[Run]]:
    columns = run_columns(_COLUMNS, context)
    status = columns[0]

    def text(other: Run) -> str:
        return f"{'this: ' if other.raw_id == run.raw_id else ''}{status.text(other)}"

    return [replace(status, text=text), *columns[1:]]


def _how_whole(state: ThreadState, after: Sequence[Run], before: Sequence[Run]) -> str:
    newer = f"{len(after)} newer" if after else "none newer"
    if before:
        older = f"{len(before)} older"
    else:
        older = "none older" if state.all_here else "older ones are not in memory"
    return f"Newest first: {newer}, {older}."
