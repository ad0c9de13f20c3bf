"""The newest rows of the history as text, for the first frame: laid out as the table that will replace them. Pure.

It imports neither the columns nor the rest of the model, which would take longer than the whole frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.run.row import RUNNING, Run
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.text import safe_name, short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.table.layout import SIGN, Slot, fit_columns, natural_width, thread_text

if TYPE_CHECKING:
    from flowtui.model.columns.columns import Column
    from flowtui.store.newest_rows import NewestRows


class _Column(NamedTuple):
    """A column, as far as the layout knows it. The values are those of `model/columns/columns.py`; a test compares both."""

    name: str
    width: int
    priority: int = 0
    align: Literal["left", "right"] = "left"
    least: int = 0

    @property
    def title(self) -> str:
        """What the user reads above the column."""
        return self.name.upper()


COLUMNS: Final = (
    _Column("status", 13),
    _Column("run", 18),
    _Column("agent", 16, 2, least=8),
    _Column("thread", 14, 6),
    _Column("age", 5, 1, "right"),
    _Column("wait", 5, 8, "right"),
    _Column("time", 8, 3, "right"),
    _Column("tokens", 12, 5, "right"),
    _Column("note", 60, 4),
)


def opening_lines(found: NewestRows, now: float, glyphs: Glyphs, cells: int, lines: int) -> list[Line]:
    """Return the titles and as many rows as fit into `lines` lines of `cells` cells. `now`: UTC epoch seconds."""
    shown = found.rows[: max(0, lines - 1)]
    texts = [_texts(run, found.agents, now, found.as_of, glyphs) for run in shown]
    slots = fit_columns(_as_columns(), _widths(texts, found.agents), cells)
    head = [Span("")]
    for slot in slots:
        head += [_gap(head, slot), *_title(slot, glyphs)]
    rows: list[Line] = [tuple(head)]
    for run, row in zip(shown, texts, strict=True):
        line = [Span("")]
        for slot in slots:
            line += [_gap(line, slot), *_cell(slot, run, row[slot.column.name])]
        rows.append(tuple(line))
    return rows


def _as_columns() -> Sequence[Column]:
    return cast("Sequence[Column]", COLUMNS)


def _widths(texts: Sequence[Mapping[str, str]], agents: Mapping[str, str]) -> dict[str, int]:
    more = {"agent": list(agents.values())}
    return {
        column.name: natural_width(column, [*(row[column.name] for row in texts), *more.get(column.name, ())])
        for column in _as_columns()
    }


def _texts(
    run: Run, agents: Mapping[str, str], now: float, as_of: float, glyphs: Glyphs
) -> Mapping[str, str]:
    """Return the texts of a run. The time of an active run does not go on: it is known as of then."""
    then = min(now, as_of)
    tokens = formatting.count(run.total_tokens)
    word = f"{run.status_class}?" if run.inferred else run.status_class
    if run.status_class == UNKNOWN_CLASS:
        word = f"{run.status}?" if run.status else UNKNOWN
    return {
        "status": f"{glyphs.status[run.status_class]} {word}",
        "run": short_id(run.id),
        "thread": thread_text(short_id(safe_name(run.thread_key))),
        "agent": agents.get(run.agent_id) or short_id(run.agent_id) or UNKNOWN,
        "age": formatting.age(run.age(now)),
        "wait": formatting.age(run.wait(then)),
        "time": formatting.duration(run.duration(then)),
        "tokens": f"{tokens}+" if run.status_class == RUNNING and run.total_tokens is not None else tokens,
        "note": "",
    }


def _gap(line: Sequence[Span], slot: Slot) -> Span:
    return Span(" " * max(0, slot.start - ink.width(line)))


def _title(slot: Slot, glyphs: Glyphs) -> list[Span]:
    title, width = slot.column.title, slot.width
    if slot.column.name == "age":
        sign = glyphs.down if width <= len(title) + SIGN else f" {glyphs.down}"
        return [Span(ink.fit(title + sign, width, "right"), "strong")]
    return [Span(ink.fit(title, width, slot.column.align), "dim")]


def _cell(slot: Slot, run: Run, text: str) -> list[Span]:
    name, width = slot.column.name, slot.width
    if name == "status":
        return [Span(ink.fit(text, width), "dim" if run.active else run.status_class)]
    if name in ("run", "thread") or text.startswith(ink.ELLIPSIS):
        text = ink.cut_id(text, width)
    return [Span(ink.fit(text, width, slot.column.align), _role(name, text, run))]


def _role(name: str, text: str, run: Run) -> str:
    return "dim" if run.active or text == UNKNOWN or name in ("wait", "thread") else "text"
