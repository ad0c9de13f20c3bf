"""Opens the column chooser, tells the poller what the columns need, and remembers the choice."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from flowtui.config.memory.memory import memory_path, remember
from flowtui.text import safe_text
from flowtui.ui.app.profiles import SwitchingApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.worker import Worker

    from flowtui.config.memory.memory import Memory
    from flowtui.model.columns.column_choice import ColumnChoice
    from flowtui.ui.dashboard.dashboard import Dashboard
    from flowtui.ui.paint.glyphs import Glyphs


class ColumnsApp(SwitchingApp):
    """Base of the application: manages the columns, and writes to the state file."""

    _dashboard: Dashboard | None
    _memory: Memory
    glyphs: Glyphs

    def __init__(self, *, css_path: str | None = None) -> None:
        super().__init__(css_path=css_path)
        self._warned_of_memory: set[str] = set()

    def read_columns(self) -> None:
        """Tell the poller which raw values the columns need. It runs before the first rows, so it imports only if needed."""
        names = self._memory.columns if self._dashboard is None else self._dashboard.columns.names
        if self.connection is None or names is None:
            return
        from flowtui.model.columns.path_columns import known_names, path_names  # noqa: PLC0415  after the first frame

        self.connection.feed.paths = path_names(known_names(names))

    def choose_columns(self, choice: ColumnChoice) -> None:
        """Show these columns, and have the poller read what they need."""
        self.dashboard.show_columns(choice)
        self.read_columns()

    def open_columns(self) -> None:
        """Open the column chooser, and remember the choice for the profile."""
        from flowtui.model.columns.path_columns import find_column  # noqa: PLC0415  on first use
        from flowtui.model.run.raw_paths import paths_in  # noqa: PLC0415
        from flowtui.ui.columns.chooser import ColumnChooser  # noqa: PLC0415

        dashboard, run = self.dashboard, self.dashboard.table.cursor_run

        def value_of(name: str) -> str:
            run = dashboard.table.cursor_run
            return "" if run is None else find_column(name).text(run, dashboard.cell_context())

        chooser = ColumnChooser(
            self.title_text("Columns" if run is None else f"Columns · as {run.id} has them"),
            dashboard.columns,
            apply=self.choose_columns,
            value_of=value_of,
            width_of=dashboard.table.width_of,
            fitting=lambda: {slot.column.name for slot in dashboard.table.slots},
            paths=paths_in(self.opened.raw.values() if self.opened is not None else ()),
            glyphs=self.glyphs,
        )
        self.push_screen(chooser, self.keep_columns)

    def keep_columns(self, choice: ColumnChoice | None) -> None:
        """Remember these columns for the profile; None changes nothing."""
        if choice is None:
            return
        change = partial(
            remember,
            self.settings.profile,
            columns=None if choice.is_default else list(choice.names),
            widths=dict(choice.widths) or None,
        )
        self.keep(change)

    def keep(self, change: Callable[[], bool]) -> None:
        """Write to the state file in the background; a failure is reported once."""
        work: Worker[None] = self.run_worker(partial(self._keep, change), group="memory")
        del work  # exists only for its annotation: mypy cannot infer the type from a callable

    async def _keep(self, change: Callable[[], bool]) -> None:
        if not await asyncio.to_thread(change):
            self._warn_of_memory(f"{memory_path()} cannot be written: what you choose holds until you quit")

    def report_memory_trouble(self) -> None:
        """Warn if the state file exists but cannot be used."""
        if self._memory.trouble:
            self._warn_of_memory(self._memory.trouble)

    def _warn_of_memory(self, text: str) -> None:
        if text not in self._warned_of_memory and not self.leaving:
            self._warned_of_memory.add(text)
            self.notify(safe_text(text), severity="warning", timeout=8, markup=False)
