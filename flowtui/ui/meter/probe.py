"""flowtui measures itself while somebody looks: when keys and bodies come, when frames go, how late timers are.

Nothing is kept and no timer runs while the panel is closed. What is measured is in `meter`, how it reads in `meter_lines`.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from textual import events
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.app.screens import ScreensApp
from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.paint import ink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from rich.console import RenderableType

    from flowtui.ui.base.connection import Connection
    from flowtui.ui.meter.meter import FrameDelays, Meter
    from flowtui.ui.paint.ink import Line

BEAT: Final = 0.1
"""Seconds between two timers whose lateness is the lag of the loop."""

_SETTLES_IN: Final = 0.05  # seconds after which what has not asked for a frame paints nothing
_APART: Final = 0.9  # seconds between two paints of the panel, at the least: they come once a second


class MeterPanel(Widget):
    """Shows lines. Takes neither focus nor keys."""

    def __init__(self, lines: Sequence[Line], closes: str) -> None:
        super().__init__()
        self._lines = lines
        self.border_title = "flowtui itself, since this opened"
        self.border_subtitle = f"{closes} closes"

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines in place of as many others."""
        before, self._lines = self._lines, lines
        for y, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        spans = self._lines[y] if y < len(self._lines) else ink.BLANK
        return ink.strip(spans, self.app.palette, self.rich_style, self.size.width)  # type: ignore[attr-defined]


class MeterApp(ScreensApp):
    """Base of the application."""

    user_keys: Mapping[str, str]
    zone: tzinfo | None
    connection: Connection | None
    _meter: Meter | None = None
    _beat: asyncio.TimerHandle | None = None
    _measured: Sequence[Line] = ()
    _shown_at = 0.0

    # -- open and closed ---------------------------------------------------------------------------------------

    async def action_measure(self) -> None:
        """Show what flowtui measures of itself from now on; a second time, close it and stop."""
        if self._meter is not None:
            await self._stop_measuring()
            return
        from flowtui.ui.meter.meter import Meter  # noqa: PLC0415  once somebody asks

        self._meter = Meter()
        self._measure_lag(asyncio.get_running_loop())
        self._read_meter()
        self.screen_change_signal.subscribe(self, self._follow_screen)
        self._follow_screen(self.screen)

    async def _stop_measuring(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
        self._meter = self._beat = None
        self.screen_change_signal.unsubscribe(self)
        for screen in self.screen_stack:
            await screen.query("MeterPanel").remove()

    def _follow_screen(self, screen: Screen[Any]) -> None:
        """Show the panel on the screen that one sees, once that is there; under a window it stays where it was."""
        if not screen.is_modal:
            screen.call_after_refresh(self._show_on, screen)

    def _show_on(self, screen: Screen[Any]) -> None:
        if self._meter is None or self.leaving or not screen.is_attached:
            return
        if (panel := self._panel_on(screen)) is not None:
            panel.show(self._measured)
            return
        shown = next(key.shown for key in KEYS if key.id == "measure")
        screen.mount(MeterPanel(self._measured, self.user_keys.get("measure", shown)))

    def _panel_on(self, screen: Screen[Any]) -> MeterPanel | None:
        found = next(iter(screen.query("MeterPanel")), None)
        return cast("MeterPanel | None", found)

    def show_measured(self) -> None:
        """Let a second pass: show what is known now, where the panel is open."""
        if self._meter is None or self.leaving or time.monotonic() - self._shown_at < _APART:
            return
        self._read_meter()
        for screen in (self.screen, *self._background_screens):  # under a window too
            if (panel := self._panel_on(screen)) is not None:
                panel.show(self._measured)

    def _read_meter(self) -> None:
        from flowtui.ui.meter.meter import resident_memory  # noqa: PLC0415  once the panel opens
        from flowtui.ui.meter.rows import meter_lines, polling_lines  # noqa: PLC0415  once somebody asks

        if self._meter is None:
            return
        requests = covered = None
        if self.connection is not None:
            poller = self.connection.poller
            covered = poller.turns.coverage()
            requests = poller.budget.used(poller.clock.monotonic()), poller.budget.total
        now = self._shown_at = time.monotonic()
        written = self.terminal.written if self.terminal is not None else None
        found = self._meter.read(now, resident=resident_memory(), requests=requests, written=written)
        self._measured = [*meter_lines(found), *polling_lines(covered, self.zone)]

    # -- what is measured --------------------------------------------------------------------------------------

    def _measure_lag(self, loop: asyncio.AbstractEventLoop, due: float | None = None) -> None:
        """Note how late this timer is, and set the next one. While we are stopped nothing is late."""
        now = loop.time()
        if self._meter is not None and due is not None and not self.suspended:
            self._meter.late(now, now - due)
        self._beat = loop.call_at(now + BEAT, self._measure_lag, loop, now + BEAT)

    async def on_event(self, event: events.Event) -> None:
        """Notice a key that may be seen."""
        meter = self._meter
        if meter is None or not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        meter.keys.begin(event.time)
        screen = self.screen
        await super().on_event(event)
        self._settle_later(meter.keys, event.time, screen)

    def note_body(self, came: float | None) -> None:
        """Notice a body that may be seen: it came at that monotonic time; None for none."""
        if self._meter is not None and came is not None:
            self._meter.bodies.begin(came)
            self._settle_later(self._meter.bodies, came, self.screen)

    def _settle_later(self, waits: FrameDelays, at: float, screen: Screen[Any]) -> None:
        asyncio.get_running_loop().call_later(_SETTLES_IN, self._settle, waits, at, screen)

    def _settle(self, waits: FrameDelays, at: float, screen: Screen[Any]) -> None:
        """Take back what came at that moment, if no frame is under way for it. Another screen always paints one."""
        if not waits.waits(at) or screen is not self.screen or self.leaving:
            return
        if self.key_queue.busy:  # a slow key is still under way, and may yet ask for its frame
            self._settle_later(waits, at, screen)
        else:
            screen.call_after_refresh(partial(screen.call_after_refresh, partial(waits.drop, at)))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self._meter is not None and renderable is not None and not self._batch_count:
            self._meter.painted(time.monotonic())
