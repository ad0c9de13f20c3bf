"""When there is a finding, and that answers which cross each other normally give none."""

from __future__ import annotations

from random import Random

import pytest

from flowtui.model.findings.kinds import (
    AGENT_GRACE,
    AGENT_KEPT,
    AGENT_NOT_ACTIVE,
    AGENT_OLD,
    CONTRADICTION,
    FAR_FACTOR,
    GRACE,
    ORPHAN_LOCK,
    OVERDUE,
    QUEUED_DEFAULT,
    QUEUED_FLOOR,
    QUEUED_LONG,
    RUNNING_DEFAULT,
    RUNNING_FLOOR,
    STALLED,
    TRUSTED_RUNS,
    UNTOUCHED_DEFAULT,
    UNTOUCHED_FLOOR,
    VANISHED,
    WAITING_BEHIND,
    WENT_BACK,
)
from flowtui.model.findings.rules import Finding, remarkable_runs, run_findings, thread_findings
from flowtui.model.state.agent_statuses import AgentStatuses
from flowtui.model.state.known_runs import apply_runs, apply_thread, apply_unchanged
from flowtui.model.stats.usual_times import DurationStats, UsualTimes

from ...store.random_threads import RandomThread


def names(findings):
    return [finding.name for finding in findings]


@pytest.mark.parametrize(
    ("status", "expires", "now", "found"),
    [
        ("running", 100, 100.0, False),
        ("running", 100, 100.5, True),
        ("queued", 100, 161.0, True),
        ("completed", 100, 161.0, False),
        ("weird", 100, 161.0, False),
        ("running", None, 161.0, False),
        ("running", 0, 161.0, True),
    ],
)
def test_an_active_run_past_its_expiry_is_overdue(a_run, status, expires, now, found):
    assert names(run_findings(a_run(status=status, expires=expires), now)) == ([OVERDUE] if found else [])


@pytest.mark.parametrize(
    ("observed", "offset", "found"),
    [(99.0, 0.0, False), (101.0, 0.0, True), (99.0, 5.0, True), (101.0, -5.0, False)],
)
def test_an_outage_does_not_make_a_run_overdue(fresh, a_run, observed, offset, found):
    state, _ = apply_runs(fresh(), [a_run(expires=100)], at=observed, whole=True)
    assert names(run_findings(a_run(expires=100), 5000.0, state, offset)) == ([OVERDUE] if found else [])


@pytest.mark.parametrize(
    ("created", "started", "completed", "found"),
    [(10, 11, 12, []), (10, 9, 12, [CONTRADICTION]), (10, 11, 10, [CONTRADICTION])],
)
def test_times_out_of_order_are_a_finding(a_run, created, started, completed, found):
    run = a_run(status="completed", created=created, started=started, completed=completed)
    assert names(run_findings(run, 100.0)) == found


def test_overdue_says_for_how_long(a_run):
    assert run_findings(a_run(expires=100), 161.0) == (Finding(OVERDUE, "overdue by 1m 01s"),)


def test_went_back_and_vanished_need_repeated_observations(fresh, a_run):
    state, _ = apply_runs(fresh(), [a_run("a", "completed"), a_run("b")], at=1.0, whole=True)
    state, _ = apply_runs(state, [a_run("a", "running")], at=3.0, whole=True)
    assert names(run_findings(state.runs["a"], 4.0, state)) == [WENT_BACK]
    assert names(run_findings(state.runs["b"], 4.0, state)) == [VANISHED]
    assert run_findings(state.runs["a"], 4.0) == ()


# --- an agent that is not active -------------------------------------------------------------------


def stopped(read_at, status="Inactive"):
    return AgentStatuses({"a1": status}, read_at)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("Inactive", "Inactive agent, so the run will not start"),
        ("Failed", "Failed agent, so the run will not start"),
        ("PENDING", "PENDING agent, so the run cannot start yet"),
    ],
)
def test_a_queued_run_says_that_its_agent_is_not_active(a_run, status, text):
    run = a_run("a", "queued", created=0, agent_id="a1")
    found = run_findings(run, AGENT_GRACE + 5, agents=stopped(AGENT_GRACE, status))
    assert found == (Finding(AGENT_NOT_ACTIVE, text),)


@pytest.mark.parametrize("status", ["running", "completed", "failed", "weird"])
def test_only_a_queued_run_waits_for_its_agent(a_run, status):
    run = a_run("a", status, created=0, started=1, agent_id="a1")
    assert AGENT_NOT_ACTIVE not in names(run_findings(run, 50.0, agents=stopped(40.0)))


