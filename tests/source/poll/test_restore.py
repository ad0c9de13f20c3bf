"""Threads restored from the history while the poller runs: shown at once, requested once they are listed, never overwritten."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from flowtui.errors import ForbiddenError, ServerError
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.health import LIVE, LOST, RESTORED
from flowtui.model.state.known_runs import ThreadState, apply_runs

from ..conftest import BEGIN, iso

LEFT = BEGIN - 3_600.0


def stored(source, *keys, at=LEFT):
    """Return threads as the history gives them back: with the runs that they have on the server now."""
    states = []
    for key in keys:
        rows = parse_runs(json.dumps(source.runs_of[key]).encode(), key).rows
        state, _ = apply_runs(ThreadState(key, 30.0), rows, at=at, whole=True)
        states.append(replace(state, restored=at))
    return states


@pytest.fixture(autouse=True)
def _no_spans(source):
    async def refuse(_):
        raise ForbiddenError("POST spans: 403", status=403)

    source.spans = refuse


@pytest.fixture
async def restore_first(source, clock, start):
    """Start a poller that gets threads from the history before the server answers."""

    async def begin(states):
        hold = source.hold()
        poller = await start(fleet=True)
        poller.restore(states, {})
        hold.set()
        return poller

    return begin


def healths(poller):
    snapshot = poller.snapshot()
    return {key: snapshot.health_of(state, snapshot.at).word for key, state in snapshot.threads.items()}


@pytest.mark.parametrize("fleet", [False, True])
async def test_restored_threads_are_shown_at_once_and_then_observed(source, clock, start, listen, fleet):
    for number in range(5):
        source.add(f"t{number}", 3)
    hold = source.hold()
    poller = await start(fleet=fleet)
    listener = listen(poller)
    poller.restore(stored(source, "t0", "t1", "t2"), {"agent_a": "checkout"})
    poller.restore(stored(source, "t2", "t3"), {})
    await clock.advance(0.1)
    assert healths(poller) == dict.fromkeys(["t0", "t1", "t2", "t3"], RESTORED)
    assert poller.snapshot().agents == {"agent_a": "checkout"}
    assert poller.snapshot().coverage.restored == 4
    assert poller.snapshot().coverage.oldest == LEFT
    assert not source.asked("runs"), "the list was not read yet"
    assert listener.changes == []
    hold.set()
    await clock.advance(60)
    assert healths(poller) == {f"t{number}": LIVE for number in range(5)}
    coverage = poller.snapshot().coverage
    assert (coverage.restored, coverage.unread, coverage.threads) == (0, 0, 5)
    assert {change.after.thread_key for change in listener.changes} == {"t4"}, "nothing changed on the others"
    assert poller.snapshot().caught_up == ((LEFT, BEGIN) if fleet else None)


async def test_subscribers_learn_which_threads_are_restored(source, clock, start):
    source.add("t0", 3)
    source.add("t1", 3)
    source.hold()
    poller = await start(fleet=True)
    updates = poller.updates()
    assert (await anext(updates)).restored == ()
    poller.restore(stored(source, "t0"), {})
    poller.restore(stored(source, "t1", "t0"), {})
    update = await anext(updates)
    assert (update.restored, update.changes) == (("t0", "t1"), ())
    await updates.aclose()


async def test_what_is_read_already_is_not_overwritten(source, clock, start, listen):
    source.add("t0", 3)
    (old,) = stored(source, "t0")
    source.add("t0")
    poller = await start(fleet=True)
    await clock.advance(5)
    state = poller.snapshot().threads["t0"]
    assert len(state.runs) == 4
    poller.restore([old], {})
    await clock.advance(5)
    after = poller.snapshot().threads["t0"]
    assert (after.restored, after.runs) == (None, state.runs)


@pytest.mark.parametrize(("read", "caught_up"), [(3, True), (30, False)])
async def test_the_time_away_is_covered_too_if_all_was_read_before_the_history_was(
    source, clock, start, read, caught_up
):
    """On a fast server each thread is read before the history is. With too many new runs, some lie between."""
    source.add("t0", 3)
    (old,) = stored(source, "t0")
    source.add("t0", read, created_at=iso(BEGIN - 60.0))
    poller = await start(fleet=True, history=20)
    await clock.advance(5)
    poller.restore([old], {}, LEFT)
    await clock.advance(60)
    assert poller.snapshot().caught_up == ((LEFT, BEGIN + 5.0) if caught_up else None)


async def test_what_happened_while_away_is_a_change_that_may_be_old(source, clock, restore_first, listen):
    (run,) = source.add("t0", status="running", is_active=True)
    old = stored(source, "t0")
    source.runs_of["t0"][0] = {**source.runs_of["t0"][0], "status": "completed", "is_active": False}
    (new,) = source.add("t0")
    poller = await restore_first(old)
    listener = listen(poller)
    await clock.advance(5)
    found = {change.after.raw_id: change for change in listener.changes}
    assert set(found) == {run, new}
    assert all(change.catch_up and change.since == LEFT for change in found.values())
    (later,) = source.add("t0")
    await clock.advance(60)
    assert [c.catch_up for c in listener.changes if c.after.raw_id == later] == [False]


async def test_a_thread_that_the_list_does_not_show_stays_as_it_was_and_is_not_requested(
    source, clock, restore_first
):
    for number in range(3):
        source.add(f"t{number}", 2)
    old = stored(source, "t0", "t1", "t2")
    del source.runs_of["t1"]
    poller = await restore_first(old[:1])
    await clock.advance(120)
    poller.restore(old[1:2], {})
    poller.refresh()
    await clock.advance(120)
    assert not source.asked("runs", "t1")
    snapshot = poller.snapshot()
    assert (snapshot.threads["t1"].gone, snapshot.threads["t1"].restored) == (True, LEFT)
    assert healths(poller) == {"t0": LIVE, "t1": RESTORED, "t2": LIVE}
    assert snapshot.health(snapshot.at).word == LIVE, "it does not count"
    assert (snapshot.coverage.threads, snapshot.coverage.gone, snapshot.coverage.restored) == (2, 1, 0)
    assert snapshot.caught_up == (LEFT, BEGIN)
    source.runs_of["t1"] = [json.loads(json.dumps(source.runs_of["t0"][0]))]
    await clock.advance(120)
    assert healths(poller)["t1"] == LIVE, "the list shows it again"


async def test_a_restored_thread_that_cannot_be_read_keeps_its_rows_and_is_in_trouble(
    source, clock, restore_first
):
    source.add("t0", 2)
    old = stored(source, "t0")
    source.trouble["runs", "t0"] = ServerError("GET: 500", status=500)
    poller = await restore_first(old)
    await clock.advance(150)
    state = poller.snapshot().threads["t0"]
    assert (state.restored, len(state.runs), healths(poller)) == (LEFT, 2, {"t0": LOST})
    assert poller.snapshot().caught_up is None


async def test_threads_outside_of_the_chosen_ones_are_not_restored(source, clock, start):
    for key in ("a", "b"):
        source.add(key, 2)
    poller = await start(threads=["a"])
    await clock.advance(0.0)
    poller.restore(stored(source, "a", "b"), {})
    assert set(poller.snapshot().threads) == {"a"}


# -- an hour away, in simulated time


@pytest.fixture(scope="module")
def lab():
    root = Path(__file__).parents[3]
    sys.path.insert(0, str(root))
    try:
        spec = importlib.util.spec_from_file_location(
            "benchmarks_catch_up", root / "benchmarks" / "catch_up.py"
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(root))
    return module


@pytest.fixture
def _no_log(caplog):
    caplog.set_level(logging.CRITICAL, "flowtui")


@pytest.mark.slow
@pytest.mark.usefixtures("_no_log")
@pytest.mark.parametrize(
    ("options", "within", "silent"),
    [
        ({}, 60, True),
        ({"server_offset": 200.0}, 60, True),
        ({"skew": -120.0}, 90, True),
        ({"pending": False}, 60, True),
        ({"spans": "off"}, 360, False),
        ({"spans": "dark"}, 360, False),
    ],
)
async def test_all_of_an_hour_away_is_seen_soon_and_nothing_is_missed(lab, options, within, silent):
    world = lab.world_of(300, 3, **options)
    got = await lab.start(world, lab.left_behind(world), 300)
    assert got.seen <= got.known, "it never says so too early"
    assert got.known <= within
    assert (got.silent > 250) == silent
    assert got.most <= 300
