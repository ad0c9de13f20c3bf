"""The same comparison over real HTTP: random watches of the simulator, on a clock that stands still during requests."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from flowtui.simulator.server import Simulator

from ...clocks import BEGIN, WaitingClock
from .compare import differences
from .draws import draw_wanted
from .oracle import replay
from .play import Played
from .recorded import Record


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
@pytest.mark.parametrize("seed", range(40))
def test_a_watch_over_http_keeps_the_contract(seed, shell, tmp_path, monkeypatch):
    clock, dice = WaitingClock(BEGIN), Random(seed)
    with Simulator(seed=seed, threads=3, runs=9, clock=clock.now) as simulator:
        record = Record(wanted_for(dice, simulator), clock)
        record.attach(monkeypatch)
        file = tmp_path / "summary.json"
        words = [*record.wanted.words(), "-o", "jsonl", "--summary-file", str(file), "--interval", "3"]
        code, out, err = shell(simulator.url, *words, clock=clock)
    events = [json.loads(line) for line in out.splitlines()]
    played = Played(code, events, json.loads(file.read_text()), events[-1]["duration_s"])
    found = differences(record, replay(record), played, slack=SLACK)
    assert not found, "\n".join([str(record), played.reason, *found])
    assert not err
