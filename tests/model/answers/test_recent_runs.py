"""What ended lately, by cells of time and by agent, and what is active: exact after each update."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from flowtui.model.answers.recent_runs import RecentRuns
from flowtui.model.history.statistics import moment_of
from flowtui.model.state.changes import CHANGED, DROPPED, LET_GO, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update

from ...store.remembering import BEGIN, run

STEP, CELLS = 60.0, 10
NOW = BEGIN + STEP * CELLS


def snapshot(*runs, at=NOW):
    return Snapshot(at, {"thread-1": ThreadState("thread-1", 2.0, runs={one.raw_id: one for one in runs})})


def recent(found, since=BEGIN):
    return found.recent(since // STEP * STEP, STEP, CELLS)


def changed(*runs, kind=CHANGED, at=NOW):
    return Update(Snapshot(at), tuple(Change(kind, None, one, None, at) for one in runs))


def test_the_first_update_has_all_runs_in_memory_and_the_history_adds_the_others():
    found = RecentRuns(STEP * CELLS)
    old = run("old", created=BEGIN - 9_000)
    busy = run("busy", "running", created=BEGIN - 200_000)
    found.take(Update(snapshot(run("late", "failed", created=BEGIN + 500), old, busy)))
    found.fill(
        [run("late", created=BEGIN + 500), run("busy", created=BEGIN + 30), run("more", created=BEGIN + 30)],
        None,
    )
    shown = recent(found)
    assert (sum(shown.completed), sum(shown.failed)) == (1, 1), "what memory has is newer"
    assert sum(shown.active.values()) == 1
    assert shown.known_since == busy.created
    assert shown.known == {one.agent_id for one in (old, busy)}


def test_a_run_that_left_memory_still_counts_and_a_dropped_one_does_not():
    found, one, two = RecentRuns(STEP * CELLS), run("one", created=NOW - 90), run("two", created=NOW - 80)
    found.take(Update(snapshot(one, two)))
    found.take(changed(one, kind=LET_GO))
    found.take(changed(two, kind=DROPPED))
    assert sum(recent(found).completed) == 1


def test_no_run_is_too_old_by_the_clock_of_this_machine_before_that_of_the_server_is_known():
    for before in (Snapshot(NOW + 86_400), snapshot(run("one", created=NOW - 90), at=NOW + 86_400)):
        found = RecentRuns(STEP * CELLS)
        assert not found.take(Update(before))
        after = replace(snapshot(run("one", created=NOW - 90), at=NOW + 86_400), clock_offset=-86_400.0)
        assert found.take(Update(after)), "the history is to be read anew"
        assert sum(recent(found).completed) == 1
        assert not found.take(Update(after))


def test_runs_that_are_too_old_leave_memory_also_while_nothing_is_drawn():
    found = RecentRuns(STEP * CELLS)
    found.take(Update(snapshot(run("one", created=BEGIN))))
    recent(found)
    later = NOW + 20 * STEP * CELLS
    found.take(changed(run("two", created=later - 60), at=later))
    assert len(found._cell_of) == 1


def test_sums_stay_exact_while_runs_come_change_go_and_get_too_old():
    dice, found = Random(3), RecentRuns(STEP * CELLS)
    known = {}
    found.take(Update(snapshot(run("first", created=BEGIN))))
    now = NOW
    for turn in range(120):
        now += dice.choice([0.0, 20.0, 70.0])
        name = f"run-{dice.randrange(25)}"
        status = dice.choice(["running", "completed", "failed", "cancelled"])
        one = run(name, status, created=now - dice.uniform(0, 700), agent_id=f"agent-{turn % 3}")
        known[name] = one
        found.take(changed(one, at=now))
        since = (now // STEP + 1 - CELLS) * STEP
        shown = recent(found, since)
        ended = [each for each in known.values() if not each.active and (moment_of(each) or 0) >= since]
        assert sum(shown.failed) == sum(each.status_class == "failed" for each in ended)
        assert {key: sums.totals.runs for key, sums in shown.agents.items() if sums.totals.runs} == Counter(
            each.agent_id for each in ended
        )
        assert shown.active == Counter(each.agent_id for each in known.values() if each.active)


def test_the_same_answer_is_given_until_something_changes():
    found, one = RecentRuns(STEP * CELLS), run("one", created=NOW - 90)
    found.take(Update(snapshot(one)))
    first = recent(found)
    found.take(Update(Snapshot(NOW + 1)))
    assert recent(found) is first
    assert sum(found.recent(BEGIN // 30 * 30, 30.0, 2 * CELLS).completed) == 1, (
        "with other cells it is counted again"
    )


def test_runs_are_known_since_the_moment_from_which_on_each_thread_is_known():
    def known(*states, begin=None):
        found = RecentRuns(STEP * CELLS)
        found.take(Update(Snapshot(NOW, {state.key: state for state in states})))
        found.fill([], begin)
        shown = recent(found)
        return shown.known_since, shown.least

    def thread(key, *created, **fields):
        rows = [run(f"{key}-{at}", thread_key=key, created=BEGIN + at) for at in created]
        return ThreadState(key, 2.0, runs={one.raw_id: one for one in rows}, observed=NOW, **fields)

    long, short = thread("long", 500, -9_000), thread("short", 500, 300)
    assert known(long, short) == (BEGIN + 300, True), "of the other thread, earlier runs are known"
    assert known(long, thread("short", 500, 300, whole=True)) == (BEGIN - 9_000, False)
    assert known(long, short, begin=BEGIN + 200) == (BEGIN + 200, True)
    assert known(long, short, begin=BEGIN - 200) == (BEGIN - 200, False), "the history knows the rest"
    assert known(long, ThreadState("unread", 2.0))[1]
    assert known(thread("whole", whole=True)) == (None, False)


def test_a_sum_is_no_longer_a_minimum_once_the_thread_was_read_to_its_end_even_if_that_brings_no_run():
    one = run("one", created=NOW - 90)
    found, states = RecentRuns(STEP * CELLS), [
        ThreadState(one.thread_key, 2.0, runs={one.raw_id: one}, observed=NOW, whole=whole)
        for whole in (False, True)
    ]  # fmt: skip
    least = []
    for state in states:
        found.take(Update(Snapshot(NOW, {state.key: state})))
        least.append(recent(found).least)
    assert least == [True, False]
