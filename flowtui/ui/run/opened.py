"""The data that the tabs of a run draw, and lines that several tabs share. Pure."""

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
    """A detail of a run.

    `value`: the detail as last fetched; None if it was never fetched.
    `trouble`: the error of the last fetch; "" if it did not fail.
    `at`: when `value` was fetched, in UTC epoch seconds of the local clock; None if it was never fetched.
    """

    value: T | None = None
    trouble: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A run with the details that were fetched for it.

    `raw`: the whole run as the server sent it; None if it was not fetched.
    `trouble`: why the whole run could not be fetched; "" if there was no error.
    `conversation`: the messages of the run. `evidence`: what shows why it failed.
    `against`: the run to compare it with; None if there is none.
    `selected`: whether the user selected the run in `against`; else it is the previous run of the agent.
    """

    run: Run
    raw: dict[str, Any] | None = None
    trouble: str = ""
    conversation: Loaded[Conversation] = Loaded()
    evidence: Loaded[Evidence] = Loaded()
    against: Opened | None = None
    selected: bool = False


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What the lines of a tab depend on, apart from the run. `cells`: the width of the pane. `folds`: the folded paths."""

    context: Context
    glyphs: Glyphs
    cells: int
    folds: Container[Path] = frozenset()


def plain(lines: Iterable[Line]) -> list[DocLine]:
    """Return the lines as lines of a document that cannot be folded."""
    return [DocLine(spans) for spans in lines]


def trouble_lines(what: str, trouble: str, cells: int) -> list[Line]:
    """Return the error of a fetch, and which key repeats the fetch. `what` is what could not be read, such as `The messages`."""
    told = [ink.line((part, "bad")) for part in ink.wrap(f"{what} could not be read: {trouble}", cells)]
    return [*told, ink.line(("r", "key"), (" tries again", "dim")), ink.BLANK]


def tree_lines(rows: Iterator[TreeRow], render: RenderContext) -> list[DocLine]:
    """Return the rows of a JSON tree as lines; long texts are wrapped and indented."""
    lines: list[DocLine] = []
    for row in rows:
        indent = "  " * row.depth
        sign = (
            (render.glyphs.folded if row.folded else render.glyphs.unfolded)
            if row.folds and row.path
            else " "
        )
        start = (Span(f"{indent}{sign} ", "dim"), *(Span(*part) for part in row.parts[:-1]))
        text, role = row.parts[-1]
        room = max(12, render.cells - ink.width(start))
        first, *more = ink.wrap(text, room)
        lines.append(DocLine((*start, Span(first, role)), row.path if row.folds and row.path else None))
        pad = " " * min(ink.width(start), len(indent) + 4)
        for part in more:
            lines += [
                DocLine(ink.line(pad, (piece, role)))
                for piece in ink.wrap(part, max(12, render.cells - len(pad)))
            ]
    return lines
