"""The text of a running run that its messages do not show yet, as lines below them. Pure.

Of a long text only its end is wrapped and drawn: it is drawn several times a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flowtui.formatting import plural
from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.live_part import TOOL, LivePart
from flowtui.model.messages.live_shown import unseen
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.parts import REASONING
from flowtui.model.run.row import Run
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext, plain
from flowtui.ui.widgets.line_pane import DocLine

TEXT_ROWS: Final = 16
"""The most rows of one text that are drawn: the last ones."""

REASONING_ROWS: Final = 4
"""The same for a reasoning that is being written; of one that is complete, one row is drawn."""

MAX_ROWS: Final = 200
"""The most rows of all parts together: the last ones."""

_LABEL: Final = "reasoning  "
_NESTED: Final = "  nested"
_NARROWEST: Final = 24  # cells for text; a deeper part is not indented any further


def live_lines(
    live: LiveText | None, loaded: Loaded[Conversation], run: Run, render: RenderContext
) -> list[DocLine]:
    """Return the lines below the messages `loaded`: a heading and the parts that these do not show; or no lines."""
    rest = unseen(live, run, loaded) if live is not None else None
    if rest is None:
        return []
    rows: list[Line] = []
    before = LivePart("")
    for part in rest.parts:
        rows += _part(part, before, run, render)
        before = part
    cut = max(0, len(rows) - MAX_ROWS)
    if rest.error:
        rows += ink.paragraph(
            f"the stream reports an error: {rest.error}", "warn", render.cells, (Span("  "),)
        )
    told = _left_out(rest, cut)
    if told:
        rows += [ink.line("  ", (line, "dim")) for line in ink.wrap(told, render.cells - 2)]
    return [DocLine(ink.BLANK), *plain([_heading(render), *rows[cut:]])]


def _heading(render: RenderContext) -> Line:
    spans = [Span("live", "accent"), Span("  as it is written", "dim")]
    room = render.cells - ink.width(spans) - 2
    return (*spans, Span("  " + render.glyphs.track * room, "track")) if room > 0 else (spans[0],)


def _left_out(live: LiveText, cut: int) -> str:
    """Return one line that says what is not shown; "" if everything is."""
    counts = {
        "earlier part": live.earlier,
        "earlier row": cut,
        "unreadable event": live.unreadable,
        "unknown event": live.unknown,
    }
    said = [plural(number, what) for what, number in counts.items() if number]
    if live.middle:
        said.insert(0, "what came before the stream began")
    return f"left out: {', '.join(said)}" if said else ""


def _part(part: LivePart, before: LivePart, run: Run, render: RenderContext) -> list[Line]:
    indent = min(2 * part.depth, max(0, render.cells - _NARROWEST))
    room = max(8, render.cells - indent - 2)
    rows: list[Line] = []
    if part.depth and part.agent and (part.depth, part.agent) != (before.depth, before.agent):
        rows.append(ink.line((ink.cut(part.agent, room - len(_NESTED)), "accent"), (_NESTED, "dim")))
    if part.kind == TOOL:
        rows += _tool(part, room, run)
    elif part.kind == REASONING:
        rows += _reasoning(part, room)
    else:
        rows += _text(part, room)
    margin = Span(" " * (indent + 2))
    return [(margin, *row) for row in rows]


def _text(part: LivePart, room: int) -> list[Line]:
    rows, cut = _last_rows(part.lines, room, TEXT_ROWS)
    head = [ink.line(("…", "dim"))] if cut or part.left_out else []
    return [*head, *(ink.line((row, "text")) for row in rows)]


def _reasoning(part: LivePart, room: int) -> list[Line]:
    inner = max(8, room - len(_LABEL))
    if part.done:
        first = next((line for line in part.lines if line.strip()), "")
        more = len(part.lines) > 1 or part.left_out
        said = ink.cut(f"{first} {ink.ELLIPSIS}" if more else first, inner)
        return [ink.line((_LABEL, "other"), (said, "dim"))] if first else []
    rows, cut = _last_rows(part.lines, inner, REASONING_ROWS)
    if cut or part.left_out:
        rows[:0] = ["…"]
    labels = [Span(_LABEL, "other"), *[Span(" " * len(_LABEL))] * len(rows)]
    return [(label, Span(row, "dim")) for label, row in zip(labels, rows, strict=False)]


def _tool(part: LivePart, room: int, run: Run) -> list[Line]:
    name = ink.cut(part.title, room // 2)
    args = part.lines[0] if part.lines else ""
    said = ink.cut(args, room - ink.width([Span(name)]) - 2)
    rows = [ink.line((name, "strong"), ("(", "dim"), said, (")", "dim"))]
    if part.result is not None:
        sign, word = ("bad", "error  ") if part.error else ("dim", "")
        text = ink.cut(part.result or "nothing", max(4, room - 2 - len(word)))
        rows.append(ink.line(("→ ", sign), (word, "bad"), (text, "bad" if part.error else "text")))
    elif run.active:
        rows.append(ink.line(("→ no result yet", "dim")))
    return rows


def _last_rows(lines: Iterable[str], room: int, most: int) -> tuple[list[str], bool]:
    """Return the last `most` rows of a text that is wrapped to `room` cells, and whether there are rows before them."""
    rows: list[str] = []
    for line in reversed(tuple(lines)):
        rows[:0] = ink.wrap(line, room)
        if len(rows) > most:
            return rows[-most:], True
    return rows, False
