"""Results of requests to cancel, in every order in which replies and observations can arrive."""

from __future__ import annotations

import itertools

import pytest

from flowtui.model.events.cancellation import (
    ASKED,
    CANCELLED,
    FINISHED_FIRST,
    MIN_OBSERVATIONS,
    MIN_SECONDS,
    NOT_SENT,
    REFUSED,
    STILL_RUNNING,
    UNKNOWN,
    WAITING,
    Cancellation,
    Cancellations,
    CancelReply,
    message,
    state_text,
    summary,
)
from flowtui.model.state.snapshot import Snapshot

AT = 1_800_000_000.0


@pytest.fixture
def look(a_run, fresh):
    """Return the function that makes a snapshot of one thread, with a status for each run; None: there is no such run."""

    def make(at, *, absent=(), **statuses):
        runs = {name: a_run(name, status) for name, status in statuses.items() if status is not None}
        return Snapshot(
            at, threads={"thr_1": fresh(runs=runs, observed=at, whole=True, not_seen=frozenset(absent))}
        )

    return make


@pytest.fixture
def asked(a_run):
    """Return cancellations with a request for run_1 that was sent at AT."""
    run = a_run("run_1")
    return Cancellations().ask(run, AT).sent(run.key, AT)


KEY = ("thr_1", "run_1")
ACCEPTED = CancelReply(ASKED, AT + 0.5)
LOST = CancelReply(UNKNOWN, AT + 10, "POST: no whole answer within 10 s")


def word(known):
    return known.of(KEY).word


def looks_at(known, look, times, **statuses):
    news = []
    for at in times:
        known, new = known.see(look(at, **statuses))
        news += [one.word for one in new]
    return known, news


def test_an_accepted_request_is_asked_until_the_list_shows_the_result(asked, look):
    known = asked.answered(KEY, ACCEPTED)
    assert word(known) == ASKED
    known, news = looks_at(known, look, (AT + 2, AT + 4, AT + 6, AT + 8), run_1="running")
    assert (word(known), news) == (ASKED, [])
    assert state_text(known.of(KEY), AT + 8) == "cancelling 8s"


@pytest.mark.parametrize(
    ("status", "became"),
    [
        ("canceled", CANCELLED),
        ("cancelled", CANCELLED),
        ("completed", FINISHED_FIRST),
        ("failed", FINISHED_FIRST),
    ],
)
@pytest.mark.parametrize("answer", [ACCEPTED, LOST])
@pytest.mark.parametrize("order", list(itertools.permutations(["answer", "active", "ended"])))
def test_the_runs_end_in_the_list_decides_even_if_it_is_seen_before_the_reply(
    *, asked, look, status, became, answer, order
):
    known = asked
    news = []
    for number, what in enumerate(order, 1):
        if what == "answer":
            known = known.answered(KEY, answer._replace(at=AT + number))
        else:
            seen = "running" if what == "active" else status
            known, new = known.see(look(AT + number, run_1=seen))
            news += [one.word for one in new]
    assert (word(known), news) == (became, [became])


def test_a_run_still_active_after_3_observations_and_15_s_is_reported_once(asked, look):
    known, news = looks_at(
        asked.answered(KEY, ACCEPTED), look, range(int(AT) + 2, int(AT) + 40, 2), run_1="running"
    )
    assert (word(known), news) == (STILL_RUNNING, [STILL_RUNNING])
    assert state_text(known.of(KEY), AT + 20) == "still running 20s after the request to cancel"
    assert "the API accepted it. It was not repeated" in message(known.of(KEY), AT + 20)


def test_still_running_takes_both_enough_time_and_enough_observations(asked, look):
    known = asked.answered(KEY, ACCEPTED)
    few, _ = looks_at(known, look, (AT + 60, AT + 120), run_1="running")
    assert word(few) == ASKED
    early, _ = looks_at(known, look, (AT + 1 + number / 10 for number in range(100)), run_1="running")
    assert word(early) == ASKED
    assert (MIN_OBSERVATIONS, MIN_SECONDS) == (3, 15.0)


def test_repeated_observations_and_those_before_the_reply_do_not_count(asked, look):
    known, _ = looks_at(asked, look, (AT - 30, AT + 0.1, AT + 0.2), run_1="running")
    known = known.answered(KEY, ACCEPTED)
    known, news = looks_at(known, look, [AT + 0.3, *[AT + 30] * 9, AT + 31], run_1="running")
    assert (word(known), news, known.of(KEY).observations) == (ASKED, [], 2)


@pytest.mark.parametrize(("status", "became"), [("canceled", CANCELLED), ("completed", FINISHED_FIRST)])
def test_after_still_running_the_end_of_the_run_is_reported(asked, look, status, became):
    known, _ = looks_at(asked.answered(KEY, ACCEPTED), look, (AT + 5, AT + 10, AT + 20), run_1="running")
    assert word(known) == STILL_RUNNING
    known, news = looks_at(known, look, (AT + 25,), run_1=status)
    assert (word(known), news) == (became, [became])


def test_a_run_with_an_undocumented_status_counts_as_still_running(asked, look):
    known, _ = looks_at(asked.answered(KEY, ACCEPTED), look, (AT + 5, AT + 10, AT + 20), run_1="cancelling")
    assert state_text(known.of(KEY), AT + 20) == "still cancelling 20s after the request to cancel"


