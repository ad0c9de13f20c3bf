"""Makes every picture in this folder from a seeded simulator: `python screenshots/make.py [NAME ...]`.

Needs the extra `shots`. The simulator and the screen share one clock that only this script moves, so the pictures
show the same moment each time, but for what the first answers of a real HTTP server race for.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import resvg_py
from textual.pilot import Pilot

from flowtui.config.settings import Settings
from flowtui.config.values.prices import Price, Prices
from flowtui.model.run.row import RunKey
from flowtui.simulator.server import Simulator
from flowtui.source.poll.poller import Poller
from flowtui.ui.app.app import FlowtuiApp

HERE = Path(__file__).parent
START = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
NIGHT, DAY = "night", "day"
PRICES = Prices({"*llama*": Price(0.2, 0.6), "*qwen*": Price(0.3, 0.9), "*mistral*": Price(0.1, 0.3)})


class Clock:
    """Epoch seconds that move only by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


class Stage:
    """A running application in front of a simulator."""

    def __init__(self, app: FlowtuiApp, pilot: Pilot[int], simulator: Simulator, clock: Clock) -> None:
        self.app = app
        self.pilot = pilot
        self.simulator = simulator
        self.clock = clock

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what a real server answers in its own time."""
        async with asyncio.timeout(30):
            while not holds():
                await self.pilot.pause()
                await asyncio.sleep(0.02)

    async def loaded(self) -> None:
        """Wait until every thread has been read, and the run under the cursor whole."""

        def holds() -> bool:
            shown = self.app.dashboard.shown
            run = self.app.dashboard.table.cursor_run
            read = shown is not None and shown.threads and all(s.observed for s in shown.threads.values())
            whole = (
                run is not None and self.app.opened is not None and self.app.opened.get(run).raw is not None
            )
            return bool(read and whole)

        await self.until(holds)

    def fresh(self, poller: Poller) -> bool:
        """Whether every thread has been read at this moment."""
        return all(state.observed == self.clock.at for state in poller.snapshot().threads.values())

    async def live(self, seconds: float, step: float = 20.0) -> None:
        """Let the world go on, with looks at it on the way."""
        end = self.clock.at + seconds
        while self.clock.at < end:
            self.clock.at += step
            connection = self.app.connection
            assert connection is not None
            connection.poller.refresh()
            await self.until(partial(self.fresh, connection.poller))
            await self.pilot.pause()

    async def calm(self) -> None:
        """Let flashes go out, which they do by the clock of the pictures."""
        self.clock.at += 1
        await asyncio.sleep(1.0)
        await self.pilot.pause()

    async def explained(self) -> None:
        """Let the reasons of the failed runs in sight be asked for, one after the other."""
        for _ in range(30):
            self.app.dashboard.tick()
            await self.pilot.pause()
            await asyncio.sleep(0.05)

    async def told(self, known: Callable[[], object]) -> None:
        """Wait until something that a tab needs has come."""
        await self.until(lambda: bool(known()))

    def config(self, key: RunKey) -> str:
        """Return the fingerprint of a run's configuration."""
        shown = self.app.dashboard.shown
        assert shown is not None
        return shown.threads[key[0]].configs[key[1]]

    async def press(self, *keys: str) -> None:
        """Press keys, and let what they start come to its end."""
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def shoot(self, name: str, size: tuple[int, int], theme: str = NIGHT) -> None:
        """Write one picture."""
        self.app.theme = theme
        await self.pilot.resize_terminal(*size)
        for _ in range(3):
            await self.pilot.pause()
        self.app.dashboard.tick()
        await self.pilot.pause()
        await asyncio.sleep(1.0)  # flashes go out by the real clock
        await self.pilot.pause()
        write_png(name, self.app.export_screenshot(title="flowtui"), size[0])
        print(f"{name}.png", flush=True)


