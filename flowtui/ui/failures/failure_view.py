"""How the failures are laid out for a size of the screen: axes, scales, rows, and the texts around them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.answers.failures import ORDERS, Failures, Order, ReasonRuns
from flowtui.model.answers.reason_facts import ReasonFacts
from flowtui.model.export.failure_tables import FailureNames, counts_text, reason_text, unknown_words
from flowtui.model.history.coverage import TimeCoverage, coverage_words
from flowtui.model.run.row import COMPLETED, FAILED, Run
from flowtui.ui.charts.periods import gap_cells
from flowtui.ui.charts.scale import Scales, largest
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import Tick, tick_cells
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.failures.chosen_reason import SCALE, TWO_COLUMNS, ChosenReason
from flowtui.ui.failures.list_rows import ListRows, RowCache, Widths
from flowtui.ui.failures.time_ranges import TimeRange
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.choice_row import ChoiceRow

FOLDED: Final = "Numbers and ids in a reason are folded to #."
_LEAST: Final = 24  # cells of a remark


@dataclass(frozen=True, slots=True)
class FailureView:
    """What list and pane are drawn from.

    `shown`: the range that `found` is about. `coverage`: how it was watched; None without a history. `reach`: since when all
    runs are in memory. `remembered`: since when runs are remembered; None if nothing is. `quiet`: the data is old.
    """

    found: Failures
    shown: TimeRange
    names: FailureNames
    coverage: TimeCoverage | None
    reach: float
    remembered: float | None
    scales: Scales
    cache: RowCache
    signs: ChartSigns
    glyphs: Glyphs
    quiet: bool = False

    def _axis(self, cells: int) -> TimeAxis:
        now = max(self.names.now, self.found.since + 1)
        if self.shown.seconds is not None:
            return TimeAxis.rolling(self.shown.seconds, now, cells)
        return TimeAxis.growing(self.found.since, now, cells)

    @property
    def _ticks(self) -> list[Tick]:
        return [Tick(mark.at, mark.name) for mark in self.names.marks]

    @property
    def _known_since(self) -> float:
        """Since when runs are known: all that are in memory are, and all that are remembered."""
        return self.reach if self.remembered is None else min(self.reach, self.remembered)

    def _gaps(self, axis: TimeAxis) -> Collection[int]:
        """Return the cells of a time nobody watched, and whose runs are not all in memory."""
        if self.coverage is None or self.reach <= axis.since:
            return ()
        read = axis.cell_of(self.reach)
        return [cell for cell in gap_cells(axis, self.coverage) if read is None or cell < read]

    def rows(self, widths: Widths, rows: Sequence[ReasonRuns]) -> ListRows:
        """Return what draws the lines of the list."""
        axis = self._axis(widths.chart)
        known = [one for one in rows if one.reason is not None]
        most = max((self.cache.most(one, axis, self._known_since) for one in known), default=0.0)
        return ListRows(
            widths,
            axis,
            self._ticks,
            tick_cells(axis, self._ticks),
            self._gaps(axis),
            self.scales.top("rows", most, "count"),
            max((len(one.runs) for one in rows), default=0),
            self._known_since,
            self.names,
            self.signs,
            self.glyphs,
            self.cache,
            quiet=self.quiet,
        )

    def chosen(
        self, one: ReasonRuns, facts: ReasonFacts | None, cells: int, keys: Sequence[tuple[str, str]]
    ) -> ChosenReason:
        """Return what draws the pane of a reason, `cells` wide."""
        axis = self._axis((cells // 2 - 4 if cells >= TWO_COLUMNS else cells) - SCALE)
        values = axis.counts(one.times(), self._known_since)
        return ChosenReason(
            one,
            facts,
            self.names,
            self.found.since,
            self.shown.name if self.shown.mark is not None else f"in the last {self.shown.name}",
            axis,
            self._ticks,
            tick_cells(axis, self._ticks),
            self._gaps(axis),
            values,
            self.scales.top("chosen", largest(values), "count"),
            self.signs,
            self.glyphs,
            keys,
        )

    def nothing(self, text: str, runs: Iterable[Run], *, whole: bool, longer: str) -> list[Line]:
        """Return what is shown instead of the list if there is no failure in it.

        `text`: what the user searches. `runs`: those in memory, of any time. `longer`: the key for a longer time; "" if there is none.
        """
        if text.strip():
            said = ink.line((f'No reason contains "{text.strip()}"', "strong"))
            return [said, ink.line(("esc", "key"), (" shows all reasons", "dim"))]
        ended = self.found.outcomes.ended if whole else None
        good = [(f"{self.glyphs.status[COMPLETED]} ", "good")] if ended else []
        did = "ended" if ended == 0 else "failed"
        lines = [ink.line(*good, (f"No run {did} {self.shown.words}", "strong"))]
        if ended:
            lines.append(ink.line((f"{formatting.plural(ended, 'run')} ended", "dim")))
        failed = [
            (run.ended, run.agent_id) for run in runs if run.status_class == FAILED and run.ended is not None
        ]
        if failed:
            at, agent = max(failed)
            ago = formatting.span(max(0.0, self.names.now - at))
            lines += [
                ink.BLANK,
                ink.line(("last known failure  ", "dim"), f"{ago} ago, in {self.names.agent(agent)}"),
            ]
        key, does = (longer, "shows a longer time") if longer else ("esc", "goes back to all runs")
        return [*lines, ink.BLANK, ink.line((key, "key"), (f" {does}", "dim"))]


# -- what is shown of the reasons ------------------------------------------------------------------------------


def matching(rows: Sequence[ReasonRuns], text: str, names: FailureNames) -> list[ReasonRuns]:
    """Return the reasons with all words of a text in their own text, their source, or the names of their agents."""
    words = text.casefold().split()
    if not words:
        return list(rows)

    def texts(one: ReasonRuns) -> str:
        source = "" if one.reason is None else one.reason.source
        return f"{reason_text(one)} {source} {counts_text(one.by('agent'), names, 50)}".casefold()

    return [one for one in rows if all(word in texts(one) for word in words)]


def pinned(rows: Sequence[ReasonRuns], before: Mapping[object, int]) -> list[ReasonRuns]:
    """Return the reasons in the places that they had before; new ones come last. `before`: reason → place."""
    last = len(before)
    return sorted(rows, key=lambda one: before.get(one.reason, last))


# -- texts -----------------------------------------------------------------------------------------------------


def title(found: Failures | None, text: str, cells: int, *, whole: bool) -> Line:
    """Return the title: `Failures · 6 reasons, 44 of 378 ended runs 12%`. `whole`: the ended runs are known."""
    if found is None:
        return (Span("Failures", "strong"),)
    outcomes = found.outcomes
    if whole and not outcomes.ended and not text.strip():
        return (Span("Failures · no run ended", "strong"),)
    reasons = f"{formatting.plural(found.known, 'reason')}, " if found.known else ""
    failed = formatting.count(outcomes.failed)
    forms, share = [f"{reasons}{failed} failed"], ""
    if whole:
        share = f" {formatting.percent(outcomes.failed_share)}" if outcomes.ended else ""
        ended = formatting.count(outcomes.ended)
        forms = [
            f"{reasons}{failed} of {formatting.plural(outcomes.ended, 'ended run')}",
            f"{reasons}{failed} of {ended}",
            f"{failed} of {ended}",
        ]
    words = f' · "{text.strip()}"' if text.strip() else ""
    told = next((form for form in forms if len(form + share + words) + 17 <= cells), forms[-1])
    return (
        Span(f"Failures · {told}", "strong"),
        Span(share, "failed" if outcomes.failed else "strong"),
        Span(words, "strong"),
    )


class Choices(NamedTuple):
    """The line above the list: time ranges at the left, orders at the right, of `cells` cells."""

    times: ChoiceRow
    orders: ChoiceRow
    cells: int

    @classmethod
    def within(cls, ranges: Sequence[TimeRange], chosen: TimeRange, order: Order, cells: int) -> Choices:
        """Return the line; in narrow terminals it shows only what is chosen."""
        names, place, by = [each.name for each in ranges], ranges.index(chosen), ORDERS.index(order)
        forms = (
            cls(ChoiceRow("time", names, place, times), ChoiceRow("order", ORDERS, by, orders), cells)
            for times, orders in ((False, False), (False, True), (True, True))
        )
        fits = [
            form for form in forms if form.times.width + form.orders.width + 5 <= cells or form.times.alone
        ]
        return fits[0]

    @property
    def line(self) -> Line:
        """The line."""
        return ink.spread([Span("  "), *self.times.spans], [*self.orders.spans, Span(" ")], self.cells)

    def range_at(self, cell: int) -> int | None:
        """Return the index of the time range at a cell; None if there is none."""
        return self.times.place_at(cell - 2)

    def order_at(self, cell: int) -> int | None:
        """Return the index of the order at a cell; None if there is none."""
        return self.orders.place_at(cell - (self.cells - self.orders.width - 1))


def remark(found: Failures, each: int, cells: int, *, sign: str) -> Line:
    """Return the line below the list: how many runs have no reason yet, and what the signs mean."""
    spans: list[Span] = []
    unknown = unknown_words(found)
    if unknown:
        told = unknown[:1].upper() + unknown[1:]
        spans.append(Span(f"{told}.", "warn" if found.unexplained else "dim"))
    if each == 1:
        kinds = {one.news.kind: one.news for one in found.reasons}
        if "new" in kinds and (mark := kinds["new"].mark) is not None:
            spans += [Span("  "), Span(sign, "other"), Span(f" new since {mark.name}", "dim")]
        if "first" in kinds:
            spans += [Span("  "), Span(sign, "warn"), Span(" never seen before", "dim")]
    spans += [Span("  " if spans else ""), Span(FOLDED, "dim")]
    while len(spans) > 1 and ink.width(spans) + 2 > cells:
        spans.pop()
    return (Span("  "), *spans) if ink.width(spans) + 2 <= cells else ink.BLANK


def basis(
    since: float,
    coverage: TimeCoverage | None,
    trouble: str,
    reach: float,
    zone: tzinfo | None,
    *,
    unread: str = "",
) -> list[str]:
    """Return what the counts since `since` rest on.

    `trouble`: why the history cannot be read. `reach`: since when all runs are in memory.
    `unread`: which threads were not read yet; "" if all were.
    """
    said = [unread] if unread else []
    if trouble:
        said.append(f"the history cannot be read: {trouble}")
    if reach <= since and unread:
        return said
    if reach <= since:
        return [*said, "every run of this time was read"]
    if coverage is not None:
        return [*said, coverage_words(coverage, zone)]
    return [*said, f"only runs in memory: all since {formatting.clock(reach, zone)[:5]}"]


def loading(wanted: TimeRange) -> list[Line]:
    """Return what is shown while the first answer is awaited."""
    return [
        ink.line(("Loading …", "strong")),
        ink.line((f"the runs that failed {wanted.words}, from history and memory", "dim")),
    ]
