"""The deploy gate as lines: question, verdict, both sides of each comparison, new failures. Pure.

If the table is too wide for the screen, each comparison takes several lines.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, ComparisonResult, Estimate, metric_text
from flowtui.model.gate.answer import Answer, Question
from flowtui.model.gate.past_base import HISTORY, base_words
from flowtui.model.gate.reach import reach, reach_text, without_margin
from flowtui.model.gate.wording import evidence, sample_size
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, Run
from flowtui.text import safe_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

ROLES: Final = {PASS: "good", FAIL: "bad", INCONCLUSIVE: "warn"}
"""Verdict → the role of its words."""

_SIGNS: Final = {PASS: COMPLETED, FAIL: FAILED, INCONCLUSIVE: CANCELLED}
_TITLES: Final = ("VERDICT", "METRIC", "BASE", "NEW", "LIMIT")
_WORST: Final = (FAIL, INCONCLUSIVE, PASS)
_GAP: Final = "  "
_MOST_ROWS: Final = 200
_MOST_FAILURES: Final = 8


def window_word(seconds: float) -> str:
    """Return a time span as `--compare` takes it: `30m`, `2h`."""
    return f"{seconds / 3600:g}h" if seconds >= 3600 else f"{seconds / 60:g}m"


def watch_command(question: Question) -> str:
    """Return the `flowtui watch` command for the same question, which reads all runs needed for it."""
    words = [
        "flowtui", "watch", "--since", f"mark:{question.mark.name}", "--compare", window_word(question.compare),
        *(("--by", "agent") if question.by_agent else ()), "--gate", question.gate.text,
    ]  # fmt: skip
    return shlex.join(words)


def question_lines(question: Question, windows: Sequence[float], when: str, cells: int) -> list[Line]:
    """Return the question; `when` is the time of the mark in words, `windows` are the spans to choose from, in seconds."""
    since = [Span(" Since    ", "dim"), Span(question.mark.name, "strong"), Span(f"  {when}", "dim")]
    against = [Span(" Against  ", "dim")]
    for seconds in windows:
        role = "tab" if seconds == question.compare else "dim"
        against += [Span(window_word(seconds), role), Span("  ")]
    by = "each agent alone" if question.by_agent else "all agents together"
    against += [Span("before it", "dim")]
    judged: list[Line] = []
    if ink.width(against) + 4 + len(by) > cells:
        judged.append(ink.line((" Judged   ", "dim"), by))
    else:
        against.append(Span(f"    {by}"))
    gate = ink.paragraph(safe_text(question.gate.text), "text", cells, ink.line((" Gate     ", "dim")))
    return [tuple(since), tuple(against), *judged, *gate]


def verdict_lines(answer: Answer, cells: int, glyphs: Glyphs) -> list[Line]:
    """Return the verdict, its reason, and how many runs it is based on."""
    judgement, sides, question = answer.judgement, answer.sides, answer.question
    role = ROLES[answer.verdict]
    sign = glyphs.status[_SIGNS[answer.verdict]]
    head = (Span(f" {sign}  ", role), Span(" ".join(answer.verdict), role))
    reason = sides.missing or safe_text(judgement.reason)
    lines: list[Line] = [head, *_wrapped(reason, "warn" if sides.missing else "strong", cells)]
    counts = [
        created_words(sides.new.runs, judgement.waiting),
        f"{len(sides.base.runs):,} created in the {window_word(question.compare)} before",
        f"a pass takes {question.min_runs:,} judged",
        "n counts ended runs with a value for the metric",
    ]
    needed = f"about {judgement.needed:,} runs a side would tell" if judgement.needed is not None else ""
    if needed and answer.verdict == INCONCLUSIVE and needed not in reason:
        counts.append(needed)
    if sides.undated:
        counts.append(f"{formatting.plural(sides.undated, 'run')} without a date, on neither side")
    lines += _wrapped("; ".join(counts), "dim", cells)
    watched = sides.past.watched if sides.base_from == HISTORY and sides.past.floors else None
    if told := base_words(len(sides.base.runs), sides.remembered, watched, sides.past.why):
        lines += _wrapped(told, "dim", cells)
    hard = "" if sides.missing or answer.verdict != INCONCLUSIVE else reach_words(answer)
    if hard:
        lines += _wrapped(hard, "warn", cells)
    if sides.missing:
        lines += _wrapped(f"All runs are read by  {watch_command(question)}", "dim", cells)
    return lines


def reach_words(answer: Answer) -> str:
    """Return why an unchanged release can hardly pass, if the new side gets as many runs as the base; "" if it can."""
    question = answer.question
    found = reach(question.gate, answer.judgement.rows, question.min_runs, 1.0)
    told = "" if found is None else reach_text(found, window_word(question.compare), "")
    return safe_text(without_margin(question.gate) or told)


def created_words(runs: Sequence[Run], waiting: int) -> str:
    """Return how many runs were created since the mark and how they ended; `waiting` as in `Judgement`."""
    ended = sum(run.terminal for run in runs)
    parts = [f"{ended:,} ended"]
    if waiting:
        parts.append(f"{waiting:,} of these not counted while older ones are active")
    if ended < len(runs):
        parts.append(f"{len(runs) - ended:,} not ended")
    return f"{formatting.plural(len(runs), 'run')} created since: {', '.join(parts)}"


def gate_lines(answer: Answer, cells: int, glyphs: Glyphs) -> list[Line]:
    """Return the verdict, the comparisons, and the failures that are new."""
    rows = _in_order(answer.judgement.rows)
    lines = [*verdict_lines(answer, cells, glyphs), ink.BLANK]
    lines += _table(answer, rows[:_MOST_ROWS], cells, glyphs)
    if len(rows) > _MOST_ROWS:
        lines.append(ink.line((f"    and {len(rows) - _MOST_ROWS:,} more", "dim")))
    return [*lines, *_new_failures(answer, cells)]


# -- comparisons -----------------------------------------------------------------------------------------------


def _table(answer: Answer, rows: Sequence[ComparisonResult], cells: int, glyphs: Glyphs) -> list[Line]:
    lines = [_TITLES, *(_cells(row, answer, glyphs) for row in rows)]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(_TITLES))]
    wide = sum(widths) + len(_GAP) * len(widths) + 1 > cells
    said: list[Line] = [] if wide else [(Span(" " + _joined(_TITLES, widths), "dim"),)]
    before: str | None = None
    for row, line in zip(rows, lines[1:], strict=True):
        if row.agent is not None and row.agent != before:
            name = ink.cut(safe_text(row.agent) or formatting.UNKNOWN, max(8, cells - 2))
            said += [ink.BLANK, (Span(f" {name}", "title"),)]
        before = row.agent
        role = ROLES[_verdict(row, answer)]
        if wide:
            said += _stacked(row, line, role, cells)
        else:
            rest = Span(_GAP + _joined(line[1:], widths[1:]), "text")
            said.append((Span(" " + ink.fit(line[0], widths[0]), role), rest))
        said += _why(row, answer, cells)
    return said


def _stacked(row: ComparisonResult, line: Sequence[str], role: str, cells: int) -> list[Line]:
    said: list[Line] = [(Span(f" {line[0]}", role), Span(f"  {row.metric}", "strong"))]
    for name, text in zip(("base", "new", "limit"), line[2:], strict=True):
        said.append((Span(f"    {name:<6}", "dim"), Span(ink.cut(text, max(8, cells - 10)))))
    return said


def _in_order(rows: Sequence[ComparisonResult]) -> list[ComparisonResult]:
    """Return the rows by their agent's worst verdict: failing agents first, then inconclusive ones."""
    worst: dict[str | None, int] = {}
    for row in rows:
        worst[row.agent] = min(worst.get(row.agent, len(_WORST)), _WORST.index(row.verdict))
    return sorted(rows, key=lambda row: worst[row.agent])


