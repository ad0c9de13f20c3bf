"""`--first N` and related ends in complete watches over the real poller, in fake time and over HTTP."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from flowtui.model.query.query import parse
from flowtui.simulator.server import Simulator
from flowtui.watch.options import Allowance
from flowtui.watch.signals import Signals

from ..clocks import WaitingClock

NOW = 1_794_000_000.0


def busy(world, clock, *, until=3600):
    """Let the agent begin a run every 4 seconds, which ends 6 seconds later: it is never idle."""
    for number, at in enumerate(range(3, until, 4)):
        thread, name = f"thr_{number % 3}", f"run_{number}"
        clock.at(at, lambda thread=thread, name=name: world.add(thread, name, "running"))
        clock.at(at + 6, lambda name=name: world.move(name, "completed"))
    for number in range(3):
        world.thread(f"thr_{number}")


async def test_on_a_busy_agent_first_ends_and_new_does_not(world, clock, watch):
    busy(world, clock)
    result = await watch(agent="checkout", first=3, output="jsonl")
    assert (result.code, result.summary["ended_by"], clock.elapsed < 25) == (0, "condition", True)
    assert [event["run_id"] for event in result.named("run.appeared")] == ["run_0", "run_1", "run_2"]
    begin = clock.elapsed
    result = await watch(agent="checkout", new=True, expect=3, timeout=600.0)
    assert (result.code, result.summary["ended_by"], clock.elapsed - begin) == (
        4,
        "timeout",
        pytest.approx(600),
    )


async def test_the_others_of_the_first_runs_may_come_until_the_default_timeout(world, clock, watch):
    world.thread("thr_a")
    clock.at(50, lambda: world.add("thr_a", "run_1", "completed"))
    clock.at(1000, lambda: world.add("thr_a", "run_2", "completed"))
    result = await watch("thr_a", first=3)
    assert (result.code, clock.elapsed) == (4, pytest.approx(1800, abs=0.01))
    assert result.summary["reason"] == (
        "--timeout 30m 00s (the default of --first) reached; 2 completed; 2 of 3 expected runs came"
    )
    started = result.events[0]
    assert (started["first"], started["timeout_s"]) == (3, 1800.0)
    assert started["text"].endswith("for all, timeout 30m 00s (the default of --first)")


async def test_first_ends_although_a_thread_was_never_read(world, clock, watch):
    """So it is with many threads, which the budget allows to be read only in minutes."""
    world.thread("thr_a")
    world.thread("thr_b")
    clock.at(3, lambda: world.add("thr_a", "run_1", "running"))
    clock.at(20, lambda: world.move("run_1", "completed"))
    world.unanswered.add("thr_b")
    result = await watch(first=1)
    assert (result.code, result.summary["reason"]) == (0, "1 run ended; 1 completed")
    assert clock.elapsed < 60


async def test_without_any_run_first_ends_after_wait_start(world, clock, watch):
    world.add("thr_a", "run_old", "failed", created=-100)
    result = await watch("thr_a", first=2)
    assert (result.code, clock.elapsed) == (6, pytest.approx(60, abs=1))
    assert result.summary["reason"] == "no run matched within --wait-start 1m 00s; 0 of 2 expected runs came"


async def test_every_output_has_the_sentence_and_the_numbers(world, clock, watch, tmp_path):
    """The sentence was wrong here: `none failed` beside two failures."""
    world.thread("thr_a")
    for number, end in enumerate(("failed", "cancelled", "failed")):
        clock.at(5, lambda number=number: world.add("thr_a", f"run_{number}", "running"))
        clock.at(10, lambda number=number, end=end: world.move(f"run_{number}", end))
    options = {
        "since": NOW,
        "expect": 3,
        "timeout": 40.0,
        "allow": Allowance(100, percent=True),
        "filter": parse("not status:failed"),
    }
    sentence = (
        "1 run cancelled, no failure counts; 3 runs ended; 1 cancelled; "
        "2 failed, allowed (--allow-failures 100% of 3 runs)"
    )
    written = tmp_path / "watch.json"
    result = await watch("thr_a", summary_file=str(written), **options)
    document = json.loads(written.read_text())
    assert (result.code, result.summary["reason"]) == (5, sentence)
    for fields in (result.summary, document):
        assert (fields["ended_by"], fields["ended"], fields["for"]) == ("condition", "3 runs ended", "all")
        assert fields["decided"] == "1 run cancelled, no failure counts"
        assert (fields["outcome"]["failed_allowed"], fields["outcome"]["cancelled"]) == (2, 1)
        assert fields["outcome"]["allow_failures"] == "--allow-failures 100% of 3 runs"
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}, "size": lambda: (200, 24)}
    again = {**options, "once": True, "filter": None}
    for output in ("plain", "github", "tty", "json"):
        out = (await watch("thr_a", output=output, stage=stage, **again)).out
        assert "2 failed, allowed (--allow-failures 100% of 3 runs)" in out
        assert "none failed" not in out
        assert "since then" not in out
        if output == "github":
            levels = re.findall(r"^::(\w+) title=([^ ]+ [^ ]+)", out, re.MULTILINE)
            runs = {("warning", "run run_0"), ("warning", "run run_2")}
            assert set(levels[:2]) == runs
            assert levels[2:] == [("error", "flowtui watch")]


async def test_a_signal_does_not_swallow_a_failure_that_waits_for_its_reason(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "running")
    calm = world.spans

    async def slow(query):
        await clock.wait(asyncio.Event(), 2.5)
        return await calm(query)

    world.spans = slow
    signals = Signals()
    clock.at(10, lambda: world.move("run_1", "failed"))
    clock.at(13, lambda: signals._take(15))
    result = await watch("thr_a", signals=signals)
    assert (result.code, [event["to"] for event in result.named("run.status")]) == (143, ["failed"])


async def test_the_events_of_a_run_ascend_though_an_answer_is_slow(world, clock, watch):
    """The reading that shows the end began before the run was old enough to join, and its answer came later."""
    world.add("thr_a", "run_1", "running")
    world.thread("thr_b")
    calm, slow = world.runs, []

    async def runs(thread_id, **page):
        if thread_id == "thr_a" and slow:
            await clock.wait(asyncio.Event(), slow.pop())
        return await calm(thread_id, **page)

    world.runs = runs
    clock.at(55, lambda: slow.append(20.0))
    clock.at(65, lambda: world.move("run_1", "completed"))
    result = await watch("thr_a", "thr_b", filter=parse("age>1m"), follow=True, wait_start=300.0)
    told = [event for event in result.events if "run_id" in event]
    assert [event["event"] for event in told][-1] == "run.status"
    assert [event["at"] for event in told] == sorted(event["at"] for event in told)
    assert told[-1]["at"] > told[-1]["observed_between"][1]


def test_since_reads_each_thread_only_as_far_back_as_asked(shell):
    with Simulator(seed=5, threads=3, runs=450, clock=lambda: NOW) as simulator:
        words = ["--first", "2", "--since", "2m", "--timeout", "5", "-o", "json"]
        shell(simulator.url, *words, clock=WaitingClock(NOW))
        pages = [query for _, path, query in simulator.requests if path.endswith("/runs")]
        assert max(len(simulator.run_ids(thread)) for thread in simulator.thread_ids()) > 100
    assert len(pages) >= 3
    assert all("offset=0" in query for query in pages)


@pytest.mark.slow
def test_the_first_runs_of_a_busy_agent_over_http(shell):
    clock = WaitingClock(NOW)
    with Simulator(seed=5, threads=12, runs=60, clock=clock.now, speed=4.0) as simulator:
        words = ["--first", "3", "--interval", "0.5", "-o", "jsonl", "--budget", "3000/min"]
        code, out, _ = shell(simulator.url, *words, clock=clock)
    events = [json.loads(line) for line in out.splitlines()]
    end = events[-1]
    appeared = [event["run_id"] for event in events if event["event"] == "run.appeared"]
    assert (len(appeared), end["counts"]["total"], end["ended_by"]) == (3, 3, "condition")
    assert code in (0, 1, 5)
