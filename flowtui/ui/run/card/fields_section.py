"""The fields of the API in columns, without those that are empty or have their default; one fold shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN, plural
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run import detail
from flowtui.model.run.fingerprint import DEFAULTS
from flowtui.model.run.json_tree import Path
from flowtui.model.run.redacted import Redacted
from flowtui.model.run.row import RUNNING, TIMES, Run
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext, plain, trouble_lines
from flowtui.ui.widgets.line_pane import DocLine

FOLD: Final[Path] = ("empty fields",)
"""The fold of the fields that are empty or have their default."""

_COLUMNS: Final = ((132, 3), (96, 2), (0, 1))  # least cells, columns
_GAP: Final = 3
_JOINTS: Final = "/-"  # characters after which a model's name may be wrapped
_LOADING: Final = "…"
_OBJECT: Final = "thread.run"
_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "response_format": (DEFAULTS["response_format"],),
    "tool_choice": (DEFAULTS["tool_choice"],),
    "truncation_strategy": ({}, {"type": "auto"}),
    "meta_data": ({},),
}
Pair = tuple[str, str]


def fields_section(opened: Opened, render: RenderContext) -> list[DocLine]:
    """Return the section: its title folds the fields that say nothing."""
    run, raw, context, cells = opened.run, opened.raw, render.context, render.cells
    pairs = fields(opened, context)
    quiet = {name for name, text in pairs if is_quiet(name, text, run, raw)}
    folded = FOLD in render.folds
    shown = [pair for pair in pairs if not folded or pair[0] not in quiet]
    head = section_line("API fields", _remark(len(quiet), cells, folded=folded), cells, render.signs)
    lines = [DocLine(head, FOLD if quiet else None), *plain([ink.BLANK])]
    if opened.trouble:
        lines += plain(trouble_lines("The whole run", opened.trouble, cells))
    return [*lines, *plain(_in_columns(shown, cells))]


def _remark(hidden: int, cells: int, *, folded: bool) -> str:
    """Return how many fields are hidden, and which keys show more."""
    if not hidden:
        return "9 is all of it"
    if not folded:
        return f"Z hides {plural(hidden, 'empty or default one')}, 9 is all of it"
    if cells < 64:
        return f"{hidden} empty ones hidden, Z shows them"
    are = "is" if hidden == 1 else "are"
    return f"{plural(hidden, 'empty or default one')} {are} hidden, Z shows {'it' if hidden == 1 else 'them'}, 9 is all of it"


def fields(opened: Opened, context: Context) -> list[Pair]:
    """Return all fields of the API as (name, text), in reading order; long ones by their size."""
    run, raw = opened.run, opened.raw
    agent = context.agents.get(run.agent_id, "")
    facts = context.span_facts(run)
    pairs = detail.overview(run, raw, agent=agent, now=context.now, zone=context.zone, facts=facts)
    today = formatting.timestamp(context.now, context.zone)[:11]
    pairs = [(name, text.removeprefix(today) if name in TIMES else text) for name, text in pairs]
    if facts is not None and facts.labels:  # each is a field of its own
        place = [name for name, _ in pairs].index("labels")
        pairs[place : place + 1] = [(f"label.{name}", value) for name, value in facts.labels]
    if raw is not None and (locked := _locked(run, context)):
        pairs = [(name, f"{text}  {locked}" if name == "thread_id" else text) for name, text in pairs]
    return [*pairs, *(_long(raw) if raw is not None else ())]


def _long(raw: dict[str, Any]) -> list[Pair]:
    """Return the instructions by their size, and the names of the tools."""
    words = detail.instructions(raw)
    size = sum(len(text) + 1 for text in words) - 1
    hidden = isinstance(raw.get("instructions"), Redacted)
    said = "hidden" if hidden else f"{plural(len(words), 'line')}, {size:,} characters" if words else UNKNOWN
    tools = detail.tools(raw)
    names = [tool.name if tool.name == tool.type else f"{tool.type}({tool.name})" for tool in tools]
    return [("instructions", said), ("tools", "  ".join(names) or UNKNOWN)]


def _locked(run: Run, context: Context) -> str:
    """Return a text saying that the run's thread is locked, and for how long if that is unusual; "" if it is not locked."""
    state = context.threads.get(run.thread_key)
    if state is None or not (run.active or (state.thread is not None and state.thread.locked)):
        return ""
    lock = state.lock(active=True if run.active else None)
    return lock.text(context.now - context.clock_offset, state.interval)


def is_quiet(name: str, text: str, run: Run, raw: dict[str, Any] | None) -> bool:
    """Whether a field says nothing: it is empty, or what it says is its default or said elsewhere."""
    if text == UNKNOWN or text.startswith(f"{UNKNOWN} ") or text in ("", "[]", "{}"):
        return True
    if text == _LOADING:
        return False
    if name == "object":
        return raw is not None and raw.get(name) == _OBJECT
    if name == "is_active":
        return run.is_active == (run.status_class == RUNNING) or not run.terminal
    return raw is not None and name in _DEFAULTS and raw.get(name) in _DEFAULTS[name]


def _in_columns(pairs: Sequence[Pair], cells: int) -> list[Line]:
    """Return the pairs in as many columns as there is room for, of about equally many lines."""
    count = next(columns for least, columns in _COLUMNS if cells >= least)
    wide = (cells - _GAP * (count - 1)) // count
    found: list[Line] = []
    for place, part in enumerate(_parts(pairs, count, wide)):
        made = _column(part, wide)
        found = ink.side_by_side(found, made, place * (wide + _GAP)) if place else made
    return found


def _parts(pairs: Sequence[Pair], count: int, wide: int) -> list[list[Pair]]:
    """Return the pairs in at most `count` parts, in order, so that the longest column is as short as possible."""
    heights = [len(_pair(pair, wide, wide // 3)) for pair in pairs]
    for most in range(max([1, *heights, -(-sum(heights) // count)]), sum(heights) + 1):
        parts: list[list[Pair]] = [[]]
        used = 0
        for pair, height in zip(pairs, heights, strict=True):
            if used + height > most:
                parts.append([])
                used = 0
            parts[-1].append(pair)
            used += height
        if len(parts) <= count:
            return parts
    return [list(pairs)]


def _column(pairs: Sequence[Pair], cells: int) -> list[Line]:
    label = min(max((ink.width([Span(name)]) for name, _ in pairs), default=0) + 2, cells // 2)
    return [line for pair in pairs for line in _pair(pair, cells, label)]


def _pair(pair: Pair, cells: int, label: int) -> list[Line]:
    name, text = pair
    role = "dim" if text in (UNKNOWN, _LOADING) or text.startswith(f"{UNKNOWN} ") else "text"
    head: Line = (Span(ink.fit(ink.cut(name, label - 1), label), "dim"),)
    return ink.paragraph(text, role, cells, head, joints=_JOINTS)
