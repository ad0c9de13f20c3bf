"""What is new and wrong: told if it was observed and is not as before, and nothing else."""

from __future__ import annotations

import math
from random import Random

import pytest

from flowtui.errors import HistoryError
from flowtui.model.answers.news import (
    CHANCE,
    RECENT,
    Ended,
    Shares,
    chance,
    failure_news,
    range_of,
    shares_of,
)
from flowtui.model.answers.news_reading import NewsReading
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.past import LIVE, QuarterSum, Seen, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

from ...past import ListPast
from ...store.remembering import BEGIN, run

NOW = BEGIN
DAY, HOUR = 86_400.0, 3600.0
SINCE = NOW - DAY
TAX = Reason("'tax_rate' is not in the order", "tool run_python")
CRM = Reason("502 Bad Gateway", "tool crm")
RELEASE = Mark(NOW - HOUR, "release-42")
LONG_AGO = NOW - 30 * DAY
SEEN = Seen(3, NOW - 9 * DAY, NOW - 8 * DAY)


def failed(count, reason, *, ago=HOUR / 2, agent="checkout", name="run", apart=10.0):
    """Return the runs, and why they failed; the last one was created `ago` seconds before now."""
    rows = [
        run(f"{name}-{number}", "failed", created=NOW - ago - apart * number, agent_id=agent)
        for number in range(count)
    ]
    return rows, {row.key: reason for row in rows}


def news(*parts, marks=(RELEASE,), begin=LONG_AGO, seen=None, shares=None):
    rows = sorted((row for each, _ in parts for row in each), key=lambda row: -row.failed)
    reasons = {key: reason for _, each in parts for key, reason in each.items() if reason is not None}
    memory = Memory(marks, begin, seen or {})
    return failure_news(rows, reasons, SINCE, NOW, memory=memory, shares=shares or Shares())


def test_a_reason_never_seen_before_is_new_since_the_mark():
    (one,) = news(
        failed(13, TAX), failed(9, TAX, agent="billing", name="other"), failed(1, CRM, name="alone")
    )
    assert (one.kind, one.reason, one.mark, one.runs) == ("new", TAX, RELEASE, 22)
    assert [tuple(each) for each in one.agents] == [("checkout", 13), ("billing", 9)]
    assert one.first < one.last <= NOW


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"marks": ()}, ["first"]),
        ({"marks": (Mark(NOW - 60, "too-late"),)}, ["first"]),
        ({"seen": {TAX: SEEN}}, []),
        ({"begin": None}, []),
        ({"begin": NOW - HOUR / 2}, []),
    ],
)
def test_new_is_only_what_the_history_can_tell(change, kinds):
    assert [one.kind for one in news(failed(3, TAX), **change)] == kinds


def test_a_single_failure_and_one_without_a_reason_are_no_news():
    assert news(failed(1, TAX)) == []
    assert news(failed(9, None)) == []
    assert news() == []


def test_what_has_not_come_for_two_hours_is_no_news_any_more():
    assert [one.kind for one in news(failed(3, TAX, ago=RECENT - 60), marks=())] == ["first"]
    assert news(failed(3, TAX, ago=RECENT + 60), marks=()) == []


def test_the_reason_with_most_runs_comes_first_and_a_mark_before_all():
    crm = failed(9, CRM, ago=1.5 * HOUR, name="crm")
    found = news(failed(2, TAX), crm)
    assert [(one.kind, one.reason) for one in found] == [("new", TAX), ("first", CRM)]


# -- more often, and the failing share -------------------------------------------------------------------------


def shares(*, recent=60, before=600, earlier=0, agent="checkout", failed_now=0, failed_before=0):
    return Shares({agent: Ended(recent, failed_now)}, {agent: Ended(before, failed_before)}, {TAX: earlier})


@pytest.mark.parametrize(
    ("count", "more", "told"),
    [
        (14, {"earlier": 10}, True),
        (14, {"earlier": 120}, False),  # as often as before
        (4, {"earlier": 0}, False),  # too few
        (14, {"earlier": 10, "before": 20}, False),  # nothing to compare with
        (14, {"earlier": 10, "recent": 900}, False),  # so many runs that it is as before
    ],
)
def test_a_known_reason_is_told_if_it_comes_far_more_often(count, more, told):
    found = news(failed(count, TAX), seen={TAX: SEEN}, shares=shares(**more))
    assert [(one.kind, one.runs, one.mark) for one in found] == ([("more", count, RELEASE)] if told else [])


def test_a_rise_that_began_before_the_mark_is_not_since_it():
    found = news(failed(14, TAX, ago=30, apart=400), seen={TAX: SEEN}, shares=shares(earlier=3))
    assert [(one.kind, one.mark) for one in found] == [("more", None)]
    later = news(failed(14, TAX), seen={TAX: SEEN}, shares=shares(earlier=3), marks=(Mark(NOW - DAY, "old"),))
    assert [(one.kind, one.mark) for one in later] == [("more", None)]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"failed_now": 19, "failed_before": 12}, True),
        ({"failed_now": 19, "failed_before": 190}, False),  # as before
        ({"failed_now": 4, "failed_before": 1}, False),  # below a tenth
        ({"failed_now": 19, "recent": 19}, False),  # few runs
        ({"failed_now": 19, "before": 30}, False),  # nothing to compare with
        ({"failed_now": 50, "failed_before": 12}, False),  # most of them only the history knows
    ],
)
def test_a_far_higher_share_is_told_also_without_reasons(fields, told):
    found = news(failed(19, None), shares=shares(**fields))
    assert [one.kind for one in found] == (["share"] if told else [])
    if told:
        assert (found[0].runs, found[0].ended, found[0].before) == (19, 60, 0.02)
        assert found[0].share == pytest.approx(19 / 60)


