"""Tokens per minute, dated by the end of their run or by their observation; tokens used before do not count."""

from __future__ import annotations

import pytest

from flowtui.model.state.changes import APPEARED, CHANGED, NOT_SEEN, SEEN_AGAIN, Change
from flowtui.model.stats.token_rate import TokenRate

NOW = 10_000.0


@pytest.fixture
def with_tokens(a_run):
    def make(total, status="running", thread="thr_1", **fields):
        usage = None if total is None else {"total_tokens": total}
        return a_run("run_1", status, usage=usage, **fields)._replace(thread_key=thread)

    return make


@pytest.fixture
def rate():
    return TokenRate()


def test_tokens_of_the_first_observation_do_not_count(rate, with_tokens):
    rate.update([Change(APPEARED, None, with_tokens(90_000), None, NOW)], 0.0)
    assert rate.per_minute(NOW) == 0
    assert rate.is_short(NOW + 59)  # so it is not called that of a minute
    assert not rate.is_short(NOW + 60)


def test_tokens_that_the_first_observation_of_a_restored_thread_shows_do_not_count(rate, with_tokens):
    ended = with_tokens(600, "completed", created=NOW - 400, completed=NOW - 300)
    rate.update(
        [
            Change(APPEARED, None, ended, NOW - 3_600, NOW, catch_up=True),
            Change(CHANGED, with_tokens(1), with_tokens(900), NOW - 3_600, NOW, catch_up=True),
        ],
        0.0,
    )
    assert [rate.per_minute(NOW - ago) for ago in (0, 290)] == [0, 0]


def test_tokens_of_an_ended_run_are_dated_by_its_end(rate, with_tokens):
    ended = with_tokens(600, "completed", created=NOW - 400, completed=NOW - 300)
    rate.update([Change(APPEARED, None, ended, NOW - 2, NOW)], 0.0)
    assert rate.per_minute(NOW) == 0
    assert rate.per_minute(NOW - 290) == 600


def test_tokens_of_an_active_run_are_dated_by_their_observation_in_server_time(rate, with_tokens):
    before, after = with_tokens(100), with_tokens(160)
    rate.update([Change(CHANGED, before, after, NOW - 42, NOW - 40)], -30.0)
    assert rate.per_minute(NOW - 30) == 60
    assert rate.per_minute(NOW - 9) == 0


def test_only_added_tokens_count(rate, with_tokens):
    rate.update(
        [
            Change(CHANGED, with_tokens(None), with_tokens(100), NOW - 3, NOW),
            Change(CHANGED, with_tokens(100), with_tokens(130), NOW - 2, NOW),
            Change(CHANGED, with_tokens(130), with_tokens(130, "completed", completed=NOW), NOW - 1, NOW),
            Change(CHANGED, with_tokens(130), with_tokens(90), NOW - 1, NOW),
            Change(CHANGED, with_tokens(130), with_tokens(None), NOW - 1, NOW),
            Change(NOT_SEEN, with_tokens(130), with_tokens(999), NOW - 1, NOW),
            Change(SEEN_AGAIN, with_tokens(130), with_tokens(999), NOW - 1, NOW),
        ],
        0.0,
    )
    assert rate.per_minute(NOW) == 130


def test_the_rate_of_selected_runs(rate, with_tokens):
    for thread, tokens in (("thr_1", 10), ("thr_2", 300)):
        rate.update([Change(APPEARED, None, with_tokens(tokens, thread=thread), NOW - 1, NOW)], 0.0)
    wanted = [None, *(lambda key, thread=thread: key[0] == thread for thread in ("thr_1", "thr_2", "thr_3"))]
    assert [rate.per_minute(NOW, ours) for ours in wanted] == [310, 10, 300, 0]