def write_png(name: str, svg: str, columns: int) -> None:
    """Turn Textual's SVG into a picture, with fonts that are installed rather than fetched."""
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace(
        "font-family: arial", "font-family: DejaVu Sans"
    )
    (HERE / f"{name}.png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=columns * 9)))


async def with_stage(
    play: Callable[[Stage], Awaitable[None]],
    *,
    size: tuple[int, int] = (120, 36),
    faults: tuple[str, ...] = (),
    key: str | None = None,
    demo: bool = True,
    actions: bool = False,
    prices: Prices | None = None,
    **world: Any,
) -> None:
    """Run one scene."""
    clock = Clock()
    with Simulator(clock=clock, seed=38, faults=faults, key=key, **world) as simulator:
        settings = Settings(
            base_url=simulator.url, profile="demo", tz="utc", budget=300, allow_actions=actions, prices=prices
        )
        app = FlowtuiApp(settings, start_demo=lambda: settings, demo=demo, now=clock)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await play(Stage(app, pilot, simulator, clock))


async def dashboards(stage: Stage) -> None:
    """The main screen at all sizes, and everything that opens from it."""
    await stage.loaded()
    await stage.live(400)
    await stage.press("g", "j", "j", "j", "j")
    await stage.loaded()
    await stage.explained()
    await stage.calm()
    for theme in (NIGHT, DAY):
        for size in ((158, 38), (120, 36), (80, 24), (60, 15)):
            await stage.shoot(f"dashboard-{size[0]}x{size[1]}-{theme}", size, theme)
    await stage.shoot("theme-contrast", (120, 36), "contrast")
    await stage.shoot("theme-blue-orange", (120, 36), "blue-orange")
    await stage.press("enter")
    await stage.loaded()
    await stage.shoot("run", (120, 36))
    await stage.press("2")
    await stage.shoot("instructions", (120, 36))
    await stage.press("3")
    await stage.shoot("tools", (120, 36))
    await stage.press("7")
    await stage.shoot("usage", (120, 36))
    await stage.press("9")
    await stage.shoot("raw", (120, 36), DAY)
    await stage.press("escape")
    await stage.press("question_mark")
    await stage.shoot("help", (120, 36))
    await stage.press("escape")


async def drill_down(stage: Stage) -> None:
    """A failed run from all sides: what was said, when, why, and what is other than before."""
    await stage.loaded()
    await stage.live(400)
    rows = stage.app.dashboard.table.rows
    runs = rows.window(0, len(rows))
    failed = next(run for run in runs if run.status_class == "failed")
    stage.app.dashboard.select(failed.key)
    await stage.loaded()
    await stage.press("enter", "4")
    await stage.told(lambda: stage.app.opened_run(failed).conversation.value)
    await stage.press("j", "j", "j", "space")
    await stage.shoot("messages", (120, 36))
    await stage.press("5")
    await stage.shoot("timeline", (120, 36))
    await stage.press("6")
    await stage.told(lambda: stage.app.opened_run(failed).evidence.value)
    await stage.shoot("why", (120, 36))
    await stage.press("escape")
    changed = next(
        run
        for run in runs
        if (before := stage.app.dashboard.compared_with(run)) is not None
        and stage.config(run.key) != stage.config(before[0].key)
    )
    stage.app.dashboard.select(changed.key)
    await stage.press("d")
    await stage.told(lambda: (against := stage.app.opened_run(changed).against) and against.raw)
    await stage.shoot("diff", (120, 36))
    await stage.press("escape", "t")
    await stage.shoot("lanes", (120, 36))


async def finding(stage: Stage) -> None:
    """Something that looks wrong, explained; and the question before a run is cancelled."""
    await stage.loaded()
    await stage.live(60)
    await stage.press("g", "enter", "6")
    run = stage.app.dashboard.table.cursor_run
    assert run is not None
    await stage.told(lambda: stage.app.opened_run(run).evidence.value)
    await stage.shoot("finding", (120, 36))
    await stage.press("escape", "g", "space", "space", "ctrl+k")
    await stage.shoot("cancel", (120, 36))


async def gate(stage: Stage) -> None:
    """A bad release, before and after its mark."""
    await stage.loaded()
    await stage.live(480, 80.0)
    stage.app.set_mark("v1.4.2")
    await stage.told(lambda: stage.app.marks)
    await stage.live(480, 80.0)
    stage.app.gate_text = "failure_rate <= 20% and p95(duration) <= 2m and tokens_per_run <= 14k"
    await stage.press("M")
    screen = stage.app.gate
    assert screen is not None
    await stage.told(lambda: screen.current and screen.current.verdict == "FAIL")
    await stage.explained()
    await stage.shoot("gate", (120, 36))


async def all_day(stage: Stage) -> None:
    """What one has open all day: groups, the filter's completion, columns, tokens, and what happened."""
    await stage.loaded()
    await stage.live(300, 20.0)
    await stage.press("slash", *"status:")
    await stage.shoot("filter", (120, 36))
    await stage.press("escape", "escape")
    await stage.press("B", "shift+tab", "z")
    await stage.shoot("groups", (120, 36))
    await stage.press("z", "B", "B", "B", "tab", "C")
    await stage.shoot("columns", (120, 36))
    await stage.press("escape", "dollar_sign")
    await stage.shoot("spenders", (120, 36))
    await stage.press("escape", "slash", *"status:failed", "enter", "W", "slash", "ctrl+u", "enter")
    await stage.live(60, 20.0)
    await stage.press("L")
    await stage.shoot("events", (120, 36))


async def stale(stage: Stage) -> None:
    """An outage: the rows stay, and look as old as they are."""
    await stage.loaded()
    await stage.live(60)
    stage.simulator.stop()
    stage.clock.at += 3  # they are asked now: how long they do not answer counts from here
    connection = stage.app.connection
    assert connection is not None
    connection.poller.refresh()
    await stage.until(lambda: all(s.failure for s in connection.poller.snapshot().threads.values()))
    stage.clock.at += 44
    await stage.shoot("stale", (120, 36))
    stage.simulator.start()


async def loading(stage: Stage) -> None:
    """The first answers are on their way."""
    await stage.until(lambda: stage.app.dashboard.shown is not None)
    await stage.shoot("loading", (120, 36))


async def empty(stage: Stage) -> None:
    """Nothing there, and why."""
    await stage.until(lambda: bool(stage.app.dashboard.shown and stage.app.dashboard.shown.listed))
    await stage.shoot("empty", (120, 36))


async def error(stage: Stage) -> None:
    """The key is refused."""
    await stage.until(lambda: bool(stage.app.dashboard.shown and stage.app.dashboard.shown.stopped))
    await stage.shoot("error", (120, 36))


async def first(stage: Stage) -> None:
    """Somebody without a key."""
    await stage.shoot("first", (120, 36))


SCENES: dict[str, Callable[[], Awaitable[None]]] = {
    "dashboards": lambda: with_stage(dashboards, runs=90),
    "all_day": lambda: with_stage(all_day, runs=90, prices=PRICES),
    "drill_down": lambda: with_stage(drill_down, runs=90),
    "finding": lambda: with_stage(finding, faults=("overdue",), runs=60, actions=True),
    "gate": lambda: with_stage(gate, runs=90, deploy_at="480s:failures=60%,tokens=x2"),
    "stale": lambda: with_stage(stale, runs=60),
    "loading": lambda: with_stage(loading, faults=("slow:8",), runs=60),
    "empty": lambda: with_stage(empty, faults=("body:[]@threads",)),
    "error": lambda: with_stage(error, key="another"),
    "first": lambda: with_stage(first, demo=False),
}


def main(names: list[str]) -> None:
    """Make the named scenes, or all."""
    os.environ.pop("SEEKR_API_KEY", None)
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state  # a mark for a picture is nobody's
        for name in names or SCENES:
            asyncio.run(SCENES[name]())  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
