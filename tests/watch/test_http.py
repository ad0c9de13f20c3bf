"""Every exit code over real HTTP, also with faults. The injected clock stands still during HTTP requests."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.simulator.server import Simulator

from ..clocks import WaitingClock
from ..id_styles import ids_for

NOW = 1_794_000_000.0


class WorldTime:
    """The simulator's clock, which stands still until the test moves it."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def world_time():
    return WorldTime()


@pytest.fixture(scope="module")
def world(world_time, request):
    with Simulator(
        seed=7, threads=5, runs=60, clock=world_time, ids=ids_for(request.node.nodeid)
    ) as simulator:
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


TABLE = [
    # code, the run's status, faults, further words, a part of the reason
    (0, "completed", [], [], "1 run ended"),
    (0, "completed", ["server-error:2*2"], [], "1 run ended"),
    (0, "completed", ["html*1"], [], "1 run ended"),
    (0, "completed", ["truncated-json*1"], [], "1 run ended"),
    (0, "completed", ["reset*1"], [], "1 run ended"),
    (0, "completed", ["rate-limit-ms:50*1"], [], "1 run ended"),
    (0, "failed", [], ["--exit-zero"], "1 failed"),
    (0, "failed", [], ["--allow-failures", "1"], "1 failed, allowed (--allow-failures 1)"),
    (0, "cancelled", [], ["--exit-zero"], "1 run cancelled"),
    (0, "running", ["usage-while-running"], ["--max-tokens", "1", "--exit-zero"], "--max-tokens"),
    (1, "failed", [], [], "1 failed"),
    (1, "failed", ["server-error:2*2"], [], "1 failed"),
    (1, "running", ["overdue"], [], "1 overdue"),
    (1, "cancelled", [], ["--fail-on", "cancelled"], "1 cancelled"),
    (1, "completed", ["published-example"], ["--once"], "1 failed"),
    (5, "cancelled", ["canceled"], [], "1 run cancelled, none failed"),
    (3, "running", ["unauthorized"], [], "401"),
    (3, "running", ["forbidden"], [], "403"),
    (3, "running", ["not-found"], [], "404"),
    (3, "running", ["rejected"], [], "422"),
    (3, "running", ["unavailable@all"], ["--give-up-after", "1s"], "no answer for 1s"),
    (3, "running", ["rate-limit:9@all"], ["--give-up-after", "1s"], "429"),
    (3, "running", ["html@all"], ["--give-up-after", "1s"], "no answer for 1s"),
    (4, "running", [], ["--timeout", "1s"], "--timeout 1s reached, 1 run not ended"),
    (4, "queued", [], ["--timeout", "1s"], "--timeout 1s reached, 1 run not ended"),
    (4, "running", ["unknown-status:odd"], ["--timeout", "1s"], "1 run not ended"),
    (5, "cancelled", [], [], "1 run cancelled, none failed"),
    (6, "none", [], ["--wait-start", "1s"], "no run matched within --wait-start 1s"),
    (6, "none", [], ["--once"], "no run matched"),
    (7, "running", ["usage-while-running"], ["--max-tokens", "1"], "more than --max-tokens 1"),
    (7, "running", [], ["--stall", "1s"], "nothing moved for 1s"),
    (8, "running", [], ["--once"], "1 run not ended"),
    (8, "running", ["unknown-status:odd"], ["--once"], "1 run not ended"),
]
ELSEWHERE = {"2": "below", "129, 130, 143": "test_process.py"}


@pytest.mark.parametrize(
    "row", TABLE, ids=[f"{row[0]}-{row[1]}-{'-'.join([*row[2], *row[3]])}" for row in TABLE]
)
def test_every_exit_code(row, simulator, shell):
    code, status, faults, words, reason = row
    thread, run = one(simulator, *(["completed"] if status == "none" else [status]))
    for fault in faults:
        simulator.add_fault(fault)
    run = "run_of_nobody" if status == "none" else run
    got, out, err = shell(simulator.url, thread, "--run", run, *FAST, *words)
    end = last(out)
    assert (got, end["exit"], err) == (code, code, "")
    assert reason in end["reason"]
    if any(fault.partition("*")[1] for fault in faults):
        assert "poll.error" in out
        assert "poll.recovered" in out


