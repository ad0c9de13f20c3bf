"""Computes how many runs an unchanged release needs to pass a gate. Some gates can hardly be passed at all.

Normal approximations: good enough to tell 100 runs from 1,000, which is what they are for. Runs of one thread that are
alike count as what they are worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.formatting import plural
from flowtui.model.gate import logic
from flowtui.model.gate.beliefs import NORMAL
from flowtui.model.gate.interim_looks import LAST
from flowtui.model.gate.judgement import ComparisonResult, Estimate
from flowtui.model.gate.logic import FAIL, PASS
from flowtui.model.gate.tree import METRICS, SHARES, Compare, Gate, Node, asks_base, leaves
from flowtui.model.gate.wording import evidence, two_digits
from flowtui.model.language.tree import And, Not

POWER: Final = 0.8
"""An unchanged release passes with this probability, if it has the computed number of runs."""

_Z95: Final = NORMAL.inv_cdf(0.975)
_STEP: Final = 1e-4  # relative step of a derivative
_PROBES: Final = (0.001, 0.01, 0.05, 0.2, 0.5)  # values of the base at which a limit is tried
_MOST: Final = 1_000_000.0


class Reach(NamedTuple):
    """How many runs an unchanged release needs to pass."""

    needed: float
    """Runs on each side; infinity if hardly any number would do."""
    text: str
    """The comparison that needs them, as the user wrote it."""
    agent: str | None
    """The name of the agent that needs them; None: all runs."""
    base: int
    """The number of runs of the base."""
    expected: float
    """The number of runs of the new side that are to be expected."""
    asks_base: bool
    """Whether the number of runs of the base matters."""
    threads: float | None = None
    """On how many threads the needed runs are, if they bunch as those of the base do; None if that does not matter."""

    @property
    def within(self) -> bool:
        """Whether the runs of the base and those to be expected are enough."""
        if not self.asks_base:
            return self.expected >= self.needed
        if not self.base or not self.expected:
            return False
        return 2 / (1 / self.base + 1 / self.expected) >= self.needed


def reach(
    gate: Gate, rows: Sequence[ComparisonResult], min_runs: int, windows: float, *, alpha: float = 0.05
) -> Reach | None:
    """Return how many runs a side an unchanged release needs to pass a gate; None if the base does not tell yet.

    `rows` are those of a judgement. `windows`: for how many times the length of the base's window the new side will be
    judged; so many times the runs of the base are to be expected, or as many as are there already. If each agent is judged on its own, the agent with the
    fewest of the runs that it needs counts.
    """
    level = alpha / logic.ways(gate.node, PASS) * LAST
    polarity = list(leaves(gate.node))
    # So many comparisons must pass together, with the power of all.
    together = logic.ways(gate.node, FAIL) * max(1, len(rows) // len(polarity))
    power = float(POWER ** (1 / together))
    found: list[Reach] = []
    for place in range(0, len(rows), len(polarity)):
        own = rows[place : place + len(polarity)]
        needs = {
            leaf: None if _unsure(row) else _needed(leaf, row.base, level, power, min_runs, wanted=wanted)
            for (leaf, wanted), row in zip(polarity, own, strict=True)
        }
        if None in needs.values():
            continue
        needed, leaf = _of_node(gate.node, {leaf: need for leaf, need in needs.items() if need is not None})
        base, new = next((row.base, row.new) for row in own if row.text == leaf.text)
        threads = needed * base.threads / base.n if base.threads and evidence(base) else None
        expected = max(base.n * windows, new.n)
        found.append(Reach(needed, leaf.text, own[0].agent, base.n, expected, asks_base(leaf.limit), threads))
    return max(found, key=lambda each: each.needed / max(each.base, 1), default=None)


def _unsure(row: ComparisonResult) -> bool:
    """Whether it is not known yet what the runs of the base are worth: all are on one thread, and there are no new ones.

    If the new runs are on the same thread, they are worth their number.
    """
    return row.base.threads == 1 and not row.new.n


def reach_text(found: Reach, base: str, timeout: str) -> str:
    """Return a sentence for the user; "" if an unchanged release passes with the runs to be expected.

    `base`: what the base is called, such as `--compare 2h`. `timeout`: a duration in words, "" if there is none.
    """
    if found.within:
        return ""
    who = "" if found.agent is None else f" of {found.agent}"
    if found.needed > _MOST:
        return f"an unchanged release{who} can hardly pass {found.text}, however many runs there are"
    has = f"; {base} has {plural(found.base, 'run')}" if found.asks_base else ""
    brings = f"{' and ' if has else '; '}--timeout {timeout} brings about {round(found.expected):,}"
    threads = "" if found.threads is None else f" on {plural(two_digits(found.threads), 'thread')}"
    needs = f"about {plural(two_digits(found.needed), 'run')}{threads}{' a side' if found.asks_base else ''}"
    return f"an unchanged release{who} needs {needs} to pass {found.text}{has}{brings if timeout else ''}"


def without_margin(gate: Gate) -> str:
    """Return a sentence if an unchanged release can hardly pass a gate, whatever its base; else ""."""
    needs = {
        leaf: math.inf if asks_base(leaf.limit) and _tight(leaf, wanted=wanted) else 0.0
        for leaf, wanted in leaves(gate.node)
    }
    needed, leaf = _of_node(gate.node, needs)
    if not needed:
        return ""
    return (
        f"{leaf.text} has no margin, so an unchanged release can hardly ever pass: "
        f"only one that is clearly better can{_hint(leaf)}"
    )


def _hint(leaf: Compare) -> str:
    if not leaf.at_most:
        return ""
    return f"; allow some more, such as base {'+ 10%' if METRICS[leaf.metric] == 'share' else '* 1.5'}"


def _tight(leaf: Compare, *, wanted: bool) -> bool:
    """Whether a limit leaves no margin to a metric that equals the base, whatever it is."""
    limits = [(leaf.limit.at(value), value) for value in _PROBES]
    return all(not _allows(leaf, limit, value, wanted=wanted) for limit, value in limits)


def _allows(leaf: Compare, limit: float, value: float, *, wanted: bool) -> bool:
    upward = leaf.at_most == wanted
    return limit > value * (1 + 1e-9) if upward else limit < value * (1 - 1e-9)


def _of_node(node: Node, needs: Mapping[Compare, float], *, wanted: bool = True) -> tuple[float, Compare]:
    """Return the number of runs of a gate or a part of it, and the comparison that needs them."""
    if isinstance(node, Compare):
        return needs[node], node
    if isinstance(node, Not):
        return _of_node(node.node, needs, wanted=not wanted)
    each = [_of_node(child, needs, wanted=wanted) for child in node.nodes]
    joined = isinstance(node, And) == wanted  # a `not` turns `and` into `or`
    return (max if joined else min)(each, key=lambda pair: pair[0])


def _needed(
    leaf: Compare, base: Estimate, level: float, power: float, min_runs: int, *, wanted: bool
) -> float | None:
    """Return how many runs a side a comparison needs; None if the base does not tell.

    `wanted`: whether the gate wants the comparison to hold.
    """
    if base.value is None or not base.n:
        return None
    upward = leaf.at_most == wanted
    aims = -NORMAL.inv_cdf(level), NORMAL.inv_cdf(power)
    rate = METRICS[leaf.metric] == "share"
    runs = _of_rate(leaf, base, aims, upward=upward) if rate else _of_value(leaf, base, aims, upward=upward)
    if runs is None or runs > _MOST:
        return runs if runs is None else math.inf
    share = SHARES.get(leaf.metric)
    least = math.log(level) / math.log(share) if share and upward else 0.0  # fewer cannot bound a percentile
    return max(runs, least, float(min_runs))


def _of_rate(leaf: Compare, base: Estimate, aims: tuple[float, float], *, upward: bool) -> float:
    """Return how many runs a side the difference of two rates needs, after Farrington and Manning."""
    bunched = base.n / base.worth if base.worth else 1.0
    value = ((base.value or 0.0) * base.n / bunched + 0.5) / (base.n / bunched + 1)
    limit = leaf.limit.at(value)
    margin = limit - value if upward else value - limit
    if math.isnan(margin) or margin <= 0:
        return math.inf
    if not 0 < limit < 1:
        return 0.0
    slope = _slope(leaf, value)
    own = value * (1 - value)
    at_limit = math.sqrt(limit * (1 - limit) + slope * slope * own)
    unchanged = math.sqrt((1 + slope * slope) * own)
    return bunched * ((aims[0] * at_limit + max(0.0, aims[1]) * unchanged) / margin) ** 2


def _of_value(leaf: Compare, base: Estimate, aims: tuple[float, float], *, upward: bool) -> float | None:
    """Return how many runs a side the quotient of two means or percentiles needs; None if its spread is unknown."""
    value = base.value or 0.0
    limit = leaf.limit.at(value)
    if math.isnan(limit) or not _allows(leaf, limit, value, wanted=upward == leaf.at_most):
        return math.inf
    if limit <= 0 or value <= 0:
        return 0.0
    spreads = list(_spreads(base))
    if not spreads:
        return None
    down, up = spreads[0], spreads[-1]
    slope = _slope(leaf, value) * value / limit
    new, before = (up, down) if upward else (down, up)
    spread = math.hypot(new, before * slope)
    return base.n * ((aims[0] + max(0.0, aims[1])) * spread / abs(math.log(limit / value))) ** 2


def _spreads(base: Estimate) -> Iterator[float]:
    """Yield the standard errors of the logarithm of a value, downward and upward, as far as its interval is known."""
    for end in (base.low, base.high):
        if end is not None and end > 0 and base.value:
            yield abs(math.log(end / base.value)) / _Z95


def _slope(leaf: Compare, value: float) -> float:
    """Return by how much a limit grows with the value of the base."""
    step = value * _STEP
    return (leaf.limit.at(value + step) - leaf.limit.at(value - step)) / (2 * step)
