"""One row of the table as cells of text with roles. Pure. Cells equal to the last paint are not painted again."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.columns import Column, progress
from flowtui.model.columns.context import Context
from flowtui.model.run.detail import inference
from flowtui.model.run.labels import NONE
from flowtui.model.run.row import FAILED, RUNNING, Run
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.view.sorting import direction
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.layout import SIGN, Slot, thread_text
from flowtui.ui.table.unusual import NOTHING

_COMPARED: Final = frozenset(NOTHING._fields)
_COUNTED: Final = 30  # cells of a note from which on a reason that is cut still has its count before it
_FIRST_WORD: Final = re.compile(r"^[\w.-]+: +")
_DIM_COLUMNS: Final = frozenset({"model", "wait", "thread"})

BAR: Final = 6
"""Width of the progress bar of a running run, in cells."""


class PaintedLine(NamedTuple):
    """What a line of the viewport shows; compared with the next paint to find the cells that changed.

    `row` decides the background: head, cursor, active or "". `lit` has the indexes of highlighted cells.
    """

    cells: tuple[Line, ...] = ()
    row: str = ""
    lit: frozenset[int] = frozenset()
    sign: tuple[str, str] = ("", "")
    """The sign before a row, and its role: the run is selected, or the user is notified about it. Both "" for none."""

    rule: str = ""
    """Name of the mark between this run and the next one; drawn as a line between them. "" for none."""

    leaves: bool = False
    """The run is not in the newest order; its row stays while the order is held."""

    @property
    def frame(self) -> tuple[str, str, bool]:
        """If one of these values changes, the whole line is repainted."""
        return self.row, self.rule, self.leaves

    def differs(self, other: PaintedLine) -> list[int]:
        """Return the indexes of the cells that differ. Both lines must have the same number of cells."""
        lit = self.lit ^ other.lit
        return [
            place
            for place, (one, two) in enumerate(zip(self.cells, other.cells, strict=True))
            if one != two or place in lit
        ]


def rule_between(run: Run, following: Run | None, style: CellStyle) -> str:
    """Return the name of the newest mark between two neighbouring runs.

    "" if there is none, or if the rows are not sorted by age.
    """
    marks = style.context.marks
    if not marks or following is None or style.order[0] != "age":
        return ""
    if run.created is None or following.created is None:
        return ""
    early, late = sorted((run.created, following.created))
    place = bisect_right(marks, late, key=lambda mark: mark.at)
    return marks[place - 1].name if place and marks[place - 1].at > early else ""


def head_cell(slot: Slot, style: CellStyle) -> Line:
    """Return a column's title; the sorted column has an arrow."""
    title = slot.column.title
    name, descending = style.order
    if slot.column.name != name:
        return (Span(ink.fit(title, slot.width, slot.column.align), "dim"),)
    falls = direction(slot.column, descending=descending) == "desc"
    sign = style.glyphs.down if falls else style.glyphs.up
    if slot.width > cell_len(title) + SIGN:
        sign = f" {sign}"
    title = ink.cut(title, max(0, slot.width - cell_len(sign)))
    return (Span(ink.fit(title + sign, slot.width, slot.column.align), "strong"),)


def cell_text(column: Column, run: Run, context: Context) -> str:
    """Return the text of a cell. The age of a run goes on even if its own time does not, as its data is old."""
    text = column.shown(run, context if column.name == "age" else context.as_known(run))
    return thread_text(text) if column.name == "thread" else text


def cell(slot: Slot, run: Run, style: CellStyle, *, grey: bool = False) -> Line:
    """Return one cell, exactly as wide as its slot; `grey`: dim, because the run is not in the newest order."""
    name = slot.column.name
    text = cell_text(slot.column, run, style.context)
    if name == "note" and cell_len(text) > slot.width:
        text = _shortened(text, style.context.reason_text(run.key), slot.width)
    stale = grey or run.thread_key in style.context.old or style.context.restored(run) is not None
    if name == "status":
        text = f"{style.glyphs.status[run.status_class]} {text}"
        return ink.highlight(ink.fit(text, slot.width), "dim" if stale else run.status_class, style.words)
    asked = name in _COMPARED or (name == "note" and not text)
    found = style.unusual.of(run, style.context) if asked and not stale and style.unusual else NOTHING
    far = name in _COMPARED and getattr(found, name) is not None
    if name == "note" and not text:
        if said := found.note(run):
            return _cut(said, slot.width)
        if run.status_class == RUNNING and slot.width >= BAR:
            return _progress(slot, run, style, stale=stale)
    if slot.column.keep_end or text.startswith(ink.ELLIPSIS):
        text = ink.cut_id(text, slot.width)
    role = "dim" if stale else "warn" if far else _role(name, text, run)
    return ink.highlight(ink.fit(text, slot.width, slot.column.align), role, style.words)


def _shortened(note: str, reason: str, cells: int) -> str:
    """Return a note that is too long without the word that its reason begins with, such as the name of a tool.

    What went wrong comes after it. The count before the reason stays if there is room.
    """
    if not reason or not note.endswith(reason):
        return note
    short = _FIRST_WORD.sub("", reason)
    counted = note.removesuffix(reason) + short
    return counted if cells >= _COUNTED or cell_len(counted) <= cells else short


def _cut(line: Line, cells: int) -> Line:
    """Return a line of two spans in exactly `cells` cells."""
    first, second = line
    head = ink.cut(first.text, cells)
    return Span(head, first.role), Span(ink.fit(second.text, cells - cell_len(head)), second.role)


def _role(name: str, text: str, run: Run) -> str:
    if name == "reason":
        return "dim" if text == UNKNOWN else "bad"
    if name == "note":
        doubtful = run.status_class == UNKNOWN_CLASS or (run.inferred and text == inference(run))
        return "other" if doubtful else "bad" if run.status_class == FAILED else "warn"
    if name == "run" and run.active:
        return "strong"
    return "dim" if name in _DIM_COLUMNS or text in (UNKNOWN, NONE) else "text"


def _progress(slot: Slot, run: Run, style: CellStyle, *, stale: bool) -> Line:
    """Return the note of a running run without anything else to say: how far it is, and how long its agent's runs take."""
    beat = 0 if style.reduced_motion or stale else style.beat
    drawn = bar(progress(run, style.context.as_known(run)), beat, style.glyphs, stale=stale)
    usual = style.context.usual.durations.get(run.agent_id)
    said = "" if usual is None else f" usually {formatting.duration(usual.median)}"
    room = slot.width - BAR
    return (*drawn, Span(ink.fit(said if cell_len(said) <= room else "", room), "dim"))


def bar(share: float | None, beat: int, glyphs: Glyphs, *, stale: bool = False) -> Line:
    """Return a progress bar whose end blinks, as the run goes on; `beat` is the step of the movement.

    The bar is filled to `share`, the part of the usual time that has passed, and stays full if the run takes longer than
    usual (1 or more). If that is unknown (None), the bar is empty, and one part moves along it.
    """
    if share is None:
        filled = beat % (BAR + 1)  # 0 while nothing moves: a still part would look like progress
        first = max(0, filled - 1)
    else:
        filled = min(BAR, max(1, round(share * BAR)))
        first = 0
        if beat % 2:
            filled = filled - 1 if filled > 1 else 2
    parts = [
        (glyphs.track * first, "track"),
        (glyphs.bar * (filled - first), "bar"),
        (glyphs.track * (BAR - filled), "track"),
    ]
    return tuple(Span(text, "dim" if stale else role) for text, role in parts if text)
