"""The Tokens tab: the tokens of a run, what they cost, and which model call used them. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.formatting import plural
from flowtui.model.answers.run.usual import COST, TOKENS, AgainstUsual, against_usual
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import Run, model_name
from flowtui.model.run.span_facts import ShownTokens, shown_tokens
from flowtui.model.spans.trace_span import MODEL
from flowtui.model.spans.tree import TreeRow
from flowtui.ui.charts.bars import length_bar
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.usual_section import range_text, value_text
from flowtui.ui.run.rendering import RenderContext

_LABEL: Final = 14
_NUMBER: Final = 12
_BAR: Final = (6, 24)  # least and most cells
_CALLS: Final = 30
"""The most model calls that are listed."""
_NAME: Final = 12
_MODEL_FROM: Final = 90  # cells from which the models have a column
_MODEL: Final = 30  # least cells for their names, if these need them


def usage_lines(opened: Opened, render: RenderContext) -> list[Line]:
    """Return the lines of the Tokens tab."""
    run, cells = opened.run, render.cells
    found = shown_tokens(run, render.context.span_facts(run))
    usual = against_usual(run, render.context)
    remark = _source(run, found)
    lines = [section_line("Tokens", remark, cells, render.signs), ink.BLANK]
    for name, tokens in (("prompt", found.prompt), ("completion", found.completion), ("total", found.total)):
        lines.append(_tokens_line(name, tokens, found, usual, render))
    lines += [ink.BLANK, *_rates(opened, found, usual, render), ink.BLANK]
    return [ink.cut_line(line, cells) for line in (*lines, *_calls(opened, render))]


def _source(run: Run, found: ShownTokens) -> str:
    """Return where the numbers come from."""
    if found.at_least:
        return f"from spans, as far as they were read; the API reports usage {'at the end' if run.active else 'for most runs'}"
    if found.prompt is None and found.completion is None and found.total is None:
        return "the API has not reported usage for this run" + (" yet" if run.active else "")
    return "still counting" if run.active else "of the whole run, as the API reports them"


def _tokens_line(
    name: str, tokens: int | None, found: ShownTokens, usual: AgainstUsual, render: RenderContext
) -> Line:
    number = formatting.count(tokens) + ("+" if found.at_least and tokens is not None else "")
    spans = [*_number(name, number, "dim" if tokens is None else "strong")]
    whole = found.total
    if tokens is not None and whole and name != "total" and 0 <= tokens <= whole:
        bar = length_bar(tokens, whole, min(_BAR[1], max(_BAR[0], render.cells - 40)), render.signs)
        spans += [Span("   "), *bar, Span(f" {formatting.percent(tokens / whole)}", "dim")]
    metric = usual.metric(TOKENS) if name == "total" else None
    if metric is not None and metric.usual is not None:
        role = "warn" if metric.unusual else "dim"
        spans.append(Span(f"   usual {range_text(metric, render.context)}", role))
    return tuple(spans)


def _rates(opened: Opened, found: ShownTokens, usual: AgainstUsual, render: RenderContext) -> list[Line]:
    """Return the cost, the tokens each second, and the share of the limit."""
    run, raw, context = opened.run, opened.raw, render.context
    lines: list[Line] = []
    price = usual.metric(COST)
    if price is not None:
        said = "" if price.usual is None else f"   usual {range_text(price, context)}"
        value = _number("cost", value_text(price, context), "text")
        lines.append((*value, Span(said, "warn" if price.unusual else "dim")))
    seconds = run.duration(context.now)
    pace = found.total / seconds if found.total is not None and seconds else None
    lines.append(_number("tokens/s", "—" if pace is None else f"{pace:,.1f}", "text"))
    limit = raw.get("max_completion_tokens") if raw is not None else None
    if isinstance(limit, int) and limit > 0 and found.completion is not None:
        whose = Span(f"   max_completion_tokens {formatting.count(limit)}", "dim")
        lines.append((*_number("of the limit", f"{found.completion / limit:.0%}", "text"), whose))
    return lines


def _number(name: str, number: str, role: str) -> Line:
    return ink.line((ink.fit(name, _LABEL), "dim"), (ink.fit(number, _NUMBER, "right"), role))


# -- by model call ---------------------------------------------------------------------------------------------


def _calls(opened: Opened, render: RenderContext) -> list[Line]:
    """Return which model call used how many tokens, in the order of the calls."""
    found, cells = opened.evidence.value, render.cells
    if found is None:
        if opened.evidence.trouble:
            said = f"Its spans could not be read: {opened.evidence.trouble}"
            return [_title("", render), ink.BLANK, *ink.paragraph(said, "bad", cells)]
        said = "Reading its spans …" if render.opened else "press enter to read its spans"
        return [_title("", render), ink.BLANK, ink.line((said, "dim"))]
    rows = [row for row in found.tree.rows if row.span.kind == MODEL]
    if not rows:
        return [
            _title("", render),
            ink.BLANK,
            *ink.paragraph("No model call is among its spans.", "dim", cells),
        ]
    most = max((row.tokens or 0 for row in rows), default=0)
    names = max(ink.width([Span(model_name(row.span.model))]) for row in rows[:_CALLS])
    wide = min(max(_NAME, names + 2), max(_MODEL, cells - _NAME - 3 * _NUMBER - 2 - _BAR[1]))
    lines = [_title(f"{plural(len(rows), 'model call')} among its spans", render), _heads(wide, render)]
    lines += [_call(row, most, wide, render) for row in rows[:_CALLS]]
    if len(rows) > _CALLS:
        lines.append(ink.line((f"{len(rows) - _CALLS:,} more, ", "dim"), ("5", "key"), (" shows all", "dim")))
    return lines


def _title(remark: str, render: RenderContext) -> Line:
    return section_line("By model call", remark, render.cells, render.signs)


def _heads(wide: int, render: RenderContext) -> Line:
    return _row(("STARTED", "PROMPT", "COMPLETION", "TOKENS"), "dim", "MODEL", wide, render)


def _call(row: TreeRow, most: int, wide: int, render: RenderContext) -> Line:
    span = row.span
    sent, made = (formatting.count(count) for count in (span.tokens_in, span.tokens_out))
    texts = (formatting.clock(span.start, render.context.zone), sent, made, formatting.count(row.tokens))
    line = _row(texts, "text", model_name(span.model), wide, render)
    room = render.cells - ink.width(line) - 2
    if room < _BAR[0]:
        return line
    return (*line, Span("  "), *length_bar(row.tokens, most, min(_BAR[1], room), render.signs))


def _row(texts: tuple[str, ...], role: str, model: str, wide: int, render: RenderContext) -> Line:
    started, *numbers = texts
    if render.cells < _NAME + _NUMBER * len(numbers):
        numbers = numbers[-1:]
    spans = [Span(ink.fit(started, _NAME), "dim")]
    if render.cells >= _MODEL_FROM:
        spans.append(Span(ink.fit(ink.cut(model, wide - 2), wide), "dim"))
    return (*spans, *(Span(ink.fit(number, _NUMBER, "right"), role) for number in numbers))
