"""Which changes are news, and which are old and were only found now."""

from __future__ import annotations

import pytest

from flowtui.model.events.news import is_news
from flowtui.model.state.changes import APPEARED, CHANGED, Change


@pytest.mark.parametrize(
    ("fields", "news"),
    [
        ({"status": "completed", "completed": 50}, False),
        ({"status": "completed", "completed": 150}, True),
        ({"status": "completed"}, False),
        ({"status": "running", "started": 150}, True),
        ({"status": "queued"}, False),
    ],
)
def test_a_change_of_a_restored_thread_is_news_if_a_time_of_the_run_says_so(a_run, fields, news):
    before, after = a_run(status="weird", created=10), a_run(created=10, **fields)
    assert is_news(Change(CHANGED, before, after, 20.0, 200.0, catch_up=True), 100.0, 0.0) == news
    assert is_news(Change(CHANGED, before, after, 20.0, 200.0), 100.0, 0.0)
    assert not is_news(Change(CHANGED, before, after, 20.0, 200.0, catch_up=True), 100.0, 500.0)


@pytest.mark.parametrize(
    ("created", "since", "news"),
    [(99.0, None, True), (97.0, None, False), (None, None, False), (None, 104.0, True), (99.0, 104.0, True),
     (90.0, 104.0, False), (85.0, 80.0, True)],
)  # fmt: skip
def test_a_run_seen_for_the_first_time_is_news_if_created_after_the_watch(a_run, created, since, news):
    change = Change(APPEARED, None, a_run(created=created), since, 110.0)
    assert is_news(change, 100.0, 0.0) == news
