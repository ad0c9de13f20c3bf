"""What the cells of the table need besides their run, and the title of the table. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowtui.model.columns.context import Context
from flowtui.model.run.row import RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping, group_name
from flowtui.model.view.view import View, filter_of
from flowtui.text import safe_text
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.table.unusual import UnusualValues


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What cells need besides the run.

    `beat`: step of the animated bars, which `reduced_motion` stops; `words`: highlighted wherever they occur; `order`: the
    sorted column, and whether it is descending; `hidden`: number of columns without room.
    """

    context: Context
    glyphs: Glyphs
    beat: int = 0
    reduced_motion: bool = False
    words: tuple[str, ...] = ()
    order: tuple[str, bool] = ("age", False)
    hidden: int = 0
    watched: frozenset[RunKey] = field(default_factory=frozenset)
    """Runs that the user is notified about."""
    unusual: UnusualValues | None = None
    """Finds values far above what is usual; None: they are not marked."""
    active: frozenset[RunKey] = field(default_factory=frozenset)
    """Runs that hold the lock of their thread, which are highlighted."""


def cell_context(snapshot: Snapshot | None, now: float, base: Context) -> Context:
    """Return what cells need at `now` (local epoch seconds); `base` has the values that no snapshot has."""
    if snapshot is None:
        return replace(base, now=now)
    return replace(
        base,
        now=snapshot.server_time(now),
        agents=snapshot.agents,
        agent_statuses=snapshot.agent_statuses,
        threads=snapshot.threads,
        clock_offset=snapshot.clock_offset,
    )


def runs_title(
    snapshot: Snapshot | None, view: View, *, paused: bool, name: str = "", typing: bool = False
) -> str:
    """Return the table's title: its group and filter. `name`: of a saved view, shown in place of the filter.

    It says if the filter has an error, as then more runs are shown than it asks for; not while the user is `typing` it.
    """
    parts = ["Runs", group_title(snapshot, view.group)]
    if name:
        parts.insert(1, safe_text(name))
    if view.only != "all" and not name:
        parts.append(f"{view.only} only")
    if text := view.text.strip():
        wrong = not typing and filter_of(view.text)[1] is not None
        shown = "its filter" if name else f'"{text}"'
        parts += [f"{shown} has an error"] if wrong else [] if name else [shown]
    if paused:
        parts.append("order paused")
    return " · ".join(parts)


def group_title(snapshot: Snapshot | None, group: Grouping) -> str:
    """Return the title of the group that the table is narrowed to; "all threads" without one."""
    if snapshot is None or group.member is None:
        return "all threads"
    name = group_name(group.by, group.member, cell_context(snapshot, 0.0, Context(0.0)))
    return name if group.by == "thread" else f"{group.by} {name}"
