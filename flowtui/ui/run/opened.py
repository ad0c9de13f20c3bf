"""What the tabs of a run are made of: what is known of it, what its lines are made for, and the forms they share. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flowtui.model.columns.context import Context
from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.evidence import Evidence
from flowtui.model.run.json_tree import Path, TreeRow
from flowtui.model.run.row import Run
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.line_pane import DocLine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """Something that is fetched for the opened run: `value` once it is there, `trouble` why it could not be had.

    With both, the value is the last good one. `at` is when it was fetched (UTC epoch seconds, local clock).
    """

    value: T | None = None
    trouble: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The run in the pane. `raw` is the whole run once it is there, `trouble` why it could not be fetched.

    `talk` are its messages, `evidence` is why it failed; `against` is the run that it is compared with, None where
    there is none, and `selected` says whether the user chose that one.
    """

    run: Run
    raw: dict[str, Any] | None = None
    trouble: str = ""
    talk: Loaded[Conversation] = Loaded()
    evidence: Loaded[Evidence] = Loaded()
    against: Opened | None = None
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What lines are made for: the context of cells, the signs, the width in cells, and what is folded."""

    context: Context
    glyphs: Glyphs
    cells: int
    folds: Container[Path] = frozenset()


def plain(lines: Iterable[Line]) -> list[DocLine]:
    """Return lines of which none folds."""
    return [DocLine(spans) for spans in lines]


def trouble_lines(what: str, trouble: str, cells: int) -> list[Line]:
    """Return that something could not be read, and the key that tries again. `what` begins the sentence."""
    told = [ink.line((part, "bad")) for part in ink.wrap(f"{what} could not be read: {trouble}", cells)]
    return [*told, ink.line(("r", "key"), (" tries again", "dim")), ink.BLANK]


def tree_lines(rows: Iterator[TreeRow], sheet: Sheet) -> list[DocLine]:
    """Return the rows of a JSON tree as lines; a long text wraps under its own start."""
    lines: list[DocLine] = []
    for row in rows:
        indent = "  " * row.depth
        sign = (
            (sheet.glyphs.folded if row.folded else sheet.glyphs.unfolded) if row.folds and row.path else " "
        )
        start = (Span(f"{indent}{sign} ", "dim"), *(Span(*part) for part in row.parts[:-1]))
        text, role = row.parts[-1]
        room = max(12, sheet.cells - ink.width(start))
        first, *more = ink.wrap(text, room)
        lines.append(DocLine((*start, Span(first, role)), row.path if row.folds and row.path else None))
        pad = " " * min(ink.width(start), len(indent) + 4)
        for part in more:
            lines += [
                DocLine(ink.line(pad, (piece, role)))
                for piece in ink.wrap(part, max(12, sheet.cells - len(pad)))
            ]
    return lines
