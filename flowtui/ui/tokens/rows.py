"""The lines of the usage table: share, tokens, cost, wasted tokens, and how many runs reported usage. Pure.

Which columns are shown depends on the width of the screen and on how long the numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.run.cost import TokenUsage, UsageBy
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

TITLES: Final[dict[UsageBy, str]] = {"agent": "Agents", "model": "Models", "thread": "Threads"}

NO_PRICE: Final = "no price"
"""Shown instead of the cost if the price of the model is not configured."""

_GAP: Final = 2  # cells between two columns
_NAME: Final = (14, 40)  # least and most cells of a name
_BAR: Final = (5, 44)  # least and most cells of a bar
_PERCENT: Final = 5  # cells, with the gap before it


class Figure(NamedTuple):
    """A column of numbers. `text` makes a row's cell, `role` gives its colour.

    In a narrow terminal, the columns with the highest `priority` are left out first.
    """

    title: str
    text: Callable[[TokenUsage], str]
    role: str
    priority: int


def _per_run(one: TokenUsage) -> str:
    return formatting.count(None if one.per_run is None else round(one.per_run))


def wasted_tokens(one: TokenUsage) -> str:
    """Return the tokens of the row's failed and cancelled runs: `0` without such runs, `—` if none of them reported usage."""
    if one.wasted_tokens is None and not _lost_runs(one):
        return "0"
    return formatting.count(one.wasted_tokens)


def wasted_cost(one: TokenUsage) -> str:
    """Return the cost of the row's failed and cancelled runs: `0` without such runs, `—` if their cost is unknown."""
    return one.wasted_cost.text() if _lost_runs(one) else "0"


def _lost_runs(one: TokenUsage) -> int:
    """Return how many of the row's runs failed or were cancelled."""
    return one.wasted_cost.priced + one.wasted_cost.unpriced + one.wasted_cost.unreported


_TOKENS: Final = Figure("TOKENS", lambda one: formatting.count(one.tokens), "text", 0)
_COST: Final = Figure("COST", lambda one: one.cost.text(), "strong", 1)
_WASTED_COST: Final = Figure("ITS COST", wasted_cost, "warn", 5)
_FIGURES: Final = (
    _COST,
    _TOKENS,
    Figure("WASTED", wasted_tokens, "warn", 3),
    _WASTED_COST,
    Figure("RUNS", lambda one: f"{one.runs:,}", "text", 2),
    Figure("UNREPORTED", lambda one: f"{one.runs - one.reported:,}", "dim", 7),
    Figure("PER RUN", _per_run, "text", 6),
)
_QUIET: Final = frozenset({"0", formatting.UNKNOWN})


@dataclass(frozen=True, slots=True)
class UsageTable:
    """The layout of the usage table.

    `title`: the title of the column of names.
    `name`, `bar`: the widths of names and of bars, in cells.
    `figures`: the columns of numbers, each with its width.
    `by_cost`: whether a row's share is its part of the cost; if not, it is its part of the tokens.
    `everything`: the sum of all rows.
    """

    title: str
    name: int
    bar: int
    figures: tuple[tuple[Figure, int], ...]
    by_cost: bool
    everything: TokenUsage

    @classmethod
    def laid_out(
        cls, found: Sequence[TokenUsage], everything: TokenUsage, by: UsageBy, cells: int, *, priced: bool
    ) -> UsageTable:
        """Return the layout of a table with the rows `found`, `cells` cells wide.

        `everything` is the sum of the rows; `by` is what they are grouped by. `priced`: prices are configured.
        """
        wanted = [
            (figure, max(len(figure.title), *(len(figure.text(one)) for one in (everything, *found[:50]))))
            for figure in _FIGURES
            if priced or figure not in (_COST, _WASTED_COST)
        ]
        least = _NAME[0] + 2 + _BAR[0] + _PERCENT + _GAP
        while len(wanted) > 1 and least + sum(width + _GAP for _, width in wanted) > cells:
            wanted.remove(max(wanted, key=lambda item: item[0].priority))
        room = cells - 3 - _PERCENT - _GAP - sum(width + _GAP for _, width in wanted)
        longest = max((cell_len(one.name) for one in (everything, *found)), default=0)
        name = max(_NAME[0], min(longest, _NAME[1], room - 2 * _BAR[0]))
        bar = max(0, min(room - name, _BAR[1]))
        by_cost = priced and everything.cost.amount is not None
        return cls(TITLES[by].upper(), name, bar, tuple(wanted), by_cost, everything)

    def titles(self) -> Line:
        """Return the line of column titles."""
        known = "KNOWN COST" if self.everything.cost.floor else "COST"
        titles = (f"SHARE OF {known if self.by_cost else 'TOKENS'}", "SHARE")
        room = self.bar + _PERCENT
        share = next((title for title in titles if len(title) <= room), "")
        gap = " " * _GAP
        spans = [f"  {ink.fit(self.title, self.name)}", gap + ink.fit(share, room)]
        spans += [gap + ink.fit(figure.title, width, "right") for figure, width in self.figures]
        return tuple(Span(text, "dim") for text in spans)

    def share(self, one: TokenUsage) -> float | None:
        """Return a row's share (0 to 1) of all costs or all tokens, see `by_cost`; None if it is unknown."""
        if not self.by_cost:
            return one.share
        whole, own = self.everything.cost.amount, one.cost.amount
        return own / whole if own is not None and whole else None

    def line(self, one: TokenUsage, glyphs: Glyphs, *, chosen: bool) -> Line:
        """Return the line of one row. `chosen`: the cursor is on this row."""
        return (
            Span(f"{glyphs.pointer} " if chosen else "  ", "accent"),
            Span(ink.fit(one.name, self.name), "strong" if chosen else "text"),
            *self._bar(one, glyphs),
            *self._numbers(one, ""),
        )

    def total(self) -> Line:
        """Return the line with the sum of all rows."""
        name = ink.fit(self.everything.name, self.name)
        blank = Span(" " * (_GAP + self.bar + _PERCENT))
        return (Span("  "), Span(name, "strong"), blank, *self._numbers(self.everything, "strong"))

    def _bar(self, one: TokenUsage, glyphs: Glyphs) -> list[Span]:
        share = self.share(one)
        if share is None and (why := _unknown(one, by_cost=self.by_cost)):
            room = self.bar + _PERCENT
            said = ink.fit(why if len(why) <= room else formatting.UNKNOWN, room)
            return [Span(" " * _GAP), Span(said, "dim")]
        filled = 0 if not share else min(self.bar, max(1, round(share * self.bar)))
        said = formatting.percent(share)
        return [
            Span(" " * _GAP),
            Span(glyphs.bar * filled, "bar"),
            Span(glyphs.track * (self.bar - filled), "track"),
            Span(ink.fit(said, _PERCENT, "right"), "text" if share else "dim"),
        ]

    def _numbers(self, one: TokenUsage, role: str) -> list[Span]:
        spans = []
        for figure, width in self.figures:
            told = figure.text(one)
            own = "dim" if told in _QUIET else role if role and figure.role == "text" else figure.role
            spans.append(Span(" " * _GAP + ink.fit(told, width, "right"), own))
        return spans


