"""Health: the words and limits of the command line contract, at their borders."""

from __future__ import annotations

import pytest

from flowtui.model.health import (
    LATE,
    LIVE,
    LOADING,
    LOST,
    REFUSED,
    STALE,
    WORST_LAST,
    Health,
    thread_health,
    worst,
)
from flowtui.model.store import Failure, see_failure, see_same

SEEN = 1000.0
RETRIED = Failure("server", "500 Internal Server Error", since=SEEN + 2, retry_at=SEEN + 9999)


@pytest.mark.parametrize("failure", [None, RETRIED])
@pytest.mark.parametrize(
    ("interval", "behind", "word"),
    [
        (2.0, -5.0, LIVE),  # the clock was set back
        (2.0, 0.0, LIVE),
        (2.0, 3.0, LIVE),  # 1.5 intervals
        (2.0, 3.01, LATE),
        (2.0, 6.0, LATE),  # 3 intervals
        (2.0, 6.01, STALE),
        (2.0, 120.0, STALE),  # 2 min
        (2.0, 120.01, LOST),
        (30.0, 45.0, LIVE),  # a quiet thread
        (30.0, 45.1, LATE),
        (30.0, 90.1, STALE),
        (30.0, 120.1, LOST),
        (60.0, 120.1, LOST),
        (300.0, 449.0, LIVE),  # an interval beyond the 2 min: not lost before it is late
        (300.0, 450.1, LOST),
    ],
)
def test_freshness_is_judged_by_the_last_good_answer(fresh, interval, behind, word, failure):
    state = see_same(fresh(interval=interval), at=SEEN)
    if failure is not None:
        state = see_failure(state, failure)
    health = thread_health(state, SEEN + behind)
    assert health.word == word
    assert health.since == SEEN
    assert bool(health.cause) == (word != LIVE)
    if failure is not None and word != LIVE:
        assert health.cause == "500 Internal Server Error"


def test_without_an_error_the_cause_is_the_silence(fresh):
    assert thread_health(see_same(fresh(), at=SEEN), SEEN + 64).cause == "no answer for 1m 04s"


@pytest.mark.parametrize("kind", ["refused", "forbidden"])
@pytest.mark.parametrize("retry_at", [None, SEEN + 1])
def test_401_and_403_are_refused_at_once(fresh, kind, retry_at):
    state = see_failure(
        see_same(fresh(), at=SEEN), Failure(kind, "check the key", since=SEEN, retry_at=retry_at)
    )
    assert thread_health(state, SEEN) == Health(REFUSED, "check the key", SEEN)


@pytest.mark.parametrize("kind", ["not_found", "rejected", "too_large", "server"])
def test_after_the_last_retry_it_is_lost_at_once(fresh, kind):
    state = see_failure(see_same(fresh(), at=SEEN), Failure(kind, "no such thread", since=SEEN))
    assert thread_health(state, SEEN + 1) == Health(LOST, "no such thread", SEEN)


def test_before_the_first_answer_it_is_loading_then_stale_then_lost(fresh):
    assert thread_health(fresh(), SEEN) == Health(LOADING, "", None)
    state = see_failure(fresh(), Failure("timeout", "slow", since=SEEN, retry_at=SEEN + 1))
    assert thread_health(state, SEEN + 120) == Health(STALE, "slow", None)
    assert thread_health(state, SEEN + 120.1) == Health(LOST, "slow", None)


def test_recovery_makes_it_live(fresh):
    state = see_failure(see_same(fresh(), at=SEEN), RETRIED)
    assert thread_health(see_same(state, at=SEEN + 100), SEEN + 101) == Health(LIVE, "", SEEN + 100)


def test_the_worst_of_several():
    healths = [Health(word, word, None) for word in WORST_LAST]
    for number, health in enumerate(healths):
        assert worst([*healths[number::-1], healths[0]]) == health
    assert worst([]) == Health(LOADING, "", None)
    assert WORST_LAST == (LIVE, LOADING, LATE, STALE, LOST, REFUSED)


@pytest.mark.parametrize(("word", "good"), [(LIVE, True), (LOADING, True), (LATE, False), (LOST, False)])
def test_good_is_live_or_on_its_way(word, good):
    assert Health(word, "", None).good == good