def test_another_agents_status_says_nothing(a_run):
    run = a_run("a", "queued", created=0, agent_id="a2")
    assert run_findings(run, 50.0, agents=stopped(40.0)) == ()
    assert run_findings(a_run("a", "queued", created=None, agent_id="a1"), 50.0, agents=stopped(40.0)) == ()


def test_a_status_from_before_the_run_or_just_after_it_says_nothing(a_run):
    run = a_run("a", "queued", created=100, agent_id="a1")
    for read_at in (0.0, 100.0, 100.0 + AGENT_GRACE - 0.5):
        assert run_findings(run, 160.0, agents=stopped(read_at)) == ()
    assert names(run_findings(run, 160.0, agents=stopped(100.0 + AGENT_GRACE))) == [AGENT_NOT_ACTIVE]


def test_an_old_status_is_told_with_its_age_and_then_no_more(a_run):
    run = a_run("a", "queued", created=0, agent_id="a1")
    agents = stopped(20.0)
    assert run_findings(run, 20.0 + AGENT_OLD, agents=agents)[0].text.startswith("Inactive agent")
    assert run_findings(run, 120.0, agents=agents) == (
        Finding(AGENT_NOT_ACTIVE, "agent was Inactive 1m 40s ago, and the run has not started"),
    )
    assert names(run_findings(run, 20.0 + AGENT_KEPT, agents=agents)) == [AGENT_NOT_ACTIVE]
    assert run_findings(run, 20.5 + AGENT_KEPT, agents=agents) == ()


def test_during_an_outage_the_status_counts_as_of_the_last_observation(fresh, a_run):
    run = a_run("a", "queued", created=0, agent_id="a1")
    state, _ = apply_runs(fresh(), [run], at=60.0, whole=True)
    (found,) = run_findings(run, 4000.0, state, agents=stopped(50.0))
    assert found == Finding(AGENT_NOT_ACTIVE, "agent was Inactive 1h 05m ago, and the run has not started")


@pytest.mark.parametrize(("offset", "found"), [(0.0, True), (-95.0, False)])
def test_the_time_of_the_status_is_by_the_local_clock(a_run, offset, found):
    run = a_run("a", "queued", created=0, agent_id="a1")
    assert bool(run_findings(run, 50.0, None, offset, agents=stopped(100.0))) == found


def test_an_agent_that_is_not_active_explains_a_long_wait_and_comes_first(fresh, a_run):
    run = a_run("a", "queued", created=0, agent_id="a1", expires=100)
    now = 10_000.0
    assert names(run_findings(run, now, agents=stopped(now - 5))) == [AGENT_NOT_ACTIVE, OVERDUE]
    assert names(run_findings(run, now)) == [OVERDUE, QUEUED_LONG]


# --- longer than usual -----------------------------------------------------------------------------

FAST = DurationStats(median=2.5, slow=5.0, runs=40)  # FAR_FACTOR times 5 s is below every floor
SLOW = DurationStats(median=200.0, slow=400.0, runs=TRUSTED_RUNS)
FEW = DurationStats(median=2.5, slow=5.0, runs=TRUSTED_RUNS - 1)


def usual(stats):
    return UsualTimes(waits={"a1": stats}, durations={"a1": stats})


@pytest.mark.parametrize(
    ("stats", "limit"),
    [(FAST, QUEUED_FLOOR), (SLOW, FAR_FACTOR * 400.0), (FEW, QUEUED_DEFAULT)],
)
def test_queued_far_longer_than_usual_is_a_finding_but_a_second_less_is_not(a_run, stats, limit):
    run = a_run("a", "queued", created=0, agent_id="a1")
    assert run_findings(run, limit, usual=usual(stats)) == ()
    assert names(run_findings(run, limit + 0.5, usual=usual(stats))) == [QUEUED_LONG]


def test_the_text_says_that_usual_times_come_from_the_history(a_run):
    stats = FAST._replace(basis="in the 7 days remembered")
    (found,) = run_findings(a_run("r", "queued", created=0.0, agent_id="a1"), 750.0, usual=usual(stats))
    assert found.text == "queued for 12m 30s, usually 2.5s over 40 runs in the 7 days remembered"