def _cells(row: ComparisonResult, answer: Answer, glyphs: Glyphs) -> tuple[str, ...]:
    verdict = _verdict(row, answer)
    base, new = estimate(row.metric, row.base), estimate(row.metric, row.new)
    limit = f"{_sign(row)} {metric_text(row.metric, row.limit)}".strip()
    return (f"{glyphs.status[_SIGNS[verdict]]} {verdict}", row.metric, base, new, limit)


def _verdict(row: ComparisonResult, answer: Answer) -> str:
    return INCONCLUSIVE if answer.sides.missing else row.verdict


def _sign(row: ComparisonResult) -> str:
    """Return the comparison sign of a row's condition."""
    return row.text.removeprefix(row.metric).split(maxsplit=1)[0] if row.text.startswith(row.metric) else ""


def estimate(metric: str, found: Estimate) -> str:
    """Return a value with its 95 % interval and the number of its runs; unknown is `—`."""
    if not found.n:
        return formatting.UNKNOWN
    value, low, high = (metric_text(metric, each) for each in found[:3])
    told = "" if found.low is None and found.high is None else f" ({low} to {high})"
    return f"{value}{told} {sample_size(found)}"


def _why(row: ComparisonResult, answer: Answer, cells: int) -> list[Line]:
    if answer.sides.missing:
        return []  # shown once with the verdict, for all rows
    reason = row.reason if row.agent is None else row.reason.removeprefix(f"{row.agent}: ")
    # The reason of a decided comparison has the evidence of the new side.
    whose = {"new": row.new, "base": row.base} if row.verdict == INCONCLUSIVE else {"base": row.base}
    told = [f"{name}: {words}" for name, side in whose.items() if (words := evidence(side))]
    said = "; ".join([reason, *told])
    return _wrapped(safe_text(said), "dim", cells)


# -- failures --------------------------------------------------------------------------------------------------


def _new_failures(answer: Answer, cells: int) -> list[Line]:
    found, unexplained = answer.judgement.new_reasons, answer.judgement.unexplained
    if not found:
        return []
    word = "Perhaps new failures" if unexplained or answer.sides.missing else "New failures"
    lines: list[Line] = [ink.BLANK, (Span(f" {word} since {answer.question.mark.name}", "strong"),)]
    for each in found[:_MOST_FAILURES]:
        count = f"{each.runs:,}x"
        text = safe_text(each.text)
        lines.append((Span(f"{count:>7}  ", "bad"), Span(ink.cut(text, max(8, cells - 10)), "text")))
    if len(found) > _MOST_FAILURES:
        lines.append((Span(f"    and {len(found) - _MOST_FAILURES:,} more", "dim"),))
    if unexplained:
        said = f"no reason is known of {formatting.plural(unexplained, 'run')} that failed before, so these may be old"
        lines += _wrapped(said, "dim", cells)
    return lines


def _wrapped(text: str, role: str, cells: int) -> list[Line]:
    return ink.paragraph(text, role, cells - 1, (Span("    "),))


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(ink.fit(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()
