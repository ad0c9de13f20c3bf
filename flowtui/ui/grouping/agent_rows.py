"""The agents of the left column: what is active, and of a stated span of time the share of failures and the tokens. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.answers.recent_runs import Recent
from flowtui.model.columns.context import Context
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.stats.totals import NO_TOTALS, Totals
from flowtui.model.view.groups import Group, group_name, with_unique_names
from flowtui.text import safe_text, short_id
from flowtui.ui.charts.bars import length_bar
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

LOUD: Final = 0.1
"""A share of failures from which on an agent is emphasised, if there are at least `LOUD_RUNS` of them."""
LOUD_RUNS: Final = 3

FEW: Final = 5
"""Of fewer ended runs than this, a share says too little, so the numbers are shown: `1 of 2`."""

_ACTIVE, _BAR, _SHARE, _TOKENS = 3, 5, 5, 5  # cells, with the gap before them
_LEAST_NAME, _NAME = (
    8,
    16,
)  # cells of a name: fewest beside tokens and bar, and from which on the bar is longer
_ID_END: Final = 3  # cells of an id behind a name that several agents have
_NONE: Final[Sequence[str]] = ()


class AgentRow(NamedTuple):
    """An agent, or all of them together; `totals`: of its runs that ended in the span."""

    group: Group
    active: int

    @property
    def is_id(self) -> bool:
        """Whether the name is not known, so that the id is shown."""
        return self.group.key is not None and self.group.name == short_id(self.group.key)

    @property
    def lively(self) -> bool:
        """Whether there is something to say of it in the span."""
        return self.active > 0 or self.group.totals.runs > 0

    @property
    def loud(self) -> bool:
        """Whether it fails so much that it should meet the eye."""
        return is_loud(self.group.totals)


def _fit_name(row: AgentRow, cells: int) -> str:
    """Return the name in exactly `cells` cells. Of agents with the same name, the end of the id stays."""
    name = row.group.name
    if row.is_id:
        return ink.fit_id(name, cells)
    plain, _, key = name.rpartition(" (")
    if row.group.key is None or ink.width([Span(name)]) <= cells or key != f"{safe_text(row.group.key)})":
        return ink.fit(name, cells)
    head = ink.cut(f"{plain}…", cells - _ID_END)
    return ink.fit(head + key[-_ID_END - 1 : -1], cells)


def is_loud(totals: Totals) -> bool:
    """Return whether so many of these runs failed that it should meet the eye."""
    return totals.failed >= LOUD_RUNS and totals.failed >= LOUD * totals.ended


def is_few(totals: Totals) -> bool:
    """Return whether the share of failures rests on too few runs: on few ended ones, or on so few failed ones that it is not loud."""
    return 0 < totals.ended < FEW or (0 < totals.failed < LOUD_RUNS and totals.failed >= LOUD * totals.ended)


def agent_rows(found: Recent, context: Context, chosen: str | None) -> list[AgentRow]:
    """Return all agents together, then each that is known: those first of which most fails, those without recent runs last.

    The chosen one (id) is always among them.
    """
    keys = {*found.known, *(() if chosen is None else (chosen,))}
    groups = with_unique_names([_group(key, group_name("agent", key, context), found.agents) for key in keys])
    rows = [AgentRow(group, found.active.get(group.key or "", 0)) for group in groups]
    rows.sort(key=_rank)
    everyone = Group(None, "all agents", found.whole.totals)
    return [AgentRow(everyone, sum(found.active.values())), *rows]


def _group(key: str, name: str, sums: Mapping[str, Sums]) -> Group:
    own = sums.get(key)
    return Group(key, name, NO_TOTALS if own is None else own.totals)


def _rank(row: AgentRow) -> tuple[bool, bool, float, str, str]:
    share = row.group.failure_rate or 0.0
    return (not row.lively, not row.loud, -round(share, 2), row.group.name.casefold(), row.group.key or "")


def _tokens(number: int | None) -> str:
    """Return a number of tokens in at most four characters, unless it is huge: `310`, `18k`, `1.4M`, `140M`."""
    said = formatting.short_count(number)
    return f"{float(said[:-1]):.0f}{said[-1]}" if len(said) >= len("56.2k") and said[-3:-2] == "." else said


class AgentColumns(NamedTuple):
    """The widths of the columns in cells, each with the gap before it; 0: there is no room."""

    name: int
    active: int
    bar: int
    share: int
    tokens: int

    @classmethod
    def laid_out(cls, cells: int) -> AgentColumns:
        """Return the columns for a list `cells` wide; tokens are left out first, then the bar."""
        tokens, bar = _TOKENS, _BAR
        room = cells - 2 - _ACTIVE - _SHARE
        if room - bar - tokens < _LEAST_NAME:
            tokens = 0
        if room - bar - tokens < _LEAST_NAME:
            bar = 0
        if room - bar - tokens > _NAME:
            bar = min(room - tokens - _NAME, 2 * _BAR)
        return cls(max(1, room - bar - tokens), _ACTIVE, bar, _SHARE, tokens)

    def head(self) -> Line:
        """Return the line of titles."""
        left = ink.fit("  AGENT", 2 + self.name + self.active)
        return (
            Span(left + ink.fit("FAILED", self.bar + self.share, "right"), "dim"),
            Span(ink.fit("TOK", self.tokens, "right") if self.tokens else "", "dim"),
        )

    def _few(self, totals: Totals) -> str:
        said = f"{totals.failed} of {totals.ended}"
        return said if len(said) < self.bar + self.share else f"{totals.failed}/{totals.ended}"

    def line(self, row: AgentRow, top: float, signs: ChartSigns, glyphs: Glyphs, *, marked: bool) -> Line:
        """Return the line of an agent. `top`: the share that fills a bar. `marked`: the cursor is on it."""
        totals = row.group.totals
        share = row.group.failure_rate
        loud = row.loud and row.group.key is not None
        strong = marked or loud
        active = f"{row.active}{glyphs.active}" if row.active else ""
        wide = max(self.active, len(active) + 1)
        # Many digits take cells of the name, or of the bar that all agents together do not have.
        more = wide - self.active
        free = more if row.group.key is None and self.bar > more else 0
        spans = [
            Span(f"{glyphs.pointer} " if marked else "  ", "accent"),
            Span(
                _fit_name(row, self.name - more + free),
                "strong" if strong else "text" if row.active or totals.runs else "dim",
            ),
            Span(ink.fit(active, wide, "right"), "running"),
        ]
        if row.group.key is not None and not loud and is_few(totals):
            spans.append(Span(ink.fit(self._few(totals), self.bar + self.share, "right"), "dim"))
        else:
            if self.bar and row.group.key is None:
                spans.append(Span(" " * (self.bar - free)))
            elif self.bar:
                bar = length_bar(share, top, self.bar - 1, signs, "area-failed" if loud else "area-plain")
                spans += [Span(" "), *bar]
            said = formatting.percent(share)
            spans.append(Span(ink.fit(said, self.share, "right"), "failed" if loud else "dim"))
        if self.tokens:
            spans.append(Span(ink.fit(_tokens(totals.total), self.tokens, "right"), "dim"))
        return tuple(spans)