def test_the_text_names_the_wait_and_what_is_usual(a_run):
    run = a_run("a", "queued", created=0, agent_id="a1")
    assert run_findings(run, 750.0, usual=usual(FAST)) == (
        Finding(QUEUED_LONG, "queued for 12m 30s, usually 2.5s over 40 runs"),
    )
    assert run_findings(run, 7500.0) == (
        Finding(QUEUED_LONG, "queued for 2h 05m, too few runs are known to say what is usual"),
    )


@pytest.mark.parametrize(("offset", "found"), [(0.0, []), (600.0, [QUEUED_LONG])])
def test_an_outage_does_not_make_a_run_queued_long(fresh, a_run, offset, found):
    state, _ = apply_runs(
        fresh(), [run := a_run("a", "queued", created=0, agent_id="a1")], at=100.0, whole=True
    )
    assert names(run_findings(run, 9999.0, state, offset, usual(FAST))) == found


HOLDERS = [
    # the lock, the other runs, the finding and its text
    (
        ("locked", "b"),
        [("b", "running", 100)],
        WAITING_BEHIND,
        "waits behind b, running for 13m 20s; queued for",
    ),
    (("available", None), [("b", "running", 100)], WAITING_BEHIND, "waits behind b, running for 13m 20s"),
    (("locked", "b"), [("b", "queued", None)], WAITING_BEHIND, "waits behind b, queued for 15m 00s; "),
    (("locked", "x\x1b"), [], WAITING_BEHIND, "waits behind x␛; queued for 15m 00s, usually 2.5s over 40"),
    (("locked", "a"), [("b", "completed", 100)], QUEUED_LONG, "queued for 15m 00s"),
    (("locked", "b"), [("b", "completed", 100)], QUEUED_LONG, "queued for 15m 00s"),
    (("available", None), [("b", "queued", None)], QUEUED_LONG, "queued for 15m 00s"),
    (("available", None), [], QUEUED_LONG, "queued for 15m 00s"),
]


@pytest.mark.parametrize("case", HOLDERS)
def test_a_long_wait_names_the_run_in_front_or_no_cause(fresh, a_run, a_thread, case):
    lock, others, name, text = case
    run = a_run("a", "queued", created=0, agent_id="a1")
    rows = [run, *(a_run(key, status, created=0, started=began) for key, status, began in others)]
    state, _ = apply_runs(apply_thread(fresh(), a_thread(*lock), at=899.0), rows, at=900.0, whole=False)
    (found,) = run_findings(run, 900.0, state, usual=usual(FAST))
    assert found.name == name
    assert found.text.startswith(text)


def test_a_run_that_waits_for_an_orphaned_lock_names_its_ended_holder(fresh, look, a_run):
    rows = "a:queued b:completed"
    lock = ("locked", "b")
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", rows), (900.0, "T", *lock), (901.0, "="))
    waiting = state.runs["a"]._replace(created=0.0, agent_id="a1")
    (found,) = run_findings(waiting, 901.0, state, usual=usual(FAST))
    assert found.text.startswith("waits behind b, which has ended; ")


def test_a_short_wait_behind_another_run_is_normal(fresh, a_run, a_thread):
    rows = [a_run("a", "queued", created=0, agent_id="a1"), a_run("b", "running", created=0, started=1)]
    state, _ = apply_runs(
        apply_thread(fresh(), a_thread("locked", "b"), at=99.0), rows, at=QUEUED_FLOOR, whole=True
    )
    assert run_findings(rows[0], QUEUED_FLOOR, state, usual=usual(FAST)) == ()


@pytest.fixture
def watched(fresh, a_run):
    """Return a function that gives the state with a run started at 0, last changed at `touched`, observed until `until`."""

    def watch(touched, until, status="running"):
        row = a_run("a", status, created=0, started=0, agent_id="a1", usage={"total_tokens": 5})
        state, _ = apply_runs(fresh(), [row], at=touched - 1, whole=True)
        more = a_run("a", status, created=0, started=0, agent_id="a1", usage={"total_tokens": 6})
        state, _ = apply_runs(state, [more], at=touched, whole=True)
        return apply_unchanged(state, at=until)

    return watch


