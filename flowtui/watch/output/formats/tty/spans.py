"""Puts spans together into lines: width, padding, cutting, wrapping. Widths are in cells of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flowtui.text import cell_width, cut_cells, pad_cells, shorten_cells
from flowtui.watch.output.terminal import Span

Line = list[Span]


class Place(NamedTuple):
    """Where labelled lines are drawn: `cells` of a whole line, the `indent` before it, and the width of its `label`."""

    cells: int
    indent: str
    label: int

    @property
    def room(self) -> int:
        """The cells behind the label."""
        return self.cells - len(self.indent) - self.label


def width(line: Sequence[Span]) -> int:
    """Return the width of a line."""
    return sum(cell_width(span.text) for span in line)


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return display-safe text in exactly `cells` cells: padded, or shortened with an ellipsis."""
    return pad_cells(shorten_cells(text, cells), cells, right=right)


def cut(line: Sequence[Span], cells: int) -> Line:
    """Return the beginning of a line that fits into `cells` cells; if something is missing, it ends with an ellipsis."""
    if width(line) <= cells:
        return list(line)
    out: Line = []
    left = cells - 1
    for span in line:
        text = cut_cells(span.text, left)
        left -= cell_width(text)
        out.append(span._replace(text=text))
        if text != span.text:
            break
    return [*out, Span("…", out[-1].tone if out else "")] if cells > 0 else []


def padded(line: Sequence[Span], cells: int, tone: str = "") -> Line:
    """Return a line cut or padded to exactly `cells` cells. `tone`: the tone of the padding."""
    line = cut(line, cells)
    return [*line, Span(" " * (cells - width(line)), tone)]


def wrap(text: str, cells: int, most: int) -> list[str]:
    """Return display-safe text in at most `most` lines of at most `cells` cells, broken at blanks where possible.

    If something is missing, the last line ends with an ellipsis.
    """
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most - 1 and cell_width(rest) > cells:
        head = cut_cells(rest, cells)
        # A break in the middle of a word is better than a line that is half empty.
        at = head.rfind(" ") if rest[len(head)] != " " else len(head)
        at = at if at > len(head) // 2 else len(head)
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if rest:
        lines.append(shorten_cells(rest, cells))
    return lines
