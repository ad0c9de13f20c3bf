"""The same comparison over real HTTP: random watches of the simulator, on a clock that stands still during requests."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest

from flowtui.simulator.server import Simulator
from flowtui.source.poll import poller

from ...clocks import BEGIN, WaitingClock
from .compare import differences
from .draws import draw_wanted
from .oracle import replay
from .play import Played
from .recorded import Record
from .world import moment_of

FAULTS = ("", "", "server-error:6*6", "rate-limit-ms:50*3", "reset*2", "html*4", "unavailable*9")
LONGEST = 90.0  # seconds of fake time: each of them costs real requests
SLACK = 0.3  # seconds: the watch takes what is known at most ten times a second


def wanted_for(dice, simulator):
    threads = simulator.thread_ids()
    runs = [run for thread in threads for run in simulator.run_ids(thread)]
    wanted = draw_wanted(dice, threads, runs, ("",))
    plain = {"agent:billing": "status:failed"}  # the simulator has other agents
    return replace(
        wanted,
        filter=plain.get(wanted.filter, wanted.filter),
        until=plain.get(wanted.until, wanted.until),
        timeout=min(wanted.limit, LONGEST),
        wait_start=min(wanted.wait_start, 60.0),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_a_watch_over_http_keeps_the_contract(seed, shell, tmp_path, monkeypatch):
    clock, dice, file = WaitingClock(BEGIN), Random(seed), tmp_path / "summary.json"
    monkeypatch.setattr(poller, "random", SimpleNamespace(Random=lambda: Random(seed)))  # when it polls
    faults = [fault for fault in (dice.choice(FAULTS),) if fault]
    with Simulator(seed=seed, threads=3, runs=9, clock=clock.now, faults=faults) as simulator:
        record = Record(wanted_for(dice, simulator), clock)
        record.attach(monkeypatch)
        words = [*record.wanted.words(), "-o", "jsonl", "--summary-file", str(file), "--interval", "3"]
        code, out, err = shell(simulator.url, *words, clock=clock)
    events = [json.loads(line) for line in out.splitlines()]
    played = Played(code, events, json.loads(file.read_text()), events[-1]["duration_s"])
    truth = replay(record)
    if record.failures:  # whether one is told depends on the tenth of a second in which it is over
        truth.troubled = any(event["event"] == "poll.error" for event in events)
        truth.recovered = [moment_of(event["at"]) for event in events if event["event"] == "poll.recovered"]
    found = differences(record, truth, played, slack=SLACK)
    assert not found, "\n".join([f"faults {faults}", str(record), played.reason, *found])
    assert not err
