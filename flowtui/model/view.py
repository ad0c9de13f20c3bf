"""Which runs are shown, and in which order. Pure: the dashboard holds one `View`, everything else follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from flowtui.model.columns import COLUMNS, Context, note, sort_runs
from flowtui.model.run import FAILED, UNKNOWN, Run
from flowtui.model.snapshot import Snapshot

Only = Literal["all", "active", "problems"]

SORTABLE: Final = ("age", "status", "run", "thread", "agent", "model", "wait", "time", "tokens")


@dataclass(frozen=True, slots=True)
class View:
    """`thread`: raw id, None for all. `sort` is a column's name; newest first is the smallest age first."""

    thread: str | None = None
    only: Only = "all"
    sort: str = "age"
    descending: bool = False


def is_problem(run: Run, context: Context) -> bool:
    """Whether somebody should look at this run: failed, unreadable, of unknown status, or suspect."""
    if run.status_class in (FAILED, UNKNOWN) or run.unreadable is not None:
        return True
    return bool(note(run, context)) and not note(run, context).startswith("waits for")


def arrange(snapshot: Snapshot, view: View, context: Context) -> list[Run]:
    """Return the runs that the view shows, in its order."""
    runs = list(snapshot.runs(view.thread))
    if view.only == "active":
        runs = [run for run in runs if run.active]
    elif view.only == "problems":
        runs = [run for run in runs if is_problem(run, context)]
    return sort_runs(runs, COLUMNS[view.sort], context, descending=view.descending)
