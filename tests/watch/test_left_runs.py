"""Watched runs that leave the feed's memory: verdict, counts and sentences stay as if all were kept."""

from __future__ import annotations

import json
import random

import pytest

from flowtui.model.messages.why import Why
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.source.poll.poller import Poller
from flowtui.watch import exits
from flowtui.watch.judge import update_reducer
from flowtui.watch.judge.outcome import failure_words
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import Options
from flowtui.watch.output.formats.plain import Plain
from flowtui.watch.reason_numbers import ReasonNumbers
from flowtui.watch.reports.event_times import EventTimes

from .conftest import World

RUNS = 40


def play(world, clock):
    """Let runs begin every ten seconds and end after twelve; every seventh fails, every ninth is cancelled."""

    def begin(number):
        world.add("thr_a", f"run_{number}", "running", agent=f"agent_{'ab'[number % 2]}")

    def end(number):
        final = "failed" if number % 7 == 3 else "cancelled" if number % 9 == 4 else "completed"
        world.move(f"run_{number}", final, tokens=100 + number)

    world.thread("thr_a")
    world.add("thr_a", "run_old", "completed", created=-900)
    for number in range(RUNS):
        clock.at(10 * number + 5, lambda number=number: begin(number))
        clock.at(10 * number + 17, lambda number=number: end(number))


@pytest.fixture
def followed(clock, judged, monkeypatch, tmp_path):
    """Return a function that follows such a thread and returns the result, the summary file and the poller's rows."""

    async def run(history, most_left, **options):
        monkeypatch.setattr(update_reducer, "MOST_LEFT", most_left)
        monkeypatch.setattr(update_reducer, "MOST_LISTED", most_left)
        clock.__init__()
        world = World(clock)
        play(world, clock)
        file = tmp_path / f"summary-{history}.json"
        asked = Options(**{"threads": ("thr_a",), "output": "jsonl", "follow": True, "timeout": 10 * RUNS + 60, "summary_file": str(file), **options})  # fmt: skip
        poller = Poller(
            world, threads=("thr_a",), interval=2.0, history=history, clock=clock, rng=random.Random(7)
        )
        result = await judged(poller, asked)
        return result, json.loads(file.read_bytes()), poller.observer.states["thr_a"]

    return run


async def test_a_followed_thread_is_judged_as_if_all_runs_were_kept(followed):
    whole, listed, state = await followed(10**9, 10**9)
    assert (len(state.runs), state.let_go) == (RUNS + 1, 0)
    bounded, some, state = await followed(5, 6)
    assert (len(state.runs), state.let_go) == (5, RUNS - 4)
    assert bounded.code == whole.code == exits.FAILED
    told = [{key: value for key, value in event.items() if key != "requests"} for event in whole.events[:-1]]
    assert told == [{key: value for key, value in event.items() if key != "requests"} for event in bounded.events[:-1]]  # fmt: skip
    left_out = {"failed", "failed_not_listed"}
    summary = {key: value for key, value in bounded.summary.items() if key not in left_out}
    assert summary == {key: value for key, value in whole.summary.items() if key not in left_out}
    assert len(bounded.summary["failed"]) + bounded.summary["failed_not_listed"] == len(whole.summary["failed"])  # fmt: skip
    assert "failed_not_listed" not in whole.summary
    assert len(some["runs"]) + some["runs_not_listed"] == len(listed["runs"]) == RUNS + 1
    assert [run for run in listed["runs"] if run in some["runs"]] == some["runs"]
    # what may count as a failure is kept longest
    kept = [
        run for run in some["runs"] if (state.key, run["run_id"]) not in {r.key for r in state.runs.values()}
    ]
    assert {run["status"] for run in kept} <= {"failed", "cancelled"}


async def test_no_run_leaves_before_the_watch_has_seen_it(followed):
    bounded, _, state = await followed(1, 2)
    assert len(bounded.named("run.appeared")) == RUNS + 1
    assert bounded.summary["counts"]["total"] == RUNS + 1
    assert len(state.runs) <= 2


