"""The rows of the list of spenders: bar, numbers, trend; the line of titles, and that of all. Pure.

Which columns are shown depends on the width of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.spend.chosen import steps_as
from flowtui.model.answers.spend.spend import Order, Spend, Spender
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED
from flowtui.ui.charts.bars import Part, filled, legend, share_bar
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.scale import largest
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.time_axis import NOW, TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.spend.choices import TITLES
from flowtui.ui.spend.words import (
    SpendNames,
    before_text,
    change_text,
    total_text,
    wasted_role,
    wasted_text,
    wasted_tokens_text,
)

_GAP: Final = 2  # cells between two columns
_NAME: Final = (14, 30)  # least and most cells of a name
_SHARE: Final = 5  # cells, with the gap before it
_BAR: Final = (6, 44)  # least and most cells of a bar
_ROOMY: Final = 18  # cells of a bar above which further columns are shown
_TRENDS: Final = (25, 13)  # cells of a trend; without the newest they divide the steps of a range
_BELOW: Final = 18  # most cells of the column of names for what is said below them
_FULL: Final = 110  # least width for tokens with all their digits


class _Figure(NamedTuple):
    """A column of numbers. In a narrow terminal, those with the lowest `priority` are shown first."""

    title: str
    order: Order | None
    text: Callable[[Spender], str]
    role: Callable[[Spender], str]
    priority: int


@dataclass(frozen=True, slots=True)
class SpendTable:
    """The layout of the list.

    `figures`: the columns of numbers, each with its width. `bar`, `trend`: cells; 0: it is left out. `axis`: of the trends.
    `known_since`: since when runs are known.
    """

    found: Spend
    names: Mapping[str, str]
    words: SpendNames
    order: Order
    name: int
    bar: int
    figures: Sequence[tuple[_Figure, int]]
    axis: TimeAxis | None
    gaps: Collection[int]
    known_since: float
    signs: ChartSigns
    glyphs: Glyphs
    begin: str

    # -- lines -------------------------------------------------------------------------------------------------

    def titles(self) -> Line:
        """Return the line of titles."""
        what = TITLES[self.found.by][:-1].upper()
        room = self.bar + _SHARE
        spans = [Span(f"  {ink.fit(what, self.name)}  ", "dim"), *self._legend(room)]
        spans.append(Span(" " * max(0, 4 + self.name + room - ink.width(spans))))
        for figure, width in self.figures:
            chosen = figure.order == self.order
            head = f"{figure.title} {self.glyphs.down}" if chosen else figure.title
            spans.append(Span(" " * _GAP + ink.fit(head, width, "right"), "strong" if chosen else "dim"))
        if self.axis is not None:
            gap = max(1, self.axis.cells - len(self.begin) - len(NOW))
            spans.append(Span(f"  {self.begin}{' ' * gap}{NOW}", "dim"))
        return tuple(spans)

    def lines(self, one: Spender, each: int, *, chosen: bool) -> Sequence[Line]:
        """Return the `each` lines of a spender. `chosen`: the cursor is on it."""
        first = (
            Span(f"{self.glyphs.pointer} " if chosen else "  ", "accent"),
            Span(
                ink.fit(self.names.get(one.key, one.key), self.name),
                "strong" if chosen else "text",
            ),
            Span("  "),
            *self._bar(one),
            *self._numbers(one),
            *self._trend(one),
        )
        return (first,) if each == 1 else (first, self._second(one))

    def total(self) -> Line:
        """Return the line of all."""
        whole = self.found.whole
        name = f"all {TITLES[self.found.by].lower()}"
        room = self.bar + _SHARE
        return (
            Span(f"  {ink.fit(name, self.name)}  ", "strong"),
            *self._outcomes(room),
            *self._numbers(whole, strong=True),
        )

    def _legend(self, room: int) -> Line:
        """Return what the colours of the bars mean, if there is room, else what the bars are."""
        kinds = [(kind, kind) for kind in (COMPLETED, FAILED, CANCELLED)]
        said = legend(kinds, room, self.signs)
        if all(any(word in span.text for span in said) for word, _ in kinds):
            return said
        texts = ("SHARE OF TOKENS", "SHARE")
        return (Span(next((text for text in texts if len(text) <= room), ""), "dim"),)

    # -- parts -------------------------------------------------------------------------------------------------

    def _bar(self, one: Spender) -> Line:
        tokens = one.now.tokens
        cells = filled(tokens, self.found.largest, self.bar)
        if tokens is None:
            said = "no tokens known" if self.bar + _SHARE >= 15 else formatting.UNKNOWN
            return (Span(ink.fit(said, self.bar + _SHARE), "dim"),)
        classes = dict(one.now.by_class)
        parts = [Part(classes.pop(kind, 0), kind) for kind in (COMPLETED, FAILED, CANCELLED)]
        parts.append(Part(sum(classes.values()), "plain"))
        bar = share_bar(parts, cells, self.signs) if cells else ()
        said = f" {formatting.percent(self.found.share(one))}"
        spans = [*bar, Span(said, "dim")]
        return (*spans, Span(" " * max(0, self.bar + _SHARE - ink.width(spans))))

    def _numbers(self, one: Spender, *, strong: bool = False) -> list[Span]:
        spans = []
        for figure, width in self.figures:
            text, role = figure.text(one), figure.role(one)
            if text in ("0", formatting.UNKNOWN):
                role = "dim"
            elif strong and role == "text":
                role = "strong"
            spans.append(Span(" " * _GAP + ink.fit(text, width, "right"), role))
        return spans

    def _trend(self, one: Spender) -> list[Span]:
        axis = self.axis
        if axis is None:
            return []
        values = self._values(one, axis)
        line = trend(values, "area-plain", largest(values) or 1.0, self.signs, gaps=self.gaps)
        return [Span("  "), *line]

    def _values(self, one: Spender, axis: TimeAxis) -> list[float | None]:
        step = self.found.step
        first, each = round(axis.since / step), max(1, round(axis.step / step))
        done, lost = (steps_as(steps, first, each, axis.cells) for steps in (one.done, one.wasted))
        return axis.known((a + b for a, b in zip(done, lost, strict=True)), self.known_since)

    def _second(self, one: Spender) -> Line:
        below = ink.cut(self.words.second(self.found.by, one), self.name + 2 + self.bar)
        spans = [Span(f"  {below}", "dim")]
        before = before_text(one)
        place = next((at for at, (figure, _) in enumerate(self.figures) if figure.order == "growth"), None)
        if place is None or not before:
            return tuple(spans)
        end = 4 + self.name + self.bar + _SHARE + sum(_GAP + width for _, width in self.figures[: place + 1])
        return (*spans, Span(ink.fit(before, max(1, end - ink.width(spans)), "right"), "dim"))

    def _outcomes(self, room: int) -> list[Span]:
        """Return how the tokens of all are shared; the signs are those of the bars."""
        now = self.found.whole.now
        spans: list[Span] = []
        for kind, sign in (
            (COMPLETED, self.signs.share),
            (FAILED, self.signs.failed_share),
            (CANCELLED, self.signs.cancelled_share),
        ):
            if not now.tokens:
                continue
            share = formatting.percent(now.by_class.get(kind, 0) / now.tokens)
            told = [Span("  " if spans else ""), Span(f"{sign} ", f"area-{kind}"), Span(share, "text")]
            if ink.width((*spans, *told)) > room:
                break
            spans += told
        return [*spans, Span(" " * max(0, room - ink.width(spans)))]


def _plain(_: Spender) -> str:
    return "text"


def _figures(found: Spend, cells: int, before: str) -> list[_Figure]:
    """Return the columns of numbers for a list of this width, in order."""
    full = cells >= _FULL

    def tokens(one: Spender) -> str:
        return formatting.count(one.now.tokens) if full else total_text(one.now)

    def grown(one: Spender) -> str:
        return "warn" if found.grown(one) else "text"

    def wasted(one: Spender) -> str:
        return wasted_role(one.now.wasted_share)

    def per_run(one: Spender) -> str:
        return formatting.count(None if one.now.per_run is None else round(one.now.per_run))

    priced = found.priced
    figures = [_Figure("TOKENS", "tokens", tokens, _plain, 0)]
    if priced:
        figures.append(_Figure("COST", "cost", lambda one: one.now.cost.text(), lambda _: "strong", 1))
    figures.append(_Figure("WASTED", None, lambda one: formatting.percent(one.now.wasted_share), wasted, 2))
    if priced:
        figures.append(_Figure("ITS COST", "wasted", lambda one: wasted_text(one.now), wasted, 6))
    else:
        figures.append(_Figure("ITS TOKENS", "wasted", lambda one: wasted_tokens_text(one.now), wasted, 6))
    figures.append(_Figure("RUNS", None, lambda one: formatting.count(one.now.runs), _plain, 4))
    figures.append(_Figure("PER RUN", "per run", per_run, _plain, 5))
    if before:
        figures.append(_Figure(before, "growth", change_text, grown, 3))
    return figures


def laid_out(
    found: Spend,
    rows: Sequence[Spender],
    words: SpendNames,
    order: Order,
    cells: int,
    *,
    before: str,
    begin: str,
    signs: ChartSigns,
    glyphs: Glyphs,
    known_since: float,
    gaps: Callable[[TimeAxis], Collection[int]],
) -> SpendTable:
    """Return the layout for a list of `cells` cells.

    `before`: the title of what is compared with; "" if nothing is. `begin`: when the trends begin.
    """
    names = words.names(found.by, [row.key for row in rows])
    shown = [found.whole, *rows[:100]]
    figures = [(figure, _width(figure, shown)) for figure in _figures(found, cells, before)]
    least = cells - 2 - _NAME[0] - 2 - _SHARE
    wanted = _fitting(figures, least - _BAR[0])

    def room(trend_cells: int) -> int:
        return least - sum(width + _GAP for _, width in wanted) - (trend_cells + 2 if trend_cells else 0)

    trend_cells = next((each for each in (*_TRENDS, 0) if room(each) >= _ROOMY), 0)
    left = room(trend_cells) + _NAME[0]
    below = [words.second(found.by, one) for one in shown[1:]] if cells >= _FULL else []
    name = _name_cells([*names.values(), f"all {TITLES[found.by].lower()}"], below, left)
    axis = TimeAxis.rolling(found.step * _steps(found), found.until, trend_cells) if trend_cells else None
    return SpendTable(
        found,
        names,
        words,
        order,
        name,
        max(0, min(left - name, _BAR[1])),
        wanted,
        axis,
        gaps(axis) if axis is not None else (),
        known_since,
        signs,
        glyphs,
        begin,
    )


def _name_cells(names: Sequence[str], below: Sequence[str], room: int) -> int:
    """Return the cells of the column of names. `below`: what is said below them; `room`: for names and bars."""
    wide = max(*map(cell_len, names), min(_BELOW, max(map(cell_len, below), default=0)))
    return max(_NAME[0], min(wide, _NAME[1], room - min(_ROOMY, room - _NAME[0])))


def _width(figure: _Figure, shown: Sequence[Spender]) -> int:
    """Return the cells of a column; a title has room for the sign of the order."""
    title = len(figure.title) + (2 if figure.order is not None else 0)
    texts = [figure.text(one) for one in shown]
    if figure.order == "growth":
        texts += [before_text(one) for one in shown]
    return max(title, *map(cell_len, texts))


def _fitting(figures: Sequence[tuple[_Figure, int]], room: int) -> list[tuple[_Figure, int]]:
    """Return the columns for which there is room; the first is always shown."""
    chosen: list[_Figure] = []
    for figure, width in sorted(figures, key=lambda item: item[0].priority):
        if not chosen or width + _GAP <= room:
            chosen.append(figure)
            room -= width + _GAP
    return [item for item in figures if item[0] in chosen]


def _steps(found: Spend) -> int:
    return round((found.until - found.since) / found.step)
