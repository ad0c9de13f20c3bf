"""Which runs are watched: the first ones with --first, and when --filter lets a run join."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

import pytest

from flowtui.model.query.query import parse
from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.run.parsing import parse_runs
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_span_facts
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.judge.selection import Selection
from flowtui.watch.options import Options

from ...feeds import raw_run

BEGAN = 1_800_000_000.0


class Watched:
    """A selection, and the threads that it was shown. Times are seconds after the start."""

    def __init__(self, options, *threads):
        self.options = options
        self.selection = Selection(options, BEGAN)
        self.snapshot = Snapshot(BEGAN, threads={key: ThreadState(key, 3.0) for key in threads}, listed=True)

    def read(self, at, **answers):
        """Show new answers of threads in one update; return the ids of the runs that join, the oldest first."""
        threads, news = dict(self.snapshot.threads), []
        for key, raws in answers.items():
            rows = parse_runs(json.dumps(raws).encode(), key).rows
            threads[key], changes = apply_runs(threads[key], rows, at=BEGAN + at, whole=True)
            news += changes
        return self.show(at, news, threads=threads)

    def show(self, at, changes=(), **fields):
        self.snapshot = replace(self.snapshot, at=BEGAN + at, **fields)
        return [run.raw_id for run in self.selection.take(self.snapshot, changes)][::-1]


def run(name, at, status="running", **fields):
    return raw_run(name, status, at=BEGAN + at, **fields)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_runs_that_appear_at_once_are_taken_in_the_order_of_creation(order):
    watched = Watched(Options(first=2), "thr_a", "thr_b", "thr_c")
    watched.read(0, thr_a=[], thr_b=[], thr_c=[])
    answers = {f"thr_{thread}": [run(f"run_{at}", at)] for thread, at in zip("abc", order, strict=True)}
    assert watched.read(5, **answers) == ["run_1", "run_2"]
    assert watched.selection.fixed
    assert watched.read(9, thr_a=[run("run_4", 1)]) == []


def test_runs_that_were_created_in_the_same_second_are_taken_in_the_order_of_their_ids():
    watched = Watched(Options(first=2), "thr_a", "thr_b")
    watched.read(0, thr_a=[], thr_b=[])
    assert watched.read(5, thr_b=[run("run_1", 2)], thr_a=[run("run_3", 2), run("run_2", 2)]) == [
        "run_2",
        "run_3",
    ]


def test_old_runs_and_runs_that_appear_after_the_last_do_not_join():
    watched = Watched(Options(first=2, agent="agent_a"), "thr_a")
    assert watched.read(0, thr_a=[run("run_old", -60)]) == []
    assert watched.read(3, thr_a=[run("run_1", 1), run("run_other", 1, agent_id="agent_b")]) == ["run_1"]
    assert not watched.selection.fixed
    assert watched.read(6, thr_a=[run("run_3", 5), run("run_2", 4)]) == ["run_2"]
    assert watched.selection.fixed


def test_since_begins_with_the_oldest_run_and_waits_for_every_thread():
    watched = Watched(Options(first=2, since=BEGAN - 100), "thr_a", "thr_b")
    assert watched.read(20, thr_a=[run("run_3", -10), run("run_2", -20), run("run_0", -200)]) == []
    assert watched.read(40, thr_b=[run("run_1", -30)]) == ["run_1", "run_2"]


@pytest.mark.parametrize(("at", "joined"), [(9.0, []), (10.0, ["run_1"])])
def test_new_runs_do_not_wait_long_for_the_first_reading_of_a_large_fleet(at, joined):
    watched = Watched(Options(first=1), "thr_a", "thr_unread")
    assert watched.read(at, thr_a=[run("run_1", 1)]) == joined


def test_an_element_that_cannot_be_read_is_none_of_the_first_runs():
    watched = Watched(Options(first=1), "thr_a")
    watched.read(0, thr_a=[])
    assert watched.read(3, thr_a=[{"id": None, "is_active": True}]) == []
    assert watched.read(6, thr_a=[run("run_1", 1)]) == ["run_1"]


def test_of_runs_with_a_label_the_first_are_taken_and_others_are_not_waited_for():
    options = Options(first=1, labels=LabelTerms(labels=(("release", "42"),)))
    watched = Watched(options, "thr_a")
    watched.read(0, thr_a=[])
    assert watched.read(3, thr_a=[run("run_2", 2), run("run_1", 1)]) == []
    assert watched.selection.labels.count == 2
    labelled = apply_span_facts(
        watched.snapshot.threads["thr_a"], {"run_2": SpanFacts("", (("release", "42"),))}
    )
    assert watched.show(4, threads={"thr_a": labelled}) == ["run_2"]
    assert (watched.selection.fixed, watched.selection.labels.count) == (True, 0)


def test_a_filter_decides_when_a_run_joins_and_not_how_long_it_stays():
    watched = Watched(Options(new=True, filter=parse("status:running")), "thr_a")
    watched.read(0, thr_a=[])
    assert watched.read(3, thr_a=[run("run_1", 1), run("run_2", 1, "queued")]) == ["run_1"]
    assert watched.read(6, thr_a=[run("run_1", 1, "completed"), run("run_2", 1)]) == ["run_2"]
    assert list(watched.selection.keys) == [("thr_a", "run_1"), ("thr_a", "run_2")]


def test_a_run_joins_when_time_alone_makes_it_match():
    watched = Watched(Options(follow=True, filter=parse("age>1m")), "thr_a")
    assert watched.read(0, thr_a=[run("run_1", -10), run("run_2", -30)]) == []
    assert [watched.show(at) for at in (29, 31, 49, 51, 60)] == [[], ["run_2"], [], ["run_1"], []]


def test_a_run_joins_when_the_name_of_its_agent_is_read():
    watched = Watched(Options(follow=True, filter=parse("agent:checkout")), "thr_a")
    assert watched.read(0, thr_a=[run("run_1", -10)]) == []
    assert watched.show(2, agents={"agent_a": "checkout"}) == ["run_1"]
