"""Makes all pictures in this folder from a seeded simulator: `python screenshots/make.py [SCENE ...]`.

Needs the extra `shots`. The simulator and the screen share a clock that only this script moves, so that the pictures show
the same moment each time. Only the order of the first answers over real HTTP may differ.
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
from block_cells import with_block_cells
from textual.pilot import Pilot

from flowtui.config.settings import Settings
from flowtui.config.values.prices import Price, Prices
from flowtui.model.feed import Feed
from flowtui.model.run.row import RunKey
from flowtui.simulator.server import Simulator
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.base.messages import MomentMarked, ScreenRequested
from flowtui.ui.gate.gate_screen import GateScreen

HERE = Path(__file__).parent
START = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
NIGHT, DAY = "night", "day"
PRICES = Prices({"*llama*": Price(0.2, 0.6), "*qwen*": Price(0.3, 0.9), "*mistral*": Price(0.1, 0.3)})


class Clock:
    """A clock that moves only when `at` (epoch seconds) is set."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


class Stage:
    """A running application and its simulator."""

    def __init__(self, app: FlowtuiApp, pilot: Pilot[object], simulator: Simulator, clock: Clock) -> None:
        self.app = app
        self.pilot = pilot
        self.simulator = simulator
        self.clock = clock

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until a condition holds, at most 30 s; answers over real HTTP take real time."""
        async with asyncio.timeout(30):
            while not holds():
                await self.pilot.pause()
                await asyncio.sleep(0.02)

    async def loaded(self) -> None:
        """Wait until all threads are read, and the run under the cursor with all its fields."""

        def holds() -> bool:
            shown = self.app.dashboard.snapshot
            run = self.app.dashboard.table.cursor_run
            read = shown is not None and shown.threads and all(s.observed for s in shown.threads.values())
            whole = run is not None and self.app.session.fetcher.opened(run).raw is not None
            return bool(read and whole)

        await self.until(holds)

    def fresh(self, feed: Feed) -> bool:
        """Return whether all threads were read at the current time of the clock."""
        return all(state.observed == self.clock.at for state in feed.snapshot().threads.values())

    async def advance(self, seconds: float, step: float = 20.0) -> None:
        """Let simulated time pass, in steps; after each step all threads are read."""
        end = self.clock.at + seconds
        while self.clock.at < end:
            self.clock.at += step
            connection = self.app.session.connection
            assert connection is not None
            connection.feed.refresh()
            await self.until(partial(self.fresh, connection.feed))
            await self.pilot.pause()

    async def wait_for_highlights(self) -> None:
        """Wait until highlights of changed cells have ended."""
        self.clock.at += 1
        await asyncio.sleep(1.0)
        await self.pilot.pause()

    async def fetch_reasons(self) -> None:
        """Let the dashboard fetch the reasons of the visible failed runs."""
        for _ in range(30):
            self.app.session.tick()
            await self.pilot.pause()
            await asyncio.sleep(0.05)

    async def wait_for(self, known: Callable[[], object]) -> None:
        """Wait until `known` returns something true, such as the data of a tab."""
        await self.until(lambda: bool(known()))

    def config(self, key: RunKey) -> str:
        """Return the fingerprint of a run's configuration."""
        shown = self.app.dashboard.snapshot
        assert shown is not None
        return shown.threads[key[0]].configs[key[1]]

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until their work is done."""
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def settle(self, name: str) -> None:
        """Wait until the screen with this name has read the history."""

        def holds() -> bool:
            screen = self.app.screen
            return screen.name == name and any(getattr(screen, each, None) for each in ("found", "page"))

        await self.until(holds)
        await asyncio.sleep(1.0)  # what is read after the first paint
        await self.pilot.pause()

    async def shoot(self, name: str, size: tuple[int, int], theme: str = NIGHT) -> None:
        """Write one picture."""
        self.app.theme = theme
        await self.pilot.resize_terminal(*size)
        for _ in range(3):
            await self.pilot.pause()
        self.app.dashboard.tick()
        await self.pilot.pause()
        await asyncio.sleep(1.0)  # highlights end by the real clock
        await self.pilot.pause()
        write_png(name, self.app.export_screenshot(title="flowtui"), size[0])
        print(f"{name}.png", flush=True)


def write_png(name: str, svg: str, columns: int) -> None:
    """Write Textual's SVG as a PNG, with installed fonts instead of downloaded ones."""
    svg = with_block_cells(svg)
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
    """Run one scene: start simulator and application, and call `play`."""
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
    """The dashboard at all sizes, and the screens that open from it."""
    await stage.loaded()
    await stage.advance(400)
    await stage.press("g", "j", "j", "j", "j")
    await stage.loaded()
    await stage.fetch_reasons()
    await stage.wait_for_highlights()
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
    """A failed run: messages, timeline, why it failed, and the differences from the run before it."""
    await stage.loaded()
    await stage.advance(400)
    rows = stage.app.dashboard.table.rows
    runs = rows.window(0, len(rows))
    failed = next(run for run in runs if run.status_class == "failed")
    stage.app.dashboard.select(failed.key)
    await stage.loaded()
    await stage.press("enter", "4")
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(failed).conversation.value)
    await stage.press("j", "j", "j", "space")
    await stage.shoot("messages", (120, 36))
    await stage.press("5")
    await stage.shoot("timeline", (120, 36))
    await stage.press("6")
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(failed).evidence.value)
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
    await stage.wait_for(
        lambda: (against := stage.app.session.fetcher.opened(changed).against) and against.raw
    )
    await stage.shoot("diff", (120, 36))
    await stage.press("escape", "t")
    await stage.shoot("lanes", (120, 36))


