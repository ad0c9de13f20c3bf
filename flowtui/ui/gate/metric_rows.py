"""Each comparison of the gate: base and new as intervals on one scale with the limit, and the numbers. Pure.

Each scale stands at the ends of its own track, and the limit's number in the row of its comparison, so that no text between
two comparisons could be of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.gate import Estimate, metric_text
from flowtui.model.gate.tree import METRICS, asks_base
from flowtui.model.gate.wording import NAMES
from flowtui.ui.charts.interval import LIMIT, Interval, interval_line
from flowtui.ui.charts.scale import Unit, largest
from flowtui.ui.gate.style import WORDS, Style, indented
from flowtui.ui.gate.words import interval_words, limit_words
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_VERDICT: Final = 14
_METRIC: Final = 17
_SIDE: Final = 6
_VALUE: Final = 10
_BETWEEN: Final = 24
_LIMIT: Final = 11
_BEGIN: Final = 2  # cells of the zero before a track
_END: Final = 8  # cells of the end of a scale after a track
_LEAST_TRACK: Final = 16  # cells of a track that leaves room for both
_NARROW_VALUE: Final = 9
_NARROW_BETWEEN: Final = 19
_AIR: Final = 1.05  # a scale ends so far beyond the greatest number, at least
_MOST: Final = 200  # comparisons

_UNITS: Final[dict[str, Unit]] = {
    "share": "share",
    "seconds": "seconds",
    "tokens": "count",
    "per minute": "amount",
}


def scale_top(name: str, each: Sequence[Measured], style: Style) -> float:
    """Return where the tracks of these comparisons end, all of one metric. `name`: of the scale, which never shrinks."""
    numbers = [
        number
        for one in each
        for number in (one.row.limit, *one.row.base[:3], *one.used[:3])
        if number is not None
    ]
    unit = _UNITS[METRICS[each[0].leaf.metric]]
    return style.scales.top(name, largest(numbers) * _AIR, unit)


def top_text(metric: str, top: float) -> str:
    """Return the end of a scale without needless digits: `50%`, `40s`, `20k`, `5/min`."""
    unit = METRICS[metric]
    if unit == "share":
        return f"{top * 100:g}%"
    if unit == "per minute":
        return f"{top:g}/min"
    if unit == "tokens":
        return formatting.short_count(round(top)).replace(".0", "")
    return metric_text(metric, top) if top != round(top) else metric_text(metric, top).replace(".0s", "s")


def interval_of(found: Estimate, limit: float | None) -> Interval:
    """Return an estimate as it is drawn."""
    return Interval(*found[:3], limit) if found.n else Interval(None, limit=limit)


def metric_lines(page: GatePage, style: Style) -> list[Line]:
    """Return the comparisons; of each agent, if agents are judged separately, below its name."""
    lines: list[Line] = [indented(_titles(style))] if style.wide else []
    before: str | None = None
    tops = _tops(page.metrics, style)
    for place, each in enumerate(page.metrics[:_MOST]):
        if each.row.agent is not None and each.row.agent != before:
            name = ink.cut(each.agent or formatting.UNKNOWN, style.room)
            lines += [*([ink.BLANK] if lines else []), indented((Span(name, "title"),))]
        elif place and style.tall:
            lines.append(ink.BLANK)
        before = each.row.agent
        top = tops[each.leaf.text]
        drawn = _wide(each, top, style) if style.wide else _narrow(each, top, style)
        lines += map(indented, drawn)
    if (more := len(page.metrics) - _MOST) > 0:
        lines.append(indented((Span(f"and {more:,} more comparisons", "dim"),)))
    return lines


# -- in columns ------------------------------------------------------------------------------------------------


def _titles(style: Style) -> Line:
    left = f"{ink.fit('VERDICT', _VERDICT)}{ink.fit('METRIC', _METRIC + _SIDE + _scale_cells(style))}"
    right = f"{ink.fit('VALUE', _VALUE, 'right')}  {ink.fit('SURELY BETWEEN', _BETWEEN + _LIMIT - len('| LIMIT'))}"
    return (Span(left + right, "dim"), Span(style.signs.limit, LIMIT), Span(" LIMIT", "dim"))


def _wide(each: Measured, top: float, style: Style) -> list[Line]:
    """Return two lines: base and new."""
    role = style.role(each.verdict)
    word = f"{style.sign(each.verdict)} {WORDS[each.verdict]}"
    name = ink.fit(NAMES[each.leaf.metric], _METRIC - 1)
    base = (
        Span(ink.fit(word, _VERDICT), role),
        Span(f"{name} ", "strong"),
        Span(ink.fit("base", _SIDE), "dim"),
        *_scale(each, each.row.base, top, style, "dim", ends=True),
        *_numbers(each, each.row.base, "dim"),
        Span(ink.fit(_origin(each), _LIMIT, "right"), "dim"),
    )
    new = (
        Span(ink.fit(_leaning(each), _VERDICT + _METRIC), role),
        Span(ink.fit("new", _SIDE), "strong"),
        *_scale(each, each.used, top, style, role, ends=False),
        *_numbers(each, each.used, role),
        Span(ink.fit(limit_words(each), _LIMIT, "right"), "text"),
    )
    return [base, new]


def _origin(each: Measured) -> str:
    """Return how the limit depends on the base, if there is room: `base + 10%`."""
    text = each.leaf.limit_text
    return text if asks_base(each.leaf.limit) and ink.width([Span(text)]) < _LIMIT else ""


def _scale_cells(style: Style) -> int:
    """Return the cells of a track with the ends of its scale."""
    if style.wide:
        return style.room - _VERDICT - _METRIC - _SIDE - _VALUE - 2 - _BETWEEN - _LIMIT
    return max(8, style.room - _SIDE - _NARROW_VALUE - 2 - _NARROW_BETWEEN)


def _scale(each: Measured, found: Estimate, top: float, style: Style, role: str, *, ends: bool) -> Line:
    """Return a track; with room for the ends of its scale, which are written if `ends`."""
    cells = _scale_cells(style)
    room = cells - _BEGIN - _END
    drawn = interval_of(found, each.row.limit)
    if room < _LEAST_TRACK:
        return interval_line(drawn, top, cells, style.signs, role)
    first, last = ("0", f" {top_text(each.leaf.metric, top)}") if ends else ("", "")
    track = interval_line(drawn, top, room, style.signs, role)
    return (Span(ink.fit(first, _BEGIN), "dim"), *track, Span(ink.fit(last, _END), "dim"))


def _leaning(each: Measured) -> str:
    """Return to which verdict an undecided comparison leans, for the line below its verdict; "" if to none."""
    return f"  leans to {WORDS[each.row.leans]}" if each.row.leans else ""


def _numbers(each: Measured, found: Estimate, role: str) -> Line:
    metric = each.leaf.metric
    value = ink.fit(metric_text(metric, found.value), _VALUE, "right")
    between = ink.fit(interval_words(metric, found), _BETWEEN)
    return (Span(value, role), Span(f"  {between}", "dim"))


def _tops(metrics: Sequence[Measured], style: Style) -> dict[str, float]:
    """Return comparison → where its tracks end: at the same number for all agents."""
    found: dict[str, list[Measured]] = {}
    for each in metrics:
        found.setdefault(each.leaf.text, []).append(each)
    return {text: scale_top(text, same, style) for text, same in found.items()}


# -- below each other ------------------------------------------------------------------------------------------


def _narrow(each: Measured, top: float, style: Style) -> list[Line]:
    """Return three lines: verdict, metric and limit; base; new."""
    role = style.role(each.verdict)
    head = [Span(f"{style.sign(each.verdict)} {WORDS[each.verdict]}", role)]
    head += [Span(f"  {NAMES[each.leaf.metric]}", "strong"), Span(f"  {style.signs.limit}", LIMIT)]
    head.append(Span(f" {limit_words(each)}", "text"))
    leans = Span(_leaning(each).strip(), role)
    lines = [ink.spread(head, [leans], style.room)]
    for name, found, tone in (("base", each.row.base, "dim"), ("new", each.used, role)):
        value = ink.fit(metric_text(each.leaf.metric, found.value), _NARROW_VALUE, "right")
        between = ink.fit(interval_words(each.leaf.metric, found), _NARROW_BETWEEN)
        track = _scale(each, found, top, style, tone, ends=name == "base")
        label = Span(ink.fit(name, _SIDE), "dim" if name == "base" else "strong")
        lines.append((label, *track, Span(value, tone), Span(f"  {between}".rstrip(), "dim")))
    return lines
