"""Judges a gate on the runs of both sides. The same runs always give the same verdict.

Two probabilities are computed for each comparison: that it holds, and that it does not. The comparison fails once the
first is below a level, and passes once the second is. The levels allow for all comparisons, agents and interim looks
(`interim_looks.py`) together, so that the verdict of the whole gate is wrong with a probability of at most alpha.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from flowtui.model.gate import logic, pooling, wording
from flowtui.model.gate.beliefs import FEWEST, NORMAL, Belief
from flowtui.model.gate.interim_looks import FAILING, FIRST, LAST, PASSING, level
from flowtui.model.gate.judgement import ComparisonResult, Estimate, Judgement
from flowtui.model.gate.logic import FAIL, INCONCLUSIVE, PASS
from flowtui.model.gate.odds import KeptOdds, Odds
from flowtui.model.gate.reasons import new_reasons
from flowtui.model.gate.samples import Sample, Side, longest, sample
from flowtui.model.gate.tree import SHARES, TOKENS_PER_RUN, Compare, Gate, asks_base, leaves
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, RunKey

CLEARLY_GOOD: Final = 0.8
"""A comparison that holds with more than this probability cannot fail at this look, so it gets no part of alpha.

If a gate can fail in several ways, alpha times this number is divided among the remaining ones.
"""

_EXACT: Final = 0.97  # part of alpha that is used; the rest makes up for what beliefs and levels are wrong by
_POWER: Final = NORMAL.inv_cdf(0.8)
_FARTHEST: Final = 1_000_000
_NOTHING: Final = MappingProxyType[RunKey, Reason]({})
_NOBODY: Final = MappingProxyType[str, str]({})


@dataclass(frozen=True, slots=True)
class _Case:
    """What gets a verdict of its own: one agent, or all runs."""

    agent: str | None
    """The name of the agent; None: all runs."""
    base: Sample
    new: Sample
    odds: Mapping[Compare, Odds]
    """Comparison → its odds; a comparison with too few runs is missing."""


class _Levels(NamedTuple):
    """The probabilities with which all looks together may decide a comparison wrongly.

    For a comparison under an odd number of nots, the two are exchanged.
    """

    fail: float
    """That of a wrong fail. At a look, a comparison fails if the probability that it holds is below the look's level."""
    passing: float
    """That of a wrong pass. A comparison passes if the probability that it does not hold is below the look's level."""


def judge(
    gate: Gate,
    base: Side,
    new: Side,
    *,
    min_runs: int,
    by_agent: bool = False,
    agents: Mapping[str, str] = _NOBODY,
    reasons: Mapping[RunKey, Reason] = _NOTHING,
    final: bool,
    alpha: float = 0.05,
    kept: KeptOdds | None = None,
) -> Judgement:
    """Return the judgement on whether the new side keeps the gate.

    `min_runs`: a comparison passes only with at least this many judged runs. `by_agent`: each agent is judged
    separately, and the gate fails if one agent fails. An agent whose verdict is inconclusive, for instance because it
    has fewer than `min_runs` runs, blocks a pass. One exception: if the gate needs a base and an agent has no runs in
    the base, the agent never blocks a pass. It can still fail by limits that do not depend on the base.

    `agents` is agent id → name. `reasons` is run key → why the run failed. `final`: there will be no further look.
    `alpha` is the greatest probability of a wrong verdict. `kept`: that of earlier judgements, which only saves time.
    """
    kept = kept or KeptOdds()
    cases = [_case(gate, *each, kept, final=final) for each in _split(base, new, agents, by_agent=by_agent)]
    levels = _levels(gate, cases, alpha)
    rows: list[ComparisonResult] = []
    verdicts: list[str] = []
    short: list[str] = []
    for case in cases:
        own = [_row(case, leaf, levels, min_runs, wanted=wanted) for leaf, wanted in leaves(gate.node)]
        rows += own
        found = _found(own)
        verdict = logic.decide(gate.node, found.__getitem__)
        if case.agent is not None and verdict != FAIL and _lacks_base(gate, case):
            continue
        if case.agent is not None and len(case.new.settled) < min_runs and verdict == INCONCLUSIVE:
            short.append(case.agent)
        verdicts.append(verdict)
    verdict = logic.all_of(verdicts) if verdicts else INCONCLUSIVE
    signatures, unexplained = new_reasons(_failed(base), _failed(new), reasons)
    needed = _needed_of(gate, cases, rows) if verdict == INCONCLUSIVE else None
    reason = _reason(verdict, rows, short, needed)
    waiting = sum(case.new.waiting for case in cases)
    return Judgement(verdict, reason, tuple(rows), signatures, unexplained, needed, waiting)