def test_the_table_has_every_code_of_the_contract():
    listed = re.findall(r"^  (\d[\d, ]*)  ", TOPICS["exit-codes"].text(), re.MULTILINE)
    assert {str(row[0]) for row in TABLE} | ELSEWHERE.keys() == {codes.strip() for codes in listed}


def test_a_clock_that_is_hours_off_is_said_where_since_is_by_it(simulator, shell):
    simulator.add_fault("clock-skew:7200@all")
    _, _, err = shell(simulator.url, "--since", "5m", "--once", *FAST)
    told = "this machine's clock is 2h 00m behind the server's, which dates the runs"
    assert err == f"flowtui: {told}; times on the command line are by this machine's\n"
    assert shell(simulator.url, "--once", *FAST)[2] == ""


def test_exit_1_for_a_failed_run_with_its_reason(simulator, shell):
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
        ["--since", "long ago"],
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
        ["--first", "0"],
        ["--first", "3", "--run", "r"],
        ["--first", "3", "--latest"],
        ["--first", "3", "--expect", "3"],
        ["--first", "3", "--follow"],
        ["--first", "3", "--once"],
        ["--first", "3", "--gate", "failure_rate <= 5%", "--since", "10m", "--compare", "2h"],
        ["--allow-cancelled", "1", "--gate", "failure_rate <= 5%", "--since", "10m", "--compare", "2h"],
        ["--allow-cancelled", "101%"],
        ["-o", "table"],
        [".."],
    ],
)
def test_exit_2_for_a_usage_error_prints_nothing_on_stdout(words, simulator, shell):
    before = len(simulator.requests)
    code, out, err = shell(simulator.url, *words)
    assert (code, out) == (2, "")
    assert err.startswith("flowtui: error: ")
    assert len(simulator.requests) == before


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
def test_exit_3_at_once_if_the_key_is_refused(fault, simulator, shell):
    simulator.add_fault(fault)
    before = len(simulator.requests)
    code, out, _ = shell(simulator.url, *FAST)
    assert (code, last(out)["exit"]) == (3, 3)
    assert len(simulator.requests) - before <= 4


def test_exit_3_if_the_server_does_not_answer_for_give_up_after(shell):
    code, out, _ = shell("http://127.0.0.1:9", "thr_a", *FAST, "--give-up-after", "0.6s")
    assert (code, last(out)["exit"]) == (3, 3)
    assert "poll.error" in out


def test_a_run_of_unknown_status_is_named_and_waited_for(simulator, shell):
    thread, run = one(simulator, "running")
    simulator.add_fault("unknown-status:requires_action")
    code, out, _ = shell(
        simulator.url, thread, "--run", run, *FAST, "--timeout", "1.2s", "--heartbeat", "0.5s"
    )
    beats = [json.loads(line) for line in out.splitlines() if '"heartbeat"' in line]
    assert code == 4
    assert beats[-1]["unknown"][0]["status"] == "requires_action"


def test_a_run_cancelled_during_the_watch_is_exit_5(shell):
    clock = WaitingClock(NOW)
    with Simulator(seed=3, threads=3, runs=12, clock=clock.now) as simulator:
        thread, run = one(simulator, "running", "queued")

        def cancel():
            request = urllib.request.Request(
                f"{simulator.url}/v1/threads/{thread}/runs/{run}/cancel",
                data=b'{"agent_id": "agent_x"}',
                headers={"Authorization": "any", "Content-Type": "application/json"},
            )
            urllib.request.urlopen(request).close()

        clock.at(2.0, cancel)
        code, out, _ = shell(simulator.url, thread, "--run", run, *FAST, clock=clock)
    assert (code, last(out)["counts"]["cancelled"]) == (5, 1)
    assert "run.status" in out, "it was seen before"
