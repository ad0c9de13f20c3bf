"""What the detail pane says, as lines: overview, instructions, tools, raw JSON. Pure; never waits.

What the row knows is drawn at once. What only the whole run has reads `…` until it is there, or says why it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flowtui import formatting
from flowtui.model import detail
from flowtui.model.columns import Context, note, status_word
from flowtui.model.run import QUEUED, RUNNING, Run
from flowtui.ui import ink
from flowtui.ui.glyphs import Glyphs
from flowtui.ui.ink import Line, Span

TABS: Final = ("Overview", "Instructions", "Tools", "Raw JSON")
_TWO_COLUMNS_FROM = 80


@dataclass(frozen=True, slots=True)
class Opened:
    """The run in the pane. `raw` is the whole run once it is there, `trouble` why it could not be fetched."""

    run: Run
    raw: dict[str, Any] | None = None
    trouble: str = ""


def tab_line(tab: int, opened: Opened | None, cells: int) -> Line:
    """Return the line of tabs, the chosen one lit; tools with their number once it is known."""
    names = list(TABS)
    if opened is not None and opened.raw is not None:
        names[2] = f"Tools {len(detail.tools(opened.raw))}"
    spans: list[Span] = []
    for index, name in enumerate(names):
        spans += [Span(f"{index + 1} ", "dim"), Span(name, "tab" if index == tab else "dim"), Span("   ")]
    return ink.spread(spans, [], cells)


def detail_lines(tab: int, opened: Opened | None, context: Context, glyphs: Glyphs, cells: int) -> list[Line]:
    """Return the lines of one tab, `cells` wide."""
    if opened is None:
        return [ink.BLANK, ink.line(("No run selected. ", "dim"), ("j k", "key"), (" choose one.", "dim"))]
    build: Callable[[], list[Line]] = (
        lambda: _overview(opened, context, glyphs, cells),
        lambda: _heavy(opened, cells, _instructions),
        lambda: _heavy(opened, cells, _tools),
        lambda: _heavy(opened, cells, _raw),
    )[tab]
    return build()


def _heavy(opened: Opened, cells: int, build: Callable[[dict[str, Any], int], list[Line]]) -> list[Line]:
    if opened.raw is not None:
        return build(opened.raw, cells)
    return _trouble(opened, cells) or [ink.line(("Loading the whole run …", "dim"))]


def _trouble(opened: Opened, cells: int) -> list[Line]:
    if not opened.trouble:
        return []
    told = [
        ink.line((part, "bad"))
        for part in ink.wrap(f"The whole run could not be read: {opened.trouble}", cells)
    ]
    return [*told, ink.line(("r", "key"), (" tries again", "dim"))]


def summary(run: Run, context: Context, glyphs: Glyphs) -> Line:
    """Return what a run is doing in one line."""
    spans = [Span(f"{glyphs.status[run.status_class]} {status_word(run)}", run.status_class)]
    now, zone = context.now, context.zone
    if run.status_class == RUNNING and run.started is not None:
        spans.append(
            Span(f"  since {formatting.clock(run.started, zone)}  {formatting.span(run.duration(now))}")
        )
    elif run.terminal and run.ended is not None:
        spans.append(
            Span(f"  {formatting.span(now - run.ended)} ago  took {formatting.span(run.duration(now))}")
        )
    waited = run.wait(now)
    if waited is not None:
        word = "waits" if run.status_class == QUEUED else "waited"
        spans.append(Span(f"  {word} {formatting.span(waited)}", "dim"))
    if run.active and run.expires is not None and run.expires > now:
        spans.append(Span(f"  expires in {formatting.span(run.expires - now)}", "dim"))
    said = note(run, context)
    if said:
        spans.append(Span(f"  {said}", "warn" if run.active else "other"))
    return tuple(spans)


def _overview(opened: Opened, context: Context, glyphs: Glyphs, cells: int) -> list[Line]:
    run, raw = opened.run, opened.raw
    agent = context.agents.get(run.agent_id, "")
    pairs = detail.overview(run, raw, agent=agent, now=context.now, zone=context.zone)
    lines = [summary(run, context, glyphs), ink.BLANK]
    lines += _trouble(opened, cells)
    lines += _columns(pairs, cells) if cells >= _TWO_COLUMNS_FROM else _column(pairs, cells)
    if raw is not None:
        lines += [ink.BLANK, *_preview(raw, cells)]
    return lines


def _column(pairs: list[tuple[str, str]], cells: int) -> list[Line]:
    label_cells = max(len(label) for label, _ in pairs) + 2
    lines: list[Line] = []
    for label, text in pairs:
        first, *more = ink.wrap(text, max(8, cells - label_cells))
        lines.append(ink.line((ink.fit(label, label_cells), "dim"), (first, _value_role(text))))
        lines += [ink.line(" " * label_cells, (part, "text")) for part in more]
    return lines


def _columns(pairs: list[tuple[str, str]], cells: int) -> list[Line]:
    """Return the pairs in two columns, read downwards, so that ids and times stand together."""
    half = cells // 2
    middle = next(index for index, (label, _) in enumerate(pairs) if label == "model")
    left, right = _column(pairs[:middle], half - 2), _column(pairs[middle:], cells - half)
    lines: list[Line] = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else ink.BLANK
        second = right[index] if index < len(right) else ink.BLANK
        lines.append((*first, Span(" " * max(0, half - ink.width(first))), *second))
    return lines


def _value_role(text: str) -> str:
    return "dim" if text in ("—", "…") or text.startswith("— ") else "text"


def _preview(raw: dict[str, Any], cells: int) -> list[Line]:
    """Return the start of the instructions and the names of the tools: why one would open the other tabs."""
    words = detail.instructions(raw)
    lines: list[Line] = []
    if words:
        wrapped = [part for text in words if text.strip() for part in ink.wrap(text, cells)]
        lines += [ink.line((part, "text")) for part in wrapped[:3]]
        size = sum(len(text) + 1 for text in words) - 1
        lines.append(ink.line((f"instructions: {size:,} characters", "dim")))
    names = [
        tool.name if tool.name == tool.type else f"{tool.type}({tool.name})" for tool in detail.tools(raw)
    ]
    if names:
        lines.append(ink.BLANK)
        lines += [ink.line((part, "text")) for part in ink.wrap("tools  " + "  ".join(names), cells)]
    return lines


def _instructions(raw: dict[str, Any], cells: int) -> list[Line]:
    words = detail.instructions(raw)
    if not words:
        return [ink.line(("This run has no instructions of its own.", "dim"))]
    lines: list[Line] = []
    for text in words:
        role = "strong" if text.startswith("#") else "text"
        lines += [ink.line((part, role)) for part in ink.wrap(text, cells)]
    return lines


def _tools(raw: dict[str, Any], cells: int) -> list[Line]:
    lines: list[Line] = []
    for tool in detail.tools(raw):
        lines.append(
            ink.line((tool.name, "strong"), (f"  {tool.type}" if tool.type != tool.name else "", "accent"))
        )
        for text in (
            tool.config[1:-1] if len(tool.config) > 2 else tool.config
        ):  # the outer braces say nothing
            lines += [ink.line(("  " + part, "dim")) for part in ink.wrap(text, max(8, cells - 2))]
        lines.append(ink.BLANK)
    return lines or [ink.line(("This run has no tools.", "dim"))]


def _raw(raw: dict[str, Any], cells: int) -> list[Line]:
    return [ink.line((part, "text")) for text in detail.json_lines(raw) for part in ink.wrap(text, cells)]
