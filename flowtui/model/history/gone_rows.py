"""Runs of which only sums are kept, because their rows are gone. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import Statistics
from flowtui.model.run.cost import WASTED, Costs, Total, Waste, known_sum
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, TERMINAL, Run

QUARTER: Final = 900.0
"""The seconds of a quarter of an hour."""

_Key = tuple[float, str, str]


def quarter(at: float) -> float:
    """Return the begin of the quarter of an hour in which a time lies."""
    return at // QUARTER * QUARTER


def gone_sums(sums: Iterable[QuarterSum], rows: Iterable[Run]) -> list[QuarterSum]:
    """Return sums of the runs whose rows are gone: `sums` without what the rows themselves add to them.

    `rows`: all rows of the quarters of an hour of `sums`.
    """
    there: defaultdict[_Key, list[Run]] = defaultdict(list)
    for run in rows:
        if run.terminal and (at := run.ended) is not None:
            there[quarter(at), run.agent_id, run.status_class].append(run)
    left = (_rest(one, there.get((one.begin, one.agent_id, one.status_class), ())) for one in sums)
    return [one for one in left if one.runs > 0 and one.status_class in TERMINAL]


def _rest(one: QuarterSum, rows: Sequence[Run]) -> QuarterSum:
    took = [seconds for run in rows if (seconds := run.duration(0.0)) is not None]
    return one._replace(
        runs=one.runs - len(rows),
        prompt_tokens=_less(one.prompt_tokens, [run.prompt_tokens for run in rows]),
        completion_tokens=_less(one.completion_tokens, [run.completion_tokens for run in rows]),
        total_tokens=_less(one.total_tokens, [run.total_tokens for run in rows]),
        busy=max(0.0, one.busy - sum(took)),
        timed=max(0, one.timed - len(took)),
    )


def _less(tokens: int | None, of_rows: Sequence[int | None]) -> int | None:
    """Return the tokens without those of the rows; None if only the rows reported any."""
    here = known_sum(of_rows)
    rest = None if tokens is None else tokens - (here or 0)
    return None if rest is None or rest < 0 or (rest == 0 and here is not None) else rest


def with_gone(known: Statistics, gone: Sequence[QuarterSum]) -> Statistics:
    """Return statistics of rows, together with runs of which only sums are kept."""
    if not gone:
        return known
    count: Counter[str] = Counter()
    for one in gone:
        count[one.status_class] += one.runs
    lost = [one for one in gone if one.status_class in WASTED]
    costs = known.costs
    return known._replace(
        runs=known.runs + count.total(),
        completed=known.completed + count[COMPLETED],
        failed=known.failed + count[FAILED],
        cancelled=known.cancelled + count[CANCELLED],
        p50=None,
        p95=None,
        busy=known.busy + sum(one.busy for one in gone),
        timed=known.timed + sum(one.timed for one in gone),
        prompt=known_sum([known.prompt, *(one.prompt_tokens for one in gone)]),
        completion=known_sum([known.completion, *(one.completion_tokens for one in gone)]),
        tokens=known_sum([known.tokens, *(one.total_tokens for one in gone)]),
        reported=known.reported if all(one.total_tokens is None for one in gone) else None,
        costs=None if costs is None else Costs(_unpriced(costs.total, gone), _unpriced(costs.wasted, lost)),
        waste=_waste(known, lost),
        gone=known.gone + count.total(),
    )


def _unpriced(total: Total, gone: Sequence[QuarterSum]) -> Total:
    """Return a cost with runs that have no price, because it is not known any more which models they used."""
    silent = sum(one.runs for one in gone if one.total_tokens is None)
    tokens = known_sum(one.total_tokens for one in gone) or 0
    return total._replace(
        unreported=total.unreported + silent,
        unpriced=total.unpriced + sum(one.runs for one in gone) - silent,
        unpriced_tokens=total.unpriced_tokens + tokens,
    )


def _waste(known: Statistics, lost: Sequence[QuarterSum]) -> Waste:
    """Return the wasted tokens. Of runs without rows it is not known how many reported none, so the sum is a lower bound."""
    if not lost:
        return known.waste
    own = known.waste.tokens if known.failed + known.cancelled else None
    tokens = known_sum([own, *(one.total_tokens for one in lost)])
    return Waste(tokens, known.waste.unreported + sum(one.runs for one in lost))
