"""Runs of which the history has only sums count, in the range and in what is usual."""

from __future__ import annotations

import pytest

from flowtui.model.answers.agent.buckets import within
from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.page import AgentFacts, PageMaker
from flowtui.model.answers.agent.time_ranges import RANGES
from flowtui.model.answers.agent.usual import FAILED, P50, TOKENS, Earlier
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, QuarterSum, Watched

from ...history.worlds import DAY, NOW, PRICES, quarter_sums
from .worlds import AgentWorld, moment

WEEK = RANGES[3]
BEGIN = NOW - WEEK.seconds


def page_of(rows, before, gone=(), gone_before=()):
    spans = [Watched(NOW - 60 * DAY, NOW, LIVE)]
    known = KnownTime(coverage(spans, BEGIN - WEEK.before, NOW), None, NOW)
    runs = EndedRuns(BEGIN - DAY)
    runs.fill(rows)
    return PageMaker(PRICES).page(
        AgentFacts(
            chosen=WEEK,
            runs=runs,
            gone=gone,
            earlier=Earlier(before, BEGIN - WEEK.before, BEGIN, known, PRICES, gone=gone_before),
            coverage=coverage(spans, BEGIN - DAY, NOW),
            watched_until=NOW,
            prices=PRICES,
        ),
        NOW,
        40,
    )


@pytest.mark.parametrize("seed", [0, 2])  # worlds of many runs
def test_sums_count_as_the_rows_would_but_have_no_percentiles(seed):
    def whole(run):  # not in a quarter of an hour with an edge of the range, nor active, nor without an end
        at = moment(run)
        return at is not None and run.terminal and run.ended is not None and at // 900 != BEGIN // 900

    rows = [run for run in AgentWorld(seed, 30.0, most=4000).own() if whole(run)]
    rows.sort(key=moment, reverse=True)
    within_range = [run for run in rows if moment(run) >= BEGIN]
    before = [run for run in rows if moment(run) < BEGIN]
    cut = (NOW - 3 * DAY) // 900 * 900
    kept = [run for run in within_range if moment(run) >= cut]
    gone = quarter_sums([run for run in within_range if moment(run) < cut])
    full, part = page_of(within_range, before), page_of(kept, [], gone, quarter_sums(before))
    assert part.numbers.gone == len(within_range) - len(kept) > 0
    for name in ("runs", "completed", "failed", "cancelled", "tokens", "prompt"):
        assert getattr(part.numbers, name) == getattr(full.numbers, name)
    assert part.numbers.reported is None
    assert part.numbers.costs.total.floor
    old = next(bucket for bucket in part.buckets if bucket.numbers.gone)
    assert (old.numbers.p50, old.gap) == (None, False)
    for metric in (FAILED, TOKENS):
        assert part.compared.metrics[metric].value == full.compared.metrics[metric].value
        assert part.compared.metrics[metric].usual is not None
    assert part.compared.metrics[P50].usual is None
    assert full.compared.metrics[P50].usual is not None


def test_a_quarter_belongs_to_where_its_middle_is():
    one = QuarterSum(900.0, "agent", "failed", 1, None, None, None, 0.0, 0)
    assert within([one], 0.0, 1350.0) == []
    assert within([one], 1350.0, 1351.0) == [one]
