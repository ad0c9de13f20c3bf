"""The health of threads just before and after each limit, and coverage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.state.health import (
    LATE,
    LIVE,
    LOADING,
    LOST,
    REFUSED,
    RESTORED,
    SEEN,
    STALE,
    WORST_LAST,
    Coverage,
    Health,
    Withheld,
    freshness,
    thread_health,
    worst,
)
from flowtui.model.state.known_runs import Failure, apply_failure, apply_request, apply_unchanged

AT = 1000.0
RETRIED = Failure("server", "500 Internal Server Error", since=AT + 2, retry_at=AT + 9999)


@pytest.mark.parametrize("failure", [None, RETRIED])
@pytest.mark.parametrize(
    ("interval", "out", "word"),
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
        (300.0, 45.0, LIVE),  # a thread that is polled rarely: late, stale and lost still follow one another
        (300.0, 45.1, LATE),
        (300.0, 90.1, STALE),
        (300.0, 120.1, LOST),
    ],
)
def test_a_thread_gets_late_stale_and_lost_while_an_answer_is_outstanding(
    fresh, interval, out, word, failure
):
    state = apply_request(apply_unchanged(fresh(interval=interval), at=AT), AT + interval)
    if failure is not None:
        state = apply_failure(state, failure)
    health = thread_health(state, AT + interval + out)
    assert health.word == word
    assert health.since == AT
    assert bool(health.cause) == (word != LIVE)
    if failure is not None and word != LIVE:
        assert health.cause == "500 Internal Server Error"


@pytest.mark.parametrize(
    ("interval", "behind", "word"),
    [
        (2.0, 3.0, LIVE),
        (2.0, 3.1, SEEN),
        (144.0, 120.1, LIVE),
        (144.0, 216.0, LIVE),
        (144.0, 217.0, SEEN),
        (2.0, 1e5, SEEN),
    ],
)
def test_without_a_request_a_thread_is_live_then_seen(fresh, interval, behind, word):
    health = thread_health(apply_unchanged(fresh(interval=interval), at=AT), AT + behind)
    assert (health.word, health.since, health.good) == (word, AT, True)


def test_a_thread_that_waits_for_its_poll_names_its_interval(fresh):
    health = thread_health(apply_unchanged(fresh(interval=144.0), at=AT), AT + 300)
    assert health.cause == "waits for its turn, polled every 2m"


@pytest.mark.parametrize(
    ("since", "out", "word"),
    [
        (AT - 50, 0.0, LIVE),  # its next poll is due now
        (AT - 50, 45.1, LATE),
        (AT - 50, 90.1, STALE),
        (AT - 50, 120.1, LOST),
        (AT + 200, 102.0, LATE),  # due long before the server failed: only the time of the failure counts
        (AT + 200, 147.0, STALE),
    ],
)
def test_a_request_that_is_held_back_counts_as_unanswered_once_it_is_due(fresh, since, out, word):
    state = apply_unchanged(fresh(interval=144.0), at=AT)
    held = Withheld(since, "503 Service Unavailable")
    health = thread_health(state, AT + 144 + out, held)
    assert health.word == word
    assert health.cause == ("" if word == LIVE else "503 Service Unavailable")
    assert thread_health(state, AT + 144 + out).good, "once the server answers it waits for its turn"


def test_held_back_requests_do_not_matter_before_the_next_one_is_due(fresh):
    state = apply_unchanged(fresh(interval=144.0), at=AT)
    assert thread_health(state, AT + 140, Withheld(AT - 500, "down")).word == LIVE


def test_after_a_failure_the_time_since_the_first_request_counts(fresh):
    state = apply_request(apply_unchanged(fresh(interval=2.0), at=AT), AT + 2)
    failed = apply_failure(state, replace(RETRIED, since=AT + 12))
    assert apply_request(failed, AT + 40).asked == AT + 2
    assert apply_request(failed, None).asked == AT + 2
    assert apply_request(state, None).asked is None
    assert apply_unchanged(failed, at=AT + 50).asked is None


def test_freshness_agrees_with_the_health_of_each_thread(fresh):
    now, held = AT + 300, Withheld(AT + 100, "down")
    states = {
        "live": apply_unchanged(fresh(interval=30.0), at=now - 20),
        "seen": apply_unchanged(fresh(interval=30.0), at=now - 50),
        "asked": apply_request(apply_unchanged(fresh(interval=2.0), at=now - 9), now - 7),
        "lost": apply_failure(apply_unchanged(fresh(), at=AT), Failure("not_found", "404", since=AT)),
    }
    for withheld in (None, held):
        healths = {key: thread_health(state, now, withheld) for key, state in states.items()}
        got = freshness(states, now, withheld)
        assert got.live == sum(health.word == LIVE for health in healths.values())
        assert got.stale == {key for key, health in healths.items() if not health.good}
        assert got.worst == healths["lost"]
    assert freshness({"seen": states["seen"]}, now).worst.word == SEEN, "nothing fresher is claimed"
    assert freshness({key: states[key] for key in ("live", "seen")}, now).worst.word == LIVE


@pytest.fixture
def restored(fresh):
    """A thread that an earlier start observed an hour before `AT`."""
    return replace(apply_unchanged(fresh(), at=AT - 3600), restored=AT - 3600)


def test_a_restored_thread_is_neither_live_nor_lost_until_its_answer_is_missing(restored):
    assert thread_health(restored, AT) == Health(RESTORED, "", AT - 3600)
    assert thread_health(restored, AT + 9_000) == Health(RESTORED, "", AT - 3600)
    asked = apply_request(restored, AT)
    assert [thread_health(asked, AT + out).word for out in (1, 5, 100, 200)] == [RESTORED, LATE, STALE, LOST]
    assert thread_health(apply_unchanged(asked, at=AT + 1), AT + 1).word == LIVE
    held = Withheld(AT, "down")
    assert [thread_health(restored, AT + out, held).word for out in (1, 200)] == [RESTORED, LOST]
    failed = apply_failure(asked, RETRIED)
    assert thread_health(failed, AT + 200) == Health(LOST, RETRIED.message, AT - 3600)


def test_many_threads_are_restored_while_one_is_and_say_how_many(fresh, restored):
    live = apply_unchanged(fresh(interval=30.0), at=AT)
    older = replace(restored, observed=AT - 7200, restored=AT - 7200)
    gone = replace(restored, observed=AT - 9_999, restored=AT - 9_999, gone=True)
    got = freshness({"a": live, "b": restored, "c": older, "d": gone, "e": fresh()}, AT)
    assert (got.worst, got.live, got.restored, got.stale) == (
        Health(RESTORED, "", AT - 7200),
        1,
        2,
        frozenset(),
    )
    asked = apply_request(restored, AT)
    assert freshness({"a": live, "b": asked}, AT + 1).restored == 1
    assert freshness({"a": live, "d": gone}, AT).worst.word == LIVE, "it is not read again"
    assert freshness({"d": gone}, AT).worst == Health(RESTORED, "", AT - 9_999)
    assert thread_health(gone, AT + 9_999, Withheld(AT, "down")).word == RESTORED
    down = freshness({"a": live, "b": restored}, AT + 200, Withheld(AT, "down"))
    assert (down.worst.word, down.stale) == (LOST, {"a", "b"})


def test_without_an_error_the_cause_is_the_missing_answer(fresh):
    state = apply_request(apply_unchanged(fresh(), at=AT), AT + 2)
    assert thread_health(state, AT + 66).cause == "no answer for 1m 04s"


@pytest.mark.parametrize("kind", ["refused", "forbidden"])
@pytest.mark.parametrize("retry_at", [None, AT + 1])
def test_after_a_401_or_403_a_thread_is_refused_at_once(fresh, kind, retry_at):
    state = apply_failure(
        apply_unchanged(fresh(), at=AT), Failure(kind, "check the key", since=AT, retry_at=retry_at)
    )
    assert thread_health(state, AT) == Health(REFUSED, "check the key", AT)


@pytest.mark.parametrize("kind", ["not_found", "rejected", "too_large", "server"])
def test_after_a_failure_without_retry_a_thread_is_lost_at_once(fresh, kind):
    state = apply_failure(apply_unchanged(fresh(), at=AT), Failure(kind, "no such thread", since=AT))
    assert thread_health(state, AT + 1) == Health(LOST, "no such thread", AT)


def test_before_the_first_answer_a_thread_is_loading_then_stale_then_lost(fresh):
    assert thread_health(fresh(), AT) == Health(LOADING, "", None)
    state = apply_failure(fresh(), Failure("timeout", "slow", since=AT, retry_at=AT + 1))
    assert thread_health(state, AT + 120) == Health(STALE, "slow", None)
    assert thread_health(state, AT + 120.1) == Health(LOST, "slow", None)


def test_an_answer_makes_a_thread_live_again(fresh):
    state = apply_failure(apply_unchanged(fresh(), at=AT), RETRIED)
    assert thread_health(apply_unchanged(state, at=AT + 100), AT + 101) == Health(LIVE, "", AT + 100)


def test_worst_returns_the_worst_health():
    healths = [Health(word, word, None) for word in WORST_LAST]
    for number, health in enumerate(healths):
        assert worst([*healths[number::-1], healths[0]]) == health
    assert worst([]) == Health(LOADING, "", None)
    assert WORST_LAST == (SEEN, LIVE, LOADING, RESTORED, LATE, STALE, LOST, REFUSED)


@pytest.mark.parametrize(("word", "good"), [(LIVE, True), (LOADING, True), (LATE, False), (LOST, False)])
def test_live_and_loading_are_good_late_and_lost_are_not(word, good):
    assert Health(word, "", None).good == good


def test_coverage_is_complete_if_the_only_threads_left_cannot_be_read():
    assert not Coverage(threads=2, read=1, unread=1).complete
    assert Coverage(threads=2, read=1, failed=1).complete
