"""Budget, backoff, schedule, intervals and circuit breaker, with time as a number."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import (
    AuthError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    TransportError,
    UnreadableError,
)
from flowtui.source.http.headers import MAX_RETRY_AFTER
from flowtui.source.poll.circuit_breaker import ALL, NONE, ONE, CircuitBreaker
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.schedule import MAX_BACKOFF, Budget, Schedule, backoff
from flowtui.source.poll.silence import Silence

A, B = ("runs", "a"), ("runs", "b")


def most_in_a_window(times, seconds=60.0):
    return max((sum(start <= at <= start + seconds for at in times) for start in times), default=0)


# -- budget


@given(
    limit=st.integers(1, 12),
    gaps=st.lists(st.floats(0, 40, allow_nan=False), max_size=120),
)
def test_the_budget_holds_in_any_window(limit, gaps):
    budget, now, times = Budget(limit), 0.0, []
    for gap in gaps:
        now += gap
        while (wait := budget.wait(now)) > 0:
            now += wait
        budget.take(now)
        times.append(now)
    assert most_in_a_window(times) <= limit


def test_after_a_burst_the_next_request_waits_for_the_end_of_the_minute():
    budget = Budget(300)
    for _ in range(300):
        assert budget.wait(5.0) == 0
        budget.take(5.0)
    assert budget.wait(5.0) == pytest.approx(60, abs=1.01)
    assert budget.wait(64.0) > 0
    assert budget.wait(66.0) == 0


def test_used_counts_requests_of_the_last_60_seconds():
    budget = Budget(300)
    for second in range(120):
        budget.take(float(second))
        assert budget.used(float(second)) == min(second + 1, 60)
    assert budget.used(119.5) == 60
    assert budget.used(150.5) == 29
    assert budget.used(400.0) == 0


def test_a_request_waits_a_margin_longer_than_the_window():
    """The server counts arrivals: a slow first request and a quick last one arrive closer together than they were sent."""
    budget = Budget(1)
    budget.take(0.0)
    assert budget.wait(60.5) > 0


def test_used_counts_the_last_minute_only():
    budget = Budget(10)
    budget.take(0.0)
    budget.take(30.0)
    assert [budget.used(now) for now in (30.0, 59.9, 60.5, 100.0)] == [2, 2, 1, 0]


# -- backoff


def delays(error, attempts, interval=2.0, count=300):
    rng = random.Random(3)
    return [backoff(error, attempts, interval, rng) for _ in range(count)]


@pytest.mark.parametrize("error", [AuthError("", status=401), NotFoundError("", status=404)])
def test_final_errors_are_not_retried(error):
    assert backoff(error, 0, 2.0, random.Random(1)) is None


def test_backoff_is_full_jitter_under_a_doubling_cap():
    for attempts in range(40):
        cap = min(MAX_BACKOFF, 2.0 * 2**attempts)
        some = delays(TransportError("x"), attempts)
        assert 0.5 <= min(some) < 0.2 * cap + 0.5
        assert 0.8 * cap < max(some) <= cap


def test_backoff_is_at_least_half_a_second():
    assert min(delays(TransportError("x"), 0, interval=0.001)) >= 0.5


def test_backoff_keeps_retry_after_up_to_its_limit():
    limited = RateLimitedError("x", status=429, retry_after=90.0)
    assert min(delays(limited, 0)) >= 90.0
    for asked in (1e9, float("inf")):
        assert set(delays(RateLimitedError("x", status=429, retry_after=asked), 0)) == {MAX_RETRY_AFTER}


@pytest.mark.parametrize("asked", [0.0, -5.0])
def test_after_a_retry_after_of_zero_there_is_still_a_backoff(asked):
    assert min(delays(RateLimitedError("x", status=429, retry_after=asked), 0)) >= 0.5


# -- schedule


def schedule(*targets):
    plan = Schedule(random.Random(1))
    for target in targets:
        plan.add(target, 0.0)
    return plan


def test_the_target_due_longest_comes_first():
    plan = schedule()
    plan.add(A, 5.0)
    plan.add(B, 3.0)
    plan.add(B, 0.0)
    assert plan.next_due() == 3.0
    assert plan.pop(2.9) is None
    assert [plan.pop(9.0), plan.pop(9.0), plan.pop(9.0)] == [B, A, None]


def test_a_target_that_is_being_polled_is_not_due():
    plan = schedule(A)
    assert plan.pop(0.0) == A
    plan.add(A, 0.0)
    plan.wanted(A, 0.0)
    assert plan.pop(100.0) is None
    assert A in plan


def test_polls_are_spread_and_never_late():
    plan, dues = schedule(A), []
    now = 0.0
    for _ in range(200):
        assert plan.pop(now) == A
        plan.succeeded(A, now, 30.0)
        dues.append(plan.next_due() - now)
        now = plan.next_due()
    assert min(dues) < 27.5
    assert max(dues) > 29.5
    assert all(27.0 <= due <= 30.0 for due in dues)


def test_a_slow_answer_keeps_the_interval_but_half_of_it_passes_after():
    plan = schedule(A)
    plan.pop(0.0)
    plan.succeeded(A, 0.8, 2.0)
    assert plan.next_due() <= 2.0
    plan.pop(2.0)
    plan.succeeded(A, 10.0, 2.0)
    assert plan.next_due() == 11.0


def test_hasten_makes_a_target_due_once():
    plan = schedule(A)
    plan.pop(0.0)
    plan.succeeded(A, 0.0, 30.0)
    plan.hasten(A, 1.0)
    plan.hasten(A, 1.0)
    assert plan.pop(1.0) == A
    plan.succeeded(A, 1.0, 30.0)
    assert plan.next_due() > 20


def test_hasten_never_delays():
    plan = schedule(A)
    plan.pop(0.0)
    plan.succeeded(A, 0.0, 30.0)
    plan.hasten(A, 1.0, 9.0)
    assert plan.next_due() == 9.0
    plan.hasten(A, 1.0, 12.0)
    assert plan.next_due() == 9.0


@pytest.mark.parametrize("error", [None, NotFoundError("", status=404)])
def test_hasten_during_a_poll_polls_once_more(error):
    """The answer of the running poll may be outdated, also if it is a final error."""
    plan = schedule(A)
    plan.pop(0.0)
    plan.hasten(A, 1.0)
    assert plan.next_due() is None
    if error is None:
        plan.succeeded(A, 2.0, 30.0)
    else:
        assert plan.failed(A, 2.0, error, 30.0) is not None
    assert plan.pop(2.5) == A
    if error is None:
        plan.succeeded(A, 3.0, 30.0)
        assert plan.next_due() > 20
    else:
        assert plan.failed(A, 3.0, error, 30.0) is None
        assert plan.next_due() is None


def test_hasten_during_a_poll_keeps_the_backoff():
    plan = schedule(A)
    plan.pop(0.0)
    plan.hasten(A, 1.0)
    delay = plan.failed(A, 2.0, RateLimitedError("", status=429, retry_after=40.0), 2.0)
    assert delay >= 40
    assert plan.next_due() == 2.0 + delay


def test_a_dropped_target_is_due_again():
    plan = schedule(A)
    plan.pop(0.0)
    plan.dropped(A, 7.0)
    assert plan.pop(7.0) == A


def test_a_success_resets_the_failures():
    plan = schedule(A)
    for _ in range(12):
        plan.pop(1e9)
        plan.failed(A, 0.0, TransportError("x"), 2.0)
    assert plan.failing(A)
    assert plan.waiting_to_retry() == [A]
    plan.pop(1e9)
    plan.succeeded(A, 0.0, 2.0)
    assert not plan.failing(A)
    plan.pop(1e9)
    assert plan.failed(A, 0.0, TransportError("x"), 2.0) <= 2.0


def test_held_targets_wait_until_wanted():
    plan = schedule(A)
    plan.pop(0.0)
    plan.hold(A)
    assert plan.next_due() is None
    plan.wanted(A, 50.0)
    plan.wanted(A, 10.0)
    assert plan.next_due() == 50.0
    assert Schedule().next_due() is None
    Schedule().hasten(A, 0.0)


def test_the_queue_does_not_grow_with_hasten():
    plan = schedule(A)
    for now in range(1000):
        plan.hasten(A, float(now))
        plan.pop(float(now))
        plan.succeeded(A, float(now), 30.0)
    plan.next_due()
    assert len(plan._queue) < 40


# -- intervals


def settle_all(intervals, moving, quiet):
    """Return the intervals of a moving and of a quiet thread, and the requests a minute of all threads."""
    for number in range(moving):
        intervals.settle(("runs", f"m{number}"), 0.0, active=True)
    for number in range(quiet):
        intervals.settle(("runs", f"q{number}"), 0.0, active=False)
    fast = intervals.settle(("runs", "m0"), 0.0, active=True) if moving else None
    slow = intervals.settle(("runs", "q0"), 0.0, active=False) if quiet else None
    a_minute = (60 / fast * moving if fast else 0) + (60 / slow * quiet if slow else 0)
    return fast, slow, a_minute


def test_wished_intervals_within_the_budget_are_kept():
    assert settle_all(Intervals(2.0, 30.0, 300), 4, 20)[:2] == (2.0, 30.0)


@pytest.mark.parametrize("moving", [0, 3, 50, 400])
@pytest.mark.parametrize("quiet", [0, 100, 5000])
@pytest.mark.parametrize("budget", [6, 300])
def test_wished_intervals_beyond_the_budget_are_stretched(moving, quiet, budget):
    fast, slow, a_minute = settle_all(Intervals(2.0, 30.0, budget), moving, quiet)
    assert a_minute <= budget
    assert fast is None or fast >= 2.0
    assert slow is None or slow >= 30.0


def test_quiet_threads_are_stretched_first():
    fast, slow, _ = settle_all(Intervals(2.0, 30.0, 300), 4, 1000)
    assert fast == 2.0
    assert slow > 200


def test_quiet_threads_keep_a_share_of_the_budget():
    _, slow, _ = settle_all(Intervals(2.0, 30.0, 300), 500, 100)
    assert slow < 120


def test_a_thread_that_becomes_quiet_frees_its_share():
    intervals = Intervals(2.0, 30.0, 60)
    for i in range(100):
        stretched = intervals.settle(("runs", str(i)), 0.0, active=True)
    assert stretched > 50
    for i in range(1, 100):
        intervals.settle(("runs", str(i)), 0.0, active=False)
    assert intervals.settle(("runs", "0"), 0.0, active=True) == 2.0


def test_first_observations_leave_half_of_the_budget():
    intervals = Intervals(2.0, 30.0, 300)
    dues = intervals.spread(1000, 7.0)
    assert dues[:25] == [7.0] * 25
    assert dues == sorted(dues)
    for start in (100, 500):
        looks = sum(dues[start] <= due < dues[start] + 60 for due in dues)
        assert looks * 3 <= 153


def test_first_observations_down_to_a_moment_are_one_page_each_so_more_are_made():
    dues = Intervals(2.0, 30.0, 300).spread(200, 0.0, short=True)
    assert dues[:75] == [0.0] * 75
    assert dues[-1] <= 60.0


def test_quiet_threads_wait_while_many_are_loaded():
    intervals = Intervals(2.0, 30.0, 300)
    settle_all(intervals, 1, 100)
    assert intervals.settle(("runs", "q0"), 0.0, active=False) == 30.0
    end = intervals.spread(500, 0.0)[-1]
    assert intervals.settle(("runs", "q0"), 1.0, active=False) > 60.0
    assert intervals.settle(("runs", "m0"), 1.0, active=True) == 2.0
    assert intervals.settle(("runs", "q0"), end, active=False) == 30.0


def test_a_few_new_threads_do_not_slow_down_quiet_ones():
    intervals = Intervals(2.0, 30.0, 300)
    settle_all(intervals, 0, 100)
    assert intervals.spread(20, 5.0) == [5.0] * 20
    assert intervals.spread(0, 5.0) == []
    assert intervals.settle(("runs", "q0"), 5.0, active=False) == 30.0


def test_a_long_list_is_read_less_often():
    intervals = Intervals(2.0, 30.0, 300)
    assert intervals.listing(1) == 30.0
    assert intervals.listing(60) == 120.0


def test_room_is_lower_after_a_burst():
    budget = Budget(300)
    assert budget.room(0.0) == 5.0
    for _ in range(150):
        budget.take(0.5)
    assert budget.room(1.0) == pytest.approx((0.95 * 300 - 150) / 61, rel=0.02), (
        "the burst counts for a minute"
    )
    assert budget.room(50.0) == 5.0, "the burst stops counting in a few seconds"
    for _ in range(140):
        budget.take(50.0)
    assert budget.room(50.0) == 0.0
    assert budget.room(200.0) == 5.0


@pytest.mark.parametrize("seed", range(5))
def test_requests_at_the_rate_of_room_never_wait(seed):
    rng, budget, now = random.Random(seed), Budget(120), 0.0
    for _ in range(60):
        budget.take(now)
    while now < 600:
        assert budget.wait(now) == 0
        budget.take(now)
        now += rng.uniform(0.9, 1.1) / max(budget.room(now), 0.1)


# -- circuit breaker

LIST = ("threads", "")


def _runs(key):
    return ("runs", key)


def test_after_a_recovered_thread_all_failing_threads_are_polled():
    breaker = CircuitBreaker(random.Random(1))
    for number in range(12):
        breaker.failed(UnreadableError("html"), float(number), _runs(f"t{number % 4}"))
        breaker.answered(("spans", ""), recovered=False)  # requests for spans never fail
    assert breaker.answered(_runs("t1"), recovered=True) == ALL
    assert breaker.answered(_runs("t2"), recovered=True) == NONE, "already returned once"


def test_after_an_answer_about_another_thread_one_failing_thread_is_polled():
    breaker = CircuitBreaker(random.Random(1))
    for number in range(6):
        breaker.failed(ServerError("x", status=500), 0.0, _runs(f"t{number}"))
    assert breaker.answered(_runs("good"), recovered=False) == ONE
    breaker.probe = _runs("t1")
    breaker.answered(("spans", ""), recovered=False)
    assert breaker.answered(_runs("t1"), recovered=True) == ALL
    breaker.probe = _runs("t2")
    breaker.failed(ServerError("x", status=500), 0.0, _runs("t2"))
    assert breaker.answered(_runs("t2"), recovered=True) == NONE, "one failing thread is no outage"


@pytest.mark.parametrize("seed", range(5))
def test_the_pause_before_a_probe_is_at_most_an_eighth_of_the_outage(seed):
    breaker, now = CircuitBreaker(random.Random(seed)), 0.0
    while now < 1000:
        breaker.failed(ServerError("x", status=500), now, LIST)
        assert breaker.wait(now) <= max(1.0, now / 8) + 1e-6
        now += max(breaker.wait(now), 0.2)
    breaker.failed(ServerError("x", status=503, retry_after=50.0), now, LIST)
    assert breaker.wait(now) >= 49.999, "a Retry-After of the server is kept"


def test_requests_are_held_back_since_the_first_failure_or_the_limit():
    breaker = CircuitBreaker(random.Random(1))
    assert breaker.holding_since(0.0) is None
    breaker.failed(RateLimitedError("slow down", status=429, retry_after=30.0), 10.0, LIST)
    assert breaker.holding_since(20.0) == (10.0, "rate_limited", "slow down")
    assert breaker.holding_since(41.0) is None
    for number in range(4):
        breaker.failed(TransportError(f"down {number}"), 50.0 + number, LIST)
    assert breaker.holding_since(60.0) == (10.0, TransportError("").kind, "down 3")


# -- silence


def test_an_unanswered_request_is_published_after_a_second():
    silence = Silence()
    silence.asked(5.0, news=False, full=False)
    assert silence.wait(9.0) is None
    silence.asked(10.0, news=True, full=False)
    silence.asked(10.5, news=True, full=False)
    assert silence.wait(10.5) == 0.5
    silence.told()
    assert silence.wait(99.0) is None


def test_polls_are_held_back_while_all_connections_wait_for_answers():
    silence, breaker = Silence(), CircuitBreaker(random.Random(1))
    silence.asked(1.0, news=True, full=False)
    assert silence.holds(breaker, 5.0, 5.0) is None
    silence.asked(2.0, news=True, full=True)
    assert silence.holds(breaker, 5.0, 5.0).since == 1.0
    silence.asked(12.0, news=True, full=False)  # a request was given up, and another thread is requested
    assert silence.holds(breaker, 15.0, 15.0).since == 1.0
    silence.answered()
    assert silence.holds(breaker, 15.0, 15.0) is None


def test_single_failures_do_not_trip_the_breaker():
    breaker = CircuitBreaker(random.Random(1))
    for _ in range(50):
        for _ in range(4):
            breaker.failed(TransportError("x"), 0.0, LIST)
        assert breaker.answered(LIST, recovered=True) == NONE
    assert breaker.wait(0.0) == 0
    assert not breaker.tripped


def test_failures_in_a_row_trip_the_breaker_and_an_answer_resets_it():
    breaker, now, probes = CircuitBreaker(random.Random(1)), 0.0, 0
    while now < 3600:
        breaker.failed(ServerError("x", status=500), now, LIST)
        probes += 1
        now += max(breaker.wait(now), 0.01)
    assert breaker.tripped
    assert 60 <= probes <= 250
    assert breaker.answered(LIST, recovered=True) == ALL
    assert breaker.wait(now) == 0
    assert not breaker.tripped


def test_a_tripped_breaker_keeps_reason_and_start_but_no_body():
    breaker = CircuitBreaker(random.Random(1))
    for number in range(7):
        assert (breaker.outage(20.0, 20.0) is None) == (number < 5)
        breaker.failed(UnreadableError(f"the server sent {number}", hint="Try again"), 10.0 + number, LIST)
    assert breaker.outage(20.0, 20.0) == ("unreadable", "the server sent 6. Try again", 10.0)
    breaker.answered(LIST, recovered=True)
    assert breaker.outage(20.0, 20.0) is None
    breaker.failed(TransportError("x"), 99.0, LIST)
    assert breaker.outage(100.0, 100.0) is None, "one failure is no outage"


def test_reset_keeps_a_rate_limit():
    breaker = CircuitBreaker(random.Random(1))
    for _ in range(9):
        breaker.failed(UnreadableError("x"), 0.0, LIST)
    breaker.reset()
    assert (breaker.tripped, breaker.wait(0.0)) == (False, 0.0)
    breaker.failed(RateLimitedError("x", status=429, retry_after=30.0), 0.0, LIST)
    breaker.reset()
    breaker.answered(LIST, recovered=True)
    assert breaker.wait(10.0) == 20.0
    breaker.failed(RateLimitedError("x", status=429, retry_after=1e9), 10.0, LIST)
    assert breaker.wait(10.0) == MAX_RETRY_AFTER


def test_a_target_that_failed_is_being_retried_until_it_is_held_or_answers():
    schedule, target = Schedule(random.Random(1)), ("runs", "thr_1")
    assert not schedule.retrying(target)
    schedule.add(target, 0.0)
    assert schedule.pop(0.0) == target
    assert schedule.failed(target, 0.0, TransportError("nobody answers"), 2.0) is not None
    assert schedule.retrying(target)
    assert schedule.pop(100.0) == target
    schedule.succeeded(target, 100.0, 2.0)
    assert not schedule.retrying(target)
