"""Watches of runs with a group or labels, from lists of updates: which runs are watched, and with which code it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.errors import UsageError
from flowtui.model.gate import parse_gate
from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.state.known_runs import Failure
from flowtui.model.state.label_reading import LabelReading
from flowtui.watch.options import GatePlan, Options

from ..clocks import BEGIN
from ..feeds import ListFeed, raw_run

RELEASE = LabelTerms(labels=(("release", "42"),))
A = Options(threads=("thr_a",), output="jsonl", labels=RELEASE, settle=5.0)


def new(run_id, status="running", at=1.0, **fields):
    """Return a run that was created `at` seconds after the start."""
    return raw_run(run_id, status, at=BEGIN + at, **fields)


@pytest.fixture
def feed(clock):
    feed = ListFeed(clock)
    feed.read("thr_a")
    return feed


def wishes(feed):
    return [sorted(run for _, run in wish.runs) for what, wish in feed.asked if what == "read_labels"]


def sought(feed, *runs, failure=None):
    """Make an update: spans were asked for, and none named these runs."""
    now = feed.clock.now()
    feed.change(labels=LabelReading(failure, {("thr_a", run): now for run in runs}))


async def test_only_runs_with_all_labels_are_watched(feed, clock, judged):
    runs = [new("both"), new("one", "failed"), new("other", "failed")]
    clock.at(2, lambda: feed.read("thr_a", *runs))
    clock.at(3, lambda: feed.label("thr_a", "one", release="42"))
    clock.at(4, lambda: feed.label("thr_a", "other", release="41", env="prod"))
    clock.at(5, lambda: feed.label("thr_a", "both", release="42", env="prod"))
    clock.at(20, lambda: feed.read("thr_a", new("both", "completed"), *runs[1:]))
    both = LabelTerms(labels=(("release", "42"), ("env", "prod")))
    result = await judged(feed, replace(A, labels=both))
    assert (result.code, [event["run_id"] for event in result.named("run.appeared")]) == (0, ["both"])
    assert wishes(feed) == [["both", "one", "other"], ["both", "other"], ["both"], []]
    assert result.summary["counts"] == {**result.summary["counts"], "total": 1, "labels_unread": 0}


async def test_the_group_must_match(feed, clock, judged):
    clock.at(2, lambda: feed.read("thr_a", new("mine", "completed"), new("other", "failed")))
    clock.at(3, lambda: feed.label("thr_a", "other", "nightly"))
    clock.at(4, lambda: feed.label("thr_a", "mine", "canary"))
    result = await judged(feed, replace(A, labels=LabelTerms("canary")))
    assert (result.code, result.summary["counts"]["total"]) == (0, 1)
    assert "with group canary" in result.named("watch.started")[0]["text"]


async def test_labels_that_change_with_a_later_span_are_judged_again(feed, clock, judged):
    clock.at(2, lambda: feed.read("thr_a", new("late"), new("early", "completed")))
    clock.at(3, lambda: feed.label("thr_a", "early", release="42"))
    clock.at(3, lambda: feed.label("thr_a", "late"))
    clock.at(6, lambda: feed.label("thr_a", "late", release="42"))
    clock.at(30, lambda: feed.read("thr_a", new("late", "failed"), new("early", "completed")))
    result = await judged(feed, A)
    assert (result.code, result.summary["counts"]["total"], clock.elapsed >= 30) == (1, 2, True)


async def test_old_runs_are_only_watched_if_since_says_so(clock, judged):
    old = raw_run("old", "failed", at=BEGIN - 60)
    feed = ListFeed(clock)
    feed.read("thr_a", old)
    clock.at(2, lambda: feed.label("thr_a", "old", release="42"))
    result = await judged(feed, A)
    assert (result.code, wishes(feed)) == (6, [])
    again = ListFeed(clock)
    again.read("thr_a", old)
    again.label("thr_a", "old", release="42")
    assert (await judged(again, replace(A, since=BEGIN - 100))).code == 1


async def test_a_queued_run_keeps_the_watch_open_and_is_not_asked_for(feed, clock, judged):
    done = new("done", "completed")
    clock.at(2, lambda: feed.read("thr_a", new("queued", "queued", at=2.0), done))
    clock.at(3, lambda: feed.label("thr_a", "done", release="42"))
    clock.at(200, lambda: feed.read("thr_a", new("queued", "running", at=2.0), done))
    clock.at(203, lambda: feed.label("thr_a", "queued", release="41"))
    result = await judged(feed, A)
    assert (result.code, clock.elapsed >= 203) == (0, True)
    assert wishes(feed) == [["done"], [], ["queued"], []]
    assert [event["counts"]["labels_unread"] for event in result.named("heartbeat")] == [1, 1, 1]
    assert result.summary["counts"]["labels_unread"] == 0


@pytest.mark.parametrize("output", ["plain", "github"])
async def test_lines_count_the_runs_without_labels(output, feed, clock, judged, tmp_path):
    page = tmp_path / "step.md"
    clock.at(2, lambda: feed.read("thr_a", new("queued", "queued")))
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}}
    result = await judged(feed, replace(A, output=output, timeout=70.0), stage=stage)
    assert result.code == 4
    assert "still watching  1 run without labels yet   every" in result.out
    last = result.out.splitlines()[-1]
    assert "   1 run without labels yet   1m10s   --timeout 1m 10s reached, no run matched so far" in last
    if output == "github":
        assert "; 1 run without labels yet<br>\n— tokens, " in page.read_text(encoding="utf-8")


async def test_later_runs_of_a_busy_server_do_not_hold_the_watch_for_ever(feed, clock, judged):
    def step(second):
        newest = [new(f"other_{second}", "queued", at=second), new("done", "completed")]
        for past in range(5, second, 5):
            newest.insert(1, new(f"other_{past}", "completed", at=past))
            feed.label("thr_a", f"other_{past}", release="41")
        feed.read("thr_a", *newest)

    for second in range(5, 300, 5):
        clock.at(second, lambda second=second: step(second))
    clock.at(
        4, lambda: (feed.read("thr_a", new("done", "completed")), feed.label("thr_a", "done", release="42"))
    )
    result = await judged(feed, A)
    assert (result.code, clock.elapsed < 30) == (0, True)
    assert result.summary["counts"]["labels_unread"] == 1, "the newest run, which came after it had settled"


async def test_nothing_matched_in_time_though_later_runs_have_no_labels_yet(feed, clock, judged):
    first, later = new("first", "completed"), new("later", "queued", at=65)
    clock.at(2, lambda: feed.read("thr_a", first))
    clock.at(65, lambda: feed.read("thr_a", later, first))
    clock.at(75, lambda: feed.label("thr_a", "first", release="41"))
    result = await judged(feed, A)
    assert (result.code, round(clock.elapsed)) == (6, 75)
    assert result.summary["counts"]["labels_unread"] == 1


async def test_an_ended_run_that_no_span_names_ends_in_3(feed, clock, judged):
    runs = [new("lost", "completed"), new("done", "completed")]
    clock.at(2, lambda: feed.read("thr_a", *runs))
    clock.at(3, lambda: feed.label("thr_a", "done", release="42"))
    clock.at(10, lambda: sought(feed, "lost"))
    result = await judged(feed, A)
    assert (result.code, result.summary["counts"]["labels_unread"]) == (3, 1)
    assert (
        result.summary["reason"]
        == "the labels of 1 run could not be read: no span names it; 1 completed, 1 run without labels yet"
    )
    assert 10 + A.give_up_after <= clock.elapsed <= 10 + A.give_up_after + 5


async def test_a_refusal_of_spans_ends_in_3_at_once_and_an_outage_after_a_while(feed, clock, judged):
    refused = Failure("forbidden", "POST: 403: no spans", BEGIN, retry_at=None)
    clock.at(2, lambda: feed.read("thr_a", new("run_1", "completed")))
    clock.at(5, lambda: sought(feed, failure=refused))
    result = await judged(feed, A)
    assert (result.code, round(clock.elapsed)) == (3, 5)
    assert (
        result.summary["reason"]
        == "the labels of 1 run cannot be read: POST: 403: no spans; 1 run without labels yet"
    )


async def test_an_outage_of_spans_is_ridden_out(feed, clock, judged):
    broken = Failure("server", "POST: 500", BEGIN + 5, retry_at=BEGIN + 60)
    clock.at(2, lambda: feed.read("thr_a", new("run_1", "completed")))
    clock.at(5, lambda: sought(feed, failure=broken))
    clock.at(60, lambda: sought(feed))
    clock.at(61, lambda: feed.label("thr_a", "run_1", release="42"))
    result = await judged(feed, A)
    assert result.code == 0
    assert [event["event"] for event in result.events if "poll" in event["event"]] == [
        "poll.error",
        "poll.recovered",
    ]


async def test_a_failure_of_spans_does_not_matter_while_no_labels_are_in_question(feed, clock, judged):
    clock.at(2, lambda: feed.read("thr_a", new("run_1", "completed")))
    clock.at(3, lambda: feed.label("thr_a", "run_1", release="42"))
    clock.at(5, lambda: sought(feed, failure=Failure("forbidden", "403", BEGIN, retry_at=None)))
    assert (await judged(feed, A)).code == 0


ONCE = replace(A, once=True, since=BEGIN - 100)


async def test_one_look_waits_until_labels_were_asked_for_and_is_pending_without_them(feed, clock, judged):
    feed.read("thr_a", raw_run("run_1"), raw_run("run_2"))
    feed.label("thr_a", "run_2", release="42")
    clock.at(30, lambda: sought(feed, "run_1"))
    result = await judged(feed, ONCE)
    assert (result.code, round(clock.elapsed)) == (8, 30)
    assert result.summary["reason"] == "one look (--once); 1 completed, 1 run without labels yet"


async def test_one_look_at_read_labels(feed, clock, judged):
    feed.read("thr_a", raw_run("run_1", "failed"), raw_run("run_2"))
    feed.label("thr_a", "run_2", release="42")
    clock.at(4, lambda: feed.label("thr_a", "run_1", release="41"))
    assert (await judged(feed, ONCE)).code == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"latest": True}, "exclude --latest"), ({"once": True}, "needs --since")],
)
def test_what_labels_cannot_be_combined_with(fields, said):
    with pytest.raises(UsageError, match=said):
        replace(A, **fields).check()


def test_what_labels_can_be_combined_with():
    replace(A, once=True, since=1.0).check()
    replace(A, new=True, agent="checkout", expect=3).check()
    replace(A, runs=frozenset({"run_1"})).check()
    assert A.open
    assert A.settles
    assert A.narrowed
    assert not A.whole_history
    assert replace(A, since=1.0).whole_history


GATE = replace(
    A,
    gate=GatePlan(parse_gate("failure_rate <= 50%"), "failure_rate <= 50%", 600.0, 5),
    since=BEGIN - 100,
    until="gate",
    fail_on=frozenset(),
    wait_start=float("inf"),
    timeout=300.0,
)


async def test_a_gate_judges_only_runs_before_the_first_one_without_labels(feed, clock, judged):
    good = [raw_run(f"good_{n}", at=BEGIN - 50 + n) for n in range(20)]
    bad = [raw_run(f"bad_{n}", "failed", at=BEGIN - 50 + n) for n in range(20)]
    silent = raw_run("silent", "cancelled", at=BEGIN - 90, started_at=None)
    unread = raw_run("unread", "running", at=BEGIN - 60)
    feed.read("thr_a", *bad, unread, silent)
    for number, run in enumerate(good):  # on threads of their own, so that they tell enough for a pass
        feed.read(f"thr_{number}", run)
        feed.label(f"thr_{number}", run["id"], release="42")
    for run in bad:
        feed.label("thr_a", run["id"], release="41")
    clock.at(100, lambda: feed.label("thr_a", "unread", release="41"))
    threads = ("thr_a", *(f"thr_{number}" for number in range(20)))
    result = await judged(feed, replace(GATE, threads=threads))
    told = [(event["verdict"], event["new"]["runs"], event["silent"]) for event in result.named("gate")]
    assert (result.code, told[0], told[-1]) == (0, ("INCONCLUSIVE", 0, 1), ("PASS", 20, 1))
    assert clock.elapsed >= 100


async def test_a_gate_compares_a_group_on_both_sides_and_a_label_on_the_new_one(feed, clock, judged):
    compared = parse_gate("failure_rate <= base + 40%")
    gate = replace(GATE, gate=GATE.gate._replace(gate=compared), labels=LabelTerms("mine", RELEASE.labels))
    base = [raw_run(f"base_{n}", at=BEGIN - 400 + n) for n in range(20)]
    other = [raw_run(f"other_{n}", "failed", at=BEGIN - 300 + n) for n in range(20)]
    good = [raw_run(f"good_{n}", at=BEGIN - 50 + n) for n in range(20)]
    feed.read("thr_a", *good, *other, *base)
    for run in base:
        feed.label("thr_a", run["id"], "mine", release="41")
    for run in good:
        feed.label("thr_a", run["id"], "mine", release="42")

    def rest():
        for run in other:
            feed.label("thr_a", run["id"], "other")

    clock.at(50, rest)
    result = await judged(feed, gate)
    (first, *_), last = result.named("gate"), result.summary["gate"]
    assert first["missing"] == "the labels of 20 runs before the mark are not read yet"
    assert (last["base"]["runs"], last["new"]["runs"], last["missing"]) == (20, 20, None)
    wish = next(wish for what, wish in feed.asked if what == "read_labels")
    assert (wish.terms, len(wish.runs)) == (LabelTerms("mine"), 20)


async def test_a_gate_whose_labels_cannot_be_read_ends_in_3(feed, clock, judged):
    feed.read("thr_a", raw_run("run_1"))
    clock.at(5, lambda: sought(feed, failure=Failure("forbidden", "POST: 403", BEGIN, retry_at=None)))
    assert (await judged(feed, GATE)).code == 3