async def finding(stage: Stage) -> None:
    """A finding with its explanation, and the dialog before runs are cancelled."""
    await stage.loaded()
    await stage.advance(60)
    await stage.press("g", "enter", "6")
    run = stage.app.dashboard.table.cursor_run
    assert run is not None
    await stage.wait_for(lambda: stage.app.session.fetcher.opened(run).evidence.value)
    await stage.shoot("finding", (120, 36))
    await stage.press("escape", "g", "space", "space", "ctrl+k")
    await stage.shoot("cancel", (120, 36))


async def gate(stage: Stage) -> None:
    """The deploy gate before and after a bad release."""
    await stage.loaded()
    await stage.advance(480, 80.0)
    stage.app.post_message(MomentMarked("v1.4.2"))
    await stage.wait_for(lambda: stage.app.session.deploy_marks.marks)
    await stage.advance(480, 80.0)
    limits = "failure_rate <= 20% and p95(duration) <= 2m and tokens_per_run <= 14k"
    stage.app.post_message(ScreenRequested("gate", limits))
    await stage.wait_for(lambda: isinstance(stage.app.screen, GateScreen))
    screen = stage.app.screen
    assert isinstance(screen, GateScreen)
    await stage.wait_for(lambda: screen.current and screen.current.verdict == "FAIL")
    await stage.fetch_reasons()
    await stage.shoot("gate", (120, 36))


async def all_day(stage: Stage) -> None:
    """Groups, completion in the filter, columns, tokens and events."""
    await stage.loaded()
    await stage.advance(300, 20.0)
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
    await stage.advance(60, 20.0)
    await stage.press("L")
    await stage.shoot("events", (120, 36))


async def answers(stage: Stage) -> None:
    """Failures by reason, one agent, and what happened since the user left: over the demo's earlier days."""
    await stage.loaded()
    await stage.advance(120, 40.0)
    await stage.fetch_reasons()
    past = stage.app.session.past.past
    assert past is not None
    await stage.wait_for(lambda: past.explained(0.0, START))
    await stage.press("f")
    for _ in range(4):
        await stage.press("l")
    await stage.settle("failures")
    for size, theme in (((158, 38), NIGHT), ((158, 38), DAY), ((80, 24), NIGHT)):
        await stage.shoot(f"failures-{size[0]}x{size[1]}-{theme}", size, theme)
    await stage.press("A")
    await stage.settle("agent")
    for size, theme in (((158, 38), NIGHT), ((120, 36), DAY)):
        await stage.shoot(f"agent-{size[0]}x{size[1]}-{theme}", size, theme)
    await stage.press("escape", "escape", "b")
    await stage.settle("brief")
    for size, theme in (((158, 38), NIGHT), ((158, 38), DAY), ((80, 24), NIGHT)):
        await stage.shoot(f"brief-{size[0]}x{size[1]}-{theme}", size, theme)


async def stale(stage: Stage) -> None:
    """An outage: the rows stay and are shown as stale."""
    await stage.loaded()
    await stage.advance(60)
    stage.simulator.stop()
    stage.clock.at += 3  # the threads are requested now; the outage counts from here
    connection = stage.app.session.connection
    assert connection is not None
    connection.feed.refresh()
    await stage.until(lambda: all(s.failure for s in connection.feed.snapshot().threads.values()))
    stage.clock.at += 44
    await stage.shoot("stale", (120, 36))
    stage.simulator.start()


async def loading(stage: Stage) -> None:
    """The dashboard before the first answers."""
    await stage.until(lambda: stage.app.dashboard.snapshot is not None)
    await stage.shoot("loading", (120, 36))


async def empty(stage: Stage) -> None:
    """The dashboard without threads, with the explanation."""
    await stage.until(lambda: bool(stage.app.dashboard.snapshot and stage.app.dashboard.snapshot.listed))
    await stage.shoot("empty", (120, 36))


async def error(stage: Stage) -> None:
    """The dashboard after the key was refused."""
    await stage.until(lambda: bool(stage.app.dashboard.snapshot and stage.app.dashboard.snapshot.stopped))
    await stage.shoot("error", (120, 36))


async def first(stage: Stage) -> None:
    """The first screen of a user without a key."""
    await stage.shoot("first", (120, 36))


SCENES: dict[str, Callable[[], Awaitable[None]]] = {
    "dashboards": lambda: with_stage(dashboards, runs=90),
    "all_day": lambda: with_stage(all_day, runs=90, prices=PRICES),
    "drill_down": lambda: with_stage(drill_down, runs=90),
    "finding": lambda: with_stage(finding, faults=("overdue",), runs=60, actions=True),
    "gate": lambda: with_stage(gate, runs=90, deploy_at="480s:failures=60%,tokens=x2"),
    "answers": lambda: with_stage(answers, runs=90, prices=PRICES),
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
        os.environ["XDG_STATE_HOME"] = state  # keeps the user's own marks unchanged
        for name in names or SCENES:
            asyncio.run(SCENES[name]())  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
