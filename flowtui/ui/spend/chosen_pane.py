"""The pane of the chosen spender: tokens an hour, its dearest runs, the reasons with most waste. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.reason_news import moment_words
from flowtui.model.answers.spend.chosen import Rate, ReasonWaste, run_cost, spread_steps, used_of
from flowtui.model.answers.spend.spend import CLEARLY, Spend, Spender
from flowtui.model.history.coverage import time_words
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, Run, RunKey, model_name
from flowtui.text import short_id
from flowtui.ui.charts.columns import Columns, up_and_down
from flowtui.ui.charts.scale import Scales, largest, round_top, scale_column
from flowtui.ui.charts.section import section_line
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import Tick, name_line, tick_cells
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.spend.words import SAME, SpendNames, more_text

TWO_COLUMNS: Final = 124
"""Least width for two columns of sections."""
SCALE: Final = 7
"""The cells of the numbers beside the chart."""

_LABEL: Final = 11
_CHART: Final = (4, 12)  # least and most lines of a chart
_AROUND: Final = 3  # lines around a chart: the section's title, names, times
_RUNS: Final = 3  # least lines for some runs, with their titles
_REASONS: Final = 3
_SECTIONS: Final = 12  # least lines of a pane of one column with several sections
_TALL: Final = 26  # and for all reasons
_RUN_CELLS: Final = 66  # least width for what is known of a run


@dataclass(frozen=True, slots=True)
class ChosenSpender:
    """What the pane shows.

    `runs`: the dearest; None while they are read. `waste`: by reason; None while it is read. `half`: see `half_of_waste`; None
    if not all runs are known one by one. `rate`: since the last release, `release`.
    """

    found: Spend
    one: Spender
    words: SpendNames
    runs: Sequence[Run] | None
    reasons: Mapping[RunKey, Reason]
    waste: Sequence[ReasonWaste] | None
    half: tuple[int, int] | None
    rate: Rate | None
    release: str
    before: str
    why_not: str
    known_since: float
    ticks: Sequence[Tick]
    gaps: Collection[tuple[float, float]]
    scales: Scales
    signs: ChartSigns
    glyphs: Glyphs

    def lines(self, cells: int, height: int) -> list[Line]:
        """Return the lines of the pane."""
        if cells < TWO_COLUMNS or height < 8:
            return self._narrow(cells, height)[:height]
        left = cells // 2 - 3
        return ink.side_by_side(self._left(left, height), self._right(cells - left - 5, height), left + 5)[
            :height
        ]

    # -- layouts -----------------------------------------------------------------------------------------------

    def _narrow(self, cells: int, height: int) -> list[Line]:
        if height < _SECTIONS:
            facts = self._facts(cells, waste=True)
            room = height - len(facts)
            gap = [ink.BLANK] if room > _RUNS else []
            return [*facts, *gap, *self._runs(cells, room - len(gap))]
        facts = self._facts(cells)
        reasons = self._reasons(cells, 2 if height < _TALL else _REASONS)
        most = height - len(facts) - 2 - _CHART[0] - _AROUND - 1 - _RUNS
        reasons = reasons[: max(2, most)]
        below = [*facts, ink.BLANK, *reasons, ink.BLANK] if reasons else [*facts, ink.BLANK]
        room = height - len(below)
        lines: list[Line] = []
        if room >= _CHART[0] + _AROUND + 1 + _RUNS:
            lines = [*self._chart(cells, min(room - _AROUND - _RUNS - 1, _CHART[1] - 4)), ink.BLANK]
        return [*lines, *below, *self._runs(cells, height - len(lines) - len(below))]

    def _left(self, cells: int, height: int) -> list[Line]:
        facts = self._facts(cells)
        room = height - len(facts) - 1 - _AROUND
        if room < _CHART[0]:
            return facts
        return [*self._chart(cells, min(room, _CHART[1])), ink.BLANK, *facts]

    def _right(self, cells: int, height: int) -> list[Line]:
        reasons = self._reasons(cells, max(1, min(_REASONS, height - 9)))
        runs = self._runs(cells, height - len(reasons) - 1)
        return [*runs, ink.BLANK, *reasons] if reasons else runs

    # -- the chart ---------------------------------------------------------------------------------------------

    def _chart(self, cells: int, rows: int) -> list[Line]:
        axis = TimeAxis.rolling(self.found.until - self.found.since, self.found.until, cells - SCALE)
        size = self.found.step
        each = axis.step / size
        up, down = (
            axis.known(
                [
                    tokens * 3600.0 / axis.step
                    for tokens in spread_steps(steps, axis.since / size, each, axis.cells)
                ],
                self.known_since,
            )
            if axis.step
            else []
            for steps in (self.one.done, self.one.wasted)
        )
        split = self.scales.split("chosen", largest(up), largest(down), rows)
        gaps = [cell for begin, end in self.gaps for cell in axis.cells_of(begin, end)]
        chart = up_and_down(
            Columns(up, "area-completed"),
            Columns(down, "area-failed"),
            split.rows,
            split.top,
            self.signs,
            gaps=gaps,
            ticks=tick_cells(axis, self.ticks),
        )
        short = formatting.short_count
        numbers = {0: short(split.top), split.up - 1: "0"} if split.up > 1 else {0: short(split.top)}
        # Each line is worth the same, so what fills those below need not be a round number.
        if split.down and rows - 1 not in numbers and round_top(split.bottom, "count") == split.bottom:
            numbers[rows - 1] = short(split.bottom)
        scale = scale_column(numbers, rows, SCALE - 2)
        remark = f"completed up, wasted down, a column is {time_words(round(max(axis.step, size)))}"
        pad = (Span(" " * SCALE),)
        zone = self.words.zone
        times = [
            (cell, formatting.clock(tick.at, zone)[:5], tick.role)
            for tick in self.ticks
            if (cell := axis.cell_of(tick.at))
        ]
        return [
            section_line("Tokens an hour", remark, cells, self.signs),
            (*pad, *name_line(axis, self.ticks)),
            *((*number, Span("  "), *line) for number, line in zip(scale, chart, strict=True)),
            (*pad, *axis_line(axis, zone, names=times[-1:])),
        ]

    # -- facts -------------------------------------------------------------------------------------------------

    def _facts(self, cells: int, *, waste: bool = False) -> list[Line]:
        """Return what is known in a few words. `waste`: also the reason with most waste, which has no section then."""
        room = cells - _LABEL
        facts = [("runs", self._outcomes()), ("a run", self._per_run())]
        if self.rate is not None:
            facts.append(("since", self._since(self.rate)))
        if self.found.by != "model" and len(self.one.now.models) > 1:
            facts.append(("models", self._models(room)))
        if waste and self.waste:
            facts.append(("most waste", list(self._reason(self.waste[0], room, 0))))
        if missing := self._missing():
            facts.append(("unknown", [Span(missing, "dim")]))
        return [(Span(ink.fit(name, _LABEL), "dim"), *_cut(spans, room)) for name, spans in facts if spans]

    def _outcomes(self) -> list[Span]:
        now = self.one.now
        spans = [Span(f"{formatting.count(now.runs)}", "text")]
        for kind in (COMPLETED, FAILED, CANCELLED):
            if count := now.counts.get(kind, 0):
                role = "failed" if kind == FAILED else "text"
                spans += [Span("   "), Span(formatting.count(count), role), Span(f" {kind}", "dim")]
        if (active := now.runs - sum(now.counts.get(kind, 0) for kind in (COMPLETED, FAILED, CANCELLED))) > 0:
            spans += [Span("   "), Span(formatting.count(active)), Span(" not ended", "dim")]
        return spans

    def _per_run(self) -> list[Span]:
        one = self.one
        if one.now.per_run is None:
            return []
        spans = [Span(f"{one.now.per_run:,.0f}", "text"), Span(" tokens", "dim")]
        amount = one.now.cost.amount
        if amount is not None and one.now.cost.priced:
            each = formatting.money(amount / one.now.cost.priced, one.now.cost.currency, digits=4)
            spans += [
                Span("   "),
                Span(each),
                Span(" a run with a price" if one.now.cost.unpriced else "", "dim"),
            ]
        if one.before is not None and one.before.per_run:
            more = one.now.per_run / one.before.per_run - 1
            said, joint = more_text(more), "as" if more_text(more) == SAME else "against"
            role = "warn" if more >= CLEARLY else "text"
            spans += [Span(f"   {said}", role), Span(f" {joint} {self._when}", "dim")]
        return spans

    @property
    def _when(self) -> str:
        return "yesterday" if self.before == "YESTERDAY" else "the same time before"

    def _since(self, rate: Rate) -> list[Span]:
        now = formatting.short_count(rate.now)
        spans = [Span(f"{self.release}  ", "other"), Span(now, "strong"), Span(" tokens an hour", "dim")]
        if rate.before is not None:
            spans.append(Span(f", {formatting.short_count(rate.before)} before it", "dim"))
        return spans

    def _models(self, room: int) -> list[Span]:
        models = sorted(self.one.now.models.items(), key=lambda item: (-item[1], item[0]))
        whole = sum(tokens for _, tokens in models)
        spans: list[Span] = []
        for place, (model, tokens) in enumerate(models):
            share = formatting.percent(tokens / whole if whole else None)
            told = [
                Span("  " if spans else ""),
                Span(f"{model_name(model) or formatting.UNKNOWN} "),
                Span(share, "dim"),
            ]
            if spans and ink.width((*spans, *told)) + 13 > room:
                return [*spans, Span(f"  and {len(models) - place} more", "dim")]
            spans += told
        return spans

    def _missing(self) -> str:
        now = self.one.now
        said = []
        if now.runs > now.reported:
            said.append(
                f"{formatting.count(now.runs - now.reported)} of {formatting.plural(now.runs, 'run')} reported no tokens"
            )
        if self.words.prices is not None and now.cost.unpriced:
            models = {model for model in now.models if self.words.prices.of(model) is None}
            named = f" of {model_name(min(models))}" if len(models) == 1 else ""
            said.append(f"the price of {formatting.short_count(now.cost.unpriced_tokens)} tokens{named}")
        if self.one.before is None and self.found.by != "release" and self.why_not:
            said.append(f"{self._when} {self.why_not}")
        return "; ".join(said)

    # -- runs and reasons --------------------------------------------------------------------------------------

    def _runs(self, cells: int, most: int) -> list[Line]:
        if most < 3:
            return []
        priced = self.found.priced
        name = "Its dearest runs" if priced else "Its runs with most tokens"
        head = section_line(name, "", cells, self.signs)
        if self.runs is None:
            return [head, ink.line(("reading …", "dim"))]
        if not self.runs:
            return [head, ink.line(("none reported tokens", "dim"))]
        rows = [self._run(run, cells, priced=priced) for run in self.runs[: most - 2]]
        ended, used = (
            max(least, *(cell_len(row[place]) for row in rows)) + 2 for place, least in ((2, 5), (5, 7))
        )
        known = "WHAT IS KNOWN" if cells >= _RUN_CELLS else ""
        titles = ("RUN", "ENDED", known, "TIME", "TOKENS", "COST" if priced else "")
        lines = [_run_line(cells, (ended, used), (" ", "dim"), titles, role="dim", last="dim")]
        for sign, *texts in rows:
            lines.append(
                _run_line(
                    cells,
                    (ended, used),
                    (self.glyphs.status.get(sign, " "), sign),
                    texts,
                    role="text",
                    last="strong",
                )
            )
        return [head, *lines]

    def _run(self, run: Run, cells: int, *, priced: bool) -> tuple[str, ...]:
        """Return the status class of a run, and its cells."""
        at = moment_of(run)
        ended = formatting.UNKNOWN if at is None else moment_words(at, self.words.now, self.words.zone)
        currency = self.words.prices.currency if self.words.prices is not None else ""
        amount = run_cost(run, self.words.prices)
        return (
            run.status_class,
            short_id(run.id),
            ended,
            self._known(run) if cells >= _RUN_CELLS else "",
            formatting.duration(run.duration(self.words.now)),
            formatting.count(used_of(run)),
            formatting.money(amount, currency, digits=3) if priced else "",
        )

    def _known(self, run: Run) -> str:
        """Return why a run failed; else how its tokens are divided."""
        reason = self.reasons.get(run.key) if run.status_class == FAILED else None
        if reason is not None:
            return reason.text
        if run.prompt_tokens is None or run.completion_tokens is None:
            return ""
        short = formatting.short_count
        return f"{short(run.prompt_tokens)} in, {short(run.completion_tokens)} out"

    def _reasons(self, cells: int, most: int) -> list[Line]:
        if self.waste is None:
            return [section_line("Most waste", "", cells, self.signs), ink.line(("reading …", "dim"))]
        if not self.waste:
            return []
        few, of = self.half or (0, 0)
        remark = f"{few} of {of} runs used half of it" if of > 2 and few < of else "by reason"
        lines = [section_line("Most waste", remark, cells, self.signs)]
        return [*lines, *(self._reason(each, cells, 5) for each in self.waste[:most])]

    def _reason(self, each: ReasonWaste, cells: int, count_cells: int) -> Line:
        text = "no known reason yet" if each.reason is None else each.reason.text
        tail = [Span(f"  {formatting.short_count(each.tokens)} tokens", "dim")]
        if self.found.priced:
            tail.append(Span(f"  {ink.fit(each.cost.text(), 7, 'right')}", "strong"))
        count = Span(f"{formatting.short_count(each.runs).rjust(count_cells)}×  ", "failed")
        room = cells - ink.width((count, *tail))
        role = "dim" if each.reason is None else "text"
        return (count, Span(ink.fit(text, max(4, room)), role), *tail)


def _cut(spans: Sequence[Span], room: int) -> list[Span]:
    """Return spans in at most `room` cells."""
    found: list[Span] = []
    for span in spans:
        left = room - ink.width(found)
        if left <= 0:
            break
        found.append(span if cell_len(span.text) <= left else Span(ink.cut(span.text, left), span.role))
    return found


def _run_line(
    cells: int, widths: tuple[int, int], sign: tuple[str, str], texts: Sequence[str], *, role: str, last: str
) -> Line:
    """Return a line of the table of runs: id, end, what is known, time, tokens, cost. `widths`: the cells of end and tokens."""
    ended, used = widths
    run, end, known, time, tokens, cost = texts
    tail = [(time, 8, role), (tokens, used, role), (cost, 8, last)]
    if not cost:
        tail.pop()
    room = max(0, cells - 2 - 12 - ended - sum(width for _, width, _ in tail) - 2)
    spans = [Span(f"{sign[0]} ", sign[1]), Span(ink.fit(run, 12), role), Span(ink.fit(end, ended), "dim")]
    spans.append(Span(ink.fit(known, room) + "  ", "dim"))
    spans += [Span(ink.fit(text, width, "right"), own) for text, width, own in tail]
    return tuple(spans)
