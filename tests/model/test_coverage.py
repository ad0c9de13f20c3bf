"""How much is known of all threads, as figures and as words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.coverage import Coverage, checked, coverage_text, how_covered
from flowtui.model.store import ThreadState, see_same, see_thread
from flowtui.model.thread import Thread

AT = 1000.0


def read(key="t", at=AT):
    return see_same(ThreadState(key, interval=30.0), at=at)


@pytest.mark.parametrize(
    ("coverage", "text"),
    [
        (Coverage(), ""),
        (Coverage(threads=214, unread=214), "0 of 214 threads"),
        (Coverage(threads=214, read=180, unread=34, oldest=AT - 40), "180 of 214 threads, oldest data 40s"),
        (Coverage(threads=1, read=1, oldest=AT + 5), "1 thread, oldest data 0s"),
        (Coverage(threads=3, read=2, failed=1, oldest=AT), "2 of 3 threads, 1 failing, oldest data 0s"),
    ],
)
def test_the_text_says_what_it_covers(coverage, text):
    assert coverage_text(coverage, AT) == text


def test_all_is_covered_when_only_threads_that_cannot_be_read_are_left():
    assert not Coverage(threads=2, read=1, unread=1).complete
    assert Coverage(threads=2, read=1, failed=1).complete


FLEET = Coverage(fleet=True, discovering=True, since=AT - 300, round_s=600.0, spans_s=6.0, list_s=45.0)


def test_how_changes_are_found_is_a_sentence():
    assert how_covered(Coverage()) == ""
    told = how_covered(FLEET)
    assert told == "Spans tell every 6s what moves; locks every 45s, every thread in turn within 10m 00s"
    told = how_covered(replace(FLEET, discovering=False, why="403: not for this role"))
    assert told.startswith("No help from spans (403: not for this role); locks every 45s")


def test_nothing_is_said_to_have_stayed_as_it_was_unless_somebody_would_have_told():
    now, calm = AT + 190, "checked 3m 10s ago, no sign of a change since"
    assert checked(read(), FLEET, now) == calm
    assert checked(read(), replace(FLEET, discovering=False), now) == "checked 3m 10s ago"
    assert checked(read(), replace(FLEET, since=AT + 1), now) == "checked 3m 10s ago"
    locked = see_thread(read(), Thread("t", "t", "locked", "run_9", 0.0, None), at=AT)
    assert checked(locked, FLEET, now) == "checked 3m 10s ago"
    assert checked(ThreadState("t", interval=2.0), FLEET, now) == ""
