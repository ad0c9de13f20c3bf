"""The card of a run: on a page of its own with all sections, below the table in the lines that there are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.model.answers.run.usual import TIME, TOKENS, WAIT, against_usual
from flowtui.model.messages.opened import Opened
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.around_section import around_section
from flowtui.ui.run.card.changed_section import changed_section, changed_words
from flowtui.ui.run.card.fields_section import fields_section
from flowtui.ui.run.card.outcome import head_lines
from flowtui.ui.run.card.steps_section import step_lines, steps_section
from flowtui.ui.run.card.usual_section import SHORT_LABEL, metric_line, usual_lines, usual_section
from flowtui.ui.run.rendering import RenderContext, plain
from flowtui.ui.widgets.line_pane import DocLine

TWO_COLUMNS: Final = 126
"""Least cells for two columns of sections: a screen of 130 has so many."""

GAP: Final = 4
"""Cells between the columns."""
_PAGE_ROWS: Final = 20
"""A pane of so many lines is like a page."""
_SIDE_BY_SIDE: Final = 84
"""Least cells for the steps beside what is usual, in the pane."""
_LOW: Final = 6
"""A pane with fewer lines than this has the values in two columns."""


def card_lines(opened: Opened, render: RenderContext) -> list[DocLine]:
    """Return the lines of the card; the fields of the API come last, and the only fold is theirs."""
    if render.rows is not None and render.rows < _PAGE_ROWS:
        return _pane(opened, render, render.rows)
    cells = render.cells
    lines = [*head_lines(opened, render), ink.BLANK]
    if cells >= TWO_COLUMNS:
        half = (cells - GAP) // 2
        right = cells - half - GAP
        lines += _beside(usual_section(opened, render, half), steps_section(opened, render, right), half)
        lines += _beside(changed_section(opened, render, half), around_section(opened, render, right), half)
    else:
        for build in (usual_section, steps_section, changed_section, around_section):
            lines += [*build(opened, render, cells), ink.BLANK]
    return [*plain(lines), *fields_section(opened, render)]


def _beside(left: Sequence[Line], right: Sequence[Line], cells: int) -> list[Line]:
    return [*ink.side_by_side(left, right, cells + GAP), ink.BLANK]


# -- below the table -------------------------------------------------------------------------------------------


def _pane(opened: Opened, render: RenderContext, rows: int) -> list[DocLine]:
    """Return the card for `rows` lines in sight; what is below them is read by scrolling."""
    cells = render.cells
    head = head_lines(opened, render)
    if rows < _LOW:
        shown = [*head, *_low(opened, render)]
    else:
        shown = [*head, ink.BLANK, *_values(opened, render, rows - len(head) - 1)]
    more: list[Line] = []
    if cells < _SIDE_BY_SIDE or rows < _LOW:
        more += [*steps_section(opened, render, cells), ink.BLANK]
    for build in (changed_section, around_section):
        more += [*build(opened, render, cells), ink.BLANK]
    blank = [ink.BLANK] * max(1, rows - len(shown))
    return plain([*shown, *blank, *more]) + fields_section(opened, render)


def _values(opened: Opened, render: RenderContext, rows: int) -> list[Line]:
    """Return what is usual, and beside it the steps, in `rows` lines."""
    cells = render.cells
    found = against_usual(opened.run, render.context.as_known(opened.run))
    config = (Span(ink.fit("config", SHORT_LABEL + 1), "dim"), *changed_words(opened, render))
    if cells < _SIDE_BY_SIDE:
        lines = [*usual_lines(found, opened, render, cells, short=True), config]
        return [ink.cut_line(line, cells) for line in lines]
    half = (cells - GAP) // 2
    left = usual_lines(found, opened, render, half, short=True)
    gap = [ink.BLANK] if rows > len(left) + 1 else []
    left = [ink.cut_line(line, half) for line in (*left, *gap, config)]
    right = step_lines(opened, render, cells - half - GAP, max(2, rows - 2))
    return ink.side_by_side(left, right, half + GAP)


def _low(opened: Opened, render: RenderContext) -> list[Line]:
    """Return time, tokens and wait beside what changed, in two lines."""
    cells = render.cells
    found = against_usual(opened.run, render.context.as_known(opened.run))
    half = (cells - 2) // 2
    made = {each.name: metric_line(each, opened.run, render, half, short=True) for each in found.metrics}
    config: Line = (Span(ink.fit("config", SHORT_LABEL + 1), "dim"), *changed_words(opened, render))
    cut = [ink.cut_line(line, half) for line in (made[TIME], made[TOKENS], made[WAIT], config)]
    return ink.side_by_side(cut[0::2], cut[1::2], half + 2)
