"""A seeded simulator and the application on it, for pictures: both share a clock that only a script moves.

So the pictures show the same moment each time. Only the order of the first answers over real HTTP may differ.
"""

from __future__ import annotations

import asyncio
import re
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

HERE = Path(__file__).parent
START = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
NIGHT, DAY = "night", "day"
PRICES = Prices({"*llama*": Price(0.2, 0.6), "*qwen*": Price(0.3, 0.9), "*mistral*": Price(0.1, 0.3)})
CELL = 9  # pixels of a cell's width in a picture
USUAL = (120, 36)
SIZES = ((158, 38), USUAL, (80, 24), (60, 15))
BY_DAY = ((158, 38), (80, 24))
MADE: set[str] = set()
"""The names of the files that were written."""


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
        """Let the dashboard fetch the reasons of the visible failed runs; gives up on those that stay unknown."""
        reasons = self.app.session.reason_fetcher
        for step in range(200):
            seen = self.app.dashboard.table.in_sight
            if step >= 30 and all(run.key in reasons.known for run in seen if run.status_class == "failed"):
                break
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
            shown = [getattr(screen, each) for each in ("found", "page") if hasattr(screen, each)]
            return screen.name == name and (not shown or any(shown)) and "Loading …" not in self.text

        await self.until(holds)
        await asyncio.sleep(1.0)  # what is read after the first paint
        await self.pilot.pause()

    @property
    def text(self) -> str:
        """What the screen shows, without colours."""
        strips = self.app.screen._compositor.render_strips()  # noqa: SLF001  there is no public way
        return "\n".join(strip.text for strip in strips)

    async def sees(self, *words: str) -> None:
        """Wait until the screen shows all of these words."""
        await self.until(lambda: all(word in self.text for word in words))

    async def shoot(self, name: str, size: tuple[int, int] = USUAL, theme: str = NIGHT) -> None:
        """Write one picture."""
        await self._shoot(name, size, theme, 1.0)

    async def everywhere(self, name: str) -> None:
        """Write pictures of a screen at all sizes at which it is drawn differently, by night and by day."""
        patience = 1.0
        for theme, sizes in ((NIGHT, SIZES), (DAY, BY_DAY)):
            for size in sizes:
                await self._shoot(f"{name}-{size[0]}x{size[1]}-{theme}", size, theme, patience)
                patience = 0.2
        await self.pilot.resize_terminal(*USUAL)
        await self.pilot.pause()

    async def _shoot(self, name: str, size: tuple[int, int], theme: str, patience: float) -> None:
        """Write a picture after so many seconds: highlights end by the real clock, and details are drawn once they are read."""
        self.app.theme = theme
        await self.pilot.resize_terminal(*size)
        for _ in range(3):
            await self.pilot.pause()
        self.app.dashboard.tick()
        await self.pilot.pause()
        await asyncio.sleep(patience)
        await self.pilot.pause()
        svg = self.app.export_screenshot(title="flowtui")
        (HERE / f"{name}.png").write_bytes(png_of(svg, size[0] * CELL))
        self.app.theme = NIGHT
        MADE.add(f"{name}.png")
        print(f"{name}.png", flush=True)


def png_of(svg: str, width: int) -> bytes:
    """Return Textual's SVG as a PNG of so many pixels, with installed fonts instead of downloaded ones."""
    svg = with_block_cells(svg)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace(
        "font-family: arial", "font-family: DejaVu Sans"
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width))


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
