"""How time was watched: from snapshots, and read back from rows that programs wrote beside one another."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.model.state.health import Coverage
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Outage, Snapshot, Withheld
from flowtui.store.coverage import UNDER_WAY, Watching, count_watched, joined, look_of
from flowtui.store.faults import DamagedError

BEGIN = 1_794_000_000.0
SEEN = ThreadState("t", 2.0, observed=BEGIN)


def test_what_a_snapshot_says_of_its_moment():
    at = BEGIN + 100
    restored = replace(SEEN, restored=BEGIN)
    failure = Failure("timeout", "no answer", BEGIN + 50, retry_at=BEGIN + 110)
    assert look_of(Snapshot(at)) is None
    assert (
        look_of(Snapshot(at, {"t": restored})) is None
    )  # the rows of an earlier start say nothing of this one
    assert look_of(Snapshot(at, listed=True)).how == LIVE
    assert look_of(Snapshot(at, {"t": SEEN}, list_failure=failure)).how == LIVE
    for snapshot, kind, why, since in (
        (Snapshot(at, list_failure=failure), "timeout", "no answer", BEGIN + 50),
        (Snapshot(at, {"t": SEEN}, outage=Outage("server", "500", at + 9)), "server", "500", at),
        (Snapshot(at, {"t": SEEN}, withheld=Withheld(BEGIN, "x" * 999)), "withheld", f"{'x' * 199}…", BEGIN),
        (Snapshot(at, {"t": SEEN}, stopped="refused\x1b"), "stopped", "refused␛", at),
    ):
        look = look_of(snapshot)
        assert look == (at, UNANSWERED, kind, why, since, at + 120, None)


def test_threads_that_did_not_change_while_nobody_watched_count_once_that_was_read():
    gone = replace(SEEN, restored=BEGIN, gone=True)
    threads = {"a": SEEN, "b": replace(SEEN, restored=BEGIN), "c": gone, "d": ThreadState("d", 2.0)}
    assert count_watched(Snapshot(BEGIN, threads)) == 1
    assert count_watched(Snapshot(BEGIN, threads, caught_up=(BEGIN - 9, BEGIN))) == 2


@pytest.mark.parametrize(("listed", "watched"), [(1, 2), (5_000, 1)])
def test_deleted_threads_count_as_watched_but_not_those_beyond_the_list(listed, watched):
    here = ThreadState("a", 2.0, observed=BEGIN)
    gone = ThreadState("b", 2.0, observed=BEGIN - 9, restored=BEGIN - 9, gone=True)
    known = Coverage(threads=listed, fleet=True)
    snapshot = Snapshot(BEGIN, {"a": here, "b": gone}, listed=True, coverage=known)
    assert count_watched(snapshot) == watched
    assert count_watched(replace(snapshot, caught_up=(BEGIN - 9, BEGIN))) == watched
    assert count_watched(replace(snapshot, coverage=Coverage(threads=1))) == 1


@pytest.mark.parametrize(
    ("fields", "complete"),
    [
        ({"discovering": True}, 100 - UNDER_WAY),
        ({"discovering": True, "restored": 3, "silent": 3}, 100 - UNDER_WAY),
        ({"discovering": True, "restored": 3, "silent": 2}, None),
        ({"discovering": True, "unread": 1}, None),
        ({"discovering": True, "failed": 1}, 40),
        ({"fleet": False, "discovering": True}, None),
        ({}, 40),
        ({"restored": 1, "silent": 1}, None),
    ],
)
def test_until_when_it_is_known_what_happened_on_all_threads(fields, complete):
    found = Coverage(**{"threads": 9, "oldest": BEGIN + 40, "fleet": True, **fields})
    watching = Watching()
    for coverage, listed in ((found, True), (found, False), (replace(found, unread=1), True)):
        watching.note(Snapshot(BEGIN + 100, {"t": SEEN}, listed=listed, coverage=coverage))
    (span,) = watching.spans()
    assert (span.how, span.complete) == (LIVE, None if complete is None else BEGIN + complete)


def _spans(*snapshots):
    watching = Watching()
    for snapshot in snapshots:
        watching.note(snapshot)
    return [(span.since - BEGIN, span.until - BEGIN, span.how) for span in watching.spans()]


def _live(seconds, **fields):
    return Snapshot(BEGIN + seconds, {"t": SEEN}, **fields)


def test_a_span_grows_while_updates_come_and_ends_with_a_gap():
    assert _spans(*map(_live, (0, 30, 149, 269, 400, 410))) == [(0, 269, LIVE), (400, 410, LIVE)]


def test_requests_that_are_held_back_for_a_moment_are_no_gap():
    held = Withheld(BEGIN + 10, "429")
    assert _spans(_live(0), _live(11, withheld=held), _live(12)) == [(0, 12, LIVE)]
    spans = _spans(_live(0), _live(11, withheld=held), _live(16, withheld=held), _live(30))
    assert spans == [(0, 10, LIVE), (10, 30, UNANSWERED), (30, 30, LIVE)]
    assert _spans(Snapshot(BEGIN, withheld=Withheld(BEGIN - 0.5, "the server does not answer"))) == []


def test_a_span_waits_for_the_next_request_however_late_it_is_planned():
    quiet = [_live(0, next_poll=BEGIN + 600), _live(600, next_poll=BEGIN + 1200), _live(1500)]
    assert _spans(*quiet) == [(0, 600, LIVE), (1500, 1500, LIVE)]


def test_a_clock_that_is_put_back_begins_a_new_span_unless_it_is_little():
    assert _spans(*map(_live, (1000, 1010, 1005, 1020))) == [(1000, 1020, LIVE)]
    assert _spans(*map(_live, (1000, 1010, 10, 20))) == [(1000, 1010, LIVE), (10, 20, LIVE)]


def test_what_was_read_afterwards_is_noted_once():
    away = (BEGIN - 500, BEGIN - 10)
    spans = _spans(_live(0), _live(5, caught_up=away), _live(9, caught_up=away))
    assert spans == [(-500, -10, READ), (0, 9, LIVE)]


def test_spans_that_grow_while_they_are_written_are_written_again():
    watching = Watching()
    watching.note(_live(0))
    (span,) = watching.spans()
    watching.note(_live(5))
    watching.note(_live(7, stopped="x"))
    watching.written([(span, 3, BEGIN)])
    assert [(one.id, one.until - BEGIN) for one in watching.spans()] == [(3, 7), (None, 7)]
    watching.written([(one, number, one.until) for number, one in enumerate(watching.spans())])
    assert [one.how for one in watching.spans()] == [UNANSWERED]
    watching.forget_numbers()
    assert [one.id for one in watching.spans()] == [None]


_SECONDS = st.integers(0, 30).map(float)
_ROWS = st.lists(
    st.tuples(
        _SECONDS, _SECONDS, st.sampled_from([LIVE, READ, UNANSWERED]), st.just(""), st.none(), st.none()
    ),
    max_size=8,
)


@given(_ROWS)
def test_spans_read_back_are_in_order_and_the_best_counts(rows):
    found = joined(rows)
    for before, after in pairwise(found):
        assert before.until <= after.since
    for tenth in range(0, 300, 5):
        moment = tenth / 10 + 0.25
        hows = {how for since, until, how, *_ in rows if since < moment < until}
        best = next((how for how in (LIVE, READ, UNANSWERED) if how in hows), None)
        assert best == next((span.how for span in found if span.since < moment < span.until), None)


def test_spans_of_two_programs_are_one():
    spans = [(0.0, 10.0, LIVE, "", 3), (10.0, 20.0, LIVE, "", 5), (5.0, 12.0, UNANSWERED, "no", None)]
    rows = [(*span, complete) for span, complete in zip(spans, (9.0, None, None), strict=True)]
    assert joined(rows) == [Watched(0.0, 20.0, LIVE, "", 5, 9.0)]


@pytest.mark.parametrize(
    "row",
    [
        (0.0, 1.0, "sideways", "", 1, None),
        (None, 1.0, LIVE, "", 1, None),
        (0.0, 1.0, LIVE, b"", 1, None),
        (0.0, 1e15, LIVE, "", 1, None),
        (0.0, 1.0, LIVE, "", 1, 1e15),
    ],
)
def test_a_damaged_span_is_found(row):
    with pytest.raises(DamagedError):
        joined([row])
