"""The real application, connected to a simulator over real HTTP; tests advance the clock of both. No fixed sleeps."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import MethodType
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from rich.style import Style
from textual._compositor import Compositor
from textual._context import active_app
from textual.app import App
from textual.css.query import NoMatches
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

from flowtui.config.memory.marks import owner_of, set_mark
from flowtui.config.settings import Settings
from flowtui.model.run.id_parts import id_end
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run
from flowtui.simulator.server import Simulator
from flowtui.source.clock import Clock as SourceClock
from flowtui.text import short_id
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.app.profiles import Profiles
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.paint.theme import NIGHT, Palette
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.terminal import shutdown
from flowtui.ui.terminal.terminal_app import TerminalApp

from ..id_styles import ids_for

BEGIN = 1_800_000_000.0
LONG = 600.0  # seconds of real time, longer than any test
KEY = "secret-3f9a7c"
PATIENCE = 90.0  # seconds of real time until a test gives up; enough on a very busy machine
WORD = 4  # `press` pastes words with at least so many letters
INTERVAL = 2.0  # poll interval of active threads, in seconds; most tests call `later` to poll


class Clock:
    """A clock, in epoch seconds, that moves only by `advance`."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of simulator, screen and poller."""
    clock = Clock()
    monkeypatch.setattr(SourceClock, "now", lambda _self: clock())
    return clock


@pytest.fixture
def key() -> str:
    return KEY


@dataclass
class Seat:
    """What a test works with: the application, its keyboard and screen, the simulator, and the clock."""

    app: FlowtuiApp
    pilot: Pilot[Any]
    clock: Clock
    simulator: Simulator

    @property
    def dashboard(self) -> Dashboard:
        return self.app.dashboard

    @property
    def table(self) -> RunTable:
        return self.app.dashboard.table

    @property
    def threads(self) -> GroupList:
        """The list of groups that has the chosen one."""
        return self.app.dashboard.side.chosen_list

    def mark(self, name: str, ago: float) -> None:
        """Set a mark for this server, dated `ago` seconds before now, as a pipeline does."""
        set_mark(owner_of(self.app.settings), name, self.clock() - ago, made=self.clock())

    @property
    def rows(self) -> list[Run]:
        """The runs in the table, from the top."""
        return list(self.table.rows)

    @property
    def ids(self) -> list[str]:
        return [run.raw_id for run in self.rows]

    @property
    def lines(self) -> list[str]:
        """What the terminal shows, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()] or [""]  # nothing yet

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def pane(self) -> str:
        """The text of the detail pane, with all gaps reduced to one space."""
        return re.sub(r" +", " ", self.dashboard.detail.text)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the application run until `condition` is true; fail after `PATIENCE` seconds."""
        deadline, pause = time.monotonic() + PATIENCE, 0.004
        while not _holds(condition):
            if self.app._exception is not None:
                raise self.app._exception  # after a crash the condition cannot become true
            if time.monotonic() > deadline:
                pytest.fail(f"the condition never became true; the screen shows:\n{self.text}")
            # A turn for the loop; `pilot.pause` waits for idleness, which costs far more. To look at the screen costs, too.
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.016)

    async def press(self, *keys: str) -> None:
        """Press keys. A word of `WORD` or more letters goes into an input box at once, as if pasted."""
        left = list(keys)
        while left:
            letters = list(takewhile(lambda key: len(key) == 1, left))
            box = self.app.focused
            if len(letters) >= WORD and isinstance(box, Input):
                box.insert_text_at_cursor("".join(letters))
                await self.pilot.pause()
                del left[: len(letters)]
            else:
                await self.pilot.press(left.pop(0))
                # The pilot waits until the processor is idle; other programs may keep it busy, so we wait for the key itself.
                await self.until(lambda: self.app.leaving or not self.app.queued_keys.busy)

    async def sees(self, *words: str) -> None:
        """Wait until the screen shows all of these words."""
        await self.until(lambda: all(word in self.text for word in words))

    def world(self) -> dict[str, str]:
        """Return the current status of every run of the simulator, by raw id."""
        world, now = self.simulator.world, self.simulator.calendar.now()
        return {
            world.run_id(thread, number): world.timeline(thread)[number].status(now)
            for thread in range(world.threads)
            for number in range(world.timeline(thread).count(now))
        }

    async def loaded(self) -> None:
        """Wait until the table shows every run of the simulator with its current status."""
        await self.until(lambda: {run.raw_id: run.status for run in self.rows} == self.world())

    async def begun(self) -> None:
        """Wait until all runs and the names of agents are loaded, and go to the first row.

        Otherwise the cursor would be on a run of whichever thread was read first, and names would later widen a column.
        """
        with self.app.batch_update():  # not painted while it loads: that has its own tests
            await self.loaded()
            await self.until(lambda: self.dashboard.snapshot and self.dashboard.snapshot.agents)
        self.table.action_first()
        await self.pilot.pause()

    async def later(self, seconds: float) -> None:
        """Advance the clock and poll all threads; no key is pressed, so rows may move."""
        self.clock.advance(seconds)
        self.app.post_message(RefreshRequested())
        await self.pilot.pause()

    async def choose(self, run_id: str) -> None:
        """Put the cursor on the run with this raw id."""
        self.dashboard.select(next(run.key for run in self.rows if run.raw_id == run_id))
        await self.pilot.pause()

    def cells_of(self, run_id: str, strips: Sequence[Strip] | None = None) -> tuple[int, str, Style]:
        """Return for a visible row its line on the screen, its text, and the style of the run's id.

        `strips`: the lines of the screen, if they are already there.
        """
        region = self.table.region
        # a note may name the run another one waits for
        pattern = re.compile(rf"(?<!for ){re.escape(id_end(short_id(run_id)))}")
        for y, strip in enumerate(strips or self.app.screen._compositor.render_strips()):
            row = strip.crop(region.x, region.right)
            if region.y < y < region.bottom and (found := pattern.search(row.text)):
                style = next(iter(row.crop(found.start(), found.start() + 1))).style
                return y, row.text, style or Style.null()
        raise AssertionError(f"{run_id} is not in the viewport of the table:\n{self.text}")

    def line_of(self, run_id: str) -> int:
        return self.cells_of(run_id)[0]


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except NoMatches:  # a screen that opens gets its parts later
        return False


