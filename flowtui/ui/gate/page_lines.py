"""The whole page of the gate, in the order in which the user asks: verdict, comparisons, what is missing, who, why. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui.model.answers.gate.new_failures import FailuresSince
from flowtui.model.answers.gate.page import GatePage
from flowtui.model.answers.gate.to_verdict import ToVerdict, to_verdict
from flowtui.model.gate import INCONCLUSIVE
from flowtui.model.gate.wording import NAMES, counted
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

_BAR: Final = (8, 40)  # least and most cells of a bar
_APART: Final = 4  # cells between two columns
_LABEL: Final = (14, 28)  # least and most cells of a comparison's name
_WAITING: Final = 6  # comparisons whose progress is shown


def page_lines(page: GatePage, failures: FailuresSince, remembered: Remembered, style: Style) -> list[Line]:
    """Return all lines of the page."""
    lines = [*banner_lines(page, style), ink.BLANK, *metric_lines(page, style), ink.BLANK]
    if waiting := _progress_lines(page, style):
        lines += [*(indented(line) for line in waiting), ink.BLANK]
    lines += [indented(line) for line in _agents_and_failures(page, failures, remembered, style)]
    return [*lines, ink.BLANK, *(indented(line) for line in _question_lines(page, style))]


class _Waiting(NamedTuple):
    """The texts of one undecided comparison: its name, its runs so far, "" if they cannot be counted, and what it waits for."""

    each: ToVerdict
    name: str
    runs: str
    told: Line


def _progress_lines(page: GatePage, style: Style) -> list[Line]:
    """Return for each undecided comparison how far it is from a verdict; nothing if all are decided."""
    found = [each for row in page.metrics if (each := to_verdict(page.answer, row)) is not None]
    if not found:
        return []
    decided = page.verdict != INCONCLUSIVE
    title = (
        ("Still undecided", f"{WORDS[page.verdict]} does not depend on it")
        if decided
        else ("To a verdict", "what is still undecided")
    )
    lines = [section_line(*title, style.room, style.signs)]
    rows = [_waiting(each, page.answer.question.compare, style) for each in found[:_WAITING]]
    runs = max(len(row.runs) for row in rows)
    longest = max(_LABEL[0], *(cell_len(row.name) for row in rows))
    name = max(_LABEL[0], min(_LABEL[1], longest, style.room - runs - 4))
    told = max((ink.width(row.told) for row in rows if row.runs), default=0)
    bar = min(_BAR[1], style.room - name - runs - told - 7)
    for row in rows:
        line = (*_progress(row, name, runs, bar, style), Span("   "), *row.told)
        if (bar >= _BAR[0] or row.each.needed is None) and ink.width(line) <= style.room:
            lines.append(line)
        else:
            short = min(_BAR[1], style.room - name - runs - 4)
            lines.append(_progress(row, name, runs, short, style))
            lines += [(Span("  "), *line) for line in ink.wrap_spans(row.told, style.room - 2)]
    if len(found) > _WAITING:
        lines.append((Span(f"and {len(found) - _WAITING:,} more comparisons", "dim"),))
    return lines


def _waiting(each: ToVerdict, window: float, style: Style) -> _Waiting:
    row, role = each.measured.row, style.role(each.measured.verdict)
    name = " ".join(filter(None, (NAMES[row.metric], each.measured.agent)))
    runs = ""
    if each.needed is not None:
        runs = f"{min(each.done, each.needed):,} of about {counted(row.metric, each.needed)}"
    first, *more = wait_words(each, window)
    told = [
        Span(first, role if each.more is not None else "text"),
        *(Span(f", {word}", "dim") for word in more),
    ]
    return _Waiting(each, name, runs, tuple(told))


def _progress(row: _Waiting, name: int, runs: int, bar: int, style: Style) -> Line:
    """Return the name, a bar and the runs, each in its column; of what cannot be counted only the name."""
    head = Span(ink.fit(row.name, name), "strong")
    if row.each.needed is None:
        return (head,)
    done = min(row.each.done, row.each.needed)
    role = style.role(row.each.measured.verdict)
    drawn = length_bar(done, row.each.needed, bar, style.signs, role) if bar > 0 else ink.BLANK
    return (head, Span("  "), *drawn, Span(f"  {ink.fit(row.runs, runs, 'right')}"))


def _agents_and_failures(
    page: GatePage, failures: FailuresSince, remembered: Remembered, style: Style
) -> list[Line]:
    since = since_of(page, failures, remembered)
    if style.cells < TWO_COLUMNS or not page.agents:
        agents = agent_lines(page, style.room, style)
        found = failure_lines(failures, since, style.room, style)
        return [*agents, *([ink.BLANK] if agents else []), *found]
    half = (style.room - _APART) // 2
    agents = agent_lines(page, half, style)
    right = style.room - half - _APART
    found = failure_lines(failures, since, right, style)
    return ink.side_by_side(agents, found, half + _APART)


def _question_lines(page: GatePage, style: Style) -> list[Line]:
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
