"""What screens and windows over the dashboard have in common.

A screen draws at once, again when it comes back, and for a new size. A window does nothing any more once it is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.screen import ModalScreen, ScreenResultType

from flowtui.ui.terminal.partial_paint import PartialPaintScreen

if TYPE_CHECKING:
    from flowtui.ui.app.app import FlowtuiApp


class ViewScreen(PartialPaintScreen):
    """A screen that shows what is known. `tick` draws, and does nothing unless `ready`; `prepare` comes before it."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._drawn = False

    @property
    def _app(self) -> FlowtuiApp:
        return cast("FlowtuiApp", self.app)

    @property
    def ready(self) -> bool:
        """Whether to draw: before it is there, and on its way out, its parts come and go one by one."""
        return self._drawn and self.is_current and not self._app.leaving

    def prepare(self) -> None:
        """Set up the parts, which are there now."""

    def tick(self) -> None:
        """Let a second pass."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """Draw what came meanwhile."""
        self.tick()

    def on_mount(self) -> None:
        """Draw what is known at once."""
        self._drawn = True
        self.prepare()
        self.call_after_refresh(self.catch_up)

    def on_screen_resume(self) -> None:
        """Draw what came while another screen was in front."""
        if self._drawn:
            self.call_after_refresh(self.catch_up)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.catch_up)


class Dialog(ModalScreen[ScreenResultType]):
    """A window over whatever is on the screen.

    Its parts go before it does: what it is to do later would not find them any more, and is not done then.
    """

    def after_paint(self, do: Callable[[], None]) -> None:
        """Do something after the next paint, unless the window is closed by then."""
        self.call_after_refresh(self._unless_closed, do)

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something every so many seconds until the window is closed."""
        self.set_interval(seconds, partial(self._unless_closed, do))

    def _unless_closed(self, do: Callable[[], None]) -> None:
        if self.is_current:
            do()
