"""The parts of a message as lines: text, reasoning, tool calls and results, files, data, guardrails. Pure.

The first two cells of each line are for the fold sign. Of a folded part only the shown lines are wrapped, to save time.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from flowtui.model.messages.parts import (
    DATA,
    FILE,
    GUARDRAIL,
    REASONING,
    TEXT,
    TOOL_ERROR,
    TOOL_RESULT,
    Part,
)
from flowtui.model.run.json_tree import Path, json_rows
from flowtui.text import safe_lines, safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.rendering import RenderContext, plain, tree_lines
from flowtui.ui.widgets.line_pane import DocLine

LONG: Final = 24
"""A text with more lines than this can be folded. Folded, only its first `PREVIEW` lines are shown."""
PREVIEW: Final = 8
_LONG_THOUGHT: Final = 2
_INDENT: Final = "  "


def part_lines(part: Part, path: Path, render: RenderContext) -> list[DocLine]:
    """Return the lines of a part of a message. `path` names the part in `render.folds`."""
    if part.kind == TEXT:
        return _text(part, path, render)
    if part.kind == REASONING:
        return _reasoning(part, path, render)
    if part.kind in (TOOL_RESULT, TOOL_ERROR):
        return result_lines(part, path, render, name=part.title)
    if part.kind == GUARDRAIL:
        return _guardrail(part, path, render)
    label = {FILE: "file", DATA: "data"}.get(part.kind, "")
    spans = [Span(f"{label}  ", "other")] if label else []
    if part.title:
        spans.append(Span(f"{_name(part.title, render)}  ", "strong" if label else "unknown"))
    return _one_line(
        [*spans, *_note(part, spans, render)],
        part.lines,
        part,
        path,
        render,
        role="dim" if part.kind == FILE else "text",
    )


def call_lines(part: Part, path: Path, render: RenderContext) -> list[DocLine]:
    """Return a tool call as one line; if it is unfolded, its arguments follow below."""
    args = part.lines[0] if part.lines else ""
    name = _name(part.title, render)
    note = _note(part, [Span(f"{name}(")], render)
    room = render.cells - 2 - ink.width([Span(name), *note]) - 2
    cut = ink.cut(args, max(4, room))
    fold = path if part.value is not None else None
    head = (Span(name, "strong"), Span("(", "dim"), *note)
    lines = [DocLine((_sign(fold, render), *head, *ink.line(cut, (")", "dim"))), fold)]
    if fold is not None and path not in render.folds:
        lines += [*_preview(part, render), *_tree(part.value, path, render)]
    return lines


def result_lines(
    part: Part, path: Path, render: RenderContext, *, name: str = "", later: str = ""
) -> list[DocLine]:
    """Return a tool's result as one line; if it is unfolded, the full result follows below.

    `name` is the name of the tool, "" if the line above shows the call. `later` is a text with the time since the call,
    "" for none.
    """
    role = "bad" if part.error else "text"
    spans = [Span("→ ", "bad" if part.error else "dim")]
    if name:
        spans.append(Span(f"{_name(name, render)}  ", "strong"))
    if part.error:
        spans.append(Span("error  ", "bad"))
    if later:
        spans.append(Span(f"{later}  ", "dim"))
    lines = part.lines or (() if part.error or part.note else ("nothing",))
    return _one_line(
        [*spans, *_note(part, spans, render)], lines, part, path, render, role=role if part.lines else "dim"
    )


def _note(part: Part, head: list[Span], render: RenderContext) -> list[Span]:
    """Return the size of a payload of which the server sent only a preview, to stand after `head`.

    [] for other parts, and if there is no room.
    """
    room = render.cells - 2 - ink.width(head) - 8  # for the gap, and the first letters of the preview
    return [Span(f"{ink.cut(part.note, room)}  ", "warn")] if part.note and room >= 8 else []


def _preview(part: Part, render: RenderContext) -> list[DocLine]:
    """Return the preview of a payload as wrapped lines; [] for other parts."""
    return [*_body(part.lines, "text", render, 4), *_remark(part, 4)] if part.note else []


def _name(text: str, render: RenderContext) -> str:
    """Return a name cut to half of the line, so that there is room for the text after it."""
    return ink.cut(text, max(8, render.cells // 2))


def _sign(fold: Path | None, render: RenderContext) -> Span:
    return Span(f"{render.fold_sign(fold)} ", "text" if fold is None else "dim")


def _one_line(
    head: list[Span], lines: tuple[str, ...], part: Part, path: Path, render: RenderContext, *, role: str
) -> list[DocLine]:
    """Return a part as one line: `head` and the first of `lines`, cut. Unfolded, its whole text or its tree follows below."""
    room = max(4, render.cells - 2 - ink.width(head))
    first = lines[0] if lines else ""
    long = len(lines) > 1 or part.left_out > 0 or ink.width([Span(first)]) > room
    fold = path if part.value is not None or long else None
    said = ink.cut(first, room)
    if said == first and (len(lines) > 1 or part.left_out):
        said = ink.cut(f"{first} {ink.ELLIPSIS}", room)
    made = [DocLine((_sign(fold, render), *head, Span(said, role)), fold)]
    if fold is None or path in render.folds:
        return made
    whole = part.kind in (TOOL_RESULT, TOOL_ERROR) and (part.value is None or part.error)
    if long and (whole or part.note):
        made += _body(lines, role, render, 4)
        made += _remark(part, 4)
    return made + (_tree(part.value, path, render) if part.value is not None else [])


def _text(part: Part, path: Path, render: RenderContext) -> list[DocLine]:
    if not part.lines:
        return []
    folds = _rows(part.lines, render.cells - 2) > LONG
    folded = folds and path in render.folds
    body = _body(part.lines, "text", render, 2, PREVIEW if folded else None)
    if folds:
        body[0] = DocLine((_sign(path, render), *body[0].spans[1:]), path)
    if folded:
        size = sum(len(line) + 1 for line in part.lines) - 1 + part.left_out
        return [*body, DocLine(ink.line(_INDENT, (f"… {size:,} characters in all", "dim")))]
    return [*body, *_remark(part, 2)]


def _guardrail(part: Part, path: Path, render: RenderContext) -> list[DocLine]:
    """Return the names of guardrails and their output; unfolded, the whole output and the guardrails' results."""
    long = part.left_out > 0 or _rows(part.lines, render.cells - 2) > PREVIEW
    fold = path if long or part.value is not None else None
    head = (_sign(fold, render), Span("guardrail  ", "warn"), Span(_name(part.title, render), "strong"))
    folded = fold is not None and path in render.folds
    lines = [DocLine(head, fold), *_body(part.lines, "text", render, 2, PREVIEW if folded else None)]
    if folded:
        return [*lines, DocLine(ink.line(_INDENT, ("…", "dim")))] if long else lines
    return [*lines, *_remark(part, 2), *(_tree(part.value, path, render) if part.value is not None else [])]


