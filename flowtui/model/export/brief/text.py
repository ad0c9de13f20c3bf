"""The brief as plain text of 80 columns, for a terminal, a pipe or a mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from textwrap import wrap
from typing import Final

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.remarks import Named, open_words, rest_words, title_words
from flowtui.model.answers.brief.wording import Told, told
from flowtui.model.export.brief.sections import Cells, Section, sections
from flowtui.text import cell_width, pad_cells, shorten_cells

WIDTH: Final = 80
"""Cells of a line."""

SIGNS: Final = {"bad": "x", "look": "!", "good": "-"}
"""The sign before a sentence."""

_GAP: Final = "  "


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
    """Yield the lines of a table in at most `room` cells: of the widest column as much as fits."""
    rows = [row for row in (cells.head, *cells.rows) if row]
    count = max(map(len, rows), default=0)
    widths = [max(cell_width(row[place]) for row in rows if place < len(row)) for place in range(count)]
    over = sum(widths) + len(_GAP) * (count - 1) - room
    if over > 0:
        widest = widths.index(max(widths))
        widths[widest] = max(8, widths[widest] - over)
    for row in rows:
        yield indent + _GAP.join(_cells(row, widths, cells.right)).rstrip()


def _cells(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterable[str]:
    for place, text in enumerate(row):
        aligned = place < len(right) and right[place]
        yield pad_cells(shorten_cells(text, widths[place]), widths[place], right=aligned)


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
