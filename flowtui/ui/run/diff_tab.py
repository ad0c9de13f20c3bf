"""The Diff tab: how the configurations of two runs differ. Pure.

`-` and `+` mark removed and added lines; [-…-] and {+…+} mark removed and added words in a text. The colours only repeat
these marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from flowtui import formatting
from flowtui.model.diff.config_diff import CHANGED, FieldChange, PathChange, config_changes, instructions_text
from flowtui.model.diff.word_diff import ADDED, GAP, REMOVED, SAME, Piece, word_diff
from flowtui.model.messages.opened import Opened
from flowtui.model.run.fingerprint import FIELDS, fingerprint
from flowtui.model.run.redacted import REDACTED
from flowtui.model.state.lineage import config_of
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span, wrap_spans
from flowtui.ui.run.rendering import RenderContext, plain, trouble_lines
from flowtui.ui.widgets.line_pane import DocLine

_TWO_COLUMNS_FROM = 80
_LABEL: Final = 22  # cells: the longest field name and a gap
_CONTEXT: Final = 2  # unchanged lines around a change
_LONG: Final = 60  # texts of at least this average length are shown as one, with differing words marked
_SIGNS: Final = {REMOVED: "- ", ADDED: "+ "}
_MARKS: Final = {REMOVED: ("[-", "-]"), ADDED: ("{+", "+}")}


def diff_lines(opened: Opened, render: RenderContext) -> list[DocLine]:
    """Return how the run differs from `opened.against`. Without such a run: why there is none, and which key chooses one."""
    before = opened.against
    if before is None or before.run.key == opened.run.key:
        return plain(_nothing(opened, render))
    head = _head(before, opened, render)
    raws = before.raw, opened.raw
    if raws[0] is None or raws[1] is None:
        waiting = [line for side in (before, opened) for line in _missing(side, render.cells)]
        return plain([*head, ink.BLANK, *waiting])
    body = _body(
        _Side(raws[0], short_id(before.run.id)), _Side(raws[1], short_id(opened.run.id)), render.cells
    )
    return plain([*head, *body])


def _nothing(opened: Opened, render: RenderContext) -> list[Line]:
    """Return why there is no run to compare with, and which key chooses one."""
    agent = _agent(opened, render)
    if opened.against is not None:
        why = "This is the selected run itself. Choose another run: "
        return _said([(why, "dim"), ("d", "key"), (" compares it with this one.", "dim")], render)
    if not opened.run.agent_id:
        why = "The server names no agent for this run, so no run of its agent came before it."
    elif opened.run.created is None:
        why = "The server does not say when this run was created, so the run before it is unknown."
    else:
        why = f"No run of {agent} before this one is known here."
    keys = [(" ", "dim"), ("space", "key"), (" selects a run, then ", "dim"), ("d", "key")]
    return _said([(why, "dim"), *keys, (" on another one compares the two.", "dim")], render)


def _said(parts: Sequence[tuple[str, str]], render: RenderContext) -> list[Line]:
    return [ink.BLANK, *wrap_spans([Span(*part) for part in parts], render.cells)]


def _missing(side: Opened, cells: int) -> list[Line]:
    """Return why the whole run is not loaded: an error, or that it is still loading. Return no lines if it is loaded."""
    if side.raw is not None:
        return []
    if side.trouble:
        return trouble_lines(f"Run {short_id(side.run.id)}", side.trouble, cells)
    return ink.paragraph(f"Loading {short_id(side.run.id)} …", "dim", cells)


# -- the two runs ----------------------------------------------------------------------------------------------


def _head(before: Opened, after: Opened, render: RenderContext) -> list[Line]:
    other = before.run.agent_id != after.run.agent_id
    which = "the selected run" if after.selected else "the previous run of this agent"
    names = [*_name(after, render, agent=True), Span("  against  ", "dim")]
    names += [*_name(before, render, agent=other), Span(f", {which}", "dim")]
    old, new = _config(before, render), _config(after, render)
    configs = [Span("configuration  ", "dim"), Span(new, "strong")]
    if old == new != formatting.UNKNOWN:
        configs.append(Span("  the same on both", "dim"))
    else:
        configs += [Span("  against  ", "dim"), Span(old, "strong")]
    return [*wrap_spans(names, render.cells), *wrap_spans(configs, render.cells)]


def _name(side: Opened, render: RenderContext, *, agent: bool) -> list[Span]:
    gap = f" {render.glyphs.separator} "
    age = formatting.age(side.run.age(render.context.now))
    when = f"created {age} ago" if age != formatting.UNKNOWN else f"created {age}"
    parts = [Span(short_id(side.run.id), "strong")]
    if agent:
        parts += [Span(gap, "dim"), Span(_agent(side, render))]
    return [*parts, Span(gap, "dim"), Span(when, "text")]


def _agent(side: Opened, render: RenderContext) -> str:
    return render.context.agents.get(side.run.agent_id) or short_id(side.run.agent_id) or formatting.UNKNOWN


def _config(side: Opened, render: RenderContext) -> str:
    known = fingerprint(side.raw) if side.raw is not None else config_of(side.run.key, render.context.threads)
    return known or formatting.UNKNOWN


# -- what differs ----------------------------------------------------------------------------------------------


class _Side:
    """A raw run as an argument of a cached function. Two are equal if they hold the same object, as raw runs never change."""

    __slots__ = ("id", "raw")

    def __init__(self, raw: dict[str, Any], run_id: str) -> None:
        self.raw = raw
        self.id = run_id

    def __hash__(self) -> int:
        return id(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Side) and other.raw is self.raw


@lru_cache(maxsize=2)  # the tab is drawn every second, but comparing long texts may take longer
def _body(before: _Side, after: _Side, cells: int) -> tuple[Line, ...]:
    """Return the lines below the header: what differs."""
    changes = config_changes(before.raw, after.raw)
    same = [change.name for change in changes if change.same]
    differ = [change for change in changes if not change.same]
    if not differ:
        text = f"Nothing differs. The same on both: {', '.join(same)}."
        return (ink.BLANK, *ink.paragraph(text, "text", cells))
    lines: list[Line] = []
    if same:
        lines += ink.paragraph(f"unchanged: {', '.join(same)}", "dim", cells)
    if not any(change.name in FIELDS for change in differ):
        text = "The configuration is the same. What differs is not part of its fingerprint:"
        lines += [ink.BLANK, *ink.paragraph(text, "text", cells)]
    legend = [Span("- ", REMOVED), Span(before.id, "dim"), Span("   + ", ADDED), Span(after.id, "dim")]
    lines += [ink.BLANK, *wrap_spans(legend, cells), ink.BLANK]
    # Long values come last, and the instructions after all others.
    long = ("tools", "instructions")
    for change in sorted(differ, key=lambda each: long.index(each.name) + 1 if each.name in long else 0):
        lines += _field(change, before.raw, after.raw, cells)
    return tuple(lines)


def _field(change: FieldChange, before: dict[str, Any], after: dict[str, Any], cells: int) -> list[Line]:
    if change.before == change.after == (REDACTED,):
        said = f"they differ; their text is {REDACTED}"
        return [ink.line((change.name, "strong")), ink.line((f"  {said}", "dim"))]
    if change.name == "instructions":
        rows = word_diff(instructions_text(before), instructions_text(after), _CONTEXT)
        return [ink.BLANK, ink.line((change.name, "strong")), *_words(rows, cells)]
    if change.name == "tools":
        return [ink.BLANK, ink.line((change.name, "strong")), *_tools(change, cells)]
    if change.paths:
        return [ink.line((change.name, "strong")), *_paths(change.paths, change.more, cells)]
    return _pair(change.name, change.before, change.after, cells)


def _tools(change: FieldChange, cells: int) -> list[Line]:
    if not change.tools:
        alike = sorted(change.before) == sorted(change.after)
        text = "the same tools in another order" if alike else "not comparable tool by tool"
        return [ink.line((f"  {text}", "dim")), *_pair("", change.before, change.after, cells)]
    lines: list[Line] = []
    for tool in change.tools:
        role = tool.kind if tool.kind != CHANGED else "text"
        name = f"{_SIGNS.get(tool.kind, '  ')}{tool.name}  {tool.kind}"
        lines += ink.paragraph(name, role, cells)
        lines += _paths(tool.paths, tool.more, cells)
    return lines


def _paths(paths: Sequence[PathChange], more: int, cells: int) -> list[Line]:
    lines: list[Line] = []
    for path in paths:
        before = () if path.before is None else (path.before,)
        after = () if path.after is None else (path.after,)
        label = f"  {path.path or 'the whole value'}"
        if path.before is not None and path.after is not None and len(path.before + path.after) > 2 * _LONG:
            lines += ink.paragraph(label, "dim", cells)
            lines += _words(word_diff(path.before, path.after), cells)
        else:
            lines += _pair(label, before, after, cells)
    if more:
        lines.append(ink.line((f"  … {more:,} more places differ", "dim")))
    return lines


def _pair(label: str, before: Sequence[str], after: Sequence[str], cells: int) -> list[Line]:
    """Return two values with their signs: side by side, or in a narrow pane one below the other."""
    if cells < _TWO_COLUMNS_FROM:
        head = ink.paragraph(label, "dim", cells) if label.strip() else []
        return [*head, *_signed(before, REMOVED, cells), *_signed(after, ADDED, cells)]
    half = (cells - _LABEL) // 2
    left, right = _signed(before, REMOVED, half - 2), _signed(after, ADDED, half)
    lines: list[Line] = []
    if ink.width([Span(label)]) >= _LABEL:
        lines = ink.paragraph(label, "dim", cells)
        label = ""
    for place, line in enumerate(ink.side_by_side(left, right, half)):
        lines.append((Span(ink.fit(label if place == 0 else "", _LABEL), "dim"), *line))
    return lines


def _signed(texts: Sequence[str], kind: str, cells: int) -> list[Line]:
    """Return the texts, wrapped, with the sign of `kind` (added or removed) in front of each line."""
    sign = _SIGNS[kind]
    return [
        (Span(sign, kind), *line)
        for text in texts
        for line in wrap_spans([Span(text, kind)], max(8, cells - len(sign)))
    ]


def _words(rows: Sequence[Sequence[Piece]], cells: int) -> list[Line]:
    """Return a word diff as lines. Added and removed lines begin with a sign; added and removed words are in brackets."""
    room = max(8, cells - 2)
    lines: list[Line] = []
    for row in rows:
        kinds = {kind for _, kind in row}
        kind = next(iter(kinds)) if len(kinds) == 1 else SAME
        if kind == GAP:
            lines.append(ink.line((f"  … {row[0][0]} …", "dim")))
        elif kind in _SIGNS:
            lines += _signed(["".join(text for text, _ in row)], kind, cells)
        else:
            spans = [_word(text, kind) for text, kind in row]
            lines += [(Span("  "), *line) for line in wrap_spans(spans, room)]
    return lines


def _word(text: str, kind: str) -> Span:
    if kind not in _MARKS:
        return Span(text, "text")
    opening, closing = _MARKS[kind]
    return Span(f"{opening}{text}{closing}", kind)
