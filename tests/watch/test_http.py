"""Every exit code over real HTTP, with the faults that other watchers die of. Real time, as little of it as HTTP needs."""

from __future__ import annotations

import json
import threading
import urllib.request

import pytest

from flowtui.simulator.server import Simulator

NOW = 1_794_000_000.0


class WorldTime:
    """The simulator's time: stands still until a test moves it."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def world_time():
    return WorldTime()


@pytest.fixture(scope="module")
def world(world_time):
    with Simulator(seed=7, threads=5, runs=60, clock=world_time) as simulator:
        yield simulator


@pytest.fixture
def simulator(world, world_time):
    yield world
    world.clear_faults()


def runs(simulator):
    """All runs as (status, thread, run)."""
    for thread in simulator.thread_ids():
        number = simulator.world.find_thread(thread)
        for run in simulator.run_ids(thread):
            _, place = simulator.world.find_run(run, simulator.calendar.now())
            yield simulator.world.timeline(number)[place].status(simulator.calendar.now()), thread, run


def one(simulator, *statuses):
    """Return (thread, run) of a run that has one of these statuses."""
    return next((thread, run) for status, thread, run in runs(simulator) if status in statuses)


def last(out):
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines].count("summary") == 1
    assert lines[-1]["event"] == "summary"
    return lines[-1]


FAST = ("--interval", "0.5", "-o", "jsonl")


def test_0_a_completed_run(simulator, shell):
    thread, run = one(simulator, "completed")
    code, out, err = shell(simulator.url, thread, "--run", run, *FAST)
    assert (code, last(out)["exit"], err) == (0, 0, "")


def test_1_a_failed_run_with_its_reason(simulator, shell):
    thread, run = one(simulator, "failed")
    code, out, _ = shell(simulator.url, thread, "--run", run, *FAST)
    (failed,) = last(out)["failed"]
    assert (code, failed["see"]) == (1, f"flowtui run {run} -t {thread}")
    assert failed["reason"]


@pytest.mark.parametrize(
    "words",
    [
        ["--nope"],
        ["--interval", "0.1s"],
        ["--timeout", "0"],
        ["--fail-on", "sadness"],
        ["--fail-on", "stalled"],
        ["--allow-failures", "101%"],
        ["--for", "status:("],
        ["--for", ""],
        ["--filter", "tokens>many"],
        ["--since", "mark:release"],
        ["--since", "yesterday"],
        ["--since", "2999-01-01"],
        ["--compare", "2h"],
        ["--gate", "x"],
        ["--min-runs=3"],
        ["--on", "nothing=true"],
        ["--on", "summary="],
        ["--on", "summary='"],
        ["--summary-file", "/nonexistent/folder/file"],
        ["--new", "--since", "10m"],
        ["--once", "--new"],
        ["--run", "r", "--latest"],
        ["--run", ".."],
        ["--expect", "0"],
        ["-o", "table"],
        [".."],
    ],
)
def test_2_a_usage_error_writes_nothing_to_stdout(words, simulator, shell):
    before = len(simulator.requests)
    code, out, err = shell(simulator.url, *words)
    assert (code, out) == (2, "")
    assert err.startswith("flowtui: error: ")
    assert len(simulator.requests) == before


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
def test_3_refused_is_final_at_once(fault, simulator, shell):
    simulator.add_fault(fault)
    before = len(simulator.requests)
    code, out, _ = shell(simulator.url, *FAST)
    assert (code, last(out)["exit"]) == (3, 3)
    assert len(simulator.requests) - before <= 4


@pytest.mark.parametrize("fault", ["not-found", "rejected"])
def test_3_the_only_thread_is_not_there(fault, simulator, shell):
    simulator.add_fault(fault)
    code, out, _ = shell(simulator.url, simulator.thread_ids()[0], *FAST)
    assert (code, last(out)["exit"]) == (3, 3)


def test_3_nobody_answers_for_longer_than_the_patience(shell):
    code, out, _ = shell("http://127.0.0.1:9", "thr_a", *FAST, "--give-up-after", "0.6s")
    assert (code, last(out)["exit"]) == (3, 3)
    assert "poll.error" in out


def test_4_timeout(simulator, shell):
    thread, run = one(simulator, "running", "queued")
    code, out, _ = shell(simulator.url, thread, "--run", run, *FAST, "--timeout", "0.7s")
    assert (code, last(out)["reason"]) == (4, "--timeout 0.7s reached, 1 run not ended")


def test_5_cancelled_only(simulator, shell):
    thread, run = one(simulator, "canceled", "cancelled")
    assert shell(simulator.url, thread, "--run", run, *FAST)[0] == 5


def test_6_nothing_matched(simulator, shell):
    thread = simulator.thread_ids()[0]
    code, out, _ = shell(simulator.url, thread, "--run", "run_nope", "--wait-start", "0.6", *FAST)
    assert (code, last(out)["counts"]["total"]) == (6, 0)


@pytest.mark.parametrize(("words"), [("--max-tokens", "1"), ("--stall", "0.6s")])
def test_7_local_guards(words, simulator, shell):
    thread, run = one(simulator, "running")
    assert shell(simulator.url, thread, "--run", run, *FAST, *words)[0] == 7


def test_8_still_pending(simulator, shell):
    thread, run = one(simulator, "running")
    assert shell(simulator.url, thread, "--run", run, "--once", *FAST)[0] == 8


@pytest.mark.parametrize(
    "fault", ["server-error:2*2", "html*1", "truncated-json*1", "reset*1", "rate-limit-ms:50*1"]
)
def test_what_passes_is_ridden_out(fault, simulator, shell):
    thread, run = one(simulator, "completed")
    simulator.add_fault(fault)
    code, out, _ = shell(simulator.url, thread, "--run", run, *FAST)
    assert (code, "poll.error" in out, "poll.recovered" in out) == (0, True, True)


def test_an_unknown_status_is_named_and_waited_for(simulator, shell):
    thread, run = one(simulator, "running")
    simulator.add_fault("unknown-status:requires_action")
    code, out, _ = shell(
        simulator.url, thread, "--run", run, *FAST, "--timeout", "1.2s", "--heartbeat", "0.5s"
    )
    beats = [json.loads(line) for line in out.splitlines() if '"heartbeat"' in line]
    assert code == 4
    assert beats[-1]["unknown"][0]["status"] == "requires_action"


def test_a_run_that_is_cancelled_while_it_is_watched(shell):
    with Simulator(seed=3, threads=3, runs=12, speed=8.0) as simulator:
        thread, run = one(simulator, "running", "queued")

        def cancel():
            request = urllib.request.Request(
                f"{simulator.url}/v1/threads/{thread}/runs/{run}/cancel",
                data=b'{"agent_id": "agent_x"}',
                headers={"Authorization": "any", "Content-Type": "application/json"},
            )
            urllib.request.urlopen(request).close()

        timer = threading.Timer(0.3, cancel)
        timer.start()
        code, out, _ = shell(simulator.url, thread, "--run", run, *FAST)
        timer.join()
    assert (code, last(out)["counts"]["cancelled"]) == (5, 1)


def test_the_published_example_counts_as_failed(simulator, shell):
    thread, run = one(simulator, "completed")
    simulator.add_fault("published-example")
    assert shell(simulator.url, thread, "--run", run, "--once", *FAST)[0] == 1
