"""What the spans and messages of a run say about its errors: each one once, with its time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui import formatting
from flowtui.formatting import plural
from flowtui.model.messages.evidence import Evidence, SpanError, ToolError
from flowtui.model.run.row import Run
from flowtui.model.timeline.phases import duration_text
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext

_INDENT: Final = (Span("  "),)
_WHEN: Final = 10  # cells of a time of day, with its gap
_OFFSET: Final = 10  # cells of the offset from the start, with its gap


def errors_section(
    found: Evidence, run: Run, told: Sequence[str], render: RenderContext, cells: int
) -> list[Line]:
    """Return the errors, the one that explains most first; no lines if there are none.

    `told`: texts that the page has said already, such as the reason.
    """
    cause = found.cause
    items: list[SpanError | ToolError] = [*found.exceptions, *found.tool_errors]
    items.sort(key=lambda item: item is not cause)
    said = {_plain(text) for text in told}
    lines: list[Line] = []
    texts: set[tuple[str, ...]] = set()
    repeated = 0
    for item in items:
        if item.lines and item.lines in texts:
            repeated += 1
            continue
        texts.add(item.lines)
        around = _around(item, render)
        if item is cause and told and around:  # the page has named it already
            lines += _item(item.when, around, run, render, cells, role="dim")
            around = ""
        else:
            lines += _item(item.when, _title(item), run, render, cells)
        shown = [line for line in item.lines if _plain(line) not in said]
        lines += _text(shown or ([] if item.lines else _no_text(item)), cells)
        lines += ink.paragraph(around, "dim", cells, _INDENT) if around else []
    if repeated:
        lines += ink.paragraph(f"{plural(repeated, 'more error')} with the same text", "dim", cells, _INDENT)
    if not lines:
        return []
    counts = [(len(found.exceptions), "exception"), (len(found.tool_errors), "tool error")]
    remark = ", ".join(plural(number, noun) for number, noun in counts if number)
    return [section_line("Where it broke", remark, cells, render.signs), ink.BLANK, *lines]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _title(item: SpanError | ToolError) -> str:
    if isinstance(item, ToolError):
        return f"tool error in {item.tool}" if item.tool else "tool error"
    kind = item.kind or ("exception" if item.severity > 1 else "error")
    return f"{kind} in {item.span}" if item.span else kind


def _no_text(item: SpanError | ToolError) -> list[str]:
    return ["no text"] if isinstance(item, ToolError) else []


def _around(item: SpanError | ToolError, render: RenderContext) -> str:
    """Return which spans an error was in, and its model; "" if none is known."""
    if not isinstance(item, SpanError):
        return ""
    deeper = f" {render.glyphs.cut_right} "
    parts = [f"inside {deeper.join(item.parents)}"] if item.parents else []
    if item.model:
        parts.append(f"model {item.model}")
    return ", ".join(parts)


def last_section(found: Evidence, run: Run, render: RenderContext, cells: int) -> list[Line]:
    """Return the last message of the run; no lines if it is not known."""
    said = found.last_message
    if said is None:
        return []
    text = said.lines or (f"no text, only {', '.join(said.parts)}" if said.parts else "no text",)
    head = _item(said.when, said.role or "role unknown", run, render, cells, role="accent")
    title = section_line("Last message", "", cells, render.signs)
    return [title, ink.BLANK, *head, *_text(text, cells)]


def _item(
    when: float | None, title: str, run: Run, render: RenderContext, cells: int, *, role: str = "removed"
) -> list[Line]:
    """Return the heading of an error or message: time of day, time since the run's start, and `title`."""
    clock = ink.fit(formatting.clock(when, render.context.zone), _WHEN)
    start = run.started if run.started is not None else run.created
    after = None if when is None or start is None else when - start
    offset = ink.fit("" if after is None or after < 0 else f"+{duration_text(after)}", _OFFSET)
    return ink.paragraph(title, role, cells, ink.line((f"{clock}{offset}", "dim")))


def _text(lines: Iterable[str], cells: int) -> list[Line]:
    return [part for line in lines for part in ink.paragraph(line, "text", cells, _INDENT)]


def slowest_section(found: Evidence, render: RenderContext, cells: int) -> list[Line]:
    """Return the slowest calls; no lines if none is known."""
    lines: list[Line] = []
    for slow in found.slowest:
        took = ink.fit(duration_text(slow.seconds), _WHEN - 2, "right")
        lines.append(ink.line((took, "strong"), f"  {ink.cut(slow.name, max(8, cells - _WHEN))}"))
    return [section_line("Slowest calls", "", cells, render.signs), ink.BLANK, *lines] if lines else []
