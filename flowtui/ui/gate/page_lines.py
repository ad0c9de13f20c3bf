"""The whole page of the gate, in the order in which the user asks: verdict, comparisons, what is missing, who, why. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.new_failures import FailuresSince
from flowtui.model.answers.gate.page import GatePage
from flowtui.model.answers.gate.to_verdict import ToVerdict, to_verdict
from flowtui.model.gate.wording import NAMES
from flowtui.text import safe_text
from flowtui.ui.charts.bars import length_bar
from flowtui.ui.charts.section import section_line
from flowtui.ui.gate.agent_rows import agent_lines
from flowtui.ui.gate.banner import banner_lines
from flowtui.ui.gate.failure_rows import Remembered, failure_lines, since_of
from flowtui.ui.gate.metric_rows import metric_lines
from flowtui.ui.gate.style import TWO_COLUMNS, WORDS, Style, indented
from flowtui.ui.gate.words import rest_words, script_words, wait_words, watch_command
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_BAR: Final = (12, 40)  # least and most cells of a bar
_APART: Final = 4  # cells between two columns
_LABEL: Final = 16
_WAITING: Final = 6  # comparisons whose progress is shown


def page_lines(page: GatePage, failures: FailuresSince, remembered: Remembered, style: Style) -> list[Line]:
    """Return all lines of the page."""
    lines = [*banner_lines(page, style), ink.BLANK, *metric_lines(page, style), ink.BLANK]
    if waiting := _to_verdict(page, style):
        lines += [*(indented(line) for line in waiting), ink.BLANK]
    lines += [indented(line) for line in _who_and_why(page, failures, remembered, style)]
    return [*lines, ink.BLANK, *(indented(line) for line in _basis(page, style))]


def _to_verdict(page: GatePage, style: Style) -> list[Line]:
    found = [each for row in page.metrics if (each := to_verdict(page.answer, row)) is not None]
    if not found:
        return []
    lines = [section_line("To a verdict", "what is still undecided", style.room, style.signs)]
    window = page.answer.question.compare
    for each in found[:_WAITING]:
        lines += _waiting(each, window, style)
    if len(found) > _WAITING:
        lines.append((Span(f"and {len(found) - _WAITING:,} more comparisons", "dim"),))
    return lines


def _waiting(each: ToVerdict, window: float, style: Style) -> list[Line]:
    """Return how far a comparison is, in one line, or two in a narrow terminal."""
    row, role = each.measured.row, style.role(each.measured.verdict)
    whose = f" {each.measured.agent}" if each.measured.agent else ""
    name = ink.fit(f"{NAMES[row.metric]}{whose}", _LABEL + len(whose))
    first, *more = wait_words(each, window)
    told = [Span(first, f"{role}" if each.more is not None else "text")]
    told += [Span(f", {word}", "dim") for word in more]
    head: list[Span] = [Span(f"{name} ", "strong")]
    if each.needed is not None:
        done = min(each.done, each.needed)
        counted = f"{done:,} of about {formatting.plural(each.needed, 'run')}   "
        room = style.room - ink.width(head) - 3 - len(counted) - ink.width(told)
        cells = max(_BAR[0], min(_BAR[1], room))
        head += [*length_bar(done, each.needed, cells, style.signs, role), Span("  ")]
        head.append(Span(counted))
    lean = [Span(f"   leans to {WORDS[row.leans]}", "dim")] if row.leans and not style.wide else []
    if ink.width((*head, *told)) + ink.width(lean) <= style.room:
        return [(*head, *told, *lean)]
    pad = (Span(" " * 2),)
    return [tuple(head), *((*pad, *line) for line in ink.wrap_spans([*told, *lean], style.room - 2))]


def _who_and_why(page: GatePage, failures: FailuresSince, remembered: Remembered, style: Style) -> list[Line]:
    since = since_of(page, remembered)
    if style.cells < TWO_COLUMNS or not page.agents:
        agents = agent_lines(page, style.room, style)
        found = failure_lines(failures, since, style.room, style)
        return [*agents, *([ink.BLANK] if agents else []), *found]
    half = (style.room - _APART) // 2
    agents = agent_lines(page, half, style)
    right = style.room - half - _APART
    found = failure_lines(failures, since, right, style)
    return ink.side_by_side(agents, found, half + _APART)


def _basis(page: GatePage, style: Style) -> list[Line]:
    """Return the question, as it is and for a script, and what the verdict rests on."""
    answer = page.answer
    question, room = answer.question, style.room
    needs = f"   a pass needs {question.min_runs:,} judged runs"
    text = safe_text(question.gate.text)
    lines = ink.wrap_spans([Span("Gate  ", "dim"), Span(text), Span(needs, "dim")], room)
    lines += _script(page, style)
    for told, role in rest_words(page):
        lines += ink.paragraph(told, "dim" if style.quiet else role, room)
    return lines


def _script(page: GatePage, style: Style) -> list[Line]:
    """Return the command for a script. Without room in one line, the gate's text, which is above, is left out."""
    question = page.answer.question
    head, tail = (
        Span("Same in a script  ", "dim"),
        Span(f"   {script_words(page)}", style.role(page.verdict)),
    )
    whole = [head, Span(watch_command(question)), tail]
    if ink.width(whole) <= style.room:
        return [tuple(whole)]
    return ink.wrap_spans([head, Span(watch_command(question, gate="…")), tail], style.room)