def test_a_share_is_that_of_an_agent_if_it_has_nearly_all_failures():
    one, two = failed(30, None, agent="a"), failed(30, None, agent="b", name="other")
    quiet = {"a": Ended(200, 2), "b": Ended(200, 2)}
    alone = Shares({"a": Ended(60, 30), "b": Ended(60, 1)}, quiet)
    assert [each.key for each in news(one, shares=alone)[0].agents] == ["a"]
    both = Shares({"a": Ended(60, 30), "b": Ended(60, 30)}, quiet)
    (told,) = news(one, two, shares=both)
    assert (told.runs, told.ended, len(told.agents)) == (60, 120, 2)


def test_a_reason_comes_before_a_share():
    found = news(failed(19, TAX), shares=shares(failed_now=19, failed_before=12))
    assert [one.kind for one in found] == ["new"]


def test_the_chance_is_a_bound_of_what_is_drawn():
    random = Random(7)
    for expected in (0.5, 3.0, 12.0):
        drawn = [sum(random.random() < expected / 400 for _ in range(400)) for _ in range(300)]
        for count in range(1, 40):
            assert sum(each >= count for each in drawn) / 300 <= chance(count, expected) + 0.03
    assert chance(0, 3) == chance(2, 0) == 1.0
    assert 0 <= chance(10**6, 0.5) < CHANCE


def test_healthy_days_have_no_news():
    """Whatever share fails: what comes as often as before is not told."""
    random, told = Random(3), 0
    for _ in range(200):
        share = random.uniform(0.0, 0.3)
        count = sum(random.random() < share for _ in range(80))
        before = sum(random.random() < share for _ in range(900))
        found = failed(count, TAX, apart=20.0)
        rates = shares(recent=80, before=900, earlier=before, failed_now=count, failed_before=before)
        told += bool(news(found, seen={TAX: SEEN}, shares=rates))
    assert told == 0


# -- read from the history -------------------------------------------------------------------------------------


def snapshot(rows, *, restored=None):
    states = {
        "thread-1": ThreadState(
            "thread-1", 2.0, observed=NOW, restored=restored, runs={row.raw_id: row for row in rows}
        )
    }
    return Snapshot(NOW, states, listed=True)


def past_of(rows, reasons, *, begin=LONG_AGO, **more):
    return ListPast(rows, [Watched(begin, NOW, LIVE)], known=reasons, **more)


def test_what_was_observed_is_news_and_what_was_only_restored_is_not():
    rows, reasons = failed(3, TAX)
    past = past_of(rows, reasons)
    assert [one.runs for one in NewsReading().read(past, snapshot(rows), (RELEASE,), None)] == [3]
    assert NewsReading().read(past, snapshot(rows, restored=NOW - HOUR), (RELEASE,), None) == []
    assert NewsReading().read(past, Snapshot(NOW, {}), (RELEASE,), None) == []


def test_what_was_seen_before_the_range_is_not_new():
    rows, reasons = failed(3, TAX)
    old, before = failed(1, TAX, ago=3 * DAY, name="old")
    assert (
        NewsReading().read(past_of([*rows, *old], reasons | before), snapshot(rows), (RELEASE,), None) == []
    )


def test_what_was_seen_is_not_looked_up_again():
    rows, reasons = failed(3, TAX)
    other, why = failed(3, CRM, name="other")
    old, before = failed(1, TAX, ago=3 * DAY, name="old")
    past, reading = past_of([*rows, *other, *old], reasons | why | before), NewsReading()
    looked = []
    for _ in range(2):
        found = reading.read(past, snapshot([*rows, *other]), (RELEASE,), None)
        assert [one.reason for one in found] == [CRM]
        looked.append([what for what in past.asked if what[0] in ("seen", "sums")])
        past.asked.clear()
    assert [what[0] for what in looked[0]] == ["sums", "seen", "sums"]
    assert [what[0] for what in looked[1]] == ["seen", "sums"]


def test_with_redact_the_text_is_hidden_and_still_told():
    rows, reasons = failed(3, TAX)
    (one,) = NewsReading().read(past_of(rows, reasons), snapshot(rows), (RELEASE,), b"k" * 32)
    assert "tax_rate" not in one.reason.text


def test_without_a_history_and_with_a_broken_one_there_is_no_news():
    rows, reasons = failed(3, TAX)
    assert NewsReading().read(ListPast(rows, known=reasons), snapshot(rows), (RELEASE,), None) == []
    with pytest.raises(HistoryError):
        NewsReading().read(past_of(rows, reasons, broken="bits"), snapshot(rows), (RELEASE,), None)


def test_the_range_is_a_day_or_half_of_what_is_remembered():
    assert range_of(None, NOW) == range_of(NOW - HOUR, NOW) == NOW - RECENT
    assert range_of(NOW - 10 * HOUR, NOW) == NOW - 5 * HOUR
    assert range_of(LONG_AGO, NOW) == NOW - DAY


def test_shares_add_up_ended_runs_of_each_agent():
    def one(agent, status, runs):
        return QuarterSum(0.0, agent, status, runs, None, None, None, 0.0, 0)

    found = shares_of(
        [one("a", "failed", 2), one("a", "completed", 5), one("b", "cancelled", 1), one("b", "running", 9)],
        [one("a", "failed", 1)],
        [TAX, CRM, TAX],
    )
    assert found.recent == {"a": Ended(7, 2), "b": Ended(1, 0)}
    assert found.before == {"a": Ended(1, 1)}
    assert found.reasons == {TAX: 2, CRM: 1}
    assert math.isclose(sum(each.runs for each in found.recent.values()), 8)
