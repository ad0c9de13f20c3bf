"""A scene that is renewed is the one that would be composed anew, wherever `keeps_places` says that no row moves."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from flowtui.model.columns import Context
from flowtui.model.groups import Grouping
from flowtui.model.snapshot import Snapshot, Update
from flowtui.model.store import APPEARED, CHANGED, NOT_SEEN, ThreadState, see_runs
from flowtui.model.view import View, keeps_places
from flowtui.ui.glyphs import UNICODE
from flowtui.ui.scene import compose_scene, renew_scene

NOW = 1_800_000_000.0
BASE = Context(now=0.0)


@pytest.fixture
def world(a_run):
    """Two threads of runs; `look(thread, rows)` is one look at one of them: the next picture and what changed."""

    class World:
        def __init__(self):
            self.picture = Snapshot(NOW, {key: ThreadState(key, 2.0) for key in ("one", "two")}, listed=True)

        def make(self, thread, number, **fields):
            run = a_run(f"run_{number:03}", "running", created=NOW - number, started=NOW - number, **fields)
            return run._replace(thread_key=thread, agent_id=f"agent_{number % 2}")

        def look(self, thread, rows, at=NOW):
            state, changes = see_runs(self.picture.threads[thread], rows, at=at, whole=True)
            self.picture = replace(self.picture, threads={**self.picture.threads, thread: state})
            return changes

        def runs(self, thread):
            return list(self.picture.threads[thread].runs.values())

    world = World()
    world.look("one", [world.make("one", number) for number in range(1, 40, 2)])
    world.look("two", [world.make("two", number) for number in range(2, 40, 2)])
    return world


def composed(world, view, now=NOW):
    return compose_scene(world.picture, view, BASE, now=now, glyphs=UNICODE, still=True)


def later(dice, run):
    """Return a run as the next look may show it."""
    if dice.random() < 0.5:
        return run
    status = dice.choice(("running", "completed", "failed"))
    ended = NOW if status != "running" else None
    return run._replace(
        status=status,
        status_class=status,
        is_active=status == "running",
        completed=ended if status == "completed" else None,
        failed=ended if status == "failed" else None,
        total_tokens=dice.randrange(1000),
        created=(run.created or 0) + dice.choice((0, 0, 0, 0, 0, 0, 0, -50)),
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_renewed_scene_is_the_one_that_is_composed_anew(world, seed):
    dice = random.Random(seed)
    view = dice.choice((View(), View(descending=True), View(group=Grouping("agent", "agent_1"))))
    scene, renewed = composed(world, view), 0
    for turn in range(40):
        now = NOW + turn
        changes = []
        for thread in ("one", "two")[: dice.randint(0, 2)]:
            rows = [later(dice, run) if dice.random() < 0.1 else run for run in world.runs(thread)]
            changes += world.look(thread, rows[dice.choice((0, 0, 0, 0, 1)) :], at=now)
        if keeps_places(view, changes):
            scene = renew_scene(scene, world.picture, changes, BASE, now=now)
            renewed += bool(changes)
        else:
            scene = composed(world, view, now)
        assert scene == composed(world, view, now)
    assert renewed


def test_what_adds_takes_away_or_moves_a_row_keeps_no_places(world):
    rows = world.runs("one")
    newer = world.look("one", [world.make("one", 0), *rows])
    assert [change.kind for change in newer] == [APPEARED]
    assert not keeps_places(View(), newer)
    moved = world.look("one", [*world.runs("one")[:-1], rows[-1]._replace(created=NOW)])
    assert [change.kind for change in moved] == [CHANGED]
    assert not keeps_places(View(), moved)
    away = world.look("one", world.runs("one")[1:])
    assert [change.kind for change in away] == [NOT_SEEN]
    assert keeps_places(View(), away), "it is known as before"
    news = world.look("two", [world.runs("two")[0]._replace(agent_id="agent_1"), *world.runs("two")[1:]])
    assert keeps_places(View(), news)
    assert not keeps_places(View(group=Grouping("agent", "agent_1")), news)


@pytest.mark.parametrize("view", [View(sort="tokens"), View(text="x"), View(only="problems")])
def test_in_other_orders_and_with_filters_each_change_may_move_rows(world, view):
    rows = world.runs("one")
    changes = world.look("one", [rows[0]._replace(total_tokens=5), *rows[1:]])
    assert not keeps_places(view, changes)
    assert keeps_places(View(), changes)


async def test_a_change_that_moves_no_row_asks_for_no_new_order(app, monkeypatch):
    async with app() as seat:
        await seat.loaded()
        shown = []
        monkeypatch.setattr(seat.table, "show", lambda *_, **__: shown.append(1))
        picture = seat.dashboard.newest
        state = picture.threads[seat.rows[0].thread_key]
        rows = [run._replace(total_tokens=987_654) for run in state.runs.values()]
        state, changes = see_runs(state, rows, at=picture.at, whole=True)
        newer = replace(picture, threads={**picture.threads, state.key: state})
        seat.dashboard.show(Update(newer, tuple(changes)))
        assert not shown
        await seat.sees("987,654")
