"""The lines of the list of reasons: counts, the reason, when it came, whose it is, whether it is new. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.failures import ReasonRuns
from flowtui.model.answers.reason_news import news_words, recent_words
from flowtui.model.export.failure_tables import FailureNames, reason_text
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run
from flowtui.ui.charts.bars import length_bar
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.scale import largest
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import Tick, name_line, tick_line
from flowtui.ui.charts.time_axis import NOW, TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

NEWS_ROLES: Final = {"new": "other", "first": "warn", "before": "dim", "": "dim"}
"""How a reason is new → the colour."""

_GAP: Final = "  "
_TWO_LINES: Final = 96  # least width for two lines
_COUNT: Final = 6
_SHARE: Final = 6
_LAST: Final = 7
_FIRST: Final = 8
_LEAST_REASON: Final = 20
_CHART: Final = (16, 44)
_AGENTS: Final = 34
DAY: Final = 86_400.0
_KEPT: Final = 500  # charts


class RowCache:
    """Keeps what was made of each reason until its runs, or what else it depends on, change."""

    def __init__(self) -> None:
        self._values: dict[
            Reason | None, tuple[TimeAxis, float, Sequence[Run], list[float | None], float]
        ] = {}
        self._made: dict[tuple[str, Reason | None], tuple[tuple[object, ...], Sequence[Line]]] = {}

    def values(self, one: ReasonRuns, axis: TimeAxis, known_since: float) -> list[float | None]:
        """Return how many of the runs failed in each cell of the axis."""
        return self._counted(one, axis, known_since)[0]

    def most(self, one: ReasonRuns, axis: TimeAxis, known_since: float) -> float:
        """Return the largest of these numbers."""
        return self._counted(one, axis, known_since)[1]

    def _counted(
        self, one: ReasonRuns, axis: TimeAxis, known_since: float
    ) -> tuple[list[float | None], float]:
        kept = self._values.get(one.reason)
        if kept is not None and kept[:2] == (axis, known_since) and kept[2] == one.runs:
            return kept[3:]
        if len(self._values) > _KEPT:
            self._values.clear()
        found = axis.counts(one.times(), known_since)
        most = largest(found)
        self._values[one.reason] = (axis, known_since, one.runs, found, most)
        return found, most

    def lines(
        self, what: str, one: ReasonRuns, key: tuple[object, ...], make: Callable[[], Sequence[Line]]
    ) -> Sequence[Line]:
        """Return lines of a reason, which depend on `key`; `what` tells several of a reason apart."""
        kept = self._made.get((what, one.reason))
        if kept is None or kept[0] != key:
            if len(self._made) > _KEPT:
                self._made.clear()
            kept = self._made[what, one.reason] = (key, make())
        return kept[1]


class Widths(NamedTuple):
    """The cells of each column of the list; 0: it is left out. `each`: the lines of a row."""

    each: int
    share: int
    reason: int
    chart: int
    first: int
    agents: int

    @classmethod
    def within(cls, cells: int, *, tall: bool) -> Widths:
        """Return the columns for a list of this width. `tall`: there is room for two lines a row."""
        each = 2 if tall and cells >= _TWO_LINES else 1
        share = _SHARE if cells >= _TWO_LINES else 0
        first = _FIRST if cells >= 110 else 0
        agents = min(_AGENTS + 6, _AGENTS + (cells - 130) // 4) if cells >= 130 else 24 if cells >= 110 else 0
        news = 0 if each == 2 else 2
        rest = cells - 2 - _COUNT - share - news - first - _LAST - 2 - (agents + 2 if agents else 0)
        chart = 0 if rest < _LEAST_REASON + 2 + _CHART[0] else max(_CHART[0], min(_CHART[1], (rest - 2) // 3))
        return cls(each, share, max(8, rest - (chart + 2 if chart else 0)), chart, first, agents)


@dataclass(frozen=True, slots=True)
class ListRows:
    """What the lines of the list need.

    `axis`: the time axis, as wide as the charts. `top`: what fills a chart. `most`: the runs that fill a bar. `known_since`:
    since when runs are known. `quiet`: the data is old, and drawn in grey.
    """

    widths: Widths
    axis: TimeAxis
    ticks: Sequence[Tick]
    tick_cells: Mapping[int, str]
    gaps: Collection[int]
    top: float
    most: int
    known_since: float
    names: FailureNames
    signs: ChartSigns
    glyphs: Glyphs
    cache: RowCache
    quiet: bool = False

    def titles(self) -> Line:
        """Return the line of column titles, with the names of releases above the charts."""
        wide = self.widths
        spans = [Span(_GAP + ink.fit("COUNT", _COUNT, "right"), "dim")]
        if wide.share:
            spans.append(Span(ink.fit("SHARE", wide.share, "right"), "dim"))
        spans.append(Span(_GAP if wide.each == 2 else _GAP + _GAP))
        spans.append(Span(ink.fit("REASON", wide.reason), "dim"))
        if wide.chart:
            begin = self._begin
            taken = ((wide.chart - 1, NOW, "dim"), (0, begin, "dim"))
            spans += [Span(_GAP), *_padded(name_line(self.axis, self.ticks, taken), wide.chart)]
        if wide.first:
            spans.append(Span(_GAP + ink.fit("FIRST", wide.first - 2), "dim"))
        spans.append(Span(ink.fit("LAST", _LAST, "right"), "dim"))
        if wide.agents:
            spans.append(Span(_GAP + "AGENTS", "dim"))
        return tuple(spans)

    def lines(self, one: ReasonRuns, *, chosen: bool) -> Sequence[Line]:
        """Return the lines of one reason. `chosen`: the cursor is on it."""
        key = (
            *(one.runs, formatting.percent(one.share), one.news, self._ago(one), chosen),
            *(self.most, self.names.now // 60, self.names.begin, self.names.agents),
            *self._look,
        )
        return self.cache.lines("row", one, key, lambda: self._made(one, chosen=chosen))

    @property
    def _begin(self) -> str:
        """When the charts begin. The first cell of 24 hours begins a little before them, and that is a time, too."""
        since, names = self.axis.since, self.names
        near = 0 <= names.now - since - self.axis.step < DAY
        return formatting.clock(since, names.zone)[:5] if near else recent_words(since, names.now, names.zone)

    @property
    def _look(self) -> tuple[object, ...]:
        """What the charts depend on besides the runs."""
        return (
            self.widths,
            self.axis,
            self.tick_cells,
            self.gaps,
            self.top,
            self.known_since,
            self.signs,
            self.quiet,
        )

    def _ago(self, one: ReasonRuns) -> str:
        return formatting.age(max(0.0, self.names.now - one.last))

    def _made(self, one: ReasonRuns, *, chosen: bool) -> Sequence[Line]:
        first = self._first(one, chosen=chosen)
        lines = (first,) if self.widths.each == 1 else (first, self._second(one))
        return tuple(map(ink.grey, lines)) if self.quiet else lines

    def _first(self, one: ReasonRuns, *, chosen: bool) -> Line:
        wide, names = self.widths, self.names
        plain = "dim" if one.reason is None else "text"
        spans = [
            Span(f"{self.glyphs.pointer} " if chosen else _GAP, "accent"),
            Span(
                ink.fit(f"{formatting.short_count(len(one.runs))}×", _COUNT, "right"), self._count_role(one)
            ),
        ]
        if wide.share:
            spans.append(Span(ink.fit(formatting.percent(one.share), wide.share, "right"), plain))
        if wide.each == 1:
            sign = self.glyphs.up if one.news.kind in ("new", "first") else " "
            spans.append(Span(f" {sign} ", NEWS_ROLES[one.news.kind]))
            spans.append(Span(" "))
        else:
            spans.append(Span(_GAP))
        bold = (chosen or one.news.kind == "new") and one.reason is not None
        spans.append(Span(ink.fit(reason_text(one), wide.reason), "strong" if bold else plain))
        if wide.chart:
            spans += [Span(_GAP), *_padded(self._trend(one), wide.chart)]
        if wide.first:
            when = recent_words(one.first, names.now, names.zone)
            spans.append(Span(_GAP + ink.fit(when, wide.first - 2), plain))
        spans.append(Span(ink.fit(self._ago(one), _LAST, "right"), plain))
        if wide.agents:
            spans += [Span(_GAP), *self._agents(one, plain)]
        return tuple(spans)

    def _count_role(self, one: ReasonRuns) -> str:
        return "dim" if one.reason is None else "failed"

    def _trend(self, one: ReasonRuns) -> Line:
        values = self.cache.values(one, self.axis, self.known_since)
        return self.cache.lines(
            "trend",
            one,
            (values, *self._look),
            lambda: (
                trend(values, "area-failed", self.top, self.signs, gaps=self.gaps, ticks=self.tick_cells),
            ),
        )[0]

    def _agents(self, one: ReasonRuns, role: str) -> list[Span]:
        spans: list[Span] = []
        counts, room = one.by("agent"), self.widths.agents
        for number, each in enumerate(counts):
            gap = _GAP if spans else ""
            told = [
                Span(gap + self.names.agent(each.key), role),
                Span(f" {formatting.short_count(each.runs)}", "dim"),
            ]
            more = Span(f"{gap}+{len(counts) - number}", "dim")
            last = number == len(counts) - 1
            if ink.width((*spans, *told)) + (0 if last else 4) > room:
                if spans:
                    return [*spans, more]
                return [Span(ink.cut(told[0].text, max(4, room - cell_len(told[1].text) - 3)), role), told[1]]
            spans += told
        return spans

    def _second(self, one: ReasonRuns) -> Line:
        wide, names = self.widths, self.names
        bar = self._bar(one)
        source = "" if one.reason is None else one.reason.source.removeprefix("tool ")
        spans = [Span(_GAP + " "), *bar, Span(_GAP), Span(ink.fit(source, wide.reason), "dim")]
        if wide.chart:
            line = tick_line(self.tick_cells, wide.chart, self.signs)
            spans += [Span(_GAP), *_padded(line, wide.chart)]
        said = news_words(one.news, names.begin, names.now, names.zone)
        sign = f"{self.glyphs.up} " if one.news.kind in ("new", "first") else ""
        text = f"{sign}{said}" if said else ""
        role = NEWS_ROLES[one.news.kind]
        before = wide.first + _LAST
        if wide.agents:
            room = wide.agents
            spans.append(Span(" " * (before + 2)))
            if cell_len(text) > room:  # it may begin below the times
                spans[-1] = Span(" " * max(2, before + 2 - (cell_len(text) - room)))
                room = wide.agents + before
            spans.append(Span(ink.cut(text, room), role))
        else:
            spans.append(Span(ink.fit(text, before, "right") if cell_len(text) <= before else "", role))
        return tuple(spans)

    def _bar(self, one: ReasonRuns) -> Line:
        role = "dim" if one.reason is None else "area-failed"
        return length_bar(len(one.runs), self.most, _COUNT + self.widths.share - 1, self.signs, role)


def _padded(line: Line, cells: int) -> Line:
    return (*line, Span(" " * max(0, cells - ink.width(line))))
