"""The pane of the chosen reason: how it came, whose it is, where it came alone, what was before, its last runs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.failures import ReasonRuns
from flowtui.model.answers.reason_facts import AgentShare, Before, ReasonFacts
from flowtui.model.answers.reason_news import moment_words, news_words, recent_words
from flowtui.model.export.failure_tables import FailureNames
from flowtui.model.history.coverage import time_words
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import Run
from flowtui.text import safe_text, short_id
from flowtui.ui.charts.columns import Columns, columns
from flowtui.ui.charts.scale import scale_column
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import Tick, name_line
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.failures.list_rows import NEWS_ROLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

TWO_COLUMNS: Final = 124
"""Least width for two columns of sections."""

SCALE: Final = 6
"""The cells of the numbers beside the chart."""

_AIRY: Final = 16  # least height for an empty line at the top
_LABEL: Final = 11
_CHART: Final = (3, 12)  # least and most lines of a chart
_AROUND: Final = 3  # lines around a chart: the section's title, names, times
_LAST_RUNS: Final = 4  # least lines for some of the last runs
_RUN_CELLS: Final = 70  # least width for them
_MORE: Final = 14  # cells of ` and 12 more`
_WHO: Final = 6  # agents that are named


@dataclass(frozen=True, slots=True)
class ChosenReason:
    """What the pane shows. `facts` are None while the ended runs are not known.

    `since`: the begin of the range. `counted`: when its runs ended, `in the last 24h`. `axis`: of the chart. `values`: how many of the runs failed in each of its cells. `keys`: (key, what it does) of what the user can do next.
    """

    one: ReasonRuns
    facts: ReasonFacts | None
    names: FailureNames
    since: float
    counted: str
    axis: TimeAxis
    ticks: Sequence[Tick]
    tick_cells: Mapping[int, str]
    gaps: Collection[int]
    values: Sequence[float | None]
    top: float
    signs: ChartSigns
    glyphs: Glyphs
    keys: Sequence[tuple[str, str]] = ()

    def lines(self, cells: int, height: int) -> list[Line]:
        """Return the lines of the pane."""
        if cells < TWO_COLUMNS or height < 8:
            return self._narrow(cells, height)
        if height >= _AIRY:
            return [ink.BLANK, *self._wide(cells, height - 1)]
        return self._wide(cells, height)

    def _wide(self, cells: int, height: int) -> list[Line]:
        left = cells // 2 - 4
        return ink.side_by_side(self._left(left, height), self._right(cells - left - 6, height), left + 6)

    # -- one column --------------------------------------------------------------------------------------------

    def _narrow(self, cells: int, height: int) -> list[Line]:
        facts = [*self._facts(cells - _LABEL), self._newest(cells - _LABEL)]
        lines = [_fact(name, spans) for name, spans in facts]
        keys = self._keys_line(cells)
        room = height - len(lines) - len(keys)
        if room >= _CHART[0] + _AROUND + 1:
            rows = min(room - _AROUND - 1, _CHART[1])
            lines = [*self._chart(cells, rows), ink.BLANK, *lines]
        elif room >= _LAST_RUNS and cells >= _RUN_CELLS:
            lines = [*lines[:-1], ink.BLANK, *self._last_runs(cells, room - _LAST_RUNS + 1)]
        lines = lines[: max(1, height - len(keys))]
        return [*lines, *([ink.BLANK] if len(lines) + len(keys) < height else []), *keys]

    def _keys_line(self, cells: int) -> list[Line]:
        spans: list[Span] = []
        for key, words in self.keys:
            told = [Span("   " if spans else ""), Span(key, "key"), Span(f" {words}", "dim")]
            if ink.width((*spans, *told)) > cells:
                break
            spans += told
        return [tuple(spans)] if spans else []

    # -- two columns -------------------------------------------------------------------------------------------

    def _left(self, cells: int, height: int) -> list[Line]:
        facts = [_fact(name, spans) for name, spans in self._facts(cells - _LABEL)]
        room = height - len(facts) - 1 - _AROUND
        if room < _CHART[0]:
            return facts
        return [*self._chart(cells, min(room, _CHART[1])), ink.BLANK, *facts]

    def _right(self, cells: int, height: int) -> list[Line]:
        keys = [_key_cell(key, words, cells // 2) for key, words in self.keys]
        rows = -(-len(keys) // 2)
        pairs = ink.side_by_side(keys[:rows], keys[rows:], cells // 2)
        most = max(1, min(_CHART[1], height - 3 - len(pairs) - 3))
        return [*self._last_runs(cells, most), ink.BLANK, _section("Next", "", cells), *pairs]

    def _last_runs(self, cells: int, most: int) -> list[Line]:
        runs = self.one.runs
        shown = runs[:most]
        lines = [_section("Its last runs", "", cells), self._run_titles(cells)]
        lines += [self._run_line(run, cells) for run in shown]
        if len(runs) > len(shown):
            lines.append(ink.line((f"  {formatting.count(len(runs) - len(shown))} more", "dim")))
        return lines

    def _run_titles(self, cells: int) -> Line:
        return _run_cells(cells, ("RUN", "AGENT", "THREAD", "FAILED", "AGO", "TIME", "TOKENS"), ["dim"] * 7)

    def _run_line(self, run: Run, cells: int) -> Line:
        at, names = moment_of(run), self.names
        texts = (
            short_id(run.id),
            names.agent(run.agent_id),
            short_id(safe_text(run.thread_key)),
            formatting.clock(at, names.zone),
            formatting.age(None if at is None else max(0.0, names.now - at)),
            formatting.duration(run.duration(names.now)),
            formatting.count(run.total_tokens),
        )
        return _run_cells(
            cells, texts, ["text", "text", "dim", "dim", "text", "text", "text"], self.glyphs.failed
        )

    # -- parts -------------------------------------------------------------------------------------------------

    def _chart(self, cells: int, rows: int) -> list[Line]:
        """Return the section with the chart; its axis is `SCALE` narrower than the section."""
        chart = columns(
            Columns(self.values, "area-failed"),
            rows,
            self.top,
            self.signs,
            gaps=self.gaps,
            ticks=self.tick_cells,
        )
        scale = scale_column({0: f"{self.top:,.0f}", rows - 1: "0"}, rows, SCALE - 2)
        gap = (Span(_gap(2)),)
        lines = [
            _section("When it failed", f"failed runs, a column is {_span(self.axis.step)}", cells),
            (Span(_gap(SCALE)), *name_line(self.axis, self.ticks)),
        ]
        lines += [(*number, *gap, *line) for number, line in zip(scale, chart, strict=True)]
        times = [
            (cell, formatting.clock(tick.at, self.names.zone)[:5], tick.role)
            for tick in self.ticks
            if (cell := self.axis.cell_of(tick.at))
        ]
        return [*lines, (Span(_gap(SCALE)), *axis_line(self.axis, self.names.zone, names=times[-1:]))]

    def _facts(self, room: int) -> list[tuple[str, list[Span]]]:
        facts, one = self.facts, self.one
        said: list[tuple[str, list[Span]]] = []
        source = "" if one.reason is None else one.reason.source
        if source:
            said.append(("what", [Span(source)]))
        said.append(("who", self._who(room)))
        said.append(("when", [Span(self._when())]))
        if facts is not None and (only := self._only(facts)):
            said.append(("only in", [Span(", ".join(only))]))
        if facts is not None and facts.before is not None:
            said.append(("before", self._before(facts.before)))
        elif news := news_words(one.news, self.names.begin, self.names.now, self.names.zone):
            said.append(("before", [Span(news, NEWS_ROLES[one.news.kind])]))
        if facts is not None:
            said.append(("costs", [Span(self._costs(facts))]))
        return said

    def _who(self, room: int) -> list[Span]:
        if self.facts is None:
            shares = [AgentShare(each.key, each.runs, 0) for each in self.one.by("agent")]
        else:
            shares = list(self.facts.who)
        since = ""
        parts = []
        for place, each in enumerate(shares[:_WHO]):
            of = f" of {formatting.count(each.of)}" if self.facts is not None else ""
            if self.facts is not None and not place:
                of += " run" if each.of == 1 else " runs"
                begin = self.facts.who_since
                since = f" {self.counted}" if begin <= self.since else f" since {self._clock(begin)}"
            parts.append(
                f"{self.names.agent(each.agent_id)} {formatting.count(each.runs)}{of}{since if not place else ''}"
            )
        while len(parts) > 1 and cell_len(", ".join(parts)) > room - _MORE:
            parts.pop()
        more = len(shares) - len(parts)
        return [Span(", ".join(parts)), Span(f" and {more:,} more" if more > 0 else "", "dim")]

    def _when(self) -> str:
        one, names = self.one, self.names
        ago = formatting.age(max(0.0, names.now - one.last))
        begin = "" if len(one.runs) == 1 else f"{self._clock(one.first)} to "
        return f"{begin}{self._clock(one.last)}, {ago} ago"

    def _only(self, facts: ReasonFacts) -> list[str]:
        return [
            *([facts.release] if facts.release else []),
            *([f"model {facts.model}"] if facts.model else []),
        ]

    def _before(self, before: Before) -> list[Span]:
        end = f" {before.mark.name}" if before.mark is not None else ""
        length = time_words(round(before.until - before.since))
        count = f"{formatting.count(before.failed)} of {formatting.plural(before.of, 'run')}"
        seen = self.one.news.seen
        role = NEWS_ROLES[self.one.news.kind] if self.one.news.kind in ("new", "first") else "text"
        spans = [Span(f"{count} in the {length} before{end}", role)]
        if seen is not None:
            first = recent_words(seen.first, self.names.now, self.names.zone)
            told = f"; {formatting.count(seen.runs)} since {first}"
            spans.append(Span(told, "dim"))
        return spans

    def _costs(self, facts: ReasonFacts) -> str:
        tokens = facts.waste.tokens
        floor = "≥" if facts.waste.unreported and tokens is not None else ""
        said = f"{floor}{formatting.short_count(tokens)} tokens"
        if self.names.prices is not None:
            said += f", {facts.costs.total.text()}"
        if facts.waste.unreported:
            said += f"; {formatting.plural(facts.waste.unreported, 'run')} reported no tokens"
        return said

    def _newest(self, room: int) -> tuple[str, list[Span]]:
        ids = [short_id(run.id) for run in self.one.runs]
        shown = ids[:4]
        while len(shown) > 1 and cell_len(", ".join(shown)) > room - _MORE:
            shown.pop()
        more = len(ids) - len(shown)
        return "newest", [Span(", ".join(shown)), Span(f", {more:,} more" if more else "", "dim")]

    def _clock(self, at: float) -> str:
        """Return a time without seconds, with the day if it is more than 24 hours ago."""
        return moment_words(at, self.names.now, self.names.zone)


def _span(seconds: float) -> str:
    """Return the length of a column: `3m`, `36m`, `90s`."""
    whole = round(seconds)
    return f"{whole}s" if whole < 120 else f"{round(whole / 60)}m"


def _gap(cells: int) -> str:
    return " " * cells


def _fact(name: str, spans: Sequence[Span]) -> Line:
    return (Span(ink.fit(name, _LABEL), "dim"), *spans)


def _section(title: str, remark: str, cells: int) -> Line:
    """Return the title of a section with a remark, and a rule up to its end."""
    head = [Span(title, "title"), Span(f"  {remark}" if remark else "", "dim"), Span(" ")]
    return (*head, Span("─" * max(0, cells - ink.width(head)), "track"))


def _key_cell(key: str, words: str, cells: int) -> Line:
    return (Span(ink.fit(key, 7), "key"), Span(ink.cut(words, max(0, cells - 8)), "dim"))


def _run_cells(cells: int, texts: Sequence[str], roles: Sequence[str], sign: str = " ") -> Line:
    """Return a line of the table of runs."""
    agent = max(8, min(16, cells - 58))
    wide = (12, agent, 12, 9, 5, 7, 9)
    spans = [Span(f"{sign} ", "failed")]
    for place, (text, role, width) in enumerate(zip(texts, roles, wide, strict=True)):
        if place < 4:
            spans.append(Span(ink.fit(ink.cut(text, width - 1), width), role))
        else:
            spans.append(Span(ink.fit(text, width, "right"), role))
    return tuple(spans)
