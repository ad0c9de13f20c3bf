"""The Why tab: why the run failed, the evidence for it, and an explanation of the run's findings. Pure.

For a run that has not failed, the tab says so first, and then shows the findings. Nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.findings.rules import Finding
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.run.row import FAILED, Run
from flowtui.model.run.row import UNKNOWN as UNKNOWN_CLASS
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.card import GAP, TWO_COLUMNS
from flowtui.ui.run.card.changed_section import changed_section
from flowtui.ui.run.card.evidence_section import errors_section, last_section, slowest_section
from flowtui.ui.run.card.next_section import next_section
from flowtui.ui.run.card.usual_section import unusual_values
from flowtui.ui.run.card.verdict import reason_of_run, verdict_lines
from flowtui.ui.run.rendering import RenderContext, plain, trouble_lines
from flowtui.ui.run.waterfall import failing_spans
from flowtui.ui.widgets.line_pane import DocLine

_INDENT: Final = (Span("  "),)


def why_lines(
    loaded: Loaded[Evidence], opened: Opened, findings: Sequence[Finding], render: RenderContext
) -> list[DocLine]:
    """Return the lines of the Why tab. `findings` are the findings of the run, the most severe first."""
    run, found, cells = opened.run, loaded.value, render.cells
    failed = run.status_class == FAILED
    parts = [verdict_lines(run, found, render) if failed else plain(_not_failed(run, found, findings, cells))]
    if loaded.trouble:
        parts.append(plain(trouble_lines("What was traced of this run", loaded.trouble, cells)[:-1]))
    elif found is None:
        parts.append(plain([ink.line(("Reading its spans and messages …", "dim"))]))
    suspects = plain(_suspects(findings, render))
    if not failed:
        parts.append(suspects)
    if found is not None:
        parts += [_waterfall(run, found, loaded.at, render), *_evidence(found, opened, render)]
    if failed:
        parts.append(suspects)
        if render.opened:
            parts.append(plain(next_section(opened, render, cells)))
    if found is not None:
        parts.append(plain(_sources(found, loaded.at, render)))
    lines: list[DocLine] = []
    for part in parts:
        lines += [DocLine(ink.BLANK), *part] if lines and part else part
    return lines


def _not_failed(run: Run, found: Evidence | None, findings: Sequence[Finding], cells: int) -> list[Line]:
    unsure = run.status_class == UNKNOWN_CLASS
    said = "The run's status does not say whether it failed." if unsure else "This run has not failed."
    lines = ink.paragraph(said, "strong", cells)
    if findings:
        return lines
    if found is not None and found.cause is not None:
        return [*lines, ink.BLANK, *ink.paragraph("It had errors while it ran.", "warn", cells)]
    return [*lines, ink.BLANK, *ink.paragraph("Nothing looks wrong.", "good", cells)]


def _waterfall(run: Run, found: Evidence, at: float | None, render: RenderContext) -> list[DocLine]:
    """Return the spans around the one that failed, whose line is tinted."""
    lines = failing_spans(run, found, _read_at(at, render), render)
    return [DocLine(line, tint=place > 0 and _is_failed(line)) for place, line in enumerate(lines)]


def _is_failed(line: Line) -> bool:
    return any(span.role == "failed" for span in line)


def _evidence(found: Evidence, opened: Opened, render: RenderContext) -> list[list[DocLine]]:
    """Return the errors and the last message; of a failed run beside what is different from the last one that completed."""
    run, cells = opened.run, render.cells
    reason = reason_of_run(run, found, render)
    told = [reason.text] if reason is not None else []
    half = (cells - GAP) // 2 if cells >= TWO_COLUMNS else cells
    broke = [errors_section(found, run, told, render, half), last_section(found, run, render, half)]
    left = [line for part in broke if part for line in (*part, ink.BLANK)][:-1]
    if run.status_class != FAILED:
        whole = [errors_section(found, run, told, render, cells), last_section(found, run, render, cells)]
        return [plain(part) for part in (*whole, slowest_section(found, render, cells))]
    if not (render.opened or opened.last_completed is not None):
        return [plain(left)]
    right = _different(opened, render, cells - half - GAP if half < cells else cells)
    if half < cells:
        return [plain(ink.side_by_side(left, right, half + GAP))]
    return [plain(left), plain(right)]


def _different(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    lines = changed_section(opened, render, cells, "What is different")
    usual = unusual_values(opened.run, render.context)
    said = ink.wrap_spans([Span("against usual  ", "dim"), *usual], cells)
    return [*lines, ink.BLANK, *map(tuple, said)] if usual else lines


# -- findings and sources --------------------------------------------------------------------------------------


def _suspects(findings: Sequence[Finding], render: RenderContext) -> list[Line]:
    cells = render.cells
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
    return (
        [section_line("Looks wrong", str(len(findings)), cells, render.signs), *lines[:-1]] if lines else []
    )


def _sources(found: Evidence, at: float | None, render: RenderContext) -> list[Line]:
    """Return which spans and messages the tab was made from, when these were read, and what could not be read.

    `at` is the time of the read by the local clock; None: unknown.
    """
    lacking = {missing.partition(":")[0] for missing in found.missing}
    parts: list[str] = []
    if "spans" not in lacking:
        more = " (there may be more)" if found.full else ""
        spans = (
            len(found.tree.rows) or found.spans
        )  # as many as the waterfall has: one that came twice counts once
        parts.append(f"{_count(spans, 'span')} of this run{more}")
    if "messages" not in lacking:
        own = f" ({found.messages or 'none'} of them of this run)" if found.messages_read else ""
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
