"""The lines of each tab of a run, and those of the Instructions, Tools and Raw JSON tabs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowtui.model.columns.columns import findings
from flowtui.model.messages.opened import Opened
from flowtui.model.run import detail
from flowtui.model.run.json_tree import Path, json_rows
from flowtui.text import safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.run.card.card import card_lines
from flowtui.ui.run.card.fields_section import FOLD as EMPTY_FIELDS
from flowtui.ui.run.diff_tab import diff_lines
from flowtui.ui.run.messages_tab import folded_at_first, message_lines
from flowtui.ui.run.rendering import RenderContext, plain, tree_lines, trouble_lines
from flowtui.ui.run.tabs import MESSAGES, OVERVIEW, TOOLS
from flowtui.ui.run.timeline_tab import timeline_lines
from flowtui.ui.run.usage_tab import usage_lines
from flowtui.ui.run.why_tab import why_lines
from flowtui.ui.widgets.line_pane import DocLine

_SCHEMAS: Final = frozenset({"parameters", "input_schema", "schema", "json_schema"})


def _is_schema(path: Path) -> bool:
    """Return whether a path is the schema of a tool. Schemas are long, so they start folded."""
    return len(path) == 2 and path[1] in _SCHEMAS


FOLDED_AT_FIRST: Final[Mapping[int, Callable[[Path], bool]]] = {
    OVERVIEW: lambda path: path == EMPTY_FIELDS,
    TOOLS: _is_schema,
    MESSAGES: folded_at_first,
}
"""Tab → function that returns whether a path of this tab starts folded. In other tabs nothing starts folded."""


def detail_lines(tab: int, opened: Opened | None, render: RenderContext) -> list[DocLine]:
    """Return the lines of the tab with the index `tab` for the run `opened`; if it is None, `No run selected`."""
    if opened is None:
        return plain([ink.BLANK, ink.line(("No run selected", "dim"))])
    build: Callable[[], list[DocLine]] = (
        lambda: card_lines(opened, render),
        lambda: _heavy(opened, render, _instructions),
        lambda: _heavy(opened, render, _tools),
        lambda: message_lines(opened.conversation, opened.run, render, live=opened.live),
        lambda: timeline_lines(opened, render),
        lambda: why_lines(opened.evidence, opened, findings(opened.run, render.context), render),
        lambda: plain(usage_lines(opened, render)),
        lambda: diff_lines(opened, render),
        lambda: _heavy(opened, render, _raw),
    )[tab]
    return build()


def _heavy(
    opened: Opened, render: RenderContext, build: Callable[[dict[str, Any], RenderContext], list[DocLine]]
) -> list[DocLine]:
    if opened.raw is not None:
        return build(opened.raw, render)
    return plain(_trouble(opened, render.cells) or [ink.line(("Loading the whole run …", "dim"))])


def _trouble(opened: Opened, cells: int) -> list[Line]:
    return trouble_lines("The whole run", opened.trouble, cells) if opened.trouble else []


def _instructions(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    words = detail.instructions(raw)
    if not words:
        return plain([ink.line(("This run has no instructions of its own.", "dim"))])
    lines: list[Line] = []
    for text in words:
        role = "strong" if text.startswith("#") else "text"
        lines += ink.paragraph(text, role, render.cells)
    return plain(lines)


def _tools(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    lines: list[DocLine] = []
    for index, tool in enumerate(detail.tools(raw)):
        path: Path = (index,)
        fold = path if tool.fields else None
        kind = f"  {tool.type}" if tool.type != tool.name else ""
        head = ink.line((f"{render.fold_sign(fold)} ", "dim"), (tool.name, "strong"), (kind, "accent"))
        lines.append(DocLine(head, fold))
        if path not in render.folds:
            for key, value in tool.fields.items():
                lines += tree_lines(json_rows(value, render.folds, (index, key), safe_text(key), 1), render)
    return lines or plain([ink.line(("This run has no tools.", "dim"))])


def _raw(raw: dict[str, Any], render: RenderContext) -> list[DocLine]:
    return tree_lines(json_rows(raw, render.folds), render)
