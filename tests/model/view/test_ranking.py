"""An order that is updated with changes equals the order that sorting all runs again gives."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.columns.context import Context
from flowtui.model.state.changes import CHANGED
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouper, Grouping
from flowtui.model.view.ranking import OrderChange, Ranking
from flowtui.model.view.view import View

from ...examples import examples

AGENTS = {"agent_1": "Checkout"}
NOW = 3000.0
STABLE = ["status", "run", "thread", "agent", "model", "age", "tokens", "ended"]
GROUPS = [
    Grouping(),
    Grouping("thread", "thr_2"),
    Grouping("agent", "agent_1"),
    Grouping("status", "running"),
]
views = st.builds(
    View,
    group=st.sampled_from(GROUPS),
    only=st.sampled_from(["all", "active"]),
    sort=st.sampled_from(STABLE),
    descending=st.booleans(),
)


def context(snapshot):
    return Context(NOW, snapshot.agents, snapshot.threads)


LOOKS = st.dictionaries(
    st.integers(0, 6),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["queued", "running", "completed", "failed"]),
            "agent_id": st.sampled_from(["agent_1", "agent_2", ""]),
            "usage": st.sampled_from([None, *({"total_tokens": tokens} for tokens in (1, 2, 3))]),
            "completed": st.sampled_from([None, 50.0]),
            "created": st.sampled_from([None, 10.0, 20.0, 20.0, 4000.0]),
        }
    ),
    max_size=5,
)
"""Runs that one observation of a thread shows, as number of the run → fields."""


def look(a_run, thread, fields):
    rows = (a_run(f"run_{number}", **own) for number, own in fields.items())
    return [row._replace(thread_key=thread) for row in rows]


@given(st.data())
@examples(150)
def test_following_changes_gives_the_same_order_as_sorting_again(a_run, data):
    view, states = data.draw(views), {}
    snapshot, ranking, tally = Snapshot(NOW, {}, AGENTS), Ranking(), Grouper()
    ranking.arrange(snapshot, view, context(snapshot))
    for turn in range(data.draw(st.integers(1, 4))):
        changes = []
        for thread in data.draw(st.lists(st.sampled_from(["thr_1", "thr_2"]), unique=True)):
            before = states.get(thread, ThreadState(thread, 2.0))
            rows = look(a_run, thread, data.draw(LOOKS))
            states[thread], told = apply_runs(before, rows, at=NOW + turn, whole=data.draw(st.booleans()))
            changes += told
        before, snapshot = snapshot, Snapshot(NOW + turn, dict(states), AGENTS)
        shown = ranking.order
        held = list(shown)
        moved = ranking.follow(before, snapshot, view, context(snapshot), changes)
        afresh = [run.key for run in Ranking().arrange(snapshot, view, context(snapshot))]
        assert moved is not None
        assert ranking.order == afresh
        assert shown == held  # the table may still show the old list, so it must not change
        assert moved.removed.keys() == set(held) - set(afresh)
        assert moved.placed >= set(afresh) - set(held)
        assert moved.placed <= set(afresh)
        assert all(before.run(key) == run for key, run in moved.removed.items())
        found = tally.of(snapshot, view.group, context(snapshot))
        assert found == Grouper().of(snapshot, view.group, context(snapshot))


def test_an_order_whose_changes_are_untracked_is_always_sorted_again(a_run):
    snapshot, ranking, view = Snapshot(NOW, {}, AGENTS), Ranking(), View(text="has:changed_config")
    ranking.arrange(snapshot, view, context(snapshot))
    assert ranking.follow(snapshot, snapshot, view, context(snapshot), []) is None


def test_another_view_other_names_or_a_skipped_snapshot_need_sorting_again(a_run):
    first, second = Snapshot(NOW, {}, AGENTS), Snapshot(NOW, {}, AGENTS)
    ranking, view = Ranking(), View()
    ranking.arrange(first, view, context(first))
    assert ranking.follow(second, second, view, context(second), []) is None
    assert ranking.follow(first, second, View(sort="tokens"), context(second), []) is None
    assert ranking.follow(first, Snapshot(NOW, {}, {}), view, context(second), []) is None
    marked = replace(context(second), marks=(Mark(NOW, "v1"),))
    assert ranking.follow(first, second, view, marked, []) is None
    assert ranking.follow(None, second, view, context(second), []) is None
    assert ranking.follow(first, second, view, context(second), []) == OrderChange(frozenset(), {})


def test_after_an_unreported_change_the_next_one_is_refused_and_sorted_again(fresh, a_run):
    pictures, state, told, view = [], fresh(), [], View(sort="tokens")
    for tokens in (1, 2, 3):
        # Ended runs: the tokens of a run that has not ended may change without a reported change.
        rows = [
            a_run("run_1", "completed", usage={"total_tokens": tokens}),
            a_run("run_2", "completed", usage={"total_tokens": 2}),
        ]
        state, told = apply_runs(state, rows, at=NOW, whole=True)
        pictures.append(Snapshot(NOW, {"thr_1": state}, AGENTS))
    ranking, (first, second, third) = Ranking(), pictures
    ranking.arrange(first, view, context(first))
    assert ranking.follow(first, second, view, context(second), []) is not None
    assert ranking.follow(second, third, view, context(third), told) is None
    assert (
        ranking.follow(second, third, view, context(third), told) is None
    )  # after a refusal it cannot follow any snapshot
    ranking.arrange(third, view, context(third))
    assert [key[1] for key in ranking.order] == ["run_2", "run_1"]


def test_many_changes_that_move_no_row_keep_the_same_order(a_run):
    def seen(tokens):
        return [
            a_run(f"run_{number:04}", "running", created=10.0 + number, usage={"total_tokens": tokens})
            for number in range(1000)
        ]

    state, _ = apply_runs(ThreadState("thr_1", 2.0), seen(1), at=NOW, whole=True)
    before = Snapshot(NOW, {"thr_1": state}, AGENTS)
    ranking, view = Ranking(), View()
    ranking.arrange(before, view, context(before))
    state, changes = apply_runs(state, seen(2), at=NOW, whole=True)
    after = Snapshot(NOW, {"thr_1": state}, AGENTS)
    assert len(changes) == 1000
    order = ranking.order
    assert ranking.follow(before, after, view, context(after), changes) == OrderChange(frozenset(), {})
    assert ranking.order is order
    by_tokens = View(sort="tokens")
    ranking.arrange(before, by_tokens, context(before))
    assert ranking.follow(before, after, by_tokens, context(after), changes) is None


@pytest.mark.parametrize("sort", ["age", "tokens", "status"])
@pytest.mark.parametrize("descending", [False, True])
def test_many_new_rows_are_sorted_in_like_all_rows(a_run, sort, descending):
    def rows(numbers):
        return [
            a_run(
                f"run_{number:03}",
                ["completed", "failed"][number % 2],
                created=None if number % 11 == 0 else float(number * 7 % 40),
                usage=None if number % 13 == 0 else {"total_tokens": number * 5 % 30},
            )
            for number in numbers
        ]

    view = View(sort=sort, descending=descending)
    state, _ = apply_runs(ThreadState("thr_1", 2.0), rows(range(0, 800, 2)), at=NOW, whole=True)
    before = Snapshot(NOW, {"thr_1": state}, AGENTS)
    state, changes = apply_runs(state, rows(range(1, 240, 2)), at=NOW, whole=False)
    after = Snapshot(NOW, {"thr_1": state}, AGENTS)
    followed, sorted_again = Ranking(), Ranking()
    followed.arrange(before, view, context(before))
    moved = followed.follow(before, after, view, context(after), changes)
    sorted_again.arrange(after, view, context(after))
    assert moved is not None
    assert len(moved.placed) == 120
    assert followed.order == sorted_again.order


@pytest.mark.parametrize("sort", ["age", "tokens", "status"])
@pytest.mark.parametrize("descending", [False, True])
def test_runs_of_the_history_are_sorted_in_like_all_rows(a_run, sort, descending):
    view, random = View(only="problems", sort=sort, descending=descending), Random(7)
    followed = Ranking()
    before = Snapshot(NOW, {}, AGENTS)
    followed.arrange(before, view, context(before))
    merged = []
    for number in range(30):
        rows = [
            a_run(
                f"run_{place}",
                random.choice(["completed", "failed", "failed", "running"]),
                created=random.choice([None, *(float(tenth) / 10 for tenth in range(40))]),
                usage=random.choice([None, *({"total_tokens": tokens} for tokens in range(9))]),
            )._replace(thread_key=f"thr_{number}")
            for place in range(9)
        ]
        state, changes = apply_runs(ThreadState(f"thr_{number}", 2.0), rows, at=NOW, whole=True)
        # Of each tenth thread it is also told that one of its runs changed after it was put back.
        told = [changes[0]._replace(kind=CHANGED, before=changes[0].after)] if number % 10 == 5 else []
        after = Snapshot(NOW, {**before.threads, state.key: state}, AGENTS)
        seen = context(after)
        if number % 10 == 7:
            seen = replace(seen, pending_actions={(state.key, "run_1"): "cancelling"})
        moved = followed.follow(before, after, view, seen, told, restored=[state.key])
        assert moved is not None
        assert {key[0] for key in (*moved.placed, *moved.removed)} <= {f"thr_{number - 1}"}
        before = after
        if number in (3, 16):
            merged.append(followed.merge())
            assert len(followed.order) == len(Ranking().arrange(after, view, context(after)))
    assert merged == [False, True]  # there is nothing to do beforehand for a few threads
    assert followed.order == [run.key for run in Ranking().arrange(before, view, context(before))]
    gone = before.threads["thr_4"]
    state, changes = apply_runs(gone, list(gone.runs.values())[:3], at=NOW, whole=True)
    after = Snapshot(NOW, {**before.threads, "thr_4": state}, AGENTS)
    assert followed.follow(before, after, view, context(after), changes) is not None
    assert followed.order == [run.key for run in Ranking().arrange(after, view, context(after))]


def test_two_changes_of_an_order_are_told_as_one(a_run):
    one, two, three = (a_run(f"run_{number}") for number in (1, 2, 3))
    first = OrderChange(frozenset({one.key, two.key}), {three.key: three})
    second = OrderChange(frozenset({three.key}), {one.key: one})
    assert first.then(second) == OrderChange(frozenset({two.key, three.key}), {one.key: one})
