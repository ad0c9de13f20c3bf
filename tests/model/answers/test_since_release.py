"""The newest release: what failed since and before, of all runs or of some."""

from __future__ import annotations

from flowtui.model.answers.since_release import ENOUGH, NEWS, ReleaseCounts, newest_release
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

from ...store.remembering import BEGIN, run

MARK = Mark(BEGIN, "v2")


def snapshot(runs):
    newest_first = sorted(runs, key=lambda one: -(one.created or 0))
    state = ThreadState("thread-1", 2.0, runs={one.raw_id: one for one in newest_first})
    return Snapshot(BEGIN + 900, {"thread-1": state})


def test_a_release_is_new_for_a_day_and_one_of_the_future_is_none():
    marks = [Mark(BEGIN - 10, "v1"), MARK, Mark(BEGIN + 9e9, "v3")]
    assert newest_release(marks, BEGIN + 5) == MARK
    assert newest_release(marks, BEGIN + NEWS + 1) is None
    assert newest_release((), BEGIN) is None


def test_runs_belong_to_the_side_on_which_they_were_created_and_few_give_no_share():
    runs = [run(f"new-{n}", "failed" if n < 3 else "completed", created=BEGIN + n) for n in range(6)]
    runs += [run("busy", "running", created=BEGIN + 50), run("before", created=BEGIN - 5)]
    runs += [run("too-old", "failed", created=BEGIN - NEWS - 5)]
    counts, shown = ReleaseCounts(), snapshot(runs)
    found = counts.count(shown, MARK, None, "all")
    assert found.since == (7, 6, 3)
    assert found.since.share == 0.5
    assert found.before == (1, 1, 0)
    assert found.before.share is None, f"fewer than {ENOUGH}"
    assert not found.least
    unread = Snapshot(BEGIN + 900, {**shown.threads, "thread-2": ThreadState("thread-2", 2.0)})
    assert counts.count(unread, MARK, None, "all").least
    some = counts.count(shown, MARK, lambda one: one.raw_id == "new-0", "one")
    assert some.since == (1, 1, 1)
    assert counts.count(Snapshot(BEGIN), MARK, None, "all").since == (0, 0, 0)


def test_each_side_says_whether_runs_of_it_may_be_missing():
    def missing(*states):
        found = ReleaseCounts().count(
            Snapshot(BEGIN + 900, {state.key: state for state in states}), MARK, None, ""
        )
        return found.least, found.before_least

    def thread(key, *ages, **fields):
        rows = [run(f"{key}{age}", created=BEGIN - age) for age in ages]
        return ThreadState(key, 2.0, runs={one.raw_id: one for one in rows}, observed=BEGIN, **fields)

    assert missing(thread("old", 5, NEWS + 5)) == (False, False)
    assert missing(thread("old", 5, NEWS + 5), thread("cut", -5, 5)) == (False, True)
    assert missing(thread("cut", -50, -5)) == (True, True)
    assert missing(thread("whole", -50, -5, whole=True)) == (False, False)
