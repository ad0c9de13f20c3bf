"""The time axis and the lanes of threads, as lines of (text, role) spans. `labels` has the texts around them. Pure.

Every sign is one cell wide; names that the server sent are cut or padded with `ink.fit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.history.coverage import GAP, Part
from flowtui.model.run.row import COMPLETED, FAILED
from flowtui.model.state.marks import Mark
from flowtui.model.timeline import lanes
from flowtui.model.timeline.lanes import Cell, Lane, Segment, ThreadHistory
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.timeline.signs import LaneSigns


@dataclass(frozen=True, slots=True)
class LaneContext:
    """What drawing a lane needs, apart from the lane.

    `window`: the visible time window.
    `now`: the server's time.
    `names`: the width of the name column in cells.
    `rows`: how many lines a lane has, 1 to 4.
    `marks`: the marks to draw across all lanes.
    `ticks`: the round times of the axis, each as its cell and its text.
    `unwatched`: the parts of the window in which nobody watched (GAP), or the API did not answer.
    `begin`: when the history begins; None: there is none.
    `by_agent`: each agent has a lane, so that several runs at the same time are nothing unusual.
    """

    window: TimeWindow
    now: float
    glyphs: Glyphs
    signs: LaneSigns
    names: int
    rows: int
    marks: tuple[Mark, ...] = ()
    ticks: tuple[tuple[int, str], ...] = ()
    unwatched: tuple[Part, ...] = ()
    begin: float | None = None
    by_agent: bool = False

    @property
    def partial(self) -> bool:
        """Whether runs before the window may be remembered that are not drawn."""
        return self.begin is not None and self.begin < self.window.start


class Row(NamedTuple):
    """A line of the screen.

    `lit` is the first and the last cell of the run under the cursor; None: that run is not on this line. `chosen`: the
    line belongs to the lane with the cursor.
    """

    spans: Line = ink.BLANK
    lit: tuple[int, int] | None = None
    chosen: bool = False


class LaneName(NamedTuple):
    """A thread or an agent, as the name column shows it.

    `active`, `failed`: how many active and failed runs it has.
    `trouble`: the health of the thread as text; None while it is good.
    `about`: of a thread the agent of the newest run, of an agent how many threads it has.
    `seen`: server time of the last observation; infinite while the health is good.
    `brief`: a short form of the name, where the name does not fit; "" if there is none.
    """

    id: str
    active: int
    failed: int
    trouble: Span | None
    about: str
    seen: float = math.inf
    brief: str = ""


_PAST: Final = {COMPLETED: "area-completed"}
"""The roles of lines of runs that ended well: muted, so that what runs and what failed is seen first."""

_LEAST_ABOUT: Final = 4  # cells; cut shorter, the second name tells nothing

Sign = tuple[str, str]
_BLANK: Final[Sign] = (" ", "text")


def names_width(cells: int, *, dense: bool = False) -> int:
    """Return the width of the name column on a screen `cells` wide. `dense`: a lane has one line, which has both names."""
    if dense:
        return 32 if cells >= 100 else 26 if cells >= 72 else 21
    return 23 if cells >= 100 else 19 if cells >= 72 else 16


# -- the axis --------------------------------------------------------------------------------------------------


def axis_row(context: LaneContext) -> Row:
    """Return the time axis, which is the line above the lanes: round times, the word `now`, and the names of marks."""
    words: list[Sign] = [_BLANK] * context.window.cells
    said: list[tuple[int, str, str]] = []
    here = context.window.cell(context.now)
    if 0 <= here < len(words):
        said.append((max(0, here - 2), "now", "accent"))
    for mark in context.marks:
        cell = context.window.cell(mark.at)
        if 0 <= cell < len(words):
            said.append((cell, f"{context.glyphs.down} {mark.name}", "other"))
    said += _unwatched_words(context)
    begin = -1 if context.begin is None else context.window.cell(context.begin)
    if 0 <= begin < len(words):
        said.append((begin, f"{context.glyphs.down} history begins", "dim"))
    said += [(cell, word, "dim") for cell, word in context.ticks]
    for cell, word, role in said:  # the most important word first: a later word is drawn only on free cells
        if all(sign == " " for sign, _ in words[max(0, cell - 1) : cell + len(word) + 1]):
            _write(words, cell, word, role)
        elif word.startswith(context.glyphs.down) and words[cell][0] == " ":
            _write(words, cell, context.glyphs.down, role)
    return Row((Span(" " * (context.names + 1)), *ink.joined(words)))


def _unwatched_words(context: LaneContext) -> list[tuple[int, str, str]]:
    """Return the words above the parts that nobody watched, where these are wide enough for them: cell, text, role."""
    said = []
    for part in context.unwatched:
        cells = part_cells(part, context.window)
        sign, role = _unwatched_sign(part, context.signs)
        what = "not watched" if part.how == GAP else "no answer"
        for text in (f"{sign} {what} {formatting.span(part.seconds)}", f"{sign} {what}"):
            if len(text) < len(cells):
                said.append((cells.start, text, role))
                break
    return said


def _unwatched_sign(part: Part, signs: LaneSigns) -> Sign:
    return (signs.unwatched, "dim") if part.how == GAP else (signs.unanswered, "bad")


def part_cells(part: Part, window: TimeWindow) -> range:
    """Return the cells whose middle is in a part of time."""
    half = window.step / 2
    first, last = window.cell(part.since + half), window.cell(part.until - half)
    return range(max(0, first), min(window.cells, last + 1))


def _write(words: list[Sign], cell: int, text: str, role: str) -> None:
    """Write `text` into the row from `cell` on, as far as it fits. A wide character becomes `?`, so that nothing shifts."""
    for at, sign in enumerate(text, start=cell):
        if 0 <= at < len(words):
            words[at] = (sign if ink.width((Span(sign),)) == 1 else "?", role)


# -- lanes -----------------------------------------------------------------------------------------------------


def lane_rows(
    lane: Lane,
    history: ThreadHistory,
    name: LaneName,
    context: LaneContext,
    cursor: Segment | None,
    *,
    chosen: bool,
) -> tuple[Row, ...]:
    """Return the lines of a thread's lane.

    `chosen`: the cursor is on this lane. `cursor` is the run under the cursor; None if that is not on this lane.
    """
    ground = _background(context)
    if context.rows == 1:
        texts = [_single_row(lane, ground, context)]
    else:
        upper = [_sign(cell, context) or under for cell, under in zip(lane.upper, ground, strict=True)]
        lower = [_waiting(cell, context) or under for cell, under in zip(lane.lower, ground, strict=True)]
        texts = [upper, lower]
    if name.trouble is not None:
        kept = ("track", "other")
        texts = [[(sign, role if role in kept else "dim") for sign, role in text] for text in texts]
    if context.rows > 2:
        texts.insert(0, _labels(lane, ground, context, cursor, min(context.now, name.seen)))
    if context.rows > 3:
        texts.append(list(ground))
    if not lane.segments:
        _write(texts[-1 if context.rows < 3 else 1], 1, _nearest_run(history, context), "dim")
    heads = _name_column(name, context, chosen=chosen)
    lit = _highlight(cursor, context) if cursor is not None else [None] * len(texts)
    edge = Span(context.signs.edge, "accent" if chosen else "track")
    return tuple(
        Row((*head, edge, *ink.joined(text)), place, chosen)
        for head, text, place in zip(heads, texts, lit, strict=True)
    )


def _nearest_run(history: ThreadHistory, context: LaneContext) -> str:
    """Return a text for a thread without runs in the time window: how long before the window its last run was.

    If none before it is known: how long after the window the first run is, or the next one that is known.
    """
    window = context.window
    before = history.last_before(window.start)
    if before is not None:
        return f"{context.glyphs.left} last run {formatting.span(window.start - before.until)} earlier"
    after = next(history.between(window.end, math.inf), None)
    if after is not None:
        which = "next" if context.partial else "first"
        return f"{which} run {formatting.span(after.since - window.end)} later {context.glyphs.right}"
    return "no runs"


def _background(context: LaneContext) -> list[Sign]:
    """Return a row without runs: only the vertical lines of round times, of the current time and of marks."""
    window, signs = context.window, context.signs
    ground = [_BLANK] * window.cells
    for part in context.unwatched:
        for cell in part_cells(part, window):
            ground[cell] = _unwatched_sign(part, signs)
    drawn = [(cell, (signs.grid, "track")) for cell, _ in context.ticks]
    drawn.append((window.cell(context.now), (signs.now, "track")))
    drawn += [(window.cell(mark.at), (signs.mark, "other")) for mark in context.marks]
    for cell, sign in drawn:
        if 0 <= cell < window.cells:
            ground[cell] = sign
    return ground


def _single_row(lane: Lane, ground: Sequence[Sign], context: LaneContext) -> list[Sign]:
    """Return the row of a lane that has only one line, for running and queued runs.

    Where no run is running, queued runs are drawn. Where a run is running while others are queued, it gets the sign
    `behind`.
    """
    row: list[Sign] = []
    for upper, lower, under in zip(lane.upper, lane.lower, ground, strict=True):
        above, below = _sign(upper, context), _waiting(lower, context)
        if upper.kind == lanes.LINE and lower.kind in (lanes.LINE, lanes.FRONT):
            above = (context.signs.behind, upper.status)
        elif lower.kind in (lanes.END, lanes.CROWD) and upper.kind in (lanes.EMPTY, lanes.LINE, lanes.UNSURE):
            above = below
        elif upper.kind == lanes.EMPTY and lower.kind == lanes.JOIN:
            above = None  # the run started in this cell, so its queued line is drawn here
        row.append(above or below or under)
    return row


def _sign(cell: Cell, context: LaneContext) -> Sign | None:
    signs = context.signs
    if cell.kind == lanes.EMPTY:
        return None
    if cell.kind in (lanes.END, lanes.FRONT):
        return context.glyphs.status[cell.status], cell.status
    if cell.kind == lanes.CROWD:
        return signs.crowd_sign(cell.runs), cell.status
    if cell.kind == lanes.CLASH:
        role = _PAST.get(cell.status, cell.status)
        return (signs.several, role) if context.by_agent else (signs.clash, "bad")
    if cell.kind == lanes.UNSURE:
        return signs.unsure, "dim"
    return signs.run, _PAST.get(cell.status, cell.status)


def _waiting(cell: Cell, context: LaneContext) -> Sign | None:
    if cell.kind == lanes.LINE:
        return (context.signs.queues if cell.runs > 1 else context.signs.queue), "dim"
    if cell.kind == lanes.JOIN:
        return (context.signs.joins if cell.runs > 1 else context.signs.join), "dim"
    return _sign(cell, context)


def _labels(
    lane: Lane, ground: Sequence[Sign], context: LaneContext, cursor: Segment | None, known: float
) -> list[Sign]:
    """Return the line above the runs: the id and the duration of each run; only the duration if there is no room for both.

    The run under the cursor always has its label. The durations of active runs are those at the time `known`.
    """
    row, window = list(ground), context.window
    taken = range(0)
    if cursor is not None and cursor in lane.segments:
        text = _took(cursor, known)
        since = cursor.since if cursor.started is None else cursor.started
        first = max(0, min(window.cell(since), window.cells - len(text)))
        _write(row, first, text, "strong")
        taken = range(first - 1, first + len(text) + 1)
    free = 0
    for segment in lane.segments:
        if segment.started is None or segment is cursor:
            continue
        first = max(0, window.cell(segment.started))
        last = min(window.cells - 1, window.cell(segment.end(context.now)))
        if first < free or last < first or lane.upper[first].kind == lanes.CROWD:
            continue
        for text in (_took(segment, known), formatting.span(segment.run.duration(known))):
            end = first + len(text)
            free_of_cursor = first >= taken.stop or end <= taken.start
            if end <= last + 1 and text != UNKNOWN and text.isascii() and free_of_cursor:
                _write(row, first, text, "dim")
                free = end + 1
                break
    return row


def _took(segment: Segment, known: float) -> str:
    return f"{short_id(segment.run.id)} {formatting.span(segment.run.duration(known))}"


def _name_column(name: LaneName, context: LaneContext, *, chosen: bool) -> list[Line]:
    """Return the lines of the name column for one lane, as many as the lane has."""
    glyphs, room = context.glyphs, context.names
    counts = [
        Span(f" {name.active}{glyphs.active}" if name.active else "", "running"),
        Span(f" {name.failed}{glyphs.failed}" if name.failed else "", FAILED),
    ]
    trouble = name.trouble
    right = [Span(" "), trouble] if context.rows == 1 and trouble is not None else counts
    while len(right) > 1 and ink.width(right) > room - 10:
        right.pop(0)
    gap = "" if context.rows == 1 else " "  # in one line each cell counts
    pointer = Span(f"{glyphs.pointer if chosen else ' '}{gap}", "accent")
    role = "dim" if trouble else "strong" if chosen else "text"
    text = _names(name, max(1, room - 1 - ink.width((pointer, *right))), role, dense=context.rows == 1)
    heads: list[Line] = [(pointer, *text, *right, Span(" "))]
    if context.rows > 1:
        below = trouble or Span(name.about, "dim")
        heads.append((Span("  "), Span(ink.fit(below.text, room - 3), below.role), Span(" ")))
    if context.rows > 2:
        heads.insert(0, (Span(" " * room),))
    if context.rows > 3:
        heads.append((Span(" " * room),))
    return heads


def _names(name: LaneName, cells: int, role: str, *, dense: bool) -> list[Span]:
    """Return the name in `cells` cells, in a dense lane with what it is about; of an agent that is never cut."""
    wide = ink.width((Span(name.id),))
    brief = name.brief if name.brief and (dense or wide > cells) else name.id
    rest = cells - ink.width((Span(brief),)) - 1
    whole = ink.width((Span(name.about),)) <= rest
    if not dense or rest < _LEAST_ABOUT or not (whole or name.brief):
        fit = ink.fit_id if name.brief else ink.fit  # the end of an id tells more, of a name the beginning
        return [Span(fit(brief, cells), role)]
    return [Span(f"{brief} ", role), Span(ink.fit(name.about, rest), "dim")]


def _highlight(segment: Segment, context: LaneContext) -> list[tuple[int, int] | None]:
    """Return for each line of a lane the first and the last cell of the run; None if the run is not on that line."""
    window, end = context.window, segment.end(context.now)
    begins = segment.started if segment.started is not None else segment.since
    held = segment.started is not None or segment.vague or segment.queued is None
    upper = _clipped(window, begins, end, context) if held else None
    lower = None
    if segment.queued is not None and not segment.vague:
        until = end if segment.started is None else segment.started
        if not held or window.cell(segment.queued) < window.cell(until):
            lower = _clipped(window, segment.queued, until, context)
    if context.rows == 1:
        return [upper or lower if upper is None or lower is None else (lower[0], upper[1])]
    return [upper, lower] if context.rows == 2 else [None, upper, lower, None][: context.rows]


def _clipped(window: TimeWindow, since: float, until: float, context: LaneContext) -> tuple[int, int] | None:
    first, last = max(0, window.cell(since)), min(window.cells - 1, window.cell(until))
    return (context.names + 1 + first, context.names + 1 + last) if first <= last else None
