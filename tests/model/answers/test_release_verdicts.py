"""The gate's verdict on releases: as the judge says for the same sides, and none where runs may be missing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from flowtui.model.answers.brief.brief import brief
from flowtui.model.answers.release_verdicts import JUDGED, KeptVerdicts
from flowtui.model.export.brief.released import released
from flowtui.model.gate import FAIL, INCONCLUSIVE, Side, judge, parse_gate
from flowtui.model.gate.parser import USUAL_GATE
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.model.state.marks import MIN_RUNS, Mark

from .brief import nights
from .brief.brief_world import brief_input
from .brief.nights import BEGIN, HOUR, MINUTE, NOW, SINCE, TAX, at

RELEASE = at("02:04")


@cache
def night(*marks, broken=False):
    """Return a night with releases; with `broken`, half of the runs after `RELEASE` fail."""
    world = nights.peaceful(5)
    world.marks = [Mark(when, f"release-{number}") for number, when in enumerate(marks)]
    if broken:
        world.fail(lambda run: run.created >= RELEASE, TAX, 0.5, nights.Random(1))
    return brief_input(world, SINCE, NOW, begin=BEGIN)


def words(data):
    found = brief(data).verdicts
    return [one and one.word for one in found]


@pytest.mark.parametrize(
    ("broken", "word"), [pytest.param(False, INCONCLUSIVE, marks=pytest.mark.slow), (True, FAIL)]
)
def test_a_release_gets_the_verdict_of_the_judge_on_all_its_runs(broken, word):
    data = night(RELEASE, broken=broken)
    (found,) = brief(data).verdicts
    rows = [*data.runs, *data.active]
    base = [run for run in rows if RELEASE - 2 * HOUR <= run.created < RELEASE]
    new = [run for run in rows if run.created >= RELEASE]
    wanted = judge(
        parse_gate(USUAL_GATE),
        Side(base, RELEASE - 2 * HOUR, RELEASE),
        Side(new, RELEASE, NOW),
        min_runs=MIN_RUNS,
        final=False,
    )
    assert (found.word, found.reason) == (wanted.verdict, wanted.reason)
    assert (found.word, found.compare, found.base, found.new) == (word, 2 * HOUR, len(base), len(new))
    assert brief(data, judged=False).verdicts == [None]
    (row,) = released(brief(data), 3)
    assert (row.name, row.verdict.word) == ("release-0", word)
    assert row.verdict.shown == ("UNDECIDED" if word == INCONCLUSIVE else word)


@pytest.mark.slow
def test_the_time_before_gets_shorter_at_the_begin_and_without_half_an_hour_there_is_no_verdict():
    found = [brief(data).verdicts[0] for after in (40, 20) for data in (night(SINCE + after * MINUTE),)]
    assert found[0].compare == HOUR / 2
    assert found[1] is None


@pytest.mark.parametrize(
    ("how", "begin", "end", "known"),
    [
        (READ, RELEASE - HOUR, RELEASE, True),
        (UNANSWERED, RELEASE - HOUR, RELEASE - 50 * MINUTE, True),  # half an hour before is known
        (UNANSWERED, RELEASE - 10 * MINUTE, RELEASE - 5 * MINUTE, False),
        (None, NOW - 5 * MINUTE, NOW, False),
        (None, SINCE, SINCE + HOUR, True),
    ],
)
def test_where_runs_may_be_missing_there_is_no_verdict(how, begin, end, known):
    spans = [Watched(BEGIN, begin, LIVE), Watched(end, NOW, LIVE)]
    spans += [Watched(begin, end, how)] if how else []
    data = replace(night(RELEASE), coverage=coverage(spans, SINCE, NOW))
    assert [word is not None for word in words(data)] == [known]


def test_without_a_history_there_is_one_only_if_the_api_told_all():
    data = replace(night(RELEASE), coverage=None)
    assert words(data) == [None]
    assert words(replace(data, whole=True)) == [INCONCLUSIVE]


@pytest.mark.slow
def test_only_the_newest_releases_are_judged_and_each_only_until_the_next():
    data = night(*(RELEASE + number * 40 * MINUTE for number in range(JUDGED + 1)), broken=True)
    found = brief(data).verdicts
    assert [one is not None for one in found] == [False] + JUDGED * [True]
    second = [
        run for run in (*data.runs, *data.active) if 0 <= run.created - RELEASE - 40 * MINUTE < 40 * MINUTE
    ]
    assert found[1].new == len(second)


@pytest.mark.slow
def test_a_kept_verdict_is_that_of_the_same_runs_and_a_new_one_comes_with_further_runs():
    data, kept = night(RELEASE, broken=True), KeptVerdicts()
    first = brief(data, kept=kept).verdicts
    assert brief(data, kept=kept).verdicts[0] is first[0]
    fewer = replace(data, runs=[run for run in data.runs if run.created < RELEASE + HOUR])
    assert brief(fewer, kept=kept).verdicts == brief(fewer).verdicts != first
