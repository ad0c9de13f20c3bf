"""The brief as plain text of 80 columns, for a terminal, a pipe or a mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.remarks import Named, open_words, rest_words, title_words
from flowtui.model.answers.brief.wording import Told, told
from flowtui.model.export.brief.sections import Cells, Section, sections
from flowtui.text import cell_width, cut_cells, pad_cells, shorten_cells

WIDTH: Final = 80
"""Cells of a line."""

SIGNS: Final = {"bad": "x", "look": "!", "good": "-"}
"""The sign before a sentence."""

_GAP: Final = "  "
_LEAST: Final = 4  # cells to which a column is cut


def brief_text(brief: Brief, named: Named, zone: tzinfo | None, remark: str = "") -> str:
    """Return the brief as text. `remark`: where the runs come from."""
    lines = [*_wrapped(f"Brief: {title_words(named, zone)}"), ""]
    for one in brief.sentences:
        lines += _sentence(told(one, brief.data, zone))
    for section in sections(brief, zone):
        lines += ["", *_section(section)]
    active, longer = open_words(brief)
    lines += ["", *_wrapped(f"Still open: {active}{f'; {longer}' if longer else ''}")]
    lines += _wrapped(rest_words(brief))
    if remark:
        lines += _wrapped(remark)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _sentence(one: Told) -> Iterator[str]:
    """Yield a sentence: what and when in the first line, the numbers below it."""
    when = f", {one.when}" if one.when else ""
    yield from _wrapped(f"{one.head}{when}", f"{SIGNS[one.tone]} ", "  ")
    yield from _wrapped("; ".join((one.number, *one.remarks)), "    ", "    ")


def _section(section: Section) -> Iterator[str]:
    yield f"{section.title}{f': {section.remark}' if section.remark else ''}"
    yield from table_lines(section.cells, WIDTH - 2, "  ")
    if section.below:
        yield from _wrapped(section.below, "  ", "  ")


def table_lines(cells: Cells, room: int, indent: str = "") -> Iterator[str]:
    """Yield the lines of a table in at most `room` cells: of the widest columns as much as fits."""
    rows = [row for row in (cells.head, *cells.rows) if row]
    count = max(map(len, rows), default=0)
    widths = [max(cell_width(row[place]) for row in rows if place < len(row)) for place in range(count)]
    while sum(widths) + len(_GAP) * (count - 1) > room and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    for row in rows:
        yield indent + _GAP.join(_cells(row, widths, cells.right)).rstrip()


def _cells(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterable[str]:
    for place, text in enumerate(row):
        aligned = place < len(right) and right[place]
        yield pad_cells(shorten_cells(text, widths[place]), widths[place], right=aligned)


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Return text as lines of at most `WIDTH` cells, broken at blanks; a word that is longer than a line is broken."""
    lines, line = [], first
    for word in text.split():
        left = word
        blank = "" if line in (first, rest) else " "
        if cell_width(line + blank + left) > WIDTH and blank:
            lines.append(line)
            line, blank = rest, ""
        while cell_width(line + blank + left) > WIDTH:
            part = cut_cells(left, WIDTH - cell_width(line))
            lines.append(line + part)
            line, left = rest, left[len(part) :]
        line += blank + left
    return [*lines, line] if line.strip() or not lines else lines
