"""Applications that have only one table, ours or Textual's, on a driver that counts written bytes; and their data."""

from __future__ import annotations

import asyncio
import contextvars
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from rich.console import Console
from textual import events
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import DataTable

from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.run.row import COMPLETED, FAILED, RUNNING, Run
from flowtui.model.state.changes import Change
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.ranking import OrderChange
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.paint.theme import DEFAULT as NIGHT
from flowtui.ui.paint.theme import THEMES, Palette
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.pinned_rows import Find
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.terminal.terminal_app import TerminalApp

SIZE = (120, 36)
NOW = 1_800_000_000.0
CONTEXT = Context(now=NOW)
UNMOVED = OrderChange(frozenset(), {})


class CountingDriver(HeadlessDriver):
    """Counts the bytes for the terminal. Unlike with `HeadlessDriver`, Textual also makes the escape codes."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written += len(data.encode())


class Host(TerminalApp):
    """The parts of an application that a table uses. `painted` waits until all changes are painted."""

    CSS: ClassVar[str] = "RunTable, DataTable { height: 1fr; scrollbar-size-vertical: 1; }"
    ENABLE_COMMAND_PALETTE = False
    glyphs = UNICODE
    time = NOW

    def __init__(self) -> None:
        super().__init__(driver_class=CountingDriver)
        # The colours of most terminals, independent of where this runs.
        self.console = Console(file=self.console.file, color_system="truecolor", legacy_windows=False)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = NIGHT
        self.palette = Palette(self.get_css_variables())

    def on_mount(self) -> None:
        # With two applications in one process, only this context says which one a widget belongs to.
        self.inside = contextvars.copy_context()

    def now(self) -> float:
        return self.time

    async def on_event(self, event: events.Event) -> None:
        """Handle keys at once, without the queue: only the table is measured."""
        await App.on_event(self, event)

    @property
    def written(self) -> int:
        driver = self._driver
        assert isinstance(driver, CountingDriver)
        return driver.written

    async def painted(self) -> None:
        done = asyncio.Event()
        self.screen.call_after_refresh(done.set)
        await done.wait()


class OurHost(Host):
    def compose(self) -> ComposeResult:
        yield RunTable()

    @property
    def table(self) -> RunTable:
        return self.query_one(RunTable)

    async def load(self, rows: Sequence[Run]) -> None:
        self.inside.run(self.table.show, rows, CellStyle(CONTEXT, UNICODE))
        await self.painted()

    def follow(self, find: Find) -> None:
        """Show a newer snapshot of the same rows, as the dashboard does if no row is added, removed or moved."""
        order = self.table.rows.wanted
        style = CellStyle(CONTEXT, UNICODE)
        self.inside.run(partial(self.table.follow, order, style, find=find, moved=UNMOVED))


class StockHost(Host):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        for name in DEFAULT:
            self.table.add_column(COLUMNS[name].title, key=name)

    @property
    def table(self) -> DataTable:
        return self.query_one(DataTable)

    async def load(self, cells: Sequence[tuple[str, ...]]) -> None:
        self.keys = self.table.add_rows(cells)
        await self.painted()


def rows(count: int, *, running: int = 10, threads: int = 40) -> list[Run]:
    """Return `count` runs, newest first: `running` running ones, then completed and a few failed ones."""
    return [_run(number, threads, running=number < running) for number in range(count)]


def snapshot_of(runs: Iterable[Run]) -> Snapshot:
    """Return the store's snapshot after it has read these runs, newest first."""
    threads: dict[str, dict[str, Run]] = defaultdict(dict)
    for run in runs:
        threads[run.thread_key][run.raw_id] = run
    states = {key: ThreadState(key, 2.0, runs=known, observed=NOW) for key, known in threads.items()}
    return Snapshot(NOW, states, listed=True)


def take_in(before: Snapshot, changed: Iterable[Run]) -> tuple[Snapshot, list[Change]]:
    """Return the snapshot after observations with these changed runs, and the changes."""
    fresh: dict[str, dict[str, Run]] = defaultdict(dict)
    for run in changed:
        fresh[run.thread_key][run.raw_id] = run
    states, changes = dict(before.threads), list[Change]()
    for key, runs in fresh.items():
        page = [runs.get(raw_id, run) for raw_id, run in states[key].runs.items()]
        states[key], found = apply_runs(states[key], page, at=NOW, whole=False)
        changes += found
    return replace(before, threads=states), changes


def _run(number: int, threads: int, *, running: bool) -> Run:
    created = NOW - 60 - 37.0 * number
    ended = None if running else created + 2 + 20 + number % 300
    failed = not running and number % 23 == 0
    return Run(
        thread_key=f"thread_{number % threads}",
        raw_id=f"run_{number:08}",
        id=f"run_{number:08}",
        agent_id=f"agent_{number % 7}",
        status=RUNNING if running else FAILED if failed else COMPLETED,
        status_class=RUNNING if running else FAILED if failed else COMPLETED,
        model="meta-llama/Llama-3.3-70B",
        is_active=running,
        created=created,
        started=created + 2,
        expires=created + 600,
        cancelled=None,
        failed=ended if failed else None,
        completed=None if failed else ended,
        prompt_tokens=1000 + number % 977,
        completion_tokens=100 + number % 389,
        total_tokens=1100 + number % 977 + number % 389,
        unreadable=None,
    )


def with_tokens(run: Run, number: int) -> Run:
    """Return a run with other token counts, which depend on `number`."""
    prompt, completion = 2000 + 7 * number, 500 + 3 * number
    return run._replace(
        prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion + 1
    )


def as_next(run: Run, number: int) -> Run:
    """Return a run a tick later, by `number` ended or running, with other token counts."""
    ended = number % 2 == 0
    status = COMPLETED if ended else RUNNING
    news = {"status": status, "status_class": status, "is_active": not ended, "failed": None}
    return with_tokens(run, number)._replace(
        **news, started=NOW - 100 - number % 60, completed=NOW - 1 if ended else None
    )


def cells(run: Run) -> tuple[str, ...]:
    """Return the texts of a run's cells, as both tables show them."""
    return tuple(COLUMNS[name].text(run, CONTEXT) for name in DEFAULT)