def test_a_reply_after_the_run_was_seen_to_end_changes_nothing(asked, look):
    known, _ = asked.see(look(AT + 1, run_1="completed"))
    for late in (ACCEPTED, LOST, CancelReply(REFUSED, AT + 2, "409")):
        assert known.answered(KEY, late) is known


def test_without_new_observations_a_request_stays_unanswered(asked, look):
    known = asked.answered(KEY, ACCEPTED)
    stale = look(AT - 1, run_1="running")
    for _ in range(50):
        known, news = known.see(stale)
        assert not news
    assert word(known) == ASKED
    assert known.see(Snapshot(AT + 99))[0] is known


@pytest.mark.parametrize("absent", [{"run_1": None}, {"run_1": "running", "absent": ["run_1"]}])
def test_if_the_run_is_missing_from_the_list_the_result_is_unknown(asked, look, absent):
    known, news = looks_at(asked.answered(KEY, ACCEPTED), look, (AT + 5, AT + 10, AT + 20), **absent)
    assert (word(known), news) == (UNKNOWN, [UNKNOWN])
    assert "not in its thread's list" in message(known.of(KEY), AT + 20)
    assert not known.may_ask(KEY)
    known, _ = looks_at(known, look, (AT + 25,), run_1="canceled")
    assert word(known) == CANCELLED


# -- asking again


def test_an_open_request_is_not_repeated(a_run, asked, look):
    run = a_run("run_1")
    waiting = Cancellations().ask(run, AT)
    assert word(waiting) == WAITING
    for known in (waiting, asked, asked.answered(KEY, ACCEPTED)):
        assert not known.may_ask(KEY)
        assert known.ask(run, AT + 1) is known


def test_after_an_unknown_result_the_run_must_be_observed_before_asking_again(a_run, asked, look):
    known = asked.answered(KEY, LOST)
    assert not known.may_ask(KEY)
    known, _ = known.see(look(AT + 9, run_1="running"))  # that observation began before the reply
    assert not known.may_ask(KEY)
    known, _ = known.see(look(AT + 11, run_1="running"))
    assert (word(known), known.may_ask(KEY)) == (UNKNOWN, True)
    assert word(known.ask(a_run("run_1"), AT + 12)) == WAITING


def test_an_unknown_result_becomes_still_running_if_the_run_stays_active(asked, look):
    known, news = looks_at(asked.answered(KEY, LOST), look, (AT + 12, AT + 20, AT + 30), run_1="running")
    assert (word(known), news) == (STILL_RUNNING, [STILL_RUNNING])
    assert "it got no answer" in message(known.of(KEY), AT + 30)


@pytest.mark.parametrize("refusal", [REFUSED, NOT_SENT])
def test_a_refused_request_may_be_repeated_and_is_dropped_when_the_run_ends(asked, look, refusal):
    known = asked.answered(KEY, CancelReply(refusal, AT + 1, "403 Forbidden"))
    assert known.may_ask(KEY)
    assert "403 Forbidden" in message(known.of(KEY), AT + 1)
    known, news = looks_at(known, look, (AT + 10, AT + 20, AT + 40), run_1="running")
    assert (word(known), news) == (refusal, [])
    known, news = known.see(look(AT + 50, run_1="completed"))
    assert (known.of(KEY), news) == (None, ())


def test_a_waiting_request_is_not_sent_after_the_run_has_ended(a_run, look):
    known, news = Cancellations().ask(a_run("run_1"), AT).see(look(AT + 1, run_1="completed"))
    assert [one.word for one in news] == [FINISHED_FIRST]
    assert known.sent(KEY, AT + 2) is known


def test_the_oldest_finished_requests_are_dropped(a_run, look):
    known = Cancellations()
    for number in range(500):
        run = a_run(f"run_{number}")
        known = known.ask(run, AT)
        known, _ = known.see(look(AT, **{f"run_{number}": "canceled"}))
    assert len(known.known) <= 202
    assert known.of(("thr_1", "run_499")).word == CANCELLED


# -- words


def test_several_requests_are_summarised_in_one_line():
    def one(number, word):
        return Cancellation(("t", str(number)), str(number), word, AT)

    assert summary([]) == "none asked"
    assert summary([one(0, CANCELLED), one(1, FINISHED_FIRST), one(2, STILL_RUNNING)]) == (
        "3 asked: 1 cancelled, 1 finished first, 1 still running"
    )
    words = (WAITING, ASKED, REFUSED, NOT_SENT, UNKNOWN, CANCELLED, CANCELLED)
    assert summary(one(number, word) for number, word in enumerate(words)) == (
        "7 asked: 1 waiting, 1 being cancelled, 2 cancelled, 1 refused, 1 not sent, 1 unknown"
    )


def test_every_result_has_its_texts_and_long_ids_are_shortened():
    for known in (WAITING, ASKED, CANCELLED, FINISHED_FIRST, STILL_RUNNING, REFUSED, NOT_SENT, UNKNOWN):
        one = Cancellation(("t", "r"), "x" * 20_000, known, AT, explanation="because", status="s" * 20_000)
        assert len(message(one, AT + 4)) < 220, known
        assert (state_text(one, AT + 4) == "") == (known == CANCELLED), known
    assert message(Cancellation(("t", "r"), "run_1", FINISHED_FIRST, AT, status="failed"), AT) == (
        "run_1 failed before it could be cancelled"
    )