STALLS = [
    # usual times, last change, last observation, whether it is stalled
    (FAST, RUNNING_FLOOR - UNTOUCHED_FLOOR, RUNNING_FLOOR, False),
    (FAST, RUNNING_FLOOR - UNTOUCHED_FLOOR, RUNNING_FLOOR + 1, True),
    (FAST, RUNNING_FLOOR, RUNNING_FLOOR + UNTOUCHED_FLOOR - 1, False),
    (FAST, RUNNING_FLOOR, RUNNING_FLOOR + UNTOUCHED_FLOOR, True),
    (SLOW, 100, FAR_FACTOR * 400, False),
    (SLOW, 100, FAR_FACTOR * 400 + 1, True),
    (SLOW, FAR_FACTOR * 400, FAR_FACTOR * 400 + 399, False),
    (SLOW, FAR_FACTOR * 400, FAR_FACTOR * 400 + 400, True),
    (FEW, 100, RUNNING_DEFAULT, False),
    (FEW, 100, RUNNING_DEFAULT + 1, True),
    (FEW, RUNNING_DEFAULT, RUNNING_DEFAULT + UNTOUCHED_DEFAULT - 1, False),
    (FEW, RUNNING_DEFAULT, RUNNING_DEFAULT + UNTOUCHED_DEFAULT, True),
]


@pytest.mark.parametrize(("stats", "touched", "until", "found"), STALLS)
def test_stalled_needs_both_long_running_and_long_unchanged(watched, stats, touched, until, found):
    state = watched(touched, until)
    told = run_findings(state.runs["a"], until, state, usual=usual(stats))
    assert names(told) == ([STALLED] if found else [])


def test_the_text_of_stalled_names_both_times_and_what_is_usual(watched):
    state = watched(100.0, 1000.0)
    (found,) = run_findings(state.runs["a"], 1000.0, state, usual=usual(FAST))
    assert found.text == "no change for 15m 00s; running for 16m 40s, usually 2.5s over 40 runs"


def test_an_outage_alone_does_not_make_a_run_stalled(watched):
    state = watched(100.0, 102.0)
    assert run_findings(state.runs["a"], 9000.0, state, usual=usual(FAST)) == ()
    after = apply_unchanged(state, at=9000.0)
    assert names(run_findings(after.runs["a"], 9000.0, after, usual=usual(FAST))) == [STALLED]


def test_running_is_measured_by_the_server_clock_and_time_without_change_by_the_local_one(watched):
    state = watched(100.0, 250.0)
    assert run_findings(state.runs["a"], 250.0, state, 0.0, usual(FAST)) == ()
    assert names(run_findings(state.runs["a"], 1250.0, state, 1000.0, usual(FAST))) == [STALLED]


def test_a_run_without_a_trail_or_not_seen_is_not_stalled(watched, a_run):
    state = watched(100.0, 1000.0)
    assert (
        run_findings(a_run("other", created=0, started=0, agent_id="a1"), 1000.0, state, usual=usual(FAST))
        == ()
    )
    assert run_findings(state.runs["a"], 1000.0, usual=usual(FAST)) == ()
    gone, _ = apply_runs(state, [a_run("b", created=1)], at=1001.0, whole=True)
    assert names(run_findings(gone.runs["a"], 1001.0, gone, usual=usual(FAST))) == [VANISHED]


# --- contradictions --------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "found"), [(100 + GRACE, []), (100.5 + GRACE, [CONTRADICTION])])
@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_an_ended_run_with_is_active_is_a_contradiction_after_the_grace_time(a_run, status, now, found):
    ends = {"completed": "completed", "failed": "failed", "canceled": "cancelled"}
    run = a_run("a", status, is_active=True, created=0, started=1, **{ends[status]: 100})
    assert names(run_findings(run, now)) == found


def test_without_an_end_time_the_end_is_dated_by_the_observation(fresh, a_run):
    rows = [a_run("a", "running", is_active=True)], [run := a_run("a", "completed", is_active=True)]
    state, _ = apply_runs(fresh(), rows[0], at=10.0, whole=True)
    state, _ = apply_runs(state, rows[1], at=20.0, whole=True)
    assert run_findings(run, 9000.0) == ()
    assert run_findings(run, 9000.0, apply_unchanged(state, at=20.0 + GRACE)) == ()
    assert names(run_findings(run, 9000.0, apply_unchanged(state, at=20.5 + GRACE))) == [CONTRADICTION]


def test_is_active_false_is_the_default_and_proves_nothing(a_run):
    assert run_findings(a_run("a", "running", is_active=False, created=0, started=1), 100.0) == ()
    assert run_findings(a_run("a", "queued", is_active=False, created=0), 100.0) == ()