def _unknown(one: TokenUsage, *, by_cost: bool) -> str:
    """Return `no price` or `no usage` if that is why a row's share is unknown; "" for any other reason."""
    if by_cost and one.cost.unpriced:
        return NO_PRICE
    return "no usage" if one.tokens is None and one.cost.unreported else ""


def choices_line(names: Sequence[str], chosen: int) -> list[Span]:
    """Return the names side by side. The name with the index `chosen` is highlighted."""
    spans: list[Span] = []
    for place, name in enumerate(names):
        spans += [Span("   " if place else " "), Span(name, "tab" if place == chosen else "dim")]
    return spans


def usage_line(one: TokenUsage, cells: int, *, priced: bool) -> Line:
    """Return the numbers of one row as text. If they do not all fit into `cells` cells, the last ones are left out."""
    spans = [Span(f" {ink.cut(one.name, max(8, cells // 2))}", "strong")]
    parts = [(formatting.count(one.tokens), "text", "tokens")]
    if priced:
        amount = NO_PRICE if one.cost.amount is None and one.cost.unpriced else one.cost.text()
        parts.insert(0, (amount, "strong", ""))
    if _lost_runs(one):
        spent = f"wasted ({wasted_cost(one)})" if priced else "wasted"
        parts.append((wasted_tokens(one), "warn" if one.wasted_tokens else "dim", spent))
    parts.append((f"{one.reported:,} of {one.runs:,}", "text", "runs reported"))
    if one.per_run is not None:
        parts.append((f"{one.per_run:,.0f}", "text", "a run"))
    for number, role, words in parts:
        more = [Span("   "), Span(number, role), Span(f" {words}" if words else "", "dim")]
        if ink.width((*spans, *more)) > cells:
            break
        spans += more
    return tuple(spans)


def price_hint(model: str, cells: int) -> Line:
    """Return a line that says how to configure prices. Its example is `model` (display-safe); if that is "", `llama-*`."""
    name = model if model.isascii() and '"' not in model and "\\" not in model and len(model) <= 40 else ""
    table = f'[prices."{name or "llama-*"}"]'
    for text in (
        f" No prices are set: {table} in the config file, with prompt and completion for 1,000,000 tokens",
        f" No prices are set: {table} in the config file adds costs",
        ' No prices: [prices."model"] in the config file adds costs',
    ):
        if cell_len(text) <= cells:
            return ink.line((text, "dim"))
    return ink.line((ink.fit(' No prices: [prices."model"]', cells), "dim"))


def missing_words(everything: TokenUsage, *, priced: bool) -> str:
    """Return what the sums do not include: runs without usage, tokens without a price; "" if nothing is missing."""
    silent, unpriced = everything.cost.unreported, everything.cost.unpriced
    parts = [f"{formatting.plural(silent, 'run')} gave no usage"] if silent else []
    if priced and unpriced:
        tokens = formatting.short_count(everything.cost.unpriced_tokens)
        parts.append(f"{NO_PRICE}: {tokens} tokens of {formatting.plural(unpriced, 'run')}")
    return ", ".join(parts)
