"""Base classes of the screens and the dialogs over the dashboard.

A screen draws when it opens, when it comes to the front again, and for a new size. A closed dialog ignores timers and
delayed calls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.screen import ScreenResultType

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.terminal.partial_paint import PartialPaintDialog, PartialPaintScreen


class ViewScreen(PartialPaintScreen):
    """A screen that shows the newest data. `prepare` runs once; `tick` is called every second and draws if `ready`."""

    app: AppBase

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._drawn = False

    @property
    def ready(self) -> bool:
        """Whether the screen may draw: not while its widgets are still being created or already being removed."""
        return self._drawn and self.is_current and not self.app.leaving

    def prepare(self) -> None:
        """Set up the widgets, which are mounted now."""

    def tick(self) -> None:
        raise NotImplementedError

    def catch_up(self) -> None:
        """Draw the newest data."""
        self.tick()

    def on_mount(self) -> None:
        """Set up the widgets, then draw."""
        self._drawn = True
        self.prepare()
        self.call_after_refresh(self.catch_up)

    def on_screen_resume(self) -> None:
        """Draw what changed while another screen was in front."""
        if self._drawn:
            self.call_after_refresh(self.catch_up)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.catch_up)


class Dialog(PartialPaintDialog[ScreenResultType]):
    """A dialog over the current screen.

    Once it is closed, delayed calls are skipped: its widgets are removed before the dialog itself.
    """

    app: AppBase

    def after_paint(self, do: Callable[[], None]) -> None:
        """Call `do` after the next paint, unless the dialog is closed by then."""
        self.call_after_refresh(self._unless_closed, do)

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Call `do` every `seconds` until the dialog is closed."""
        self.set_interval(seconds, partial(self._unless_closed, do))

    def _unless_closed(self, do: Callable[[], None]) -> None:
        if self.is_current:
            do()