Open = Callable[..., AbstractAsyncContextManager[Seat]]


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide API key, settings and files of the user who runs the tests."""
    for name in ("SEEKR_API_KEY", "SEEKR_BASE_URL", "SEEKR_TEAM_ID", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def ids(request: pytest.FixtureRequest) -> str:
    """The style of the simulator's ids: UUIDs for half of the tests. A file whose tests read ids from a screen overrides it."""
    return ids_for(request.node.nodeid)


@pytest.fixture
def simulate(clock: Clock, ids: str) -> Iterator[Callable[..., Simulator]]:
    """Start simulators that use the test's clock and are stopped after the test. Half of the tests have UUIDs."""
    running: list[Simulator] = []
    usual = {"threads": 4, "runs": 16, "ids": ids}

    def start(**options: Any) -> Simulator:
        running.append(Simulator(**{**usual, **options}, clock=clock))
        running[-1].start()
        return running[-1]

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture(autouse=True)
def _lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep messages, and the offer to press ctrl+c again, until the test ends: they must not vanish on a busy machine."""
    monkeypatch.setattr(shutdown, "TWICE", LONG)
    notify = App.notify

    def say(self: App[Any], message: str, **how: Any) -> None:
        notify(self, message, **{**how, "timeout": LONG})

    monkeypatch.setattr(App, "notify", say)


@pytest.fixture(autouse=True, scope="session")
def _parsed_once() -> Iterator[None]:
    """Let all applications of a process share their parsed style sheets: each would parse the same ones again."""
    parse, known = Stylesheet._parse_rules, dict[Any, Any]()
    colours, of_sheet = dict[Any, int](), WeakKeyDictionary[Stylesheet, tuple[dict[str, str], int]]()

    def parse_once(self: Stylesheet, *sheet: Any, **more: Any) -> Any:
        variables, number = of_sheet.get(self, (None, 0))
        if variables is not self._variables:  # hundreds of colours, compared once and not for each sheet
            number = colours.setdefault(tuple(sorted(self._variables.items())), len(colours))
            of_sheet[self] = (self._variables, number)
        key = (sheet, *sorted(more.items()), number)
        if key not in known:
            known[key] = parse(self, *sheet, **more)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def app(
    clock: Clock,
    own_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    simulate: Callable[..., Simulator],
) -> Open:
    """Open the application with a simulator of its own: `async with app(faults=[...]) as seat`.

    `world`: options of the simulator. `with_key=False`: no API key in the environment. `wait=False`: do not wait for
    rows and names. `marks`: marks to set first, name → how many seconds ago. `profiles`: what the user can switch to.
    Other arguments are settings.
    """

    @asynccontextmanager
    async def open_app(
        *,
        size: tuple[int, int] = (140, 40),
        faults: Sequence[str] = (),
        world: dict[str, Any] | None = None,
        watched: Sequence[str] = (),
        with_key: bool = True,
        wait: bool = True,
        start_demo: Any = None,
        filter_text: str = "",
        marks: Mapping[str, float] | None = None,
        profiles: Profiles | None = None,
        **settings: Any,
    ) -> AsyncIterator[Seat]:
        if with_key:
            monkeypatch.setenv("SEEKR_API_KEY", KEY)
        simulator = simulate(faults=faults, **(world or {}))
        chosen = Settings(
            **{"base_url": simulator.url, "tz": "utc", "interval": INTERVAL, "remember": False, **settings}
        )
        for name, ago in (marks or {}).items():
            set_mark(owner_of(chosen), name, clock() - ago, made=clock())
        application = FlowtuiApp(
            chosen,
            watched,
            now=clock,
            start_demo=start_demo,
            filter_text=filter_text,
            profiles=profiles,
        )
        async with application.run_test(size=size, notifications=True) as pilot:
            seat = Seat(application, pilot, clock, simulator)
            if wait:
                await (seat.loaded() if any("@agents" in fault for fault in faults) else seat.begun())
            yield seat

    return open_app


@pytest.fixture(autouse=True, scope="session")
def _unseen_frames() -> Iterator[None]:
    """Let all widgets of a frame render, but cut no lines of it into pieces for a terminal that does not exist.

    A test that looks at the screen, or whose application has another `_display`, gets them as ever.
    """
    update = Compositor.render_update

    def only_render(self: Compositor, crop: Region, _is_rendered_line: object) -> list[Any]:
        for _ in self._get_renders(crop):
            pass
        return []

    def update_unseen(self: Compositor, full: bool = False, *stack: Any, **more: Any) -> Any:
        app = active_app.get()
        seen = any("_display" in vars(kind) for kind in type(app).__mro__ if kind not in (TerminalApp, App))
        if full or seen or not app.is_headless:
            return update(self, full, *stack, **more)
        self._render_chops = MethodType(only_render, self)
        try:
            return update(self, full, *stack, **more)
        finally:
            del self._render_chops

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", update_unseen)
        yield


@pytest.fixture(autouse=True, scope="session")
def _really_idle() -> Iterator[None]:
    """Let the pilot's keys and pauses last until nothing is left to do and all is painted.

    Textual waits until the process takes no processor time: while other programs have the processor, it does not wait at all.
    """

    def waiting(act: Callable[..., Any]) -> Callable[..., Any]:
        async def and_wait(self: Pilot[Any], *words: Any, **more: Any) -> None:
            await act(self, *words, **more)
            deadline = time.monotonic() + 1  # something may move all the time
            while _at_work(self.app) and time.monotonic() < deadline:  # noqa: ASYNC110  no event says it
                await asyncio.sleep(0.002)

        return and_wait

    with pytest.MonkeyPatch.context() as patch:
        for name in ("press", "pause"):
            patch.setattr(Pilot, name, waiting(getattr(Pilot, name)))
        yield


def _at_work(app: App[Any]) -> bool:
    if not app.is_running or app._exception is not None:
        return False
    waits_for_paint = app.screen._update_timer._active.is_set()
    return waits_for_paint or bool(asyncio.get_running_loop()._ready)


_TIMES = ("created", "started", "expires", "cancelled", "failed", "completed")


@pytest.fixture(scope="session")
def a_run() -> Callable[..., Run]:
    """Make a row with the real parser; times are UTC epoch seconds."""

    def make(run_id: str = "run_1", status: Any = "running", thread: str = "thr_1", **fields: Any) -> Run:
        raw = {f"{name}_at" if name in _TIMES else name: value for name, value in fields.items()}
        return parse_run({"id": run_id, "status": status, **raw}, thread)

    return make


@pytest.fixture(scope="session")
def palette() -> Palette:
    return Palette(NIGHT.to_color_system().generate())