@pytest.mark.parametrize(
    ("created", "started", "completed", "text"),
    [
        (10, 9.1, 12, ""),  # times in whole seconds, or by different clocks
        (10, 9, 12, "started before it was created"),
        (10, 11, 10.1, ""),
        (10, 11, 10, "ended before it started"),
        (10, None, 9, "ended before it was created"),
        (10, None, 9.5, ""),
        (None, None, 9, ""),
        (10, 5, 3, "started before it was created; ended before it started"),
    ],
)
def test_times_out_of_order_by_a_second_are_one_finding(a_run, created, started, completed, text):
    run = a_run("a", "completed", created=created, started=started, completed=completed)
    assert run_findings(run, 100.0) == ((Finding(CONTRADICTION, text),) if text else ())


@pytest.mark.parametrize(
    ("prompt", "completion", "total", "found"),
    [
        (10, 5, 15, False),
        (10, 5, 14, True),
        (10, 5, 22, False),  # reasoning tokens, which only the total counts
        (10, 5, None, False),
        (10, None, 5, False),
        (None, 5, 4, False),
        (0, 0, 0, False),
        (123, 123, 123, True),
    ],
)
def test_tokens_that_do_not_add_up_are_a_finding(a_run, prompt, completion, total, found):
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    told = run_findings(a_run("a", usage=usage), 1.0)
    assert told == ((Finding(CONTRADICTION, "its tokens do not add up"),) if found else ())


def test_token_counts_that_fell_stay_a_finding_when_they_grow_again(fresh, a_run):
    state = fresh()
    for at, total, found in ((1.0, 5, False), (2.0, 9, False), (3.0, 8, True), (4.0, 20, True)):
        state, _ = apply_runs(state, [a_run("a", usage={"total_tokens": total})], at=at, whole=True)
        told = run_findings(state.runs["a"], at, state)
        assert told == ((Finding(CONTRADICTION, "a count of its tokens fell"),) if found else ())


def test_findings_are_sorted_by_severity(watched, a_run):
    state = watched(100.0, 1000.0)
    run = state.runs["a"]._replace(expires=500.0, prompt_tokens=9, completion_tokens=9)
    told = run_findings(run, 1000.0, state, usual=usual(FAST))
    assert names(told) == [STALLED, OVERDUE, CONTRADICTION]


# --- orphaned locks --------------------------------------------------------------------------------


@pytest.fixture
def look(a_run, a_thread):
    """Return a function that applies observations to a state.

    `T` is a row in the list of threads, `R` an answer with the thread's runs, `=` the same answer as before.
    """

    def fold(state, *story):
        for at, kind, *rest in story:
            if kind == "T":
                state = apply_thread(state, a_thread(*rest), at=at)
            elif kind == "=":
                state = apply_unchanged(state, at=at)
            else:
                rows = [a_run(*text.split(":")) for text in rest[0].split()]
                state, _ = apply_runs(state, rows, at=at, whole="partial" not in rest)
        return state

    return fold


LOCKS = [
    (("locked", None), "a:completed", "locked by no run"),
    (("locked", "ghost"), "a:completed", "locked by a run it does not list"),
    (("locked", "a"), "a:completed", "locked by a, which has completed"),
    (("locked", "a"), "a:failed", "locked by a, which has failed"),
    (("locked", "a"), "a:canceled", "locked by a, which has been cancelled"),
]


@pytest.mark.parametrize(("lock", "rows", "text"), LOCKS)
def test_a_lock_without_an_active_run_is_an_orphan_once_list_and_runs_confirm_it(
    fresh, look, lock, rows, text
):
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", rows))
    assert thread_findings(state) == ()
    for confirmed in (
        look(state, (12.5, "T", *lock), (12.5, "R", rows)),
        look(state, (13.0, "="), (14.0, "T", *lock)),
    ):
        assert thread_findings(confirmed) == (Finding(ORPHAN_LOCK, text),)
        assert (ORPHAN_LOCK in names(run_findings(confirmed.runs["a"], 20.0, confirmed))) == (lock[1] == "a")


@pytest.mark.parametrize(("lock", "rows", "_text"), LOCKS)
@pytest.mark.parametrize(
    "more",
    [
        ["T"],
        ["R"],
        ["R", "R", "R"],
        ["T", "T", "T"],
    ],
)
def test_the_list_or_the_runs_alone_do_not_confirm_an_orphan(fresh, look, lock, rows, _text, more):
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", rows))
    for step, kind in enumerate(more, start=1):
        state = look(state, (10.5 + 30 * step, "T", *lock) if kind == "T" else (10.5 + 30 * step, "R", rows))
    assert thread_findings(state) == ()


