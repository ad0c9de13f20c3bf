"""Which time counts as known, and which buckets are gaps."""

from __future__ import annotations

import math

import pytest

from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.page import AgentFacts, PageMaker
from flowtui.model.answers.agent.time_ranges import RANGES
from flowtui.model.answers.agent.usual import Earlier
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched

from ....store.remembering import BEGIN, run

HOUR = RANGES[0]
NOW = BEGIN + 3599.0
SPANS = [
    Watched(BEGIN - 600, BEGIN + 600, LIVE),
    Watched(BEGIN + 600, BEGIN + 1200, UNANSWERED),
    Watched(BEGIN + 1200, BEGIN + 1800, READ),
    Watched(BEGIN + 2400, BEGIN + 3000, LIVE),
    Watched(BEGIN + 3000, BEGIN + 3300, UNANSWERED),
]


def page_of(*rows, spans=SPANS, until=NOW, reach=math.inf):
    runs = EndedRuns(BEGIN - 300)
    runs.fill(rows)
    found = None if spans is None else coverage(spans, BEGIN - 300, BEGIN + 3300)
    return PageMaker(None).page(
        AgentFacts(chosen=HOUR, runs=runs, coverage=found, watched_until=until, reach=reach), NOW, 12
    )


@pytest.mark.parametrize(
    ("since", "until", "share"),
    [(0, 600, 1), (600, 1200, 1), (1500, 2100, 0.5), (3000, 3600, 0.5), (7000, 9000, 1)],
)
def test_share_of_a_time_that_is_known(since, until, share):
    known = KnownTime(coverage(SPANS, BEGIN, BEGIN + 3300), None, BEGIN + 3600)
    assert known.share(BEGIN + since, BEGIN + until, BEGIN + 3600) == share


def test_gaps_are_no_zeros_but_runs_in_them_are_shown():
    page = page_of(run("a", created=BEGIN + 1900), run("b", "failed", created=BEGIN + 3100))
    assert [bucket.gap for bucket in page.buckets] == [False] * 8 + [True, False, False, False, False]
    assert [bucket.known for bucket in page.buckets] == [True] * 7 + [False] * 2 + [True] * 2 + [False, True]
    assert page.tokens(page.buckets[8]) is None
    assert page.tokens(page.buckets[0]) == 0.0
    assert page_of(until=BEGIN + 3300).compared.metrics["tokens"].value is None, (
        "the last stretch is not known"
    )


def test_what_was_read_from_the_api_is_known_though_nobody_watched():
    rows = [run("a", created=BEGIN + 1000), run("b", "failed", created=BEGIN + 3100)]

    def known(reach):
        return [bucket.known for bucket in page_of(*rows, spans=[], reach=reach).buckets]

    assert known(math.inf) == [False] * 12 + [True], "only this start has watched"
    assert known(-math.inf) == [False] * 4 + [True] * 9, "since the first known run"
    assert known(BEGIN + 2400) == [False] * 9 + [True] * 4
    half = KnownTime(coverage(SPANS, BEGIN, BEGIN + 3300), BEGIN, BEGIN + 3600, BEGIN + 1500)
    assert half.share(BEGIN, BEGIN + 3600, BEGIN + 3600) == 1, "no part counts twice"


def test_without_a_history_time_is_known_since_the_first_run():
    page = page_of(run("a", created=BEGIN + 900), spans=None)
    assert [bucket.gap for bucket in page.buckets] == [True] * 4 + [False] * 9
    assert page_of(spans=None).buckets[5].gap


def test_too_little_time_before_has_no_usual_range():
    known = KnownTime(None, BEGIN - 3600, NOW)
    rows = [run(str(n), created=BEGIN - n * 50) for n in range(1, 60)]
    earlier = Earlier(rows, BEGIN - 86_400, BEGIN, known, None)
    assert len(earlier.stretches(300.0)) == 12
    assert earlier.whole(3600.0).numbers.runs == 59
    assert earlier.whole(7200.0) is None