async def test_a_format_remembers_only_lines_of_runs_that_the_summary_lists(followed, monkeypatch):
    remembered = []
    finish = Plain.finish

    def last(self, summary, document):
        remembered.append((self._told, summary.fields["failed"]))
        finish(self, summary, document)

    monkeypatch.setattr(Plain, "finish", last)
    whole, *_ = await followed(10**9, 10**9, output="plain")
    bounded, *_ = await followed(5, 3, output="plain")
    for told, listed in remembered:
        assert told == {(each["thread_id"], each["run_id"]) for each in listed if each["because"] == "failed"}
    assert len(remembered[0][0]) > len(remembered[1][0]) > 0
    failures = [[line for line in each.out.splitlines() if " FAILED" in line] for each in (whole, bounded)]
    assert failures[0] == failures[1]  # each failure has one line


def run(number, status="completed", agent="agent_a"):
    raw = {"id": f"run_{number}", "status": status, "agent_id": agent, "created_at": 1000.0 + number}
    return parse_run(raw, "thr")


def test_folded_failures_are_counted_and_not_named():
    ledger = Ledger(most_left=2)
    for number in range(9):
        ledger.put(run(number, "failed" if number % 2 else "completed"), 0.0)
    ledger.put(run(99, "running"), 0.0)
    folded = [gone.raw_id for number in range(9) for gone in ledger.leave(("thr", f"run_{number}"))]
    assert ledger.leave(("thr", "run_99")) == []
    assert folded == ["run_0", "run_2", "run_4", "run_5", "run_6", "run_7", "run_8"]
    failures = ledger.failures(frozenset({"failed"}))
    assert ([each.run.raw_id for each in failures.kept], failures.folded) == (
        ["run_1", "run_3"],
        {"failed": 2},
    )
    assert failure_words(failures) == "4 failed: run_1, run_3 and 2 more"
    assert (ledger.total, ledger.ended, len(ledger.runs), ledger.counts.by_class["failed"]) == (10, 9, 3, 4)
    assert ledger.first_folded.raw_id == "run_5"
    assert ledger.failures(frozenset({"cancelled"})).number == 0


def test_reasons_of_folded_runs_are_counted():
    tax = Reason("tax_rate is missing", "tool run_python")
    runs = {
        each.key: each for each in (run(number, "failed", f"agent_{'ab'[number % 2]}") for number in range(4))
    }
    known = {key: Why(tax.text, tax.text, tax) for key in runs}
    numbers = ReasonNumbers(runs, known)
    before = numbers.groups(4)
    for each in list(runs.values())[:3]:
        numbers.fold(each)
        del runs[each.key], known[each.key]
    assert numbers.groups(4) == before
    new = run(5, "failed", "agent_c")
    runs[new.key], known[new.key] = new, Why(tax.text, tax.text, tax)
    assert numbers.mention(new, {}).runs == 5
    assert numbers.mention(new, {}).agent != ""
    last = run(6, "failed", "agent_a")
    runs[last.key], known[last.key] = last, Why(tax.text, tax.text, tax)
    assert numbers.mention(last, {}).agent == ""


def test_the_times_of_old_events_are_forgotten(monkeypatch):
    from flowtui.watch.events import HEARTBEAT, Event  # noqa: PLC0415
    from flowtui.watch.reports import event_times  # noqa: PLC0415

    monkeypatch.setattr(event_times, "_MOST", 3)
    times = EventTimes()
    for number in range(9):
        times.dated(Event(HEARTBEAT, float(number), {"thread_id": "thr", "run_id": f"run_{number % 5}"}))
    assert list(times._last.values()) == [6.0, 7.0, 8.0]
    late = times.dated(Event(HEARTBEAT, 1.0, {"thread_id": "thr", "run_id": "run_3"}))
    assert late.at == 8.0
