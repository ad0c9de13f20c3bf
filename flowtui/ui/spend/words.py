"""Names and numbers of spenders as text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from rich.cells import cell_len

from flowtui import formatting
from flowtui.config.values.prices import Prices
from flowtui.model.answers.reason_news import moment_words
from flowtui.model.answers.spend.spend import Spend, Spender
from flowtui.model.answers.spend.spent import BEFORE_ALL, Spent
from flowtui.model.columns.context import Context
from flowtui.model.history.past import SpentBy
from flowtui.model.run.row import model_name
from flowtui.model.state.marks import Mark
from flowtui.text import safe_text, short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

MUCH: Final = 0.2
"""The share of wasted tokens from which it is marked."""

SAME: Final = "same"
_SAME: Final = 0.005
_TIMES: Final = 9.995  # from this change on it is written as a multiple


@dataclass(frozen=True, slots=True)
class SpendNames:
    """What texts need besides the numbers.

    `agents`: agent id → name, as remembered. `context`: names of threads and agents. `marks`: releases, the newest last.
    `now`: UTC epoch seconds by the server's clock.
    """

    agents: Mapping[str, str]
    context: Context
    marks: Sequence[Mark]
    now: float
    zone: tzinfo | None
    prices: Prices | None
    _alike: dict[tuple[SpentBy, str], bool] = field(default_factory=dict)

    def agent(self, agent_id: str) -> str:
        """Return the name of an agent; without one its id as people see it, or a dash."""
        return self.agents.get(agent_id) or short_id(safe_text(agent_id)) or formatting.UNKNOWN

    def name(self, by: SpentBy, key: str) -> str:
        """Return the name of a spender, display-safe."""
        if by == "agent":
            return self.agent(key)
        if by == "model":
            return model_name(safe_text(key)) or formatting.UNKNOWN
        if by == "thread":
            return self.context.short_thread(key)
        return self.release(key)

    def release(self, key: str) -> str:
        """Return the name of a release by its key."""
        mark = self.mark(key)
        if mark is not None:
            return mark.name
        return f"before {self.marks[0].name}" if self.marks else "without a mark"

    def mark(self, key: str) -> Mark | None:
        """Return a release by its key; None for the runs before all releases."""
        place = int(key) - 1 if key.isdecimal() and key != BEFORE_ALL else -1
        return self.marks[place] if 0 <= place < len(self.marks) else None

    def names(self, by: SpentBy, keys: Iterable[str]) -> dict[str, str]:
        """Return key → name. To names that several have, the id is added."""
        found = {key: self.name(by, key) for key in keys}
        alike = Counter(found.values())
        return {
            key: f"{name} ({short_id(safe_text(key)) if by != 'model' else safe_text(key)})"
            if alike[name] > 1
            else name
            for key, name in found.items()
        }

    def second(self, by: SpentBy, one: Spender) -> str:
        """Return what is said below a name: the model that used most, or when a release was."""
        if by == "release":
            mark = self.mark(one.key)
            return "" if mark is None else f"since {moment_words(mark.at, self.now, self.zone)}"
        if by == "model":
            maker, _, rest = safe_text(one.key).rpartition("/")
            return maker if rest else ""
        models = sorted(one.now.models, key=lambda model: (-one.now.models[model], model))
        if not models:
            return ""
        more = f" +{len(models) - 1}" if len(models) > 1 else ""
        return f"{model_name(models[0])}{more}"


def change_text(one: Spender) -> str:
    """Return by how much a spender used more than before: `+25%`, `-6%`, `same`, `14 times`, `new`; `—` if unknown."""
    before, more = one.before, one.change
    if before is None:
        return formatting.UNKNOWN
    if not before.runs:
        return "new" if one.now.runs else formatting.UNKNOWN
    if more is None:
        return formatting.UNKNOWN
    return more_text(more)


def more_text(more: float) -> str:
    """Return by how much something is more: `+25%`, `-6%`, `same`, `14 times`."""
    if abs(more) < _SAME:
        return SAME
    return f"{more:+.0%}" if more < _TIMES else f"{formatting.short_count(more + 1)} times"


def before_text(one: Spender) -> str:
    """Return what a spender used before: `$2.71`, `410k tokens`; "" if that is not known."""
    before = one.before
    if before is None or not before.runs:
        return ""
    if one.now.cost.amount is not None and before.cost.amount is not None:
        return before.cost.text()
    return "" if before.tokens is None else f"{formatting.short_count(before.tokens)} tok"


def wasted_text(found: Spent) -> str:
    """Return the cost of failed and cancelled runs: `0` without such runs, `—` if it is unknown."""
    return found.wasted_cost.text() if found.wasted_runs else "0"


def wasted_tokens_text(found: Spent) -> str:
    """Return the tokens of failed and cancelled runs: `0` without such runs, `—` if they are unknown."""
    return formatting.short_count(found.wasted)


def wasted_role(share: float | None) -> str:
    """Return the colour of a wasted share."""
    return "text" if share is None or share < MUCH else "warn"


def total_text(found: Spent) -> str:
    """Return a number of tokens; with `≥` if some runs did not report theirs."""
    return formatting.short_count(found.tokens)


def title(found: Spend | None, range_words: str, cells: int) -> Line:
    """Return the title: `Spend · last 24h · ≥$9.08 · 17.9M tokens · 18% wasted`."""
    name = f"Spend · {range_words}"
    return _titled(name, found.whole.now if found is not None else None, cells, waste_cost=False)


def title_of_one(one: Spender, name: str, cells: int) -> Line:
    """Return the title of the pane of a spender: `checkout · $3.39 · 4.7M tokens · 27% wasted, $0.93`."""
    return _titled(name, one.now, cells, waste_cost=True)


def _titled(name: str, now: Spent | None, cells: int, *, waste_cost: bool) -> Line:
    parts: list[Span] = []
    if now is not None and now.cost.amount is not None:
        parts.append(Span(now.cost.text(), "strong"))
    if now is not None and now.tokens is not None:
        parts.append(Span(f"{formatting.short_count(now.tokens)} tokens", "dim"))
    if now is not None and now.wasted_share is not None and (now.wasted or not waste_cost):
        cost = now.wasted_cost.text() if waste_cost and now.wasted_cost.amount is not None else ""
        text = f"{formatting.percent(now.wasted_share)} wasted{', ' if cost else ''}{cost}"
        parts.append(Span(text, "warn" if wasted_role(now.wasted_share) == "warn" else "dim"))
    while parts and cell_len(name) + ink.width(parts) + 3 * len(parts) + 6 > cells:
        parts.pop()
    spans = [Span(ink.cut(name, max(10, cells - 6)), "strong")]
    for part in parts:
        spans += [Span(" · ", "dim"), part]
    return tuple(spans)


def missing_line(found: Spend, names: SpendNames, cells: int) -> Line:
    """Return what the sums do not include: runs without a price, runs without tokens."""
    whole = found.whole.now
    said = [*_unpriced(found, names), *_unreported(found, names)]
    if not said:
        return ink.BLANK
    floor = "≥ at least: " if whole.cost.floor and whole.cost.amount is not None else ""
    for parts in (said, said[:1]):
        text = f"  {floor}{', '.join(parts)}."
        if cell_len(text) <= cells:
            return ink.line((text, "dim"))
    return ink.line((ink.cut(f"  {said[0]}", cells), "dim"))


def _unpriced(found: Spend, names: SpendNames) -> list[str]:
    if names.prices is None:
        return []
    whole = found.whole.now.cost
    of = [row for row in found.rows if row.now.cost.unpriced]
    if not whole.unpriced:
        return []
    whose = f" of {names.name(found.by, of[0].key)}" if len(of) == 1 and len(found.rows) > 1 else ""
    tokens = formatting.short_count(whole.unpriced_tokens)
    return [
        f"{formatting.plural(whole.unpriced, 'run')}{whose} ({tokens} tokens) {_have(whole.unpriced)} no price"
    ]


def _unreported(found: Spend, names: SpendNames) -> list[str]:
    whole = found.whole.now
    silent = whole.runs - whole.reported
    of = [row for row in found.rows if row.now.runs > row.now.reported]
    if not silent:
        return []
    whose = f" of {names.name(found.by, of[0].key)}" if len(of) == 1 and len(found.rows) > 1 else ""
    return [f"{formatting.plural(silent, 'run')}{whose} reported no tokens"]


def _have(runs: int) -> str:
    return "has" if runs == 1 else "have"


def price_hint(model: str, cells: int) -> Line:
    """Return a line that says how to configure prices. Its example is `model` (display-safe); if that is "", `llama-*`."""
    name = model if model.isascii() and '"' not in model and "\\" not in model and len(model) <= 40 else ""
    table = f'[prices."{name or "llama-*"}"]'
    for text in (
        f"  No prices are set: {table} in the config file, with prompt and completion for 1,000,000 tokens",
        f"  No prices are set: {table} in the config file adds costs",
        '  No prices: [prices."model"] in the config file adds costs',
        '  No prices: [prices."model"] in the config file',
    ):
        if cell_len(text) <= cells:
            return ink.line((text, "dim"))
    return ink.line((ink.fit('  No prices: [prices."model"]', cells), "dim"))
