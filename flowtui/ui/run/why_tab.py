"""The Why tab: why the run failed, the evidence for it, and an explanation of the run's findings. Pure.

For a run that has not failed, the tab says so first, and then shows the findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.findings.rules import Finding
from flowtui.model.messages.evidence import Evidence, LastMessage, SpanError, ToolError
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.messages.why import reason_of, show_command
from flowtui.model.run.row import FAILED, Run
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.model.timeline.phases import duration_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext, plain, trouble_lines
from flowtui.ui.run.waterfall import failing_spans
from flowtui.ui.widgets.line_pane import DocLine

_INDENT: Final = (Span("  "),)
_WHEN: Final = 10  # cells of a time of day, with its gap
_OFFSET: Final = 10  # cells of the offset from the start, with its gap


def why_lines(
    loaded: Loaded[Evidence], opened: Opened, findings: Sequence[Finding], render: RenderContext
) -> list[DocLine]:
    """Return the lines of the Why tab. `findings` are the findings of the run, the most severe first."""
    run, found, cells = opened.run, loaded.value, render.cells
    suspects = _suspects(findings, cells)
    parts = [_verdict(run, found, render)]
    if run.status_class != FAILED:
        parts.append(suspects or _no_failure(found, cells))
    if loaded.trouble:
        parts.append(trouble_lines("What was traced of this run", loaded.trouble, cells)[:-1])
    elif found is None:
        parts.append([ink.line(("Reading its spans and messages …", "dim"))])
    if found is not None:
        parts.append(failing_spans(run, found, _read_at(loaded.at, render), render))
        parts += [build(found, run, render) for build in (_exceptions, _tool_errors, _last)]
    if run.status_class == FAILED:
        parts.append(suspects)
    if found is not None:
        parts += [_slowest(found, cells), _sources(found, loaded.at, render)]
    lines: list[Line] = []
    for part in parts:
        lines += [ink.BLANK, *part] if lines and part else part
    return plain(lines)


# -- the first line --------------------------------------------------------------------------------------------


def _verdict(run: Run, found: Evidence | None, render: RenderContext) -> list[Line]:
    if run.status_class != FAILED:
        unsure = run.status_class == UNKNOWN_CLASS
        said = "The run's status does not say whether it failed." if unsure else "This run has not failed."
        return ink.paragraph(said, "strong", render.cells)
    if found is None:
        known = render.context.reason_text(run.key)
        return ink.paragraph(known, "bad", render.cells) if known else []
    why, cause = reason_of(found), found.cause
    if why is None or cause is None:
        return _no_reason(run, found, render.cells)
    text = why.short_message
    if why.tool or isinstance(cause, ToolError):
        text += f" · tool error in {why.tool}" if why.tool else " · tool error"
    elif why.exception and why.exception not in why.short_message:
        text += f" · {why.exception}"
    since = _offset(cause.when, run)
    return ink.paragraph(f"{text}, {since}" if since else text, "bad", render.cells)


def _no_failure(found: Evidence | None, cells: int) -> list[Line]:
    """Return a line for a run that has not failed: that it had errors, or that nothing looks wrong."""
    if found is not None and found.cause is not None:
        return ink.paragraph("It had errors while it ran.", "warn", cells)
    return ink.paragraph("Nothing looks wrong.", "good", cells)


def _no_reason(run: Run, found: Evidence, cells: int) -> list[Line]:
    if found.missing:
        said = "What could be read gives no reason; the rest could not be read."
        return [*ink.paragraph(said, "warn", cells), ink.line(("r", "key"), (" tries again", "dim"))]
    said = "The API gives no reason: no exception span, no tool error."
    tried = ink.line(("The run with every field of the API:", "dim"))
    command = ink.paragraph(show_command(run), "accent", cells, _INDENT)
    return [*ink.paragraph(said, "warn", cells), tried, *command]


def _offset(when: float | None, run: Run) -> str:
    """Return in words how long after the run's start `when` was. If the start is unknown, creation counts.

    "" if one of the times is unknown, or if `when` is earlier.
    """
    if when is None:
        return ""
    if run.started is not None:
        return f"{duration_text(when - run.started)} after the start" if when >= run.started else ""
    if run.created is not None and when >= run.created:
        return f"{duration_text(when - run.created)} after it was created"
    return ""


# -- what was found --------------------------------------------------------------------------------------------


def _exceptions(found: Evidence, run: Run, render: RenderContext) -> list[Line]:
    lines: list[Line] = []
    deeper = f" {render.glyphs.cut_right} "
    for raised in found.exceptions:
        lines += _item(raised.when, _raised_title(raised), run, render)
        lines += _text(raised.lines, render.cells)
        around = [f"inside {deeper.join(raised.parents)}"] if raised.parents else []
        if raised.model:
            around.append(f"model {raised.model}")
        lines += ink.paragraph(", ".join(around), "dim", render.cells, _INDENT) if around else []
    return _section("Exceptions", lines, len(found.exceptions))


def _raised_title(raised: SpanError) -> str:
    kind = raised.kind or ("exception" if raised.severity > 1 else "error")
    return f"{kind} in {raised.span}" if raised.span else kind


def _tool_errors(found: Evidence, run: Run, render: RenderContext) -> list[Line]:
    lines: list[Line] = []
    for error in found.tool_errors:
        lines += _item(error.when, error.tool or "a tool without a name", run, render)
        lines += _text(error.lines or ("no text",), render.cells)
    return _section("Tool errors", lines, len(found.tool_errors))


def _last(found: Evidence, run: Run, render: RenderContext) -> list[Line]:
    said: LastMessage | None = found.last_message
    if said is None:
        return []
    text = said.lines or (f"no text, only {', '.join(said.parts)}" if said.parts else "no text",)
    head = _item(said.when, said.role or "role unknown", run, render, role="accent")
    return _section("Last message", [*head, *_text(text, render.cells)])


def _item(when: float | None, title: str, run: Run, render: RenderContext, role: str = "bad") -> list[Line]:
    """Return the heading of an exception, tool error or message: time of day, time since the run's start, and `title`."""
    clock = ink.fit(formatting.clock(when, render.context.zone), _WHEN)
    start = run.started if run.started is not None else run.created
    after = None if when is None or start is None else when - start
    offset = ink.fit("" if after is None or after < 0 else f"+{duration_text(after)}", _OFFSET)
    return ink.paragraph(title, role, render.cells, ink.line((f"{clock}{offset}", "dim")))


