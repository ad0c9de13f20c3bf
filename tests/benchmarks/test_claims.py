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
        world.api.last_read = dict.fromkeys(world.api.threads(), world.now - 20.0)
        kinds |= world.kinds(lie(dashboard(world.api, world.now, promise="read again within 30s")))
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


@pytest.mark.parametrize("said", ["seen 2m", "2m", "stale 2m"])
def test_a_wrong_age_of_a_thread_is_a_wrong_claim(world, said):
    world.now += 300
    lines = dashboard(world.api, world.now)
    place, thread = _quiet(lines)
    lines[place] = f"│  {thread} {said} ".ljust(27) + "│"
    for since, lies in ((125, False), (181, False), (30, True), (300, True)):
        world.api.last_read = {thread: world.now - since}
        assert ("seen" in world.kinds(lines)) == lies


def _quiet(lines):
    """Return the place and the name of a thread without an active run."""
    place = next(place for place, line in enumerate(lines) if "thr_" in line and "■" not in line)
    return place, next(word for word in lines[place].split() if word.startswith("thr_"))


def test_a_missed_interval_is_a_wrong_claim(world):
    world.now += 300
    thread = _quiet(dashboard(world.api, world.now))[1]
    lines = dashboard(world.api, world.now, promise="read again within 20s")
    for since, lies in ((21, False), (23, True)):
        world.api.last_read = {thread: world.now - since}
        assert (world.kinds(lines) == {"promise"}) == lies


def test_in_an_outage_the_data_must_not_be_called_fresher_than_it_is(world):
    world.now += 300
    world.api.outages = [[world.now - 40, float("inf")]]
    world.api.last_read = dict(zip(world.api.threads(), (world.now - 41.0, world.now - 60.0), strict=False))
    lines = dashboard(world.api, world.now)
    for words, kinds in (
        ("server down  data 1m old", set()),
        ("server down  data 47s old", {"seen"}),
        ("down  12s old", {"seen"}),
        ("down  2m old", {"seen"}),
    ):
        assert world.kinds([lines[0].replace("● live", f"● {words}"), *lines[1:]]) - {"standing"} == kinds
    assert world.kinds([lines[0].replace("● live", "● "), *lines[1:]]) == {"health"}, (
        "an outage without a word"
    )


def test_while_the_data_is_old_the_time_of_active_runs_must_stand_still(world):
    world.now += 300
    lines = dashboard(world.api, world.now, rows=200)
    running = next(word for line in lines if " running " in line for word in line.split() if "run_" in word)
    lines[0] = lines[0].replace("● live", "● server down  data 40s old")
    for since, lies in ((0, False), (40, True)):
        world.api.outages = [[world.now - since, float("inf")]]
        assert (("standing", running) in {claim[:2] for claim in world.wrong(lines)}) == lies