def _reasoning(part: Part, path: Path, render: RenderContext) -> list[DocLine]:
    label = "reasoning  "
    room = max(8, render.cells - 2 - len(label))
    if not part.lines:
        return [DocLine(ink.line(_INDENT, ("reasoning  ", "other"), ("not shown by the server", "dim")))]
    if _rows(part.lines, room) <= _LONG_THOUGHT and not part.left_out:
        pieces = [Span(piece, "dim") for line in part.lines for piece in ink.wrap(line, room)]
        heads = [Span(label, "other"), *[Span(" " * len(label))] * (len(pieces) - 1)]
        return plain((Span(_INDENT), *both) for both in zip(heads, pieces, strict=True))
    head = (_sign(path, render), Span(label, "other"))
    if path in render.folds:
        first = next((line for line in part.lines if line.strip()), "")
        said = ink.cut(f"{first[: 4 * room]} {ink.ELLIPSIS}", room)
        return [DocLine((*head, Span(said, "dim")), path)]
    return [DocLine(head, path), *_body(part.lines, "dim", render, 2), *_remark(part, 2)]


def _rows(lines: Iterable[str], cells: int) -> int:
    """Estimate how many lines a text takes when it is wrapped. Much faster than wrapping it."""
    return sum(1 + len(line) // max(1, cells) for line in lines)


def _body(
    lines: Iterable[str], role: str, render: RenderContext, indent: int, most: int | None = None
) -> list[DocLine]:
    room = max(8, render.cells - indent)
    pieces = (piece for line in lines for piece in ink.wrap(line, room))
    return [DocLine(ink.line(" " * indent, (piece, role))) for piece in islice(pieces, most)]


def _remark(part: Part, indent: int) -> list[DocLine]:
    if not part.left_out:
        return []
    return [DocLine(ink.line(" " * indent, (f"… {part.left_out:,} more characters are not shown", "dim")))]


def _tree(value: Any, path: Path, render: RenderContext) -> list[DocLine]:
    """Return a JSON value as indented lines: of an object each field, of a long text in it each line."""
    if not isinstance(value, dict):
        return tree_lines(json_rows(value, render.folds, (*path, "value"), "", 1), render)
    lines: list[DocLine] = []
    for key, item in value.items():
        name = _name(safe_text(key), render)
        if isinstance(item, str) and ("\n" in item or len(item) > render.cells):
            lines.append(DocLine(ink.line("    ", (name, "focus"), (":", "dim"))))
            lines += _body(safe_lines(item.rstrip()), "good", render, 6)
        else:
            lines += tree_lines(json_rows(item, render.folds, (*path, key), name, 1), render)
    return lines