def test_list_and_runs_within_one_interval_do_not_confirm_an_orphan(fresh, look):
    lock = ("locked", "a")
    state = look(fresh(), (10.0, "T", *lock), (10.5, "R", "a:completed"))
    assert thread_findings(look(state, (12.4, "T", *lock), (60.0, "R", "a:completed"))) == ()
    assert thread_findings(look(state, (60.0, "T", *lock), (12.4, "R", "a:completed"))) == ()


RACES = {
    "the list was read just before the run ended": [
        (10.0, "T", "locked", "a"),
        (10.1, "R", "a:completed"),
        (12.1, "R", "a:completed"),
        (14.1, "="),
        (40.0, "T", "available", None),
    ],
    "another run took the lock since": [
        (10.0, "T", "locked", "a"),
        (10.1, "R", "a:completed"),
        (38.0, "="),
        (40.0, "T", "locked", "b"),
        (40.1, "R", "b:running a:completed"),
    ],
    "the list names a run that began after the runs were read": [
        (10.0, "R", "a:completed"),
        (40.0, "T", "locked", "b"),
        (42.0, "R", "b:running a:completed"),
        (70.0, "T", "locked", "b"),
    ],
    "runs begin and end between two observations, again and again": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:completed"),
        (20.0, "T", "locked", "b"),
        (21.0, "R", "b:completed a:completed"),
        (30.0, "T", "locked", "c"),
        (31.0, "R", "c:completed b:completed a:completed"),
        (40.0, "T", "available", None),
    ],
    "the holder is on a page not read yet": [
        (10.0, "R", "z:completed", "partial"),
        (11.0, "T", "locked", "a"),
        (20.0, "R", "z:completed", "partial"),
        (30.0, "T", "locked", "a"),
        (40.0, "R", "z:completed", "partial"),
    ],
    "a run with an unknown status may be active": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:requires_action"),
        (40.0, "T", "locked", "a"),
        (41.0, "="),
    ],
    "the runs were never read": [(10.0, "T", "locked", None), (40.0, "T", "locked", None)],
    "a lock with its active run": [
        (10.0, "T", "locked", "a"),
        (11.0, "R", "a:running"),
        (40.0, "T", "locked", "a"),
        (41.0, "="),
    ],
    "free, but the list still names a run": [
        (10.0, "T", "available", "a"),
        (11.0, "R", "a:completed"),
        (40.0, "T", "available", "a"),
        (41.0, "="),
    ],
}


@pytest.mark.parametrize("story", RACES.values(), ids=RACES.keys())
def test_list_and_runs_that_briefly_disagree_give_no_orphan(fresh, look, story):
    state = fresh()
    for step in story:
        state = look(state, step)
        assert thread_findings(state) == (), f"at {step}"
        for run in state.runs.values():
            assert ORPHAN_LOCK not in names(run_findings(run, step[0], state))


def test_a_lock_that_is_released_or_taken_again_is_no_orphan(fresh, look):
    lock = ("locked", "a")
    orphan = look(fresh(), (10.0, "T", *lock), (10.5, "R", "a:failed"), (40.0, "T", *lock), (41.0, "="))
    assert thread_findings(orphan)
    assert thread_findings(look(orphan, (70.0, "T", "available", None))) == ()
    assert thread_findings(look(orphan, (70.0, "T", "locked", "b"))) == ()
    assert thread_findings(look(orphan, (70.0, "R", "a:running"))) == ()


@pytest.mark.parametrize("seed", range(20))
def test_only_remarkable_runs_have_findings(seed):
    for at, state in RandomThread(Random(seed), "thr_1").states(12):
        some = {run.raw_id for run in remarkable_runs(state)}
        for run in state.runs.values():
            if run.active or run.is_active or run_findings(run, at + 1e5, state):
                assert run.raw_id in some


def test_a_run_in_good_order_is_not_remarkable(fresh, a_run):
    good = a_run("run_1", "completed", created=1, started=2, completed=3, usage={"total_tokens": 5})
    same = a_run("run_2", "failed", created=1, started=1, failed=1)
    late = a_run("run_3", "completed", created=1, started=2, completed=1.5)
    state, _ = apply_runs(fresh(), [good, same, late], at=9.0, whole=True)
    assert [run.raw_id for run in remarkable_runs(state)] == ["run_3"]
