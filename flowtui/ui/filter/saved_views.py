"""Opens the menu of saved views, and shows, saves and deletes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from flowtui.config.memory import memory
from flowtui.config.settings import Settings
from flowtui.config.values.views import SavedView
from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.view.saved_views import ListedView, apply_saved_view, list_views, own_numbers, save_view
from flowtui.model.view.view import View, matching_runs
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.view_data import ShownRuns
from flowtui.ui.filter.views_menu import ViewsMenu


class Viewed(ShownRuns, Protocol):
    """The dashboard, which shows a view: a filter, a group, an order and columns."""

    app: AppBase

    def name_view(self, name: str) -> None:
        """Show `name` as the name of the current view."""

    def show_view(self, view: View, name: str) -> None:
        """Show a view and its name."""

    def show_columns(self, choice: ColumnChoice) -> None:
        """Show these columns."""


class SavedViewsMenu:
    """Opens the menu over one dashboard, and does what the user chooses in it."""

    def __init__(self, dashboard: Viewed, settings: Settings) -> None:
        self._dashboard, self._settings = dashboard, settings
        self._profile = settings.profile

    def open(self) -> None:
        """Open the menu."""
        self._dashboard.app.push_screen(
            ViewsMenu(
                "Saved views",
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
        return list_views(self._settings.views, known.views, known.view_numbers)

    def _count(self, saved: SavedView) -> int | None:
        """Return how many runs a view shows; None while no runs have been read."""
        snapshot, view = self._dashboard.snapshot, apply_saved_view(saved, self._dashboard.view)
        if snapshot is None or not snapshot.read(view.thread):
            return None
        return len(matching_runs(snapshot, view, self._dashboard.cell_context()))

    async def _keep(self, name: str) -> Sequence[ListedView] | None:
        dashboard = self._dashboard
        columns = None if dashboard.columns.is_default else dashboard.columns.names
        saved = save_view(name, dashboard.view, columns)
        known = memory.recall(self._profile)
        after = list_views(self._settings.views, {**known.views, name: saved}, known.view_numbers)
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
            self._dashboard.show_columns(choose(saved.columns, self._dashboard.columns.widths))
        self._dashboard.show_view(apply_saved_view(saved, self._dashboard.view), saved.name)
