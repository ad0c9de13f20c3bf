"""Titles and subtitles of the dashboard's frames. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from math import ceil

from rich.cells import cell_len

from flowtui.formatting import age
from flowtui.model.state.health import Coverage
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.pinned_order import PendingChanges
from flowtui.model.view.view import View
from flowtui.ui.grouping.rows import TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.table.cell_style import group_title
from flowtui.ui.table.edge import APPLIES, QUIET
from flowtui.ui.widgets.frame_titles import CORNERS, trouble_text
from flowtui.ui.widgets.freshness_words import unread_words
from flowtui.ui.widgets.memory_words import HERE, end_words, number_forms, runs_that_left

_PROGRESS_BAR = 10  # cells
_REQUEST = "GET "  # how a cause begins that names its request
_BETWEEN = 5  # cells between two parts of a subtitle


def groups_title(view: View, snapshot: Snapshot | None = None) -> str:
    """Return the title of the list of groups, with the number of threads.

    It says which runs are counted, as other parts of the screen count others: `known runs`, or `in memory` without older ones.
    """
    here = snapshot is not None and snapshot.let_go > 0
    known = snapshot is not None and bool(snapshot.threads)
    which = "in memory" if here else "known runs" if known or view.narrowed else ""
    name = TITLES[view.group.by]
    if view.group.by == "thread" and snapshot is not None and snapshot.threads:
        name = f"{name} {len(snapshot.threads):,}"
    return " · ".join(filter(None, (name, which)))


def totals_title(snapshot: Snapshot | None, view: View, *, cells: int) -> str:
    """Return the title of the totals for a frame `cells` wide. If only some runs are counted, the title says which."""
    group = group_title(snapshot, view.group) if view.group.member is not None else ""
    which = "" if not view.narrowed else "filtered" if view.text.strip() else view.only
    whole, short = (f"{group}, {which}" if group and which else group or which), which or group
    left = runs_that_left(snapshot, view)
    if snapshot is not None and left != 0:
        forms = [HERE]
        if left is not None:
            forms = list(number_forms(sum(1 for _ in snapshot.runs(view.thread)), left))
        names = [whole] if short == whole else [whole, short]
        told = [", ".join(filter(None, (name, form))) for name in names for form in forms]
        whole, short = told[0], forms[-1]
    else:
        told = [whole, short]
    for named in told:
        title = " · ".join(filter(None, ("Tokens", named)))
        if cell_len(title) <= cells - CORNERS:
            return title
    return f"Tokens · {ink.cut(short, max(4, cells - CORNERS - cell_len('Tokens · ')))}"


def unread_labels_words(runs: int) -> str:
    """Return for how many runs labels were not read, which the filter may leave out wrongly; "" if there are none."""
    return f" · labels of {runs:,} run{'' if runs == 1 else 's'} not read" if runs else ""


def unknown_reasons_words(runs: int) -> str:
    """Return of how many failed runs no reason is known, so that a filter may leave them out wrongly; "" if there are none."""
    return f" · reasons of {runs:,} run{'' if runs == 1 else 's'} not known" if runs else ""


def threads_subtitle(snapshot: Snapshot | None) -> str:
    """Return within which time each thread is read again; until all were read once, how many were.

    `key refused` if the server refuses the key; "" while requests are held back because of the server, or if only named
    threads are polled.
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
    # During an outage, or a pause that the server asked for, no thread is read; header and table say why.
    if not covered.threads or snapshot.outage is not None or snapshot.withheld is not None:
        return ""
    promised = max(covered.round_s, *(state.interval for state in snapshot.threads.values()), 0.0)
    unit = 1.0 if promised < 60.0 else 60.0 if promised < 3600.0 else 3600.0
    return f"read again within {age(ceil(promised / unit) * unit)}"  # rounded up: threads are not read later than this says


def _loading(covered: Coverage, glyphs: Glyphs) -> str:
    """Return the progress of the first load: how many threads were read, how many could not be read, and a bar."""
    failed = covered.threads - covered.read - covered.unread
    filled = covered.read * _PROGRESS_BAR // covered.threads
    bar = glyphs.bar * filled + glyphs.track * (_PROGRESS_BAR - filled)
    told = f", {failed:,} failed" if failed > 0 else ""
    return f"loading, {covered.read:,} of {covered.threads:,} threads read{told} {bar}"


def runs_subtitle(
    snapshot: Snapshot | None,
    rows: int,
    waiting: PendingChanges,
    *,
    glyphs: Glyphs,
    now: float,
    zone: tzinfo | None = None,
    thread: str | None = None,
    selected: int = 0,
    watched: int = 0,
    unreadable: int = 0,
    unexplained: int = 0,
    left: int | None = 0,
    locked: str = "",
    cells: int,
) -> str:
    """Return the subtitle of the table: the error, the first load or what is still as of an earlier start, the lock, pending changes, and counts.

    `rows`: how many rows the table has; if 0, the error and the first load are left out.
    `thread`: raw id of the chosen thread, whose error is shown; None: the worst error of all threads.
    `selected`, `watched`, `unreadable`: how many runs are selected, how many watches there are, how many runs could be
    read only in part. `unexplained`: how many runs failed without a known reason.
    `left`: how many older runs have left memory, None: an unknown number; 0 also while the end of the table is not in sight.
    `locked`: a text about an old lock of the thread, "" if there is none. `cells`: the width of the frame.
    """
    parts: list[str] = []
    cause = ""
    if snapshot is not None and rows:
        state = snapshot.threads.get(thread) if thread is not None else None
        health = snapshot.health_of(state, now) if state is not None else snapshot.health(now)
        # During an outage, its cause applies to every thread.
        cause = health.cause if snapshot.outage is None else snapshot.outage.cause
    if snapshot is not None and rows and (unread := unread_words(snapshot, now, zone)):
        parts.append(unread)
    elif snapshot is not None and rows and not snapshot.coverage.complete:
        parts.append(_loading(snapshot.coverage, glyphs))
    if locked:
        parts.append(locked)
    if waiting:
        parts.append(f"{waiting.text}   {APPLIES}")
    if selected:
        parts.append(f"{selected} selected")
    if watched:
        parts.append(f"{watched:,} watched")
    if unreadable:
        parts.append(f"{unreadable} unreadable")
    if unexplained:
        parts.append(f"{unexplained:,} failed, reason unknown")
    return _with_cause(cause, parts, left, cells)


def _with_cause(cause: str, parts: Sequence[str], left: int | None, cells: int) -> str:
    """Return the parts after the cause of an error.

    Without room for it, first what only informs is left out, then the request that failed, then what to do about it.
    """
    loud = [part for part in parts if not part.endswith(QUIET)]
    request, _, rest = cause.partition(": ")
    short = rest if rest and request.startswith(_REQUEST) else cause
    forms = [(cause, parts), (cause, loud), (short, loud), (short.partition(". ")[0], loud)]
    cause, parts = next((form for form in forms if form[0] in trouble_text(*form, cells)), forms[-1])
    return trouble_text(cause, [*parts, *_end(left, parts, cells)], cells)


def _end(left: int | None, parts: Sequence[str], cells: int) -> list[str]:
    """Return where older runs are, as one part beside these `parts`; none if no run has left memory."""
    whole = end_words(left)
    room = cells - CORNERS - sum(cell_len(part) + _BETWEEN for part in parts)
    return list(filter(None, [whole if cell_len(whole) <= room else end_words(left, brief=True)]))
