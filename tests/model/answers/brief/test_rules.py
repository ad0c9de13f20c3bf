"""Rules of the sentences that no night shows: what is too little, what is at an edge, what chance makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from random import Random

import pytest

from flowtui.model.answers.brief.base import base_of_runs, hours_before, read_base, read_before
from flowtui.model.answers.brief.brief import brief
from flowtui.model.answers.brief.inputs import BriefInput, UsualOutcomes
from flowtui.model.answers.brief.moments import between, short_time
from flowtui.model.answers.brief.ranges import DAY, LEFT, NIGHT, WEEK, last_ran, range_of
from flowtui.model.answers.brief.releases import differs, releases
from flowtui.model.answers.brief.sentence import EMPTY, GAP, MORE, OUTAGE, QUIET, REASON, RELEASE
from flowtui.model.answers.brief.sentences import sentences
from flowtui.model.answers.brief.wording import told
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import COMPLETED, FAILED
from flowtui.model.state.marks import Mark

from ....past import ListPast
from ....store.remembering import run as new_run
from . import nights
from .brief_world import brief_input
from .nights import BEGIN, HOUR, NOW, SINCE, at

STARTED = SINCE - 300.0


def said(data):
    return sentences(data, releases(data.marks, data.since, data.until))


def peaceful(seed=3, **changed):
    return replace(brief_input(nights.peaceful(seed), SINCE, NOW, begin=BEGIN), **changed)


def text_of(data):
    return " ".join(told(one, data, UTC).text for one in said(data))


def test_without_a_run_it_says_that_none_ended():
    data = BriefInput(since=SINCE, until=NOW, now=NOW, runs=())
    assert [one.kind for one in said(data)] == [EMPTY]
    assert text_of(data) == "No run ended in 13h 43m: none is active"
    assert text_of(replace(data, until=NOW - 0.9)) == text_of(data), "the server's time has whole seconds"
    found = brief(data)
    assert (found.counts.runs, found.counts.share, found.spending.now.tokens) == (0, None, None)


@pytest.mark.slow
def test_short_gaps_and_outages_are_not_told_and_long_ones_are():
    def kinds(how, seconds):
        spans = [
            Watched(BEGIN, at("23:00"), LIVE),
            Watched(at("23:00"), at("23:00") + seconds, how, "timeout" if how == UNANSWERED else ""),
            Watched(at("23:00") + seconds, NOW, LIVE),
        ]
        return [one.kind for one in said(peaceful(coverage=coverage(spans, SINCE, NOW)))]

    assert kinds(READ, 299.0) == kinds(UNANSWERED, 59.0) == [QUIET]
    assert kinds(READ, 300.0) == [GAP, QUIET]
    assert kinds(UNANSWERED, 60.0) == [OUTAGE, QUIET]


@pytest.mark.slow
def test_what_is_before_the_history_began_is_no_gap():
    spans = [Watched(at("20:00"), NOW, LIVE)]
    data = peaceful(begin=at("20:00"), coverage=coverage(spans, SINCE, NOW))
    assert [one.kind for one in said(data)] == [QUIET]


def test_a_gap_that_was_not_read_says_that_there_may_be_more():
    spans = [Watched(BEGIN, at("23:00"), LIVE), Watched(at("23:30"), NOW, LIVE)]
    assert "there may be more" in text_of(peaceful(coverage=coverage(spans, SINCE, NOW)))


def test_marks_close_together_are_one_release_and_the_users_name_comes_first():
    marks = [Mark(STARTED, "old"), Mark(at("20:00"), "agent:checkout"), Mark(at("20:00") + 90, "release-42")]
    found = releases(marks, SINCE, NOW)
    assert [(one.at, one.name) for one in found] == [(at("20:00"), "release-42 and 1 more")]
    assert releases([], SINCE, NOW) == []


@pytest.mark.slow
def test_more_failures_than_usual_are_told_though_no_agent_and_no_reason_stands_out():
    world, dice = nights.peaceful(3), Random(1)
    for place, run in enumerate(world.rows):
        world.rows[place] = run = run._replace(agent_id=f"ag_{place % 60}")  # noqa: PLW2901  many agents
        if run.completed is not None and run.completed >= SINCE and dice.random() < 0.07:
            world.rows[place] = run._replace(
                status=FAILED, status_class=FAILED, failed=run.completed, completed=None
            )
            world.why[run.key] = Reason(f"one of many {dice.randrange(30)}")
    data = brief_input(world, SINCE, NOW, begin=BEGIN)
    assert [one.kind for one in said(data)] == [MORE]
    assert "usual" in text_of(data)


@pytest.mark.slow
def test_a_reason_that_was_there_all_the_time_is_told_against_the_days_before():
    world, dice = nights.peaceful(4), Random(2)
    world.fail(lambda run: (run.ended or 0) >= SINCE, nights.TAX, 0.2, dice)
    data = brief_input(world, SINCE, NOW, begin=BEGIN)
    (one,) = said(data)
    assert (one.kind, one.reason, one.until) == (REASON, nights.TAX, None)


def test_failures_of_one_thread_count_as_fewer():
    runs = [run for run in nights.peaceful(5).rows if run.agent_id == "ag_3" and run.terminal][:60]

    def differ(threads):
        own = [
            run._replace(
                thread_key=f"thr_{place // threads}", status_class=FAILED if place < 10 else COMPLETED
            )
            for place, run in enumerate(runs)
        ]
        return differs(own, UsualOutcomes(900, 20), 1e-4)

    assert differ(1), "ten threads with a failure each"
    assert not differ(10), "one thread with ten failures"


@pytest.mark.slow
def test_chance_alone_makes_no_sentence_that_runs_failed():
    kinds = [tuple(one.kind for one in said(peaceful(seed))) for seed in range(2000, 2030)]
    assert set(kinds) == {(QUIET,)}


@pytest.mark.parametrize("unknown", [0, 2])
def test_the_numbers_of_a_release_and_of_what_is_told_apart_from_it_are_all_runs_since(unknown):
    world, dice = nights.peaceful(3), Random(1)
    nights.release(world, dice, "release-42", "02:04", None)
    nights.tool_down(world, dice, "05:00", "05:40")
    data = brief_input(world, SINCE, NOW, begin=BEGIN)
    known = [key for key, why in data.reasons.items() if why == nights.TAX]
    for key in known[: len(known) * unknown // 3]:
        del data.reasons[key]
    (one,) = [one for one in said(data) if one.kind == RELEASE]
    since = [run for run in data.runs if run.agent_id in one.agent_ids and run.created >= at("02:04")]
    failed = [run for run in since if run.status_class == FAILED]
    assert (one.count + one.apart, one.runs + one.apart) == (len(failed), len(since))
    crm = sum(data.reasons.get(run.key) == nights.CRM for run in failed)
    assert (one.apart, one.apart_reasons) == (crm, (nights.CRM,))
    assert f"; {crm} more failed for {nights.CRM.text}" in told(one, data, UTC).text


@pytest.mark.slow
def test_no_sentence_rests_on_a_failure_whose_reason_is_unknown_alone():
    world = nights.peaceful(3)
    world.fail(lambda run: at("02:10") <= (run.ended or 0) < at("02:40"), nights.CRM, 0.8, Random(1))
    data = brief_input(world, SINCE, NOW, begin=BEGIN)
    known = said(data)[0]
    assert (known.kind, known.reason) == (REASON, nights.CRM)
    unexplained = replace(data, reasons={})
    assert REASON not in [one.kind for one in said(unexplained)]
    assert brief(unexplained).unexplained == len(data.failures)


def test_the_same_hours_before_are_whole_days_earlier():
    assert hours_before(NOW - 3 * HOUR, NOW) == (NOW - 27 * HOUR, NOW - 24 * HOUR)
    assert hours_before(NOW - 24 * HOUR, NOW) == (NOW - 48 * HOUR, NOW - 24 * HOUR)
    assert hours_before(NOW - 30 * HOUR, NOW) == (NOW - 78 * HOUR, NOW - 48 * HOUR)


@pytest.mark.slow
def test_what_was_before_is_the_same_from_the_history_and_from_rows():
    from ....ui.brief.brief_seat import NightPast  # noqa: PLC0415  needs Textual

    world = nights.peaceful(6)
    since, until = SINCE // 900 * 900, NOW // 900 * 900
    past = NightPast(rows=world.rows, spans=[Watched(BEGIN // 900 * 900, NOW, LIVE)])
    base, before = base_of_runs(world.rows, BEGIN // 900 * 900, since, until)
    read = read_base(past, since, until)
    assert (read.usual, read.usual_since, read.agents) == (base.usual, base.usual_since, base.agents)
    assert read_before(past, since, until).since == before.since
    assert {run.key for run in read_before(past, since, until).runs} == {run.key for run in before.runs}
    assert read.new(world.rows) == frozenset()
    assert read_before(past, BEGIN + HOUR, until) is None, "the hours before are not remembered"


def test_a_few_minutes_before_the_range_say_nothing_of_what_is_usual():
    past = ListPast(spans=[Watched(SINCE + 60, NOW, LIVE)])
    assert read_base(past, SINCE + 300, NOW).usual_since is None


def test_ranges_and_when_the_user_left():
    assert range_of(LEFT, NOW, SINCE, UTC) == ("since you left", SINCE, NOW, True)
    assert range_of(LEFT, NOW, None, UTC) == ("last 12h", NOW - 12 * HOUR, NOW, True)
    assert range_of(DAY, NOW, SINCE, UTC)[:2] == ("last 24h", NOW - 24 * HOUR)
    assert range_of(WEEK, NOW, SINCE, UTC)[:2] == ("last 7d", NOW - 168 * HOUR)
    assert range_of(NIGHT, NOW, None, UTC) == ("last night", at("18:00"), NOW, True)
    later = at("08:00") + 5 * HOUR
    assert range_of(NIGHT, later, None, UTC) == ("last night", at("18:00"), at("08:00"), False)


def test_flowtui_last_ran_until_the_last_long_pause():
    spans = [
        Watched(0, 1000, LIVE),
        Watched(1000, 1100, UNANSWERED, "timeout"),
        Watched(1100, 9000, READ),
        Watched(9000, 9600, LIVE),
    ]
    assert last_ran(spans, 10_000) == 1100
    assert last_ran(spans[:2], 10_000) is None
    assert last_ran([], 10_000) is None
    assert last_ran([Watched(float("nan"), 5, LIVE), Watched(9, 3, LIVE)], 10_000) is None


def test_times_of_other_days_have_their_day():
    assert short_time(NOW - HOUR, NOW, UTC) == "06:45"
    assert short_time(NOW - 40 * HOUR, NOW, UTC) == "Mon 23 Nov 15:45"
    assert between(NOW - 40 * HOUR, NOW - 39 * HOUR, NOW, UTC) == "Mon 23 Nov 15:45 to 16:45"
    assert short_time(1e18, NOW, UTC) == "—"


@pytest.mark.slow
def test_a_reason_is_new_only_once_it_was_looked_up():
    world = nights.peaceful(3)
    world.fail(lambda run: at("02:10") <= (run.ended or 0) < at("02:40"), nights.CRM, 0.8, Random(1))
    data = brief_input(world, SINCE, NOW, begin=BEGIN)
    assert [row.reason for row in brief(data).reasons if row.new] == [nights.CRM]
    for fields in ({"unseen": frozenset()}, {"begin": None}, {"begin": SINCE + 1}):
        assert not any(row.new for row in brief(replace(data, **fields)).reasons), fields
    assert brief(replace(data, unseen={nights.CRM})).new_reasons == 1


@pytest.mark.parametrize(
    ("failed", "kinds", "head"),
    [(16, [QUIET], "Failures as usual"), (20, [QUIET], "Perhaps more failures than usual"), (26, [], "")],
)
def test_it_is_quiet_only_if_no_more_fail_than_by_chance(failed, kinds, head):
    rows = [
        new_run(f"r{n}", FAILED if n % 2 and n < 2 * failed else COMPLETED, created=NOW - 3_000 + 20 * n)
        for n in range(122)
    ]
    usual = {rows[0].agent_id: UsualOutcomes(1_000, 110)}
    data = BriefInput(since=SINCE, until=NOW, now=NOW, runs=rows, usual=usual, usual_since=BEGIN)
    found = [one for one in said(data) if one.kind in (QUIET, MORE)]
    assert [one.kind for one in found] == kinds
    assert [told(one, data, UTC).head for one in found] == [head] * len(kinds)


@pytest.mark.parametrize(("failed", "tone"), [(0, "good"), (26, "look")])
def test_as_long_as_nobody_knows_what_is_usual_failures_are_not_called_quiet(failed, tone):
    rows = [
        new_run(f"r{n}", FAILED if n % 2 and n < 2 * failed else COMPLETED, created=NOW - 3_000 + 20 * n)
        for n in range(122)
    ]
    data = BriefInput(since=SINCE, until=NOW, now=NOW, runs=rows)
    (one,) = [one for one in said(data) if one.kind == QUIET]
    assert (told(one, data, UTC).tone, told(one, data, UTC).remarks) == (tone, ("usual not known",))
    assert told(one, data, UTC).head == ("Failures" if failed else "No failures")
    later = told(replace(one, more=1), data, UTC)
    assert (later.tone, later.head) == (tone, "Quiet now" if tone == "good" else "Failures")
