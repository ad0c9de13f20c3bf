"""Opens the menu of saved views, and shows, saves and deletes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from flowtui.config.memory import memory
from flowtui.model.columns.column_choice import choose
from flowtui.model.view.saved_views import ListedView, apply_saved_view, list_views, own_numbers, save_view
from flowtui.model.view.view import matching_runs
from flowtui.ui.filter.views_menu import ViewsMenu

if TYPE_CHECKING:
    from flowtui.config.values.views import SavedView
    from flowtui.ui.app.app import FlowtuiApp
    from flowtui.ui.dashboard.key_actions import DashboardKeys


class SavedViewsMenu:
    """Opens the menu over one dashboard, and does what the user chooses in it."""

    def __init__(self, app: FlowtuiApp, dashboard: DashboardKeys) -> None:
        self._app = app
        self._dashboard = dashboard
        self._profile = app.settings.profile

    def open(self) -> None:
        """Open the menu."""
        self._app.push_screen(
            ViewsMenu(
                self._app.title_text("Saved views"),
                self.views(),
                current=self._dashboard.view_name,
                count=self._count,
                keep=self._keep,
                forget=self._forget,
            ),
            self.show,
        )

    def views(self) -> tuple[ListedView, ...]:
        """Return all saved views. Reads the state file."""
        known = memory.recall(self._profile)
        return list_views(self._app.settings.views, known.views, known.view_numbers)

    def _count(self, saved: SavedView) -> int | None:
        """Return how many runs a view shows; None while no runs have been read."""
        snapshot, view = self._dashboard.shown, apply_saved_view(saved, self._dashboard.view)
        if snapshot is None or not snapshot.read(view.thread):
            return None
        return len(matching_runs(snapshot, view, self._app.dashboard.cell_context()))

    async def _keep(self, name: str) -> Sequence[ListedView] | None:
        dashboard = self._dashboard
        columns = None if dashboard.columns.is_default else dashboard.columns.names
        saved = save_view(name, dashboard.view, columns)
        known = memory.recall(self._profile)
        after = list_views(self._app.settings.views, {**known.views, name: saved}, known.view_numbers)
        save = partial(memory.save_view, self._profile, saved, numbers=own_numbers(after))
        if not await asyncio.to_thread(save):
            return None
        dashboard.name_view(name)
        return await asyncio.to_thread(self.views)

    async def _forget(self, name: str) -> Sequence[ListedView] | None:
        numbers = {other: number for other, number in own_numbers(self.views()).items() if other != name}
        forget = partial(memory.delete_view, self._profile, name, numbers=numbers)
        if not await asyncio.to_thread(forget):
            return None
        if self._dashboard.view_name == name:
            self._dashboard.name_view("")
        return await asyncio.to_thread(self.views)

    def show(self, chosen: ListedView | None) -> None:
        """Show the chosen view; None: the user chose none."""
        if chosen is None:
            return
        saved = chosen.view
        if saved.columns is not None:
            self._app.choose_columns(choose(saved.columns, self._dashboard.columns.widths))
        self._dashboard.show_view(apply_saved_view(saved, self._dashboard.view), saved.name)
