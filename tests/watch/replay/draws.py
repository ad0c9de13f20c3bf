"""Random cases: a world, the options of a watch, and perhaps a signal. The same seed gives the same case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from .wanted import FILTERS, Allowed, Wanted
from .world import AGENTS, NEVER, Heard, Life, Trouble, World

_AFTER = 20.0  # seconds for which the server answers after the longest time that a watch may take


_MANY = 7  # the last digit of the seeds whose worlds have many runs

_ENDS = (
    ("completed",),
    ("completed", "failed"),
    ("completed", "cancelled"),
    ("completed", "failed", "cancelled"),
)


class _Style(NamedTuple):
    """What the runs of a world have in common: without it hardly any world would have no failed or no cancelled run.

    `threads`: thread -> when it exists from. `ends`: how runs may end. `old`: the share of runs older than the watch.
    """

    threads: dict[str, float]
    ends: tuple[str, ...]
    old: float


@dataclass(frozen=True)
class Case:
    """One watch. `signal`: the number of a signal and when it comes.

    `fetching`: how many seconds it takes to fetch why a run failed; None: that cannot be fetched.
    """

    seed: int
    world: World
    wanted: Wanted
    signal: tuple[int, float] | None = None
    fetching: float | None = None

    @cached_property
    def heard(self) -> list[Heard]:
        """What the watch is told, in order of time."""
        return self.world.told(self.wanted.threads, self.wanted.limit + _AFTER)

    def __str__(self) -> str:
        world = self.world
        told = [f"seed {self.seed}: {self.wanted}", f"  threads {world.threads}, {world.troubles}"]
        told += [f"  {life}" for life in world.lives]
        told += [
            f"  interval {world.interval}, apart {world.apart}, signal {self.signal}, fetching {self.fetching}"
        ]
        return "\n".join(told)


def draw(seed: int) -> Case:
    """Return the random case of a seed."""
    dice = Random(seed)
    world = _world(dice, many=seed % 10 == _MANY)
    wanted = draw_wanted(
        dice, list(world.threads), [life.id for life in world.lives], (*AGENTS, *AGENTS.values())
    )
    if wanted.threads:  # a thread that is named has to exist
        world = replace(world, threads=dict.fromkeys(world.threads, -NEVER))
    signal = (dice.choice((1, 2, 15)), dice.randint(1, 150) + 0.4375) if dice.random() < 0.06 else None
    return Case(seed, world, wanted, signal, fetching=dice.choice((None, 0.03125, 1.03125, 8.03125, 8.03125)))


def _world(dice: Random, *, many: bool) -> World:
    """Return a random world. `many`: it has up to forty more runs."""
    threads = {f"thr_{place}": -NEVER for place in range(dice.randint(1, 3))}
    if dice.random() < 0.3:
        threads["thr_late"] = dice.randint(5, 60) + 0.5
    style = _Style(threads, dice.choices(_ENDS, (2, 2, 3, 3))[0], dice.choice((0.0, 0.5, 1.0)))
    number = 0 if dice.random() < 0.05 else dice.randint(1, 9)
    lives = [_life(dice, f"run_{place}", style) for place in range(number)]
    if many:
        more = [_life(dice, f"run_{place}", style) for place in range(10, dice.randint(15, 50))]
        # With many runs of an agent known, one that never ends would get findings of its own.
        lives = [life for life in (*lives, *more) if life.ended < NEVER]
    troubles = tuple(_trouble(dice, list(threads)) for _ in range(dice.choice((0, 0, 0, 0, 1, 2))))
    return World(
        threads,
        tuple(lives),
        troubles,
        interval=dice.choice((2.0, 2.0, 3.0, 5.0)),
        apart=dice.choice((0.0, 0.3125)),
    )


def _life(dice: Random, name: str, style: _Style) -> Life:
    thread = dice.choice(list(style.threads))
    before = dice.random() < style.old and style.threads[thread] < 0
    created = dice.randint(-300, -6) if before else dice.randint(2, 90)
    created = max(created, style.threads[thread]) + 0.6 + dice.randint(1, 300) / 1000
    started = created + dice.randint(0, 20)
    ended = started + dice.choice((3, 10, 30, 60, 120))
    end = dice.choice(style.ends)
    if end == "cancelled" and dice.random() < 0.3:  # while it is queued
        ended, started = started + 1, NEVER
    rare = dice.random()
    word = {"cancelled": dice.choice(("cancelled", "canceled"))}.get(end, end)
    return Life(
        id=name,
        thread=thread,
        agent=dice.choice(list(AGENTS)),
        created=created,
        started=started,
        ended=NEVER if rare < 0.06 else ended,
        end=end,
        word=dice.choice(("", "done")) if dice.random() < 0.05 else word,
        odd=0.04 < rare < 0.06,
        tokens=dice.choice((None, 100, 900, 5000)),
        lag=dice.choice((0.0, 0.0, 1.0, 2.0, 5.0)),
        expires=round(created + dice.randint(10, 90), 3) if 0.06 < rare < 0.12 else None,
        vanishes=created + dice.randint(5, 60) if 0.12 < rare < 0.14 else NEVER,
    )


def _trouble(dice: Random, names: list[str]) -> Trouble:
    begin = dice.choice((0, dice.randint(1, 90)))
    length = dice.choice((4, 20, 70, 200, 400))
    threads = () if dice.random() < 0.6 else (dice.choice(names),)
    status = dice.choices((500, 429, 401, 403, 404), (8, 5, 1, 1, 1))[0]
    if status in (401, 403):
        threads, length = (), 10_000
    if status == 404:
        threads, length = (dice.choice(names),), 10_000
    return Trouble(begin + 0.125, begin + length + 0.125, status, threads)


def draw_wanted(dice: Random, threads: Sequence[str], runs: Sequence[str], agents: Sequence[str]) -> Wanted:
    """Return random options that may be combined. `threads`, `runs`, `agents`: what they may name."""
    given: dict[str, Any] = {}
    if dice.random() < 0.6:
        names = [name for name in threads if dice.random() < 0.7]
        given["threads"] = tuple(names or threads[:1])
    given |= _selection(dice, runs, agents)
    given |= _end(dice)
    if dice.random() < 0.15:
        given["stall"] = dice.choice((15.375, 40.375, 90.375))
        if dice.random() < 0.4:
            given["fail_on"] = (*given.get("fail_on", ("failed",)), "stalled")
    if dice.random() < 0.15:
        given["max_tokens"] = dice.choice((50, 1000, 6000))
    if not given.get("first") or dice.random() < 0.7:
        given["timeout"] = dice.choice((40.0, 90.0, 300.0, 300.0, 1200.0, 1200.0))
    given["exit_zero"] = dice.random() < 0.1
    given["give_up_after"] = dice.choice((120.0625, 30.0625, 10.0625))
    given["heartbeat"] = dice.choice((60.0, 20.0))
    given["quiet"] = dice.random() < 0.1
    given["once"] = not given.get("new") and not given.get("first") and dice.random() < 0.08
    return Wanted(**given)


def _end(dice: Random) -> dict[str, Any]:
    """Return options that say when the watch ends, and how."""
    given: dict[str, Any] = {}
    given["until"] = dice.choices(("all", "any", "idle", dice.choice(list(FILTERS))), (6, 2, 2, 1))[0]
    given["wait_start"] = dice.choice((60.0, 100.0, 10.0, 150.0))
    given["settle"] = dice.choice((10.125, 4.125, 20.125))
    given["fail_fast"] = dice.random() < 0.25
    given["allow"] = _allowed(dice, 0.5)
    given["allow_cancelled"] = _allowed(dice, 0.4)
    if dice.random() < 0.35:
        some = [
            name for name in ("failed", "overdue", "cancelled", "missing", "finding") if dice.random() < 0.5
        ]
        given["fail_on"] = tuple(some)
    return given


def _selection(dice: Random, runs: Sequence[str], agents: Sequence[str]) -> dict[str, Any]:
    """Return options that say which runs are watched."""
    given: dict[str, Any] = {}
    kind = dice.choice(
        ("every", "every", "new", "new", "since", "runs", "latest", "follow", "agent", "first", "first")
    )
    if kind == "first":
        given["first"] = dice.randint(1, 5)
        kind = dice.choice(("", "", "since", "agent"))
    if kind == "new":
        given["new"] = True
    elif kind == "since":
        given["since"] = -float(dice.choice((20, 100, 200)))
    elif kind == "runs" and runs:
        given["runs"] = tuple(dice.sample(runs, min(len(runs), dice.randint(1, 2))))
    elif kind == "latest":
        return {"latest": True}
    elif kind == "follow":
        given["follow"] = True
    if kind == "agent" or (kind not in ("runs", "every") and dice.random() < 0.3):
        given["agent"] = dice.choice(agents)
    if dice.random() < 0.25:
        given["filter"] = dice.choice(list(FILTERS))
    if "runs" not in given and "first" not in given and dice.random() < 0.25:
        given["expect"] = dice.randint(1, 3)
    return given


def _allowed(dice: Random, share: float) -> Allowed:
    if dice.random() > share:
        return Allowed()
    percent = dice.choice((10, 25, 34, 50, 60, 100))
    return dice.choice(
        (Allowed(1), Allowed(2), Allowed(percent, percent=True), Allowed(percent, percent=True))
    )
