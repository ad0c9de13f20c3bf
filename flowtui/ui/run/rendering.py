"""What the lines of all tabs of a run depend on, and lines that several tabs share. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowtui.model.columns.context import Context
from flowtui.model.run.json_tree import Path, TreeRow
from flowtui.ui.charts.signs import UNICODE, ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.line_pane import DocLine

if TYPE_CHECKING:  # not at the start
    from flowtui.model.answers.run.same_reason import SameReason


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What the lines of a tab depend on, apart from the run."""

    context: Context
    glyphs: Glyphs
    cells: int
    """The width of the pane."""
    folds: Container[Path] = frozenset()
    """The folded paths."""
    signs: ChartSigns = UNICODE
    """The characters of charts."""
    rows: int | None = None
    """How many lines of the card are in sight in a pane below the table; None on a page of its own."""
    same_reason: SameReason | None = None
    """The runs that failed for the same reason; None if the run's reason is not known."""
    opened: bool = False
    """Whether the user opened the run: then its spans and the last completed run are read."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key id → the key that the user chose for it."""

    def fold_sign(self, path: Path | None) -> str:
        """Return the sign of a line that folds and unfolds `path`; a space for None."""
        if path is None:
            return " "
        return self.glyphs.folded if path in self.folds else self.glyphs.unfolded


def plain(lines: Iterable[Line]) -> list[DocLine]:
    """Return the lines as lines of a document that cannot be folded."""
    return [DocLine(spans) for spans in lines]


def trouble_lines(what: str, trouble: str, cells: int) -> list[Line]:
    """Return the error of a fetch, and which key repeats the fetch. `what` is what could not be read, such as `The messages`."""
    told = ink.paragraph(f"{what} could not be read: {trouble}", "bad", cells)
    return [*told, ink.line(("r", "key"), (" tries again", "dim")), ink.BLANK]


def tree_lines(rows: Iterator[TreeRow], render: RenderContext) -> list[DocLine]:
    """Return the rows of a JSON tree as lines; long texts are wrapped and indented."""
    lines: list[DocLine] = []
    for row in rows:
        indent = "  " * row.depth
        fold = row.path if row.folds and row.path else None
        start = (*ink.line((f"{indent}{render.fold_sign(fold)} ", "dim")), *ink.line(*row.parts[:-1]))
        text, role = row.parts[-1]
        first, *more = ink.wrap(text, max(12, render.cells - ink.width(start)))
        lines.append(DocLine((*start, Span(first, role)), fold))
        pad = ink.line(" " * min(ink.width(start), len(indent) + 4))
        room = max(12, render.cells - ink.width(pad))
        lines += plain((*pad, Span(piece, role)) for part in more for piece in ink.wrap(part, room))
    return lines
