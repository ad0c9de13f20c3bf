"""Feeds the meter with keys, response bodies, frames and timers, and shows its panel.

While the panel is closed nothing is measured and no timer runs.
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
"""Seconds between two runs of a timer; how late it runs is the lag of the event loop."""

_SETTLES_IN: Final = 0.05  # seconds after an event until the check whether it requested a frame
_APART: Final = 0.9  # least seconds between two paints of the panel, which is updated every second


class MeterPanel(Widget):
    """The panel in the top right corner. It takes neither focus nor keys; only changed lines are repainted."""

    def __init__(self, lines: Sequence[Line], closes: str) -> None:
        super().__init__()
        self._lines = lines
        self.border_title = "flowtui itself, since this opened"
        self.border_subtitle = f"{closes} closes"

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the lines by the same number of new ones."""
        before, self._lines = self._lines, lines
        for y, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`."""
        spans = self._lines[y] if y < len(self._lines) else ink.BLANK
        return ink.strip(spans, self.app.palette, self.rich_style, self.size.width)  # type: ignore[attr-defined]


class MeterApp(ScreensApp):
    """Base of the application: measures itself while the panel is open."""

    user_keys: Mapping[str, str]
    zone: tzinfo | None
    connection: Connection | None
    _meter: Meter | None = None
    _beat: asyncio.TimerHandle | None = None
    _measured: Sequence[Line] = ()
    _shown_at = 0.0

    # -- open and closed ---------------------------------------------------------------------------------------

    async def action_measure(self) -> None:
        """Open the panel and start measuring; a second time, close it and stop."""
        if self._meter is not None:
            await self._stop_measuring()
            return
        from flowtui.ui.meter.meter import Meter  # noqa: PLC0415  when the panel opens

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
        """Show the panel on a new screen once that is painted. A dialog gets none: the panel stays on the screen below."""
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
        """Update the panel, if it is open."""
        if self._meter is None or self.leaving or time.monotonic() - self._shown_at < _APART:
            return
        self._read_meter()
        for screen in (self.screen, *self._background_screens):  # also below a dialog
            if (panel := self._panel_on(screen)) is not None:
                panel.show(self._measured)

    def _read_meter(self) -> None:
        from flowtui.ui.meter.meter import resident_memory  # noqa: PLC0415  when the panel opens
        from flowtui.ui.meter.rows import meter_lines, polling_lines  # noqa: PLC0415  when the panel opens

        if self._meter is None:
            return
        requests = covered = None
        if self.connection is not None:
            traffic = self.connection.feed.traffic()
            covered, requests = traffic.coverage, (traffic.requests, traffic.total)
        now = self._shown_at = time.monotonic()
        written = self.terminal.written if self.terminal is not None else None
        found = self._meter.read(now, resident=resident_memory(), requests=requests, written=written)
        self._measured = [*meter_lines(found), *polling_lines(covered, self.zone)]

    # -- what is measured --------------------------------------------------------------------------------------

    def _measure_lag(self, loop: asyncio.AbstractEventLoop, due: float | None = None) -> None:
        """Record how late this timer fired, and start the next one. Nothing is recorded while flowtui is suspended."""
        now = loop.time()
        if self._meter is not None and due is not None and not self.suspended:
            self._meter.late(now, now - due)
        self._beat = loop.call_at(now + BEAT, self._measure_lag, loop, now + BEAT)

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; if it is a key, measure its delay."""
        meter = self._meter
        if meter is None or not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        meter.keys.begin(event.time)
        screen = self.screen
        await super().on_event(event)
        self._settle_later(meter.keys, event.time, screen)

    def note_body(self, came: float | None) -> None:
        """Measure the delay of a response body that arrived at `came`, in monotonic seconds; None: no body."""
        if self._meter is not None and came is not None:
            self._meter.bodies.begin(came)
            self._settle_later(self._meter.bodies, came, self.screen)

    def _settle_later(self, waits: FrameDelays, at: float, screen: Screen[Any]) -> None:
        asyncio.get_running_loop().call_later(_SETTLES_IN, self._settle, waits, at, screen)

    def _settle(self, waits: FrameDelays, at: float, screen: Screen[Any]) -> None:
        """Drop the event at the time `at` if no frame will show it. If another screen has opened, its frame will."""
        if not waits.waits(at) or screen is not self.screen or self.leaving:
            return
        if self.queued_keys.busy:  # the key is still being handled and may request a frame
            self._settle_later(waits, at, screen)
        else:
            screen.call_after_refresh(partial(screen.call_after_refresh, partial(waits.drop, at)))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self._meter is not None and renderable is not None and not self._batch_count:
            self._meter.painted(time.monotonic())
