"""Titles, subtitles and the look of rows for a snapshot in a view. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import ceil

from rich.cells import cell_len

from flowtui.formatting import age
from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run
from flowtui.model.state.health import Coverage
from flowtui.model.state.marks import Mark, since_mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping, name_of
from flowtui.model.view.pinned_order import Waiting
from flowtui.model.view.view import View, words_of
from flowtui.text import safe_text
from flowtui.ui.grouping.rows import TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.table.cells import Look

_NEWS = 86_400.0  # seconds for which a title mentions a mark
_NAME = 24  # cells of the mark's name in that title
_PROGRESS_BAR = 10  # cells
_CORNERS = 6  # cells of a frame's border that no title gets
_BETWEEN = "  ·  "
_WORTH = 24  # cells of a cause that still tell something; the head says how bad it is


def cell_context(snapshot: Snapshot | None, now: float, base: Context) -> Context:
    """Return the context of cells at `now` (local clock); `base` has the parts that do not come with a snapshot."""
    if snapshot is None:
        return replace(base, now=now)
    return replace(
        base,
        now=snapshot.server_time(now),
        agents=snapshot.agents,
        threads=snapshot.threads,
        clock_offset=snapshot.clock_offset,
    )


def compose_look(
    snapshot: Snapshot | None, view: View, context: Context, *, now: float, glyphs: Glyphs, still: bool
) -> Look:
    """Return how the rows of a snapshot look; `still`: without moving signs."""
    look = Look(context, glyphs, order=(view.sort, view.descending), still=still)
    if snapshot is None:
        return look
    return replace(look, words=words_of(view.text), stale=snapshot.freshness(now).stale)


def runs_title(snapshot: Snapshot | None, view: View, *, paused: bool, name: str = "") -> str:
    """Return the title of the table; the name of a saved view replaces its filter."""
    parts = ["Runs", _group_title(snapshot, view.group)]
    if name:
        parts.insert(1, safe_text(name))
    if view.only != "all" and not name:
        parts.append(f"{view.only} only")
    if view.text.strip() and not name:
        parts.append(f'"{view.text.strip()}"')
    if paused:
        parts.append("order paused")
    return " · ".join(parts)


def groups_title(view: View) -> str:
    """Return the title of the list of groups, whose counts cover all runs even while the table is filtered."""
    return TITLES[view.group.by] + (" · all runs" if view.narrowed else "")


def totals_title(snapshot: Snapshot | None, view: View, *, cells: int) -> str:
    """Return the title of the totals for a frame `cells` wide; it names the rows that are counted, if not all."""
    group = _group_title(snapshot, view.group) if view.group.member is not None else ""
    which = "" if not view.narrowed else "filtered" if view.text.strip() else view.only
    whole, short = (f"{group}, {which}" if group and which else group or which), which or group
    for named in (whole, short):
        title = " · ".join(filter(None, ("Tokens", named)))
        if cell_len(title) <= cells - _CORNERS:
            return title
    return f"Tokens · {ink.cut(short, max(4, cells - _CORNERS - cell_len('Tokens · ')))}"


def since_words(runs: Callable[[], Iterable[Run]], marks: Sequence[Mark], now: float) -> str:
    """Return the counts of runs since the newest mark of the last 24 hours; "" without such a mark."""
    mark = next((each for each in reversed(marks) if each.at <= now), None)
    if mark is None or now - mark.at > _NEWS:
        return ""
    found = since_mark(runs(), mark)
    name = ink.cut(mark.name, min(len(mark.name), _NAME))
    return f" · since {name}: {found.runs:,} run{'' if found.runs == 1 else 's'}, {found.failed:,} failed"


def _group_title(snapshot: Snapshot | None, group: Grouping) -> str:
    if snapshot is None or group.member is None:
        return "all threads"
    name = name_of(group.by, group.member, cell_context(snapshot, 0.0, Context(0.0)))
    return name if group.by == "thread" else f"{group.by} {name}"


def threads_subtitle(snapshot: Snapshot | None) -> str:
    """Return how often each thread is read at least, how many have been read so far, or that the key is refused.

    The interval is the longest one promised to any thread; threads with news in tracing spans are read sooner.
    """
    if snapshot is None:
        return ""
    if snapshot.stopped:
        return "key refused"
    covered = snapshot.coverage
    if not covered.fleet:
        return ""
    if not covered.complete:
        return f"{covered.read:,} of {covered.threads:,} read"
    # During an outage nothing is checked, and the header says why.
    if not covered.threads or snapshot.outage is not None:
        return ""
    promised = max(covered.round_s, *(state.interval for state in snapshot.threads.values()), 0.0)
    unit = 1.0 if promised < 60.0 else 60.0 if promised < 3600.0 else 3600.0
    return f"checked every {age(ceil(promised / unit) * unit)}"  # rounded up, never too short


def _loading(covered: Coverage, glyphs: Glyphs) -> str:
    """Return a progress bar of the first load: threads read, threads in all, threads that failed."""
    failed = covered.threads - covered.read - covered.unread
    filled = covered.read * _PROGRESS_BAR // covered.threads
    bar = glyphs.bar * filled + glyphs.track * (_PROGRESS_BAR - filled)
    told = f", {failed:,} failed" if failed > 0 else ""
    return f"loading, {covered.read:,} of {covered.threads:,} threads read{told} {bar}"


def runs_subtitle(
    snapshot: Snapshot | None,
    rows: int,
    waiting: Waiting,
    *,
    glyphs: Glyphs,
    now: float,
    thread: str | None = None,
    marked: int = 0,
    watched: int = 0,
    unreadable: int = 0,
    locked: str = "",
    cells: int,
) -> str:
    """Return the subtitle of the table: errors, first load, lock, pending rows, and counts.

    `rows` are shown, `unreadable` of them only in part. With a `thread` (raw id) the error is that thread's, and `locked`
    says how old its lock is. `cells` is the width of the frame.
    """
    parts: list[str] = []
    cause = ""
    if snapshot is not None and rows:
        state = snapshot.threads.get(thread) if thread is not None else None
        health = snapshot.health_of(state, now) if state is not None else snapshot.health(now)
        # During an outage, its cause applies to every thread.
        cause = health.cause if snapshot.outage is None else snapshot.outage.cause
    if snapshot is not None and rows and not snapshot.coverage.complete:
        parts.append(_loading(snapshot.coverage, glyphs))
    if locked:
        parts.append(locked)
    if waiting:
        parts.append(f"{waiting.text}   . applies")
    if marked:
        parts.append(f"{marked} marked")
    if watched:
        parts.append(f"{watched:,} watched")
    if unreadable:
        parts.append(f"{unreadable} unreadable")
    return trouble_text(cause, parts, cells)


def trouble_text(cause: str, parts: Sequence[str], cells: int) -> str:
    """Return the words for the lower border of a frame `cells` wide: the parts whole, before them the cause.

    Of the cause there is what the border has room for; where that would be next to nothing, the parts alone.
    """
    rest = _BETWEEN.join(parts)
    room = cells - _CORNERS - (cell_len(rest) + len(_BETWEEN) if rest else 0)
    if not cause or (rest and room < min(_WORTH, cell_len(cause))):
        return rest
    shown = ink.fit(cause, min(cell_len(cause), max(1, room)))
    return _BETWEEN.join([shown, *parts])
