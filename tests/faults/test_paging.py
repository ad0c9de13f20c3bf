"""Lists that change while they are read page by page, over real HTTP: no run that exists all the time is missed."""

from __future__ import annotations

import json
import urllib.request

import pytest

from flowtui.simulator.server import Simulator

from ..clocks import WaitingClock
from .conftest import KEY, NOW

RUNS = 260
"""Of one thread: three pages of 100."""


def served(world: Simulator, thread: str, *, limit: int = 100_000, offset: int = 0) -> list[str]:
    """Return the ids of a page as the server has them at this call, newest first."""
    address = f"{world.url}/v1/threads/{thread}/runs?limit={limit}&offset={offset}"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Authorization": KEY})) as answer:
        return [run["id"] for run in json.load(answer)]


def naive(world: Simulator, thread: str) -> set[str]:
    """Page by offset alone, as a client that expects lists not to change."""
    seen: list[str] = []
    while page := served(world, thread, limit=20, offset=len(seen)):
        seen += page
        if len(seen) > RUNS * 4:
            break
    return set(seen)


def call_of(run: str) -> int:
    """Return the number of the list call that added a run."""
    return int(run.split("_")[1].removeprefix("fresh"))


@pytest.fixture
def moving(simulate):
    """Start a world of one thread whose list a fault changes on each call."""

    def start(fault: str) -> tuple[Simulator, str]:
        world = simulate(threads=1, runs=RUNS)
        world.add_fault(fault)
        return world, world.thread_ids()[0]

    return start


# 12 and 30 a call are bursts of `tests/source/read/test_paging.py`, too, without HTTP.
@pytest.mark.parametrize("pace", [30, *(pytest.param(pace, marks=pytest.mark.slow) for pace in (2, 12))])
def test_p43_all_runs_are_listed_while_others_come_and_go_between_the_pages(moving, flowtui, pace):
    """On each list call 2, 12 or 30 runs are added and as many removed anywhere: `runs --all` has each run that existed from the first call to the last."""
    world, thread = moving(f"churning:{pace}")
    first = set(world.run_ids(thread))
    said = flowtui("runs", thread, "--all", "-o", "jsonl", SEEKR_BASE_URL=world.url)
    listed = [run["id"] for run in said.runs]
    assert said.code in {0, 3}, said.err  # a list that always changes may be reported as incomplete
    assert len(set(listed)) == len(listed)
    assert (first & set(served(world, thread))) - set(listed) == set()


@pytest.mark.slow  # the test above reads all pages of such a list, the one below watches it
def test_p43_no_run_is_missed_while_others_come_and_go_between_the_pages(moving, flowtui):
    """12 runs are added and removed on each list call: `watch --once` has each of the newest that existed throughout; paging by offset alone misses some."""
    world, thread = moving("churning:12")
    first = set(world.run_ids(thread))
    assert len((first & set(served(world, thread))) - naive(world, thread)) > 0

    world, thread = moving("churning:12")
    watch = ("watch", thread, "--once", "--heartbeat", "1000h", "-o", "jsonl")
    said = flowtui(*watch, SEEKR_BASE_URL=world.url, clock=WaitingClock(NOW))
    watched = {line["run_id"] for line in said.lines if line["event"].startswith("run.")}
    newest = [run for run in served(world, thread) if run in first][:100]
    assert set(newest) - watched == set()


def test_watch_reports_each_new_run_once_while_others_disappear(moving, flowtui):
    """Each observation has 4 new runs and misses 4 old ones: all runs that exist at the end were reported once."""
    world, thread = moving("churning:4")
    watch = ("watch", thread, "--new", "--timeout", "30s", "--heartbeat", "1000h", "-o", "jsonl")
    said = flowtui(*watch, SEEKR_BASE_URL=world.url, clock=WaitingClock(NOW))
    told = [line["run_id"] for line in said.lines if line["event"] == "run.appeared"]
    assert len(told) == len(set(told)) > 20
    calls = max(int(run.split("_")[1].removeprefix("fresh")) for run in told)
    there = [run for run in served(world, thread) if run.startswith("run_fresh")]
    since = min(int(run.split("_")[1].removeprefix("fresh")) for run in told)
    missed = {run for run in there if since <= int(run.split("_")[1].removeprefix("fresh")) < calls} - set(
        told
    )
    assert missed == set()


@pytest.mark.parametrize(
    "fault", ["shifting:12", "unstable-order", "ignore-offset", "ignore-limit", "cap-limit:7"]
)
def test_no_run_is_missed_on_servers_that_ignore_paging_parameters(fault, moving, flowtui):
    world, thread = moving(fault)
    first = set(world.run_ids(thread))
    said = flowtui("runs", thread, "--all", "-o", "jsonl", SEEKR_BASE_URL=world.url)
    listed = {run["id"] for run in said.runs}
    if fault == "ignore-offset":  # only the first page; flowtui notes that there may be more
        assert said.code == 3
        assert "offset" in said.err
        assert len(listed) == 100
    else:
        assert (first & set(served(world, thread))) - listed == set()
