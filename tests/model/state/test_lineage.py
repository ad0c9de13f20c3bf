"""The order of an agent's runs, for changes that arrive in any order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.state.changes import APPEARED, CHANGED, DROPPED, LET_GO, NOT_SEEN, SEEN_AGAIN, Change
from flowtui.model.state.lineage import Lineage, config_of

from ...examples import examples


def change(kind, run, before=None):
    return Change(kind, before, run, 0.0, 1.0)


def appeared(*runs):
    return [change(APPEARED, run) for run in runs]


@pytest.fixture
def of_agent(a_run):
    """Return a function that makes a run of an agent on a thread."""

    def make(run_id, created, agent="agent_1", thread="thr_1"):
        return a_run(run_id, created=created, agent_id=agent)._replace(thread_key=thread)

    return make


def test_the_previous_run_is_of_the_same_agent_on_any_thread(of_agent):
    old, other = of_agent("a", 10, thread="t1"), of_agent("b", 20, agent="agent_2")
    new = of_agent("c", 30, thread="t2")
    lineage = Lineage([new, other, old])
    assert lineage.previous(new) == ("t1", "a")
    assert lineage.previous(old) is None
    assert lineage.previous(other) is None


def test_runs_created_at_the_same_time_are_sorted_by_id_then_thread(of_agent):
    runs = [of_agent("b", 5), of_agent("a", 5), of_agent("a", 5, thread="thr_0")]
    lineage = Lineage(runs)
    assert [lineage.previous(run) for run in runs] == [("thr_1", "a"), ("thr_0", "a"), None]


def test_a_run_without_agent_or_time_is_in_no_order(of_agent, a_run):
    nobody, timeless = of_agent("n", 5, agent=""), a_run("t", agent_id="agent_1")
    last = of_agent("z", 99)
    for lineage in (Lineage([nobody, timeless, last]), Lineage()):
        lineage.update(appeared(nobody, timeless, last))
        lineage.update([change(DROPPED, nobody), change(DROPPED, timeless)])
        assert [lineage.previous(run) for run in (nobody, timeless, last)] == [None, None, None]


def test_previous_also_works_for_a_run_that_was_not_added(of_agent):
    lineage = Lineage([of_agent("a", 10)])
    assert lineage.previous(of_agent("b", 20)) == ("thr_1", "a")


def test_a_changed_run_moves_only_if_its_agent_or_time_changed(of_agent):
    first, second = of_agent("a", 10), of_agent("b", 20)
    lineage = Lineage()
    lineage.update(appeared(first, second))
    ended = second._replace(status="completed")
    lineage.update([change(CHANGED, ended, second)])
    assert lineage.previous(ended) == first.key
    moved = ended._replace(created=5.0)
    lineage.update([change(CHANGED, moved, ended)])
    assert lineage.previous(first) == second.key
    lineage.update([change(CHANGED, moved._replace(agent_id="agent_2"), moved)])
    assert lineage.previous(first) is None


def test_a_dropped_run_is_removed_and_a_run_not_seen_stays(of_agent):
    first, second = of_agent("a", 10), of_agent("b", 20)
    lineage = Lineage([first, second])
    lineage.update([change(NOT_SEEN, first, first), change(SEEN_AGAIN, first, first)])
    assert lineage.previous(second) == first.key
    lineage.update([change(DROPPED, first, first)])
    assert lineage.previous(second) is None
    lineage.update([change(DROPPED, first, first)])
    assert lineage.previous(second) is None


RUNS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["x", "y", ""]), st.none() | st.integers(0, 4)),
    max_size=12,
    unique_by=lambda entry: entry[0],
)


@examples(200)
@given(RUNS, st.integers(0, 99))
def test_changes_in_any_order_and_repeated_give_the_same_order(a_run, entries, seed):
    runs = [a_run(name, agent_id=agent, created=created) for name, agent, created in entries]
    at_once, step_by_step = Lineage(runs), Lineage()
    mixed = runs * 2
    random.Random(seed).shuffle(mixed)
    for run in mixed:
        step_by_step.update(appeared(run))
    for run in runs:
        before = [
            (other.created, other.raw_id)
            for other in runs
            if other.agent_id == run.agent_id and other.created is not None and run.created is not None
            if (other.created, other.raw_id) < (run.created, run.raw_id)
        ]
        expected = ("thr_1", max(before)[1]) if before and run.agent_id else None
        assert at_once.previous(run) == step_by_step.previous(run) == expected


def test_config_changed_is_known_only_if_both_fingerprints_are(of_agent, fresh):
    first, second, third = of_agent("a", 10), of_agent("b", 20), of_agent("c", 30)
    lineage = Lineage([first, second, third])
    state = replace(fresh(), configs={"a": "1111111", "b": "1111111", "c": "2222222"})
    threads = {"thr_1": state}
    assert [lineage.config_changed(run, threads) for run in (first, second, third)] == [None, False, True]
    unknown = {"thr_1": replace(state, configs={"a": "1111111", "b": "", "c": "2222222"})}
    assert [lineage.config_changed(run, unknown) for run in (first, second, third)] == [None, None, None]
    assert lineage.config_changed(second, {}) is None
    assert config_of(second.key, unknown) is None
    assert config_of(first.key, unknown) == "1111111"


def test_a_run_whose_predecessor_left_memory_has_none(of_agent):
    a, b, c, d = (of_agent(name, at) for name, at in (("a", 10), ("b", 20), ("c", 30), ("d", 40)))
    lineage = Lineage([a, b, c, d])
    lineage.update([change(LET_GO, b)])
    assert lineage.previous(c) is None  # not a, which is not its predecessor
    assert lineage.previous(d) == c.key
    between = of_agent("x", 25)
    lineage.update(appeared(between))  # it was created after b, so b was its predecessor
    assert (lineage.previous(between), lineage.previous(c)) == (None, between.key)
    lineage.update([change(DROPPED, between)])
    assert lineage.previous(c) is None
    lineage.update([change(LET_GO, a), change(LET_GO, c)])
    assert (lineage.previous(d), len(lineage._gaps)) == (None, 1)
    lineage.update([change(SEEN_AGAIN, c)])
    assert lineage.previous(c) is None


def test_many_new_runs_at_once_have_the_same_places_as_one_by_one(a_run):
    runs = [
        a_run(f"run_{n % 190}", agent_id=f"agent_{n % 3}", created=float(n * 7 % 190)) for n in range(200)
    ]
    known, changes = runs[::5], [Change(APPEARED, None, run, None, 0.0) for run in runs]
    together, alone = Lineage(known), Lineage(known)
    together.update(changes)
    for change in changes:
        alone.update([change])
    for run in runs:
        assert together.previous(run) == alone.previous(run)
    gone = [Change(DROPPED, None, runs[0], None, 0.0)]
    together.update(gone)
    alone.update(gone)
    assert [together.previous(run) for run in runs] == [alone.previous(run) for run in runs]


def test_earlier_runs_come_newest_first_and_end_where_one_has_left_memory(of_agent):
    runs = [of_agent(name, at, thread=f"t{at}") for at, name in enumerate("abcde")]
    lineage = Lineage(runs)
    assert list(lineage.earlier(runs[3])) == [("t2", "c"), ("t1", "b"), ("t0", "a")]
    lineage.update([change(LET_GO, runs[1])])
    assert list(lineage.earlier(runs[3])) == [("t2", "c")]
    assert list(lineage.earlier(of_agent("x", None))) == []
