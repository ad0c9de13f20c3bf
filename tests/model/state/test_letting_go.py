"""Older runs leave memory: which ones, what is still known of them, and that nothing else changes by it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state import left_runs
from flowtui.model.state.changes import APPEARED, CHANGED, LET_GO, NOT_SEEN, SEEN_AGAIN
from flowtui.model.state.known_runs import apply_runs, apply_span_facts, apply_thread
from flowtui.model.state.letting_go import EveryRun, Held, apply_limit, no_run
from flowtui.model.state.snapshot import Snapshot

from ...examples import examples

ENDED = "completed"


@pytest.fixture(scope="session")
def rows(a_run):
    """Return a function that makes ended runs created at these times, newest first; `active` names those that run."""

    def build(*times: int, active: tuple[int, ...] = ()):
        made = [a_run(f"r{at}", "running" if at in active else ENDED, created=float(at)) for at in times]
        return [run._replace(agent_id="agent_1") for run in made]

    return build


@pytest.fixture(scope="session")
def look(fresh):
    """Return a function that applies an answer and then the limit; the changes are (kind, raw id)."""

    def apply(answer, state=None, *, limit=3, held=(), whole=False, at=10.0):
        state = fresh() if state is None else state
        configs = {run.raw_id: f"config of {run.raw_id}" for run in answer}
        known, changes = apply_runs(state, answer, at=at, whole=whole, configs=configs)
        left, told = apply_limit(known, limit, held, at=at, before=state.runs, changes=changes)
        return left, [(change.kind, change.after.raw_id) for change in told]

    return apply


def keys(*names: str):
    return {("thr_1", name) for name in names}


def test_the_newest_runs_stay_and_older_ones_leave_when_they_have_ended(look, rows):
    state, _ = look(rows(3, 2, 1, active=(1,)))
    state, changes = look(rows(5, 4, 3, 2, 1, active=(1,)), state)
    assert list(state.runs) == ["r5", "r4", "r3", "r1"]
    assert changes == [(APPEARED, "r5"), (APPEARED, "r4"), (LET_GO, "r2")]
    state, changes = look(rows(5, 4, 3, 2, 1), state)
    assert (list(state.runs), state.let_go) == (["r5", "r4", "r3"], 2)
    assert changes == [(CHANGED, "r1"), (LET_GO, "r1")]


def test_held_runs_stay_until_they_are_held_no_longer(look, rows):
    state, _ = look(rows(3, 2, 1))
    state, changes = look(rows(5, 4, 3), state, held=keys("r1"))
    assert list(state.runs) == ["r5", "r4", "r3", "r1"]
    assert (LET_GO, "r2") in changes
    state, changes = look(rows(5, 4, 3), state)
    assert changes == [(LET_GO, "r1")]
    assert look(rows(9, 8, 7, 6, 5), state, held=EveryRun())[0].let_go == 2
    assert look(rows(9, 8, 7, 6, 5), state, held=no_run())[0].let_go == 6


def test_what_no_snapshot_of_the_front_end_has_is_held(look, rows):
    state, _ = look(rows(3, 2, 1))
    held = Held(Snapshot(10.0, {"thr_1": state}), keys("r3"))
    state, changes = look(rows(7, 6, 5, 4, 3), state, held=held)
    assert [change for change in changes if change[0] == LET_GO] == [(LET_GO, "r1"), (LET_GO, "r2")]
    assert list(state.runs) == ["r7", "r6", "r5", "r4", "r3"]


def test_nothing_is_kept_of_a_run_that_left(look, rows):
    state, _ = look(rows(3, 2, 1, active=(1, 2, 3)))
    state = apply_span_facts(state, {"r1": SpanFacts(group="nightly"), "r3": SpanFacts(group="nightly")})
    state, _ = look(rows(4, 3, 2, 1), state)
    state, _ = look(rows(6, 5, 4, 3), state)
    assert state.trails == {}
    assert set(state.configs) == set(state.runs) == {"r6", "r5", "r4"}
    assert state.span_facts == {}
    late = apply_span_facts(state, {"r1": SpanFacts(group="nightly")})
    assert late.span_facts == {}


def test_a_run_that_left_and_is_shown_again_is_no_news(look, rows):
    state, _ = look(rows(3, 2, 1))
    state, _ = look(rows(5, 4, 3), state)
    before = state
    for whole in (False, True):
        state, changes = look(rows(5, 4, 3, 2, 1), state, whole=whole)
        assert (changes, state.let_go, state.runs) == ([], 2, before.runs)
        assert (state.not_seen, set(state.configs)) == (frozenset(), set(state.runs))
    state, changes = look(rows(5, 4, 3), state, whole=True)  # the server has deleted what left
    assert (changes, state.not_seen) == ([], frozenset())
    state, changes = look(rows(5, 4, 2), state, whole=True)
    assert changes == [(NOT_SEEN, "r3")]


def test_of_very_many_runs_that_left_only_their_age_is_known(look, rows, monkeypatch):
    monkeypatch.setattr(left_runs, "MAX_IDS", 2)
    state, _ = look(rows(3, 2, 1))
    state, _ = look(rows(9, 8, 7, 6, 5, 4, 3), state)
    assert (list(state.left.ids), state.left.forgotten, state.left.newest) == (["r5", "r6"], 4.0, 6.0)
    assert look(rows(9, 8, 7, 6, 5, 4, 3, 2, 1), state)[1] == []
    assert state.let_go == 6
    late = rows(9, 8, 7)[:2] + rows(7, 5)[:1] + [rows(5)[0]._replace(raw_id="late", created=5.5)]
    assert look(late, state)[1] == [(APPEARED, "late"), (LET_GO, "late")]


def test_a_run_that_left_and_is_active_again_is_seen_again(look, rows):
    state, _ = look(rows(3, 2, 1))
    state, _ = look(rows(5, 4, 3), state)
    state, changes = look(rows(5, 4, 3, 2, active=(2,)), state)
    assert changes == [(SEEN_AGAIN, "r2")]
    assert (list(state.runs), state.let_go) == (["r5", "r4", "r3", "r2"], 1)
    state, changes = look(rows(5, 4, 3, 2), state)
    assert (changes, state.let_go) == ([(CHANGED, "r2"), (LET_GO, "r2")], 2)


def test_runs_of_older_pages_are_not_taken_in(look, rows):
    state, changes = look(rows(9, 8, 7, 6, 5))
    assert (changes, state.let_go) == ([(APPEARED, "r9"), (APPEARED, "r8"), (APPEARED, "r7")], 0)
    assert not state.all_here
    state, changes = look(rows(9, 8, 7, 6, 5, 4), state)
    assert (changes, state.let_go) == ([], 0)
    state, changes = look(rows(9, 8, 7, 6, 5, 4, active=(4,)), state)
    assert changes == [(APPEARED, "r4")]


def test_runs_are_all_here_only_while_none_has_left(look, rows):
    state, _ = look(rows(2, 1), whole=True)
    assert state.all_here
    state, _ = look(rows(4, 3, 2, 1), state)
    assert state.whole
    assert not state.all_here


def test_a_lock_that_names_a_run_that_left_is_an_orphan(look, rows, a_thread):
    state, _ = look(rows(3, 2, 1))
    state, _ = look(rows(5, 4, 3), state)
    state = apply_thread(state, a_thread("locked", "r1"), at=11.0)
    assert (state.orphaned, state.active_run) == (11.0, None)
    state, _ = look(rows(5, 4, 3), state, at=30.0)
    state = apply_thread(state, a_thread("locked", "r1"), at=31.0)
    assert (state.orphan, state.active_run) == (True, "r1")


LOOKS = st.lists(
    st.tuples(
        st.integers(0, 4),  # new runs
        st.integers(1, 12),  # length of the page
        st.booleans(),  # whether the answer has all runs
        st.sets(st.integers(0, 40), max_size=6),  # runs that end
        st.sets(st.integers(0, 40), max_size=2),  # runs that the server deletes
        st.sets(st.integers(0, 40), max_size=3),  # runs that are held
    ),
    min_size=1,
    max_size=25,
)


@examples(200)
@given(LOOKS, st.integers(1, 8))
def test_what_stays_is_known_as_if_nothing_had_left(fresh, a_run, looks, limit):
    server: dict[int, str] = {}
    whole_model, small = fresh(), fresh()
    born, met = 0, set()
    for at, (new, page, all_, ended, deleted, held) in enumerate(looks, start=10):
        server |= dict.fromkeys(range(born, born + new), "running")
        born += new
        server = {number: ENDED if number in ended else word for number, word in server.items() if number not in deleted}  # fmt: skip
        listed = sorted(server, reverse=True)
        answer = [a_run(f"r{n}", server[n], created=float(n)) for n in (listed if all_ else listed[:page])]
        configs = {run.raw_id: f"c{run.raw_id}" for run in answer}
        whole_model, _ = apply_runs(whole_model, answer, at=float(at), whole=all_, configs=configs)
        before = small.runs
        small, changes = apply_runs(small, answer, at=float(at), whole=all_, configs=configs)
        kept = keys(*(f"r{number}" for number in held))
        small, changes = apply_limit(small, limit, kept, at=float(at), before=before, changes=changes)
        appeared = {change.after.raw_id for change in changes if change.kind == APPEARED}
        assert not appeared & met
        met |= appeared
        assert small.let_go + len(small.runs) == len(met)
        _agree(small, whole_model)
        assert sum(not run.active and run.key not in kept for run in small.runs.values()) <= limit


def _agree(small, whole):
    assert list(small.runs.items()) == [item for item in whole.runs.items() if item[0] in small.runs]
    assert {raw_id for raw_id, run in whole.runs.items() if run.active} <= set(small.runs)
    for name in ("not_seen", "went_back"):
        assert getattr(small, name) == getattr(whole, name) & small.runs.keys()
    for name in ("trails", "configs"):
        ours: Mapping[str, object] = getattr(small, name)
        assert ours == {key: value for key, value in getattr(whole, name).items() if key in small.runs}
    assert (small.observed, small.whole, small.orphaned) == (whole.observed, whole.whole, whole.orphaned)