def _section(title: str, lines: list[Line], number: int | None = None) -> list[Line]:
    if not lines:
        return []
    head = ink.line((title, "title"), (f"  {number}" if number is not None else "", "dim"))
    return [head, *lines]


def _text(lines: Iterable[str], cells: int) -> list[Line]:
    return [part for line in lines for part in ink.paragraph(line, "text", cells, _INDENT)]


# -- findings, slowest calls and sources -----------------------------------------------------------------------


def _suspects(findings: Sequence[Finding], cells: int) -> list[Line]:
    lines: list[Line] = []
    for finding in findings:
        kind = FINDINGS.get(finding.name)
        title = kind.title if kind is not None else finding.name.replace("_", " ")
        lines += ink.paragraph(title, "warn", cells)
        lines += ink.paragraph(finding.text, "strong", cells, _INDENT)
        if kind is not None:
            lines += ink.paragraph(kind.meaning, "text", cells, _INDENT)
            lines += ink.paragraph(kind.next_step, "accent", cells, ink.line(("  next  ", "dim")))
        lines.append(ink.BLANK)
    return _section("Looks wrong", lines[:-1], len(findings))


def _slowest(found: Evidence, cells: int) -> list[Line]:
    lines: list[Line] = []
    for slow in found.slowest:
        took = ink.fit(duration_text(slow.seconds), _WHEN - 2, "right")
        lines.append(ink.line((took, "strong"), f"  {ink.cut(slow.name, max(8, cells - _WHEN))}"))
    return _section("Slowest calls", lines)


def _sources(found: Evidence, at: float | None, render: RenderContext) -> list[Line]:
    """Return which spans and messages the tab was made from, when these were read, and what could not be read.

    `at` is the time of the read by the local clock; None: unknown.
    """
    lacking = {missing.partition(":")[0] for missing in found.missing}
    parts: list[str] = []
    if "spans" not in lacking:
        more = " (there may be more)" if found.full else ""
        parts.append(f"{_count(found.spans, 'span')} of this run{more}")
    if "messages" not in lacking:
        own = f" ({found.messages} of them of this run)" if found.messages_read else ""
        parts.append(f"{_count(found.messages_read, 'message')} of its thread{own}")
    when = _read_at(at, render)
    dated = "" if when is None else f" Read at {formatting.clock(when, render.context.zone)}."
    lines = ink.paragraph(f"Rests on {' and '.join(parts)}.{dated}", "dim", render.cells)
    for missing in found.missing:
        lines += ink.paragraph(f"Not read: {missing}", "warn", render.cells)
    return lines


def _read_at(at: float | None, render: RenderContext) -> float | None:
    """Return by the server's clock when the spans were read; `at` is the time by the local clock. None: unknown."""
    return None if at is None else at + render.context.clock_offset


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
