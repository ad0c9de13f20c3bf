"""Watches of runs and filters, and their notices."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.events.finding_tracker import FindingTracker
from flowtui.model.events.notices import (
    ENDED,
    FINDING,
    MATCHED,
    Notice,
    bundle,
    check_watches,
    explained,
    same_runs,
    settle_watches,
    view_words,
    watch_filter,
    watch_run,
)
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import apply_runs
from flowtui.model.state.letting_go import apply_limit
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View


class World:
    """One thread with a clock, its watches and their notices."""

    def __init__(self, state):
        self.state = state
        self.finding_tracker = FindingTracker()
        self.watches = ()
        self.reasons = {}
        self.at = 100.0

    @property
    def snapshot(self):
        return Snapshot(self.at, {self.state.key: self.state}, {"agent_1": "checkout"}, listed=True)

    @property
    def context(self):
        return Context(self.at, self.snapshot.agents, self.snapshot.threads, reasons=self.reasons)

    def look(self, *rows, at, whole=True):
        self.at = at
        self.state, changes = apply_runs(self.state, rows, at=at, whole=whole)
        self.finding_tracker.take(changes, self.snapshot, self.context)
        return self.judged(changes)

    def judged(self, changes=()):
        judged = check_watches(self.watches, changes, self.snapshot, self.context, self.finding_tracker)
        self.watches = judged.watches
        return judged.notices

    def watch(self, key_of):
        run = self.snapshot.run(("thr_1", key_of))
        self.watches += (watch_run(run, self.at, self.finding_tracker),)

    def filter(self, text="", **view):
        self.watches += (watch_filter(View(text=text, **view), self.at, self.snapshot, self.context),)


@pytest.fixture
def world(fresh):
    return World(fresh())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "completed", "completed": 137}, "run_1 (checkout) completed after 00:37"),
        ({"status": "failed", "failed": 104}, "run_1 (checkout) failed after 00:04: crm 502"),
        ({"status": "cancelled", "cancelled": 110}, "run_1 (checkout) was cancelled after 00:10"),
    ],
)
def test_a_watched_run_causes_one_notice_when_it_ends(world, a_run, fields, said):
    world.look(a_run(created=90, started=100, agent_id="agent_1"), at=101)
    world.watch("run_1")
    world.reasons = {("thr_1", "run_1"): Reason("crm 502")}
    assert world.look(a_run(created=90, started=100, agent_id="agent_1", total_tokens=3), at=102) == []
    told = world.look(a_run(created=90, started=100, agent_id="agent_1", **fields), at=140)
    assert [(notice.kind, notice.text, notice.title) for notice in told] == [(ENDED, said, "Watched run")]
    assert told[0].severity == ("error" if fields["status"] == "failed" else "information")
    assert world.watches == ()
    assert world.look(a_run(created=90, started=100, **fields, total_tokens=9), at=150) == []


def test_a_watched_run_causes_one_notice_for_each_new_finding(world, a_run):
    world.look(a_run("old", created=90, expires=95), a_run("new", created=90, expires=120), at=101)
    world.watch("old")
    world.watch("new")
    told = world.look(a_run("old", created=90, expires=95), a_run("new", created=90, expires=120), at=130)
    assert [(notice.kind, notice.runs[0].id) for notice in told] == [(FINDING, "new")]
    assert "overdue" in told[0].text
    assert told[0].severity == "warning"
    assert world.look(a_run("new", created=90, expires=120), at=140, whole=False) == []


def test_a_notice_of_several_failures_names_the_known_reasons(world, a_run):
    rows = [a_run(f"run_{n}", "failed", created=90, started=100, failed=104 + n) for n in range(5)]
    world.look(*rows, at=140)
    said = tuple(f"{run.id} failed" for run in rows)
    notice = explained(Notice(MATCHED, 140.0, "failed", tuple(rows), said), world.context)
    assert notice.severity == "error"
    assert notice.unexplained == tuple(rows[:3])
    assert notice.text == "5 runs failed: run_0, run_1, run_2, …"
    world.reasons = {
        ("thr_1", "run_0"): Reason("crm 502"),
        ("thr_1", "run_2"): Reason("timeout"),
        ("thr_1", "run_4"): Reason("x"),
    }
    notice = explained(notice, world.context)
    assert notice.unexplained == (rows[1],)
    assert notice.text == "5 runs failed: run_0: crm 502; run_1; run_2: timeout; …"
    assert explained(notice._replace(kind=FINDING, why=()), world.context).why == ()


def test_a_notice_has_the_severity_of_its_worst_run(world, a_run):
    rows = (a_run("run_1", "completed"), a_run("run_2", "failed"))
    notice = Notice(ENDED, 1.0, "x", rows, ("run_1 completed", "run_2 failed"))
    assert notice.severity == "error"
    assert notice._replace(runs=rows[:1]).severity == "information"
    assert notice.unexplained == rows[1:]
    world.reasons = {rows[1].key: Reason("crm 502")}
    assert explained(notice, world.context).text == "2 runs: run_1 completed; run_2 failed: crm 502"


def test_a_run_stays_watched_while_it_is_missing_from_the_list(world, a_run):
    world.look(a_run("run_1", created=90), a_run("run_2", created=80), at=101)
    world.watch("run_1")
    told = world.look(a_run("run_2", created=80), at=103)
    assert [notice.kind for notice in told] == [FINDING]  # the notice about the missing run
    told = world.look(
        a_run("run_1", "completed", created=90, completed=103), a_run("run_2", created=80), at=105
    )
    assert [notice.kind for notice in told] == [ENDED]


def test_a_watched_filter_reports_only_runs_that_did_not_match_before(world, a_run):
    world.look(a_run("old", "failed", created=80, failed=85), a_run("run_1", created=90), at=101)
    world.filter("status:failed")
    assert world.judged() == []
    told = world.look(
        a_run("run_1", "failed", created=90, started=95, failed=103),
        a_run("old", "failed", created=80, failed=85),
        at=104,
    )
    assert [notice.text for notice in told] == ["run_1 failed after 00:08"]
    assert told[0].title == "Watched filter: status:failed"
    assert told[0].kind == MATCHED
    assert (
        world.look(a_run("run_1", "failed", created=90, failed=103, total_tokens=5), at=105, whole=False)
        == []
    )


def test_the_first_observation_reports_only_runs_newer_than_the_watch(world, a_run, fresh):
    world.filter("status:failed")  # watched before anything was read
    told = world.look(
        a_run("fresh", "failed", created=99.5, failed=100.5),
        a_run("old", "failed", created=50, failed=60),
        at=101,
    )
    assert [notice.runs[0].id for notice in told] == ["fresh"]
    assert world.judged() == []


def test_runs_on_an_older_page_are_not_reported_and_new_runs_are(world, a_run):
    world.look(a_run("run_9", created=90), at=101, whole=False)
    world.filter("status:failed")
    old, new = (
        a_run("run_1", "failed", created=10, failed=20),
        a_run("run_10", "failed", created=103, failed=104),
    )
    told = world.look(new, a_run("run_9", created=90), old, at=105, whole=False)
    assert [run.id for notice in told for run in notice.runs] == ["run_10"]


def test_a_watched_filter_reports_nothing_of_the_history_and_what_happens_after(world, a_run):
    world.filter("status:failed")
    world.filter("is:active")
    state, _ = apply_runs(
        world.state, [a_run("run_1", created=10), a_run("run_2", created=11)], at=20, whole=True
    )
    world.state = replace(state, restored=20.0)
    world.finding_tracker.take((), world.snapshot, world.context, ["thr_1"])
    assert world.judged() == []
    away = a_run("run_1", "failed", created=10, started=11, failed=50)
    assert world.look(away, a_run("run_2", created=11), at=101) == []
    told = world.look(away, a_run("run_2", "failed", created=11, started=12, failed=104), at=105)
    assert [notice.runs[0].id for notice in told] == ["run_2"]


def test_an_active_run_that_matches_by_time_alone_causes_one_notice(world, a_run):
    world.look(a_run(created=100), a_run("ended", "completed", created=99, completed=100), at=101)
    world.filter("age>10m")
    assert world.judged() == []
    world.at = 701.5
    assert [run.id for notice in world.judged() for run in notice.runs] == ["run_1"]
    world.at = 800.0
    assert world.judged() == []


def test_a_watched_view_also_uses_its_group_and_its_restriction_to_active_or_problems(world, a_run):
    world.look(a_run("run_1", created=90), at=101)
    world.filter(only="problems")
    world.filter(group=Grouping("thread", "thr_2"))
    world.filter(only="active", group=Grouping("thread", "thr_1"))
    told = world.look(
        a_run("run_2", "queued", created=102), a_run("run_1", "failed", created=90, failed=102), at=103
    )
    assert {notice.about: [run.id for run in notice.runs] for notice in told} == {
        "problems only": ["run_1"],
        "active only · thread thr_1": ["run_2"],
    }


def test_watched_views_that_differ_only_in_order_are_equal_and_have_a_description():
    assert same_runs(View(text=" a ", sort="tokens", descending=True)) == View(text="a")
    assert view_words(View(text="a\x1b[31m"), Context(0.0)) == "a␛[31m"
    assert view_words(View(), Context(0.0)) == "all runs"


def _matched(a_run, name, status="failed", about="status:failed"):
    run = a_run(name, status)
    return Notice(MATCHED, 5.0, about, (run,), (f"{name} {status} after 00:01",))


def test_many_runs_at_once_are_one_notice_that_names_the_first(a_run):
    told = bundle(
        [_matched(a_run, f"run_{letter}") for letter in "abcde"] + [_matched(a_run, "x", about="other")]
    )
    assert [notice.text for notice in told] == [
        "5 runs failed: run_a, run_b, run_c, …",
        "x failed after 00:01",
    ]
    two = bundle([_matched(a_run, "run_a"), _matched(a_run, "run_b", "completed")])
    assert two[0].text == "2 runs: run_a failed after 00:01; run_b completed after 00:01"


def test_watched_runs_that_end_together_are_one_notice(a_run):
    ended = [
        Notice(ENDED, 5.0, name, (a_run(name, "completed"),), (f"{name} completed",)) for name in ("a", "b")
    ]
    assert [notice.text for notice in bundle(ended)] == ["2 runs completed: a, b"]


def test_the_json_record_has_raw_ids_and_is_bounded(a_run):
    notice = bundle([_matched(a_run, f"run\x1b{number}") for number in range(300)])[0]
    record = json.loads(json.dumps(notice.record()))
    assert record["event"] == "notice"
    assert record["filter"] == "status:failed"
    assert record["run_count"] == 300
    assert len(record["runs"]) == 100
    assert record["runs"][7]["run_id"] == "run\x1b7"
    assert record["at"] == "1970-01-01T00:00:05.000Z"
    assert "\x1b" not in record["text"]


def test_runs_that_leave_memory_cause_no_notice_and_are_forgotten(fresh, a_run):
    world = World(fresh())
    old, new = a_run("run_1", "completed", created=90.0), a_run("run_2", "completed", created=105.0)
    world.look(old, at=100.0)
    world.watches = (watch_filter(View(text="status:completed"), 100.0, world.snapshot, world.context),)
    assert [notice.kind for notice in world.look(new, old, at=110.0)] == [MATCHED]
    assert world.watches[0].known == {old.key, new.key}
    world.state, changes = apply_limit(world.state, 1, (), at=120.0)
    world.finding_tracker.take(changes, world.snapshot, world.context)
    assert world.judged(changes) == []
    assert world.watches[0].known == {new.key}


def test_what_only_became_known_now_causes_no_notice_but_a_change_does(a_run, world):
    rows = [a_run(name, "queued", created=90, expires=120, agent_id="agent_1") for name in ("a", "b")]
    world.look(*rows, at=101)
    view = View(text="finding:overdue")
    world.watches = (
        *(watch_run(run, world.at, world.finding_tracker) for run in rows),
        watch_filter(view, world.at, world.snapshot, world.context),
    )
    world.at = 130.0
    world.state, changes = apply_runs(
        world.state, [rows[0], rows[1]._replace(total_tokens=7)], at=130.0, whole=True
    )
    world.finding_tracker.take(changes, world.snapshot, world.context)
    world.watches = settle_watches(
        world.watches, changes, world.snapshot, world.context, world.finding_tracker
    )
    assert [(notice.kind, [run.id for run in notice.runs]) for notice in world.judged(changes)] == [
        (FINDING, ["b"]),
        (MATCHED, ["b"]),
    ]
