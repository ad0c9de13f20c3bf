"""The event log and the summary of the time away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.events.away_summary import BLURRED, LONG, AwaySummary
from flowtui.model.events.event_log import (
    FINDING,
    INCIDENT,
    KEPT,
    OUTAGE,
    RECOVERY,
    RUN,
    Event,
    EventLog,
    reason_of,
    recent,
)
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.health import LIVE, REFUSED, STALE, Withheld
from flowtui.model.state.known_runs import Failure, ThreadState, apply_failure, apply_runs, apply_unchanged
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, DurationStats, UsualTimes


class Seen:
    """A log that is fed with observations of one thread."""

    def __init__(self, began=100.0):
        self.log = EventLog(began)
        self.state = ThreadState("thr_1", interval=2.0)

    def look(self, *rows, at, **fields):
        self.state, changes = apply_runs(self.state, rows, at=at, whole=True)
        return self.take(changes, at, **fields)

    def restore(self, *rows, observed, at):
        state, _ = apply_runs(self.state, rows, at=observed, whole=True)
        self.state = replace(state, restored=observed)
        return self.take((), at, restored=("thr_1",))

    def take(self, changes, at, restored=(), usual=NO_USUAL_TIMES, **fields):
        snapshot = Snapshot(at, {"thr_1": self.state}, listed=True, **fields)
        context = Context(at, threads=snapshot.threads, usual=usual)
        return self.log.take(changes, snapshot, context, restored)


def _said(events):
    return [(event.kind, event.word, event.text, event.run) for event in events]


def test_the_first_observation_causes_no_events_and_later_changes_do(a_run):
    seen = Seen()
    assert seen.look(a_run("run_1", created=90, started=95), at=101) == []
    new = seen.look(
        a_run("run_2", "queued", created=102),
        a_run("run_1", "completed", created=90, started=95, completed=102),
        at=103,
    )
    assert sorted(_said(new)) == [
        (RUN, "completed", "was running, ran 00:07", "run_1"),
        (RUN, "queued", "new", "run_2"),
    ]
    assert {(event.since, event.at, event.thread) for event in new} == {(101, 103, "thr_1")}
    assert list(seen.log.events)[::-1] == new


def test_a_change_without_a_change_of_status_is_no_event(a_run):
    seen = Seen()
    seen.look(a_run(created=90), at=101)
    assert seen.look(a_run(created=90, total_tokens=7), at=103) == []


def test_findings_of_the_first_observation_are_no_events_and_later_ones_are(a_run):
    seen = Seen()
    assert (
        seen.look(a_run("old", created=90, expires=95), a_run("new", created=90, expires=110), at=101) == []
    )
    assert (
        seen.look(a_run("old", created=90, expires=95), a_run("new", created=90, expires=110), at=105) == []
    )
    new = seen.look(a_run("old", created=90, expires=95), a_run("new", created=90, expires=110), at=120)
    assert [(event.kind, event.word, event.run) for event in new] == [(FINDING, "overdue", "new")]


def test_neither_the_history_nor_what_happened_before_this_start_are_events(a_run):
    seen = Seen(began=1_000.0)
    old, stuck = a_run("old", created=90, started=91), a_run("stuck", created=90, started=91, expires=95)
    assert seen.restore(old, stuck, observed=94, at=1_001) == []
    assert seen.take((), 1_002) == []
    away = a_run("old", "completed", created=90, started=91, completed=500)
    new = a_run("new", "failed", created=600, started=601, failed=700)
    assert seen.look(new, away, stuck, at=1_003) == [], "the overdue run was overdue before"
    assert {name.name for name in seen.log.finding_tracker.known[stuck.key]} == {"overdue"}
    assert [event.kind for event in seen.look(new, away, at=1_005)] == [FINDING], "from now on all is news"


def test_what_a_restored_thread_did_after_this_start_is_an_event(a_run):
    seen = Seen(began=1_000.0)
    seen.restore(a_run("a", created=90, started=91), a_run("b", "queued", created=90), observed=94, at=1_001)
    new = seen.look(
        a_run("c", "queued", created=1_010),
        a_run("a", "completed", created=90, started=91, completed=1_005),
        a_run("b", "running", created=90, started=1_006),
        at=1_020,
    )
    assert sorted((event.word, event.run) for event in new) == [
        ("completed", "a"),
        ("queued", "c"),
        ("running", "b"),
    ]


def test_a_run_seen_again_is_an_event_but_not_the_end_of_a_run(a_run):
    seen = Seen()
    ended = a_run("run_1", "completed", created=90, completed=95)
    seen.look(a_run("run_2", created=80), ended, at=101)
    assert [event.kind for event in seen.look(a_run("run_2", created=80), at=103)] == [FINDING]
    away_summary = AwaySummary(100.0)
    new = seen.look(a_run("run_2", created=80), ended, at=105)
    assert _said(new) == [(RECOVERY, "seen", "in the list again", "run_1")]
    away_summary.take(new)
    assert away_summary.touch(100 + LONG, None) == ""


def test_the_log_keeps_only_the_newest_events_and_counts_all(a_run):
    log = EventLog(0.0)
    for number in range(KEPT + 5):
        log.add(Event(RUN, float(number), "queued", "new"))
    assert len(log.events) == KEPT
    assert log.added == KEPT + 5
    assert log.events[0].at == KEPT + 4


def test_events_added_in_any_order_are_sorted_by_time():
    log = EventLog(0.0)
    for at, run in ((10.0, "a"), (30.0, "b"), (20.0, "late"), (20.0, "later"), (5.0, "old"), (30.0, "c")):
        log.add(Event(RUN, at, "queued", "new", run))
    assert [event.run for event in log.events] == ["c", "b", "later", "late", "a", "old"]
    assert log.added == 6


def test_an_event_older_than_a_full_log_is_dropped():
    log = EventLog(0.0)
    for number in range(KEPT):
        log.add(Event(RUN, 100.0 + number, "queued", "new"))
    log.add(Event(RUN, 1.0, "queued", "new", "ancient"))
    log.add(Event(RUN, 500.5, "queued", "new", "late"))
    assert (len(log.events), log.added) == (KEPT, KEPT + 2)
    times = [event.at for event in log.events]
    assert times == sorted(times, reverse=True)
    assert "late" in {event.run for event in log.events} - {"ancient"}
    assert times[-1] == 101.0


def test_events_of_two_threads_are_in_order_of_time(a_run):
    log, states = EventLog(0.0), {}
    for name in ("thr_1", "thr_2"):
        states[name] = apply_runs(ThreadState(name, interval=2.0), [], at=100.0, whole=True)[0]
    log.take([], Snapshot(100.0, dict(states), listed=True), Context(100.0, threads=states))
    for name, at in (("thr_2", 112.0), ("thr_1", 109.0)):  # the answer for thr_1 took longer
        run = a_run(f"run_of_{name}", "queued", thread=name, created=at - 1)
        states[name], changes = apply_runs(states[name], [run], at=at, whole=True)
        log.take(changes, Snapshot(112.5, dict(states), listed=True), Context(112.5, threads=states))
    assert [event.run for event in log.events] == ["run_of_thr_2", "run_of_thr_1"]


def test_each_internal_error_is_one_event_even_if_the_poller_drops_the_oldest():
    seen = Seen()
    known = (
        ((), 0),
        (("a",), 1),
        (("a",), 1),
        (("b", "c"), 3),
        (("c", "c"), 4),
        (("c", "c"), 4),
        (("c", "c"), 5),
    )
    said = [
        [
            event.text
            for event in seen.take((), 1.0, incidents=incidents, incident_count=count)
            if event.kind == INCIDENT
        ]
        for incidents, count in known
    ]
    assert said == [[], ["a"], [], ["b", "c"], ["c"], [], ["c"]]


def _threads(count, failure=None, at=100.0, observed=100.0):
    states = {}
    for number in range(count):
        state = apply_unchanged(ThreadState(f"thr_{number}", interval=2.0), at=observed)
        states[state.key] = state if failure is None else apply_failure(state, failure)
    return Snapshot(at, states, listed=True)


DOWN = Failure("network", "connection refused", 100.0, retry_at=120.0)


def test_an_outage_of_many_threads_is_one_event_and_so_is_its_end():
    log = EventLog(0.0)
    assert log.check(_threads(5), 101.0) == []
    begun = log.check(_threads(5, DOWN), 110.0)
    assert [(e.kind, e.word, e.text, e.threads) for e in begun] == [(OUTAGE, STALE, "connection refused", 5)]
    assert log.check(_threads(5, DOWN), 111.0) == []
    over = log.check(_threads(5, observed=112.0), 112.0)
    assert [(e.kind, e.word, e.text, e.threads) for e in over] == [(RECOVERY, LIVE, "answers after 12s", 5)]


def test_the_same_outage_of_other_threads_soon_after_is_merged_into_one_event():
    log = EventLog(0.0)
    down, good = _threads(2, DOWN).threads, _threads(2).threads
    log.check(Snapshot(110, {"thr_0": down["thr_0"], "thr_1": replace(good["thr_1"], observed=110)}), 110.0)
    assert log.events[0].thread == "thr_0"
    log.check(Snapshot(112, dict(down)), 112.0)
    assert [(event.threads, event.thread) for event in log.events] == [(2, "")]
    assert log.added == 1, "none was forgotten"


def test_a_missing_answer_is_an_outage_only_after_some_time():
    log = EventLog(0.0)
    asked = {"thr_0": replace(_threads(1).threads["thr_0"], asked=102.0)}
    silent = Snapshot(100.0, asked, listed=True)
    assert log.check(silent, 300.0) == []  # the machine may have slept
    assert log.check(silent, 300.5) == []
    assert [event.kind for event in log.check(silent, 301.0)] == [OUTAGE]
    log = EventLog(0.0)
    log.check(silent, 300.0)
    log.check(_threads(1, observed=300.0), 300.5)
    assert log.check(_threads(1, observed=300.0), 301.5) == []


def test_waiting_for_the_next_poll_is_no_outage():
    log = EventLog(0.0)
    assert log.check(_threads(3), 300.0) == log.check(_threads(3), 400.0) == []
    down = replace(_threads(3), withheld=Withheld(100.0, "down"))
    assert log.check(down, 130.0) == []
    assert [event.word for event in log.check(down, 132.0)] == [STALE]
    assert log.check(_threads(3), 140.0) == [], "the server answers, but no answer tells of these yet"
    assert [event.kind for event in log.check(_threads(3, observed=141.0), 141.0)] == [RECOVERY]


def test_a_refused_key_is_one_outage():
    log = EventLog(0.0)
    stopped = Snapshot(1.0, stopped="401: wrong key")
    assert [(e.kind, e.word) for e in log.check(stopped, 1.0)] == [(OUTAGE, REFUSED)]
    assert log.check(stopped, 2.0) == []


def test_a_search_finds_events_that_contain_all_words():
    events = [
        Event(RUN, 1.0, "failed", "was running", "run_A", "thr_1", status="failed"),
        Event(RUN, 1.0, "queued", "new", "run_b", "thr_1", status="queued"),
        Event(OUTAGE, 1.0, "stale", "no answer"),
    ]
    assert recent(events, "THR_1 fail") == events[:1]
    assert recent(events, "outage") == events[2:]
    assert recent(events, " ") == events


def test_only_the_event_of_a_failure_has_a_reason():
    failed = Event(RUN, 1.0, "failed", "", key=("t", "r"), status="failed")
    reasons = {("t", "r"): Reason("crm 502")}
    assert reason_of(failed, reasons) == "crm 502"
    assert reason_of(failed._replace(word="queued", status="queued"), reasons) == ""


# -- while the user was away ------------------------------------------------------------------------------------

ENDED = [Event(RUN, 1.0, "completed", "", f"run_{n}", status="completed") for n in range(10)]
FAILED = [Event(RUN, 1.0, "failed", "", f"bad_{n}", status="failed") for n in range(5)]


def test_after_five_minutes_without_a_key_a_summary_names_the_failures():
    away_summary = AwaySummary(4320.0)
    away_summary.take([*ENDED, *FAILED, Event(FINDING, 1.0, "overdue", "")])
    told = away_summary.touch(4320.0 + 43 * 60, UTC)
    assert told == "since 01:12, 43m ago: 15 ended, 5 failed (bad_0, bad_1, bad_2, …), 1 finding"
    assert away_summary.touch(4320.0 + 100 * 60, UTC) == ""  # it was shown already


@pytest.mark.parametrize(("away", "blurred", "told"), [
    (LONG - 1, False, False), (LONG, False, True), (BLURRED - 1, True, False), (BLURRED, True, True),
])  # fmt: skip
def test_after_a_short_loss_of_focus_there_is_no_summary(away, blurred, told):
    away_summary = AwaySummary(0.0)
    if blurred:
        away_summary.blur(0.0)
    away_summary.take(FAILED[:1])
    assert bool(away_summary.touch(away, None)) == told


@pytest.mark.parametrize(
    ("happened", "worst"),
    [
        (ENDED, "information"),
        ([*ENDED, Event(FINDING, 1.0, "overdue", "")], "warning"),
        ([*ENDED, Event(OUTAGE, 1.0, STALE, "")], "warning"),
        ([*ENDED, Event(FINDING, 1.0, "overdue", ""), *FAILED[:1]], "error"),
    ],
)
def test_a_summary_has_the_severity_of_its_worst_event(happened, worst):
    away_summary = AwaySummary(0.0)
    away_summary.take(happened)
    assert away_summary.touch(LONG, None)
    assert away_summary.worst == worst
    away_summary.take(ENDED)
    assert away_summary.touch(3 * LONG, None)
    assert away_summary.worst == "information"


def test_a_summary_counts_only_events_since_the_user_was_last_active():
    away_summary = AwaySummary(0.0)
    assert away_summary.touch(LONG * 2, None) == ""
    away_summary.take(FAILED)
    away_summary.touch(LONG * 2 + 5, None)  # the user is active
    assert away_summary.touch(LONG * 4, None) == ""
    away_summary.take(FAILED)
    away_summary.blur(LONG * 4 + 1)
    assert away_summary.touch(LONG * 6, None) == ""


def test_what_the_history_says_of_usual_times_is_no_news_and_what_comes_later_is(a_run):
    def usual(revision):
        return UsualTimes({"a": DurationStats(2.0, 5.0, 40)}, revision=revision)

    seen = Seen()
    old, young = (a_run(n, "queued", created=at, agent_id="a") for n, at in (("old", 90), ("young", 400)))
    seen.look(old, young, at=401)
    assert seen.look(old, young, at=500) == []  # nothing is known of the agent: 7 minutes may be usual
    assert seen.look(old, young, at=502, usual=usual(1)) == []
    assert [event.run for event in seen.look(old, young, at=560, usual=usual(1))] == ["young"]
