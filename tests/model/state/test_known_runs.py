"""What is known of a thread: an observation gives changes and a new state, and no known run is ever deleted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run.parsing import parse_thread
from flowtui.model.state.changes import APPEARED, CHANGED, MAX_TRAILS, NOT_SEEN, SEEN_AGAIN, StatusChange
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_runs,
    apply_thread,
    apply_unchanged,
)

from ...examples import examples

SETTINGS = examples(200)


@pytest.fixture(scope="session")
def runs_of(a_run):
    """Return a function that makes rows: `c3:running` is run c, created at 3; `c3` is queued; `c` has no time."""

    def build(text: str):
        rows = []
        for word in text.split():
            name, _, status = word.partition(":")
            rows.append(a_run(name[0], status or "queued", created=float(name[1:]) if name[1:] else None))
        return rows

    return build


def kinds(changes):
    return [(change.kind, change.after.raw_id) for change in changes]


@pytest.fixture(scope="session")
def after(fresh, runs_of):
    """Return a function that gives the state after one complete answer with these rows, at 10."""
    return lambda text: apply_runs(fresh(), runs_of(text), at=10.0, whole=True)[0]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("before", "seen", "changes"),
    [
        ("", "", []),
        ("", "b2 a1", [(APPEARED, "b"), (APPEARED, "a")]),
        ("a1", "a1", []),
        ("a1", "a1:running", [(CHANGED, "a")]),
        ("a1:running", "a1:completed", [(CHANGED, "a")]),
        ("a1", "b2 a1", [(APPEARED, "b")]),
        ("b2 a1", "c3 b2:running a1", [(APPEARED, "c"), (CHANGED, "b")]),
        ("a1", "a1 a1:running", []),  # overlapping pages: the first row counts
        ("", "a1 a1", [(APPEARED, "a")]),
        ("c3 b2 a1", "c3 a1 d0", [(APPEARED, "d"), (NOT_SEEN, "b")]),
    ],
)
def test_the_changes_of_an_answer(after, runs_of, *, before, seen, changes, whole):
    state, found = apply_runs(after(before), runs_of(seen), at=12.0, whole=whole)
    assert kinds(found) == changes
    assert state.observed == 12.0
    for change in found:
        assert (change.since, change.at) == (10.0, 12.0)
        assert (change.before is None) == (change.kind == APPEARED)


def test_changes_of_the_first_observation_have_no_earlier_time(fresh, runs_of):
    _, (change,) = apply_runs(fresh(), runs_of("a1"), at=5.0, whole=True)
    assert change[:5] == (APPEARED, None, runs_of("a1")[0], None, 5.0)


def test_a_change_has_the_rows_before_and_after(after, runs_of):
    _, (change,) = apply_runs(after("a1"), runs_of("a1:failed"), at=12.0, whole=False)
    assert (change.before.status, change.after.status) == ("queued", "failed")


# --- runs that are absent from an answer ----------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "whole", "missing"),
    [
        ("c3 b2 a1", True, ""),
        ("c3 a1", True, "b"),
        ("", True, "abc"),
        ("", False, ""),  # an empty page proves nothing about any run
        ("c3", False, ""),  # the older runs are on later pages
        ("d4 b2", False, ""),  # c is between the last two rows, so it may be on the next page
        ("d4 b2 a1", False, "c"),
        ("c3 a1 e0", False, "b"),
        ("e5", False, ""),
        ("e5", True, "abc"),
    ],
)
def test_a_run_absent_from_the_list_is_marked_not_seen_and_kept(after, runs_of, seen, whole, missing):
    state, changes = apply_runs(after("c3 b2 a1"), runs_of(seen), at=12.0, whole=whole)
    assert state.runs.keys() >= {"a", "b", "c"}
    assert state.not_seen == set(missing)
    assert {change.after.raw_id for change in changes if change.kind == NOT_SEEN} == set(missing)


def test_rows_with_the_same_id_are_one_run(fresh, runs_of):
    state, changes = apply_runs(fresh(), runs_of("c3 b2 b2 c3 b2 a1"), at=1.0, whole=True)
    assert list(state.runs) == ["c", "b", "a"]
    assert len(changes) == 3


def test_not_seen_is_reported_once_and_ends_when_the_run_is_seen_again(after, runs_of):
    state, _ = apply_runs(after("b2 a1"), runs_of("b2"), at=12.0, whole=True)
    state, changes = apply_runs(state, runs_of("b2"), at=14.0, whole=True)
    assert (kinds(changes), state.not_seen) == ([], {"a"})
    state, changes = apply_runs(state, runs_of("b2"), at=15.0, whole=False)
    assert (kinds(changes), state.not_seen) == (
        [],
        {"a"},
    )  # the newest page could not show it: still not seen
    state, changes = apply_runs(state, runs_of("b2 a1"), at=16.0, whole=True)
    assert (kinds(changes), state.not_seen) == ([(SEEN_AGAIN, "a")], set())


def test_one_wrong_date_does_not_make_older_runs_not_seen(after, runs_of):
    known = after("d9 c8 b7 a6")
    for seen in ("d9 x0 c8", "d9 c8 x0"):
        assert apply_runs(known, runs_of(seen), at=12.0, whole=False)[0].not_seen == set()


def test_a_run_of_the_same_time_as_the_last_row_may_be_on_the_next_page(after, runs_of):
    assert apply_runs(after("c3 b3 a3"), runs_of("c3 a3"), at=12.0, whole=False)[0].not_seen == set()


def test_a_thread_whose_runs_are_all_known_stays_whole(fresh, runs_of):
    state, _ = apply_runs(fresh(), runs_of("b2"), at=1.0, whole=False)
    assert not state.whole
    state, _ = apply_runs(state, runs_of("b2 a1"), at=2.0, whole=True)
    assert apply_runs(state, runs_of("b2"), at=3.0, whole=False)[0].whole


def test_a_changed_placeholder_replaces_the_old_one(fresh, a_run, runs_of):
    def broken(tokens):
        return a_run("", created=5.0, usage={"total_tokens": tokens})

    state = fresh()
    for tick in range(10):
        rows = [*runs_of("b9"), broken(tick), *runs_of("a1 z0")]
        state, changes = apply_runs(state, rows, at=float(tick), whole=tick % 2 == 0)
        assert [run.placeholder for run in state.runs.values()] == [False, True, False, False]
        assert NOT_SEEN not in [change.kind for change in changes]
    state, _ = apply_runs(state, runs_of("b9 a1 z0"), at=11.0, whole=False)
    assert list(state.runs) == ["b", "a", "z"]


# --- order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "seen", "order"),
    [
        ("", "c3 b2 a1", "cba"),
        ("b2 a1", "c3 b2", "cba"),
        ("d4 c3 b2", "d4 b2 a1", "dcba"),  # c was not seen and keeps its place
        ("c3 b2", "d4 c3 a1", "dcba"),  # an older page arrives
        ("b2 a1", "b2 a1 c3", "cba"),  # a second reading found a new one
        ("c3 a3", "c3 b3 a3", "cba"),  # of the same time: in the server's order
        ("c3 a1", "c3 b a1", "cba"),  # no time: it stays after the run before it
        ("c3 b2 a1", "c3:running", "cba"),
        ("b2 a1", "a1 b2", "ba"),
    ],
)
def test_runs_stay_newest_first(after, runs_of, before, seen, order):
    state, _ = apply_runs(after(before), runs_of(seen), at=12.0, whole=False)
    assert "".join(state.runs) == order


# --- a status that goes backwards ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "back"),
    [
        ("queued", "running", False),
        ("queued", "completed", False),
        ("running", "completed", False),
        ("running", "queued", True),
        ("completed", "running", True),
        ("failed", "queued", True),
        ("completed", "failed", True),
        ("cancelled", "completed", True),
        ("canceled", "cancelled", False),
        ("weird", "queued", False),
        ("completed", "weird", False),
        ("completed", "completed", False),
    ],
)
def test_a_status_that_goes_backwards_is_shown_and_flagged(after, runs_of, before, now, *, back):
    state, _ = apply_runs(after(f"a1:{before}"), runs_of(f"a1:{now}"), at=12.0, whole=True)
    assert state.runs["a"].status == now
    assert state.went_back == ({"a"} if back else set())
    state, _ = apply_runs(state, runs_of("a1:completed"), at=14.0, whole=True)
    assert "a" in state.went_back or not back  # it stays flagged


# --- unchanged answers and outages -----------------------------------------------------------------


def test_an_unchanged_answer_keeps_the_same_row_objects(after, runs_of):
    state = after("b2 a1")
    again, changes = apply_runs(state, runs_of("b2 a1"), at=12.0, whole=True)
    assert again.runs is state.runs
    assert changes == []
    same = apply_unchanged(state, at=13.0)
    assert same.runs is state.runs
    assert same.observed == 13.0


def test_a_failure_keeps_the_rows_and_the_time_of_the_first_failure(after):
    state = apply_failure(after("b2 a1"), Failure("server", "500", since=12.0, retry_at=13.0))
    state = apply_failure(state, Failure("timeout", "slow", since=15.0, retry_at=18.0))
    assert list(state.runs) == ["b", "a"]
    assert state.observed == 10.0
    assert state.failure == Failure("timeout", "slow", since=12.0, attempts=2, retry_at=18.0)
    assert not state.failure.final
    assert apply_failure(state, Failure("not_found", "404", since=20.0)).failure.final


def test_an_answer_about_the_runs_clears_the_failure(after, runs_of):
    state = apply_failure(after("b2 a1"), Failure("server", "500", since=12.0))
    assert apply_unchanged(state, at=14.0).failure is None
    recovered, changes = apply_runs(state, runs_of("b2:running a1"), at=14.0, whole=False)
    assert recovered.failure is None
    assert (kinds(changes), changes[0].since) == ([(CHANGED, "b")], 10.0)
    again = apply_failure(recovered, Failure("server", "500", since=20.0))
    assert (again.failure.since, again.failure.attempts) == (20.0, 1)


def test_a_row_of_the_thread_list_does_not_clear_the_failure_to_read_its_runs(after, a_thread):
    state = apply_failure(after("a1"), Failure("server", "500", since=12.0))
    assert apply_thread(state, a_thread(), at=14.0).failure is not None


# --- the active run and the lock -------------------------------------------------------------------


def test_the_lock_holder_is_the_run_with_is_active_else_the_one_the_thread_names(fresh, a_run, a_thread):
    state = apply_thread(fresh(), a_thread("locked", "run_9"), at=1.0)
    assert state.active_run == "run_9"
    rows = [a_run("b", "queued"), a_run("a", "running", is_active=True)]
    assert apply_runs(state, rows, at=2.0, whole=True)[0].active_run == "a"
    rows = [a_run("b", "queued"), a_run("a", "completed", is_active=True)]
    assert apply_runs(state, rows, at=2.0, whole=True)[0].active_run == "run_9"
    state = apply_thread(fresh(), a_thread("locked", "a"), at=1.0)
    assert (
        apply_runs(state, rows, at=2.0, whole=True)[0].active_run is None
    )  # it ended after the list was read
    assert apply_runs(fresh(), rows, at=2.0, whole=True)[0].active_run is None


@pytest.mark.parametrize(
    ("lock", "rows", "active"),
    [
        (("available", None), "a1:completed", False),
        (("locked", "a"), "a1:completed", True),
        (("available", None), "a1:queued", True),
        (("available", None), "a1:running", True),
        (("available", None), "a1:weird", False),
        (None, "", False),
    ],
)
def test_a_thread_is_active_with_an_active_run_or_a_lock(fresh, a_thread, runs_of, *, lock, rows, active):
    state = apply_thread(fresh(), a_thread(*lock), at=1.0) if lock else fresh()
    assert apply_runs(state, runs_of(rows), at=2.0, whole=True)[0].active == active


def test_a_thread_id_is_display_safe_even_before_its_row_is_read(a_thread):
    assert ThreadState("thr\x1b", interval=2.0).id == "thr␛"


# --- any sequence ----------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["queued", "running", "completed", "failed", "cancelled", "weird", ""]),
        st.none() | st.integers(0, 5).map(float),
    ),
    max_size=6,
)
STEPS = st.lists(
    st.tuples(st.just("runs"), ROWS, st.booleans())
    | st.tuples(st.just("same"))
    | st.tuples(st.just("failure"), st.booleans())
    | st.tuples(
        st.just("thread"), st.sampled_from(["locked", "available"]), st.none() | st.sampled_from("abcdef")
    ),
    max_size=10,
)


@SETTINGS
@given(STEPS)
def test_any_sequence_of_observations_keeps_all_runs_and_reports_exact_changes(fresh, a_run, a_thread, steps):
    state = fresh()
    mirror: dict[str, object] = {}  # rebuilt from the changes alone
    for at, step in enumerate(steps, start=1):
        before = state
        if step[0] == "runs":
            rows = [a_run(name, status, created=created) for name, status, created in step[1]]
            state, changes = apply_runs(state, rows, at=float(at), whole=step[2])
            for change in changes:
                assert mirror.get(change.after.raw_id) == change.before
                mirror[change.after.raw_id] = change.after
            first = {row.raw_id: row for row in reversed(rows)}
            assert first.items() <= dict(state.runs).items()
            assert state.not_seen.isdisjoint(first)
        elif step[0] == "same":
            state = apply_unchanged(state, at=float(at))
        elif step[0] == "failure":
            retry = float(at + 1) if step[1] else None
            state = apply_failure(state, Failure("server", "500", since=float(at), retry_at=retry))
        else:
            state = apply_thread(state, a_thread(step[1], step[2]), at=float(at))
        assert state.runs.keys() >= before.runs.keys()
        assert state.not_seen <= state.runs.keys()
        assert state.went_back >= before.went_back
        assert dict(state.runs) == mirror


@SETTINGS
@given(st.lists(st.lists(st.sampled_from(range(12)), max_size=8, unique=True), max_size=6))
def test_pages_in_any_order_give_the_newest_run_first(fresh, a_run, pages):
    state = fresh()
    for at, page in enumerate(pages):
        rows = [a_run(f"run_{n:02}", created=float(n)) for n in sorted(page, reverse=True)]
        state, _ = apply_runs(state, rows, at=float(at), whole=False)
    assert list(state.runs) == sorted(state.runs, reverse=True)


@pytest.fixture
def look_at(fresh, a_run):
    """Return a function that gives the state after observations of the form (at, "id:status:total_tokens ...")."""

    def build(*looks):
        state = fresh()
        for at, text in looks:
            words = [word.split(":") for word in text.split()]
            rows = [
                a_run(name, status, created=1, usage={"total_tokens": int(tokens[0])} if tokens else None)
                for name, status, *tokens in words
            ]
            state, _ = apply_runs(state, rows, at=at, whole=True)
        return state

    return build


def test_fingerprints_of_configurations_are_kept_with_the_runs(fresh, runs_of):
    state, _ = apply_runs(fresh(), runs_of("a1"), at=1.0, whole=True, configs={"a": "4f2a91c"})
    state, _ = apply_runs(state, runs_of("b2 a1"), at=2.0, whole=True, configs={"b": "77d0e13"})
    assert state.configs == {"a": "4f2a91c", "b": "77d0e13"}
    assert apply_runs(state, runs_of("b2 a1"), at=3.0, whole=True)[0].configs is state.configs


# -- trails ---------------------------------------------------------------------------------------------------------


def test_a_trail_starts_with_an_active_run_and_records_status_changes(look_at):
    state = look_at((10.0, "a:queued"), (12.0, "a:running"), (14.0, "a:running"), (16.0, "a:completed"))
    trail = state.trails["a"]
    assert (trail.first, trail.changed_at) == (10.0, 16.0)
    assert trail.status_changes == (
        StatusChange("queued", "running", 10.0, 12.0),
        StatusChange("running", "completed", 14.0, 16.0),
    )


def test_a_run_that_had_ended_at_first_sight_has_no_trail(look_at):
    assert look_at((10.0, "a:completed"), (12.0, "a:completed")).trails == {}


def test_a_trail_records_falling_token_counts(look_at):
    assert not look_at((10.0, "a:running:50"), (12.0, "a:running:70")).trails["a"].tokens_fell
    assert look_at((10.0, "a:running:50"), (12.0, "a:running:40")).trails["a"].tokens_fell
    assert (
        look_at((10.0, "a:running:50"), (12.0, "a:running:40"), (14.0, "a:running:90"))
        .trails["a"]
        .tokens_fell
    )


def test_only_the_trails_of_the_runs_that_changed_last_are_kept(look_at):
    first = " ".join(f"r{number}:queued" for number in range(MAX_TRAILS + 20))
    moved = "r0:running " + " ".join(f"r{number}:queued" for number in range(1, MAX_TRAILS + 20))
    state = look_at((10.0, first), (12.0, moved))
    assert len(state.trails) == MAX_TRAILS
    flips = [(float(n), f"a:{'running' if n % 2 else 'queued'}") for n in range(100)]
    assert len(look_at(*flips).trails["a"].status_changes) == 32


def test_a_thread_has_the_same_id_before_and_after_its_row_is_read():
    key = "thr_" + "x" * 2000
    first = ThreadState(key, 2.0)
    assert apply_thread(first, parse_thread({"id": key}), at=1.0).id == first.id
    assert len(first.id) == 1000