def _found(rows: Iterable[ComparisonResult]) -> Mapping[str, str]:
    """Return comparison text → verdict.

    INCONCLUSIVE if the gate contains the same text twice, with different verdicts.
    """
    found: dict[str, str] = {}
    for row in rows:
        found[row.text] = row.verdict if found.get(row.text, row.verdict) == row.verdict else INCONCLUSIVE
    return found


def _split(
    base: Side, new: Side, agents: Mapping[str, str], *, by_agent: bool
) -> Iterable[tuple[str | None, Sample, Sample]]:
    """Yield each case to judge: the agent's name (None: all runs) and the samples of base and new side."""
    max_age = longest(base)
    if not by_agent:
        yield None, sample(base, new.until, max_age), sample(new, new.until, max_age)
        return
    ids = {run.agent_id for side in (base, new) for run in side.runs if _is_inside(run.created, side)}
    for agent in sorted(ids, key=lambda known: (agents.get(known, known), known)):
        own = [
            side._replace(runs=[run for run in side.runs if run.agent_id == agent]) for side in (base, new)
        ]
        before, after = (sample(side, new.until, max_age) for side in own)
        yield agents.get(agent, agent), before, after


def _is_inside(created: float | None, side: Side) -> bool:
    return created is not None and side.since <= created < side.until


def _failed(side: Side) -> list[RunKey]:
    return [run.key for run in side.runs if run.status_class == FAILED and _is_inside(run.created, side)]


def _case(gate: Gate, agent: str | None, base: Sample, new: Sample, kept: KeptOdds, *, final: bool) -> _Case:
    odds = {leaf: kept.odds_of(agent, leaf, base, new, final=final) for leaf in gate.comparisons}
    return _Case(agent, base, new, {leaf: known for leaf, known in odds.items() if known is not None})


def _levels(gate: Gate, cases: Iterable[_Case], alpha: float) -> _Levels:
    """Return the levels: alpha divided among the ways in which a verdict can be wrong."""
    alpha *= _EXACT
    known = list(cases)
    polarity = list(leaves(gate.node))
    every = logic.ways(gate.node, FAIL) * max(1, len(known))
    doubtful = 0
    for case in known:
        counted = {
            leaf
            for leaf, wanted in polarity
            if leaf in case.odds and (case.odds[leaf].good if wanted else case.odds[leaf].bad) <= CLEARLY_GOOD
        }
        doubtful += logic.ways(gate.node, FAIL, counted.__contains__)
    fail = alpha if every == 1 else alpha * CLEARLY_GOOD / max(1, doubtful)
    # A wrong pass needs an error for the one agent that should fail, so the number of agents does not matter.
    return _Levels(fail, alpha / logic.ways(gate.node, PASS))


def _row(case: _Case, leaf: Compare, levels: _Levels, min_runs: int, *, wanted: bool) -> ComparisonResult:
    """Return the result of one comparison.

    `wanted`: whether the gate wants the comparison to hold (see `leaves`).
    """
    new, before = pooling.seen(leaf.metric, case.new, case.base)
    limit, low, high = _limit(leaf, before)
    odds = case.odds.get(leaf)
    verdict, needed, judged, leans, deciding = INCONCLUSIVE, None, 0, "", None
    if new is None or (before is None and asks_base(leaf.limit)):
        reason = wording.unknown_reason(leaf, case.new.waiting, new=new is None)
    elif odds is None:
        reason = wording.too_few_reason(leaf, new.n, None if before is None else before.n, _first(leaf))
    else:
        judged = odds.look.runs
        fail, passing = levels if wanted else (levels.passing, levels.fail)
        worse, better = (FAILING, PASSING) if wanted else (PASSING, FAILING)
        compared = case.base.size(leaf.metric) if asks_base(leaf.limit) else None
        at_look = _Levels(
            level(fail, odds.look, compared, worse), level(passing, odds.look, compared, better)
        )
        deciding = None if limit is None else partial(_deciding, odds, limit, at_look)
        if odds.good <= at_look.fail:
            verdict = FAIL
        elif odds.bad <= at_look.passing and odds.counted >= min_runs:
            verdict = PASS
        if verdict == INCONCLUSIVE:
            good = odds.good > odds.bad
            leans = _leaning(leaf, odds, limit)
            needed = _needed(leaf, odds, case.base.size(leaf.metric), passing if good else fail, min_runs)
            reason = wording.undecided_reason(leaf, odds.counted, new.n, min_runs, needed, good=good)
        else:
            reason = wording.decided_reason(leaf, verdict, odds.counted, odds.value, limit)
    reason = f"{case.agent}: {reason}" if case.agent is not None else reason
    return ComparisonResult(
        case.agent,
        leaf.metric,
        leaf.text,
        _estimate(before),
        _estimate(new),
        limit,
        low,
        high,
        verdict,
        reason,
        judged,
        needed,
        leans,
        deciding,
    )


