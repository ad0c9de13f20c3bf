"""The oracle accepts each true claim of a screen, and finds each kind of wrong claim."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.oracle.api import Api
from benchmarks.oracle.claims import judge
from benchmarks.oracle.lies import LIES
from benchmarks.oracle.seen import read
from flowtui.simulator.server import Simulator

from .drawing import dashboard

BEGIN = 1_800_000_000.0


class World:
    """A simulated world and its clock."""

    def __init__(self):
        self.now = BEGIN
        self.simulator = Simulator(seed=3, threads=4, runs=24, clock=lambda: self.now)
        self.api = Api(self.simulator)

    def wrong(self, lines):
        """The wrong claims of a screen drawn now."""
        return judge(read(lines), self.api, (self.now, self.now))

    def kinds(self, lines):
        return {claim.kind for claim in self.wrong(lines)}


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize("after", [0, 7, 40, 63, 121, 600])
@pytest.mark.parametrize("only", [None, "failed", "running"])
def test_a_true_screen_has_no_wrong_claim(world, after, only):
    world.now += after
    assert world.wrong(dashboard(world.api, world.now, only=only)) == []


@pytest.mark.parametrize("kind", sorted(LIES))
def test_each_kind_of_lie_is_found(world, kind):
    lie = LIES[kind]()
    kinds = set()
    for _ in range(12):
        kinds |= world.kinds(lie(dashboard(world.api, world.now)))
        world.now += 11.0
    assert kind in kinds


def test_a_claim_may_be_as_old_as_the_interval_and_no_older(world):
    run = next(fact for fact in world.api.facts(BEGIN + 120) if fact.created > BEGIN and fact.started)
    world.now = run.ended - 0.1
    before = dashboard(world.api, world.now)
    for late, lies in ((3.9, False), (4.5, True)):
        world.now = run.ended + late
        assert (("status", run.id) in {claim[:2] for claim in world.wrong(before)}) == lies


def test_a_row_that_does_not_match_must_be_marked_as_leaving(world):
    run = next(fact for fact in world.api.facts(BEGIN + 120) if fact.created > BEGIN and fact.started)
    world.now = run.ended + 10.0
    row = next(line for line in dashboard(world.api, world.now, rows=200) if run.id in line)
    assert row.endswith("      │")
    for word, lies in (("      ", True), ("leaves", False)):
        lines = dashboard(world.api, world.now, only="running")
        at = next(place for place, line in enumerate(lines) if "STATUS" in line) + 1
        lines.insert(at, f"{row[:-7]}{word}│")
        assert ("filter" in world.kinds(lines)) == lies


def test_a_matching_run_that_is_not_shown_is_missing(world):
    world.now += 60
    lines = dashboard(world.api, world.now, only="failed")
    gone = next(line for line in lines if " failed     run_" in line)
    assert world.kinds([line for line in lines if line != gone]) == {"missing"}


def test_freshness_is_judged_by_whether_the_server_answered(world):
    world.now += 60
    for health, since, lies in (("● live", 10, False), ("● live", 40, True), ("● lost", 40, False)):
        world.api.outages = [[world.now - since, float("inf")]]
        lines = dashboard(world.api, world.now)
        assert world.kinds([lines[0].replace("● live", health), *lines[1:]]) == (
            {"health"} if lies else set()
        )
    lost = [lines[0].replace("● live", "● lost"), *lines[1:]]
    world.api.outages = [[world.now - 100, world.now - 40]]
    assert world.kinds(lost) == set(), "nothing was asked for since"
    world.api._answered_at = world.now - 35
    assert world.kinds(lost) == {"health"}
    world.api.outages, world.api._answered_at = [[world.now - 200, world.now - 80]], 0.0
    assert world.kinds(lost) == {"recovery"}


def test_a_wrong_seen_time_and_a_missed_interval_are_wrong_claims(world):
    world.now += 300
    lines = dashboard(world.api, world.now)
    place = next(place for place, line in enumerate(lines) if "thr_" in line and "■" not in line)
    thread = next(word for word in lines[place].split() if word.startswith("thr_"))
    for since, lies in ((125, False), (181, False), (30, True), (300, True)):
        world.api.last_read = {thread: world.now - since}
        said = [*lines]
        said[place] = f"│  {thread} seen 2m ".ljust(27) + "│"
        assert ("seen" in world.kinds(said)) == lies
    lines = dashboard(world.api, world.now, promise="read at least every 20s")
    for since, lies in ((21, False), (23, True)):
        world.api.last_read = {thread: world.now - since}
        assert (world.kinds(lines) == {"promise"}) == lies