def _leaning(leaf: Compare, odds: Odds, limit: float | None) -> str:
    """Return what is more likely, PASS or FAIL, if the estimate says the same; else ""."""
    if limit is None:
        return ""
    likely = odds.good > odds.bad
    holds = odds.value <= limit if leaf.at_most else odds.value >= limit
    return "" if likely != holds else PASS if likely else FAIL


def _deciding(odds: Odds, limit: float, levels: _Levels) -> Estimate:
    """Return the estimate of the judged runs with the interval that decides. `levels`: those of the look."""
    found = odds.deciding(limit, levels.fail, levels.passing)
    return Estimate(odds.value, found.low, found.high, odds.counted)


def _first(leaf: Compare) -> int:
    """Return how many runs a metric needs on each side before it is judged."""
    return FEWEST if leaf.metric == TOKENS_PER_RUN else FIRST


def _estimate(belief: Belief | None) -> Estimate:
    if belief is None:
        return Estimate(None, None, None, 0)
    return Estimate(belief.value, belief.low, belief.high, belief.n, belief.threads, belief.worth)


def _limit(leaf: Compare, base: Belief | None) -> tuple[float | None, float | None, float | None]:
    """Return the limit of a comparison, and the lower and upper end of its 95 % interval.

    A limit that depends on the base is computed from the estimate of the base, and from the ends of its interval. Each
    of the three is None if it is unknown.
    """
    if not asks_base(leaf.limit):
        return (leaf.limit.at(0.0),) * 3
    if base is None:
        return None, None, None
    value, low, high = (_computed(leaf, at) for at in (base.value, base.low, base.high))
    if low is not None and high is not None and low > high:  # the limit falls as the base grows: `1h - base`
        low, high = high, low
    return value, low, high


def _computed(leaf: Compare, base: float | None) -> float | None:
    limit = math.nan if base is None else leaf.limit.at(base)
    return limit if math.isfinite(limit) else None


def _needed(leaf: Compare, odds: Odds, base: int, alpha: float, min_runs: int) -> int | None:
    """Return about how many runs a side a decision takes, if the estimates are true.

    With so many runs the comparison is decided with a probability of 80 %. None if hardly any number of runs would
    decide it.
    """
    chance = min(odds.good, odds.bad)
    if chance >= 0.45:
        return None
    last = LAST * alpha
    seen = -NORMAL.inv_cdf(max(chance, 1e-12))
    aim = -NORMAL.inv_cdf(last) + _POWER
    now = 2 / (1 / odds.look.runs + 1 / base) if asks_base(leaf.limit) and base else odds.look.runs
    least = math.log(last) / math.log(SHARES.get(leaf.metric, 1e-9))  # fewer runs cannot bound a percentile
    runs = math.ceil(max(now * (aim / seen) ** 2, now + 1, least / odds.worth, min_runs))
    return runs if runs <= _FARTHEST else None


def _lacks_base(gate: Gate, case: _Case) -> bool:
    """Whether the gate needs a base, but the base of this case has no runs that count."""
    return not case.base.settled and any(asks_base(leaf.limit) for leaf in gate.comparisons)


def _needed_of(gate: Gate, cases: Iterable[_Case], rows: Iterable[ComparisonResult]) -> int | None:
    """Return about how many runs a side the verdict of the gate takes; None if unknown.

    If some undecided comparisons tend to fail the gate, the least of their numbers counts, as one failure is enough.
    Otherwise the greatest number of all undecided comparisons counts; if one of these numbers is unknown, the result is
    unknown, too.
    """
    bad: list[int] = []
    good: list[int | None] = []
    places = ((case, leaf, wanted) for case in cases for leaf, wanted in leaves(gate.node))
    for row, (case, leaf, wanted) in zip(rows, places, strict=True):
        odds = case.odds.get(leaf)
        if row.verdict != INCONCLUSIVE:
            continue
        if odds is not None and row.needed is not None and (odds.good < odds.bad) == wanted:
            bad.append(row.needed)
        else:
            good.append(row.needed)
    if bad:
        return min(bad)
    return max((runs for runs in good if runs is not None), default=None) if None not in good else None


def _reason(verdict: str, rows: list[ComparisonResult], short: list[str], needed: int | None) -> str:
    """Return the reason for the verdict of the gate in one sentence."""
    if verdict == PASS:
        return "every limit is surely kept"
    if verdict == FAIL:
        return next((row.reason for row in rows if row.verdict == FAIL), "the gate is surely not kept")
    if not rows:
        return "there are no runs to judge"
    if short:
        more = f" and {len(short) - 3} more" if len(short) > 3 else ""
        return f"too few runs of {', '.join(short[:3])}{more}"
    return f"not sure yet{f': about {wording.two_digits(needed):,} runs a side would tell' if needed is not None else ''}"
