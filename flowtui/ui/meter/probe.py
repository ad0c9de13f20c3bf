"""Feeds the meter with keys, response bodies, frames and timers, and shows its panel. Exists only while the panel is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.meter.meter import FrameDelays, Meter
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

BEAT: Final = 0.1
"""Seconds between two runs of a timer; how late it runs is the lag of the event loop."""

_SETTLES_IN: Final = 0.05  # seconds after an event until the check whether it requested a frame
_APART: Final = 0.9  # least seconds between two paints of the panel, which is updated every second


class MeterPanel(Widget):
    """The panel in the top right corner. It takes neither focus nor keys; only changed lines are repainted."""

    app: AppBase

    def __init__(self, lines: Sequence[Line], closes: str) -> None:
        super().__init__()
        self._lines = lines
        self.border_title = "flowtui itself, since this opened"
        self.border_subtitle = f"{closes} closes"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are."""
        del container, viewport, width
        return len(self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the lines by the same number of new ones."""
        before, self._lines = self._lines, lines
        for y, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`."""
        spans = self._lines[y] if y < len(self._lines) else ink.BLANK
        return ink.strip(spans, self.app.palette, self.rich_style, self.size.width)


class MeterProbe:
    """Measures, and shows the panel, from `start` to `stop`.

    `loop`: gives the time in monotonic seconds, and runs the timers. `screens`: returns the visible screens, the top one
    last; none during the shutdown. `busy`: whether a key is being handled. `suspended`: whether flowtui is stopped.
    `read`: takes the meter and the time, and returns the lines of the panel. `closes`: the key that closes it.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        screens: Callable[[], Sequence[Screen[Any]]],
        busy: Callable[[], bool],
        suspended: Callable[[], bool],
        read: Callable[[Meter, float], Sequence[Line]],
        closes: str,
    ) -> None:
        self._loop, self._screens, self._busy, self._suspended = loop, screens, busy, suspended
        self._read, self._closes = read, closes
        self._meter = Meter()
        self._beat: asyncio.TimerHandle | None = None
        self._shown_at = self._loop.time()
        self._measured = read(self._meter, self._shown_at)
        self._open = True

    def start(self) -> None:
        """Open the panel, and start measuring."""
        self._measure_lag()
        if self._top is not None:
            self.follow(self._top)

    async def stop(self, screens: Sequence[Screen[Any]]) -> None:
        """Close the panel on all open screens, and stop measuring."""
        self._open = False
        if self._beat is not None:
            self._beat.cancel()
        for screen in screens:
            await screen.query(MeterPanel).remove()

    def follow(self, screen: Screen[Any]) -> None:
        """Show the panel on a new screen once that is painted. A dialog gets none: the panel stays on the screen below."""
        if not screen.is_modal:
            screen.call_after_refresh(self._show_on, screen)

    def _show_on(self, screen: Screen[Any]) -> None:
        if not self._open or not screen.is_attached or not self._screens():
            return
        panels = screen.query(MeterPanel)
        if panels:
            panels.first().show(self._measured)
        else:
            screen.mount(MeterPanel(self._measured, self._closes))

    def tick(self) -> None:
        """Update the panel. Called every second."""
        now = self._loop.time()
        if now - self._shown_at < _APART:
            return
        self._shown_at, self._measured = now, self._read(self._meter, now)
        for screen in self._screens():  # also below a dialog
            for panel in screen.query(MeterPanel):
                panel.show(self._measured)

    # -- what is measured --------------------------------------------------------------------------------------

    def _measure_lag(self, due: float | None = None) -> None:
        """Record how late this timer fired, and start the next one. Nothing is recorded while flowtui is suspended."""
        now = self._loop.time()
        if due is not None and not self._suspended():
            self._meter.late(now, now - due)
        self._beat = self._loop.call_at(now + BEAT, self._measure_lag, now + BEAT)

    def key_began(self, at: float) -> Callable[[], None]:
        """Measure the delay of a key pressed at `at`, in monotonic seconds; call the returned function once it is handled."""
        self._meter.keys.begin(at)
        return partial(self._settle_later, self._meter.keys, at, self._top)

    def body_came(self, at: float) -> None:
        """Measure the delay of a response body that arrived at `at`, in monotonic seconds."""
        self._meter.bodies.begin(at)
        self._settle_later(self._meter.bodies, at, self._top)

    def frame_written(self) -> None:
        """Note that a frame was written to the terminal."""
        self._meter.painted(self._loop.time())

    @property
    def _top(self) -> Screen[Any] | None:
        return next(reversed(self._screens()), None)

    def _settle_later(self, waits: FrameDelays, at: float, screen: Screen[Any] | None) -> None:
        self._loop.call_later(_SETTLES_IN, self._settle, waits, at, screen)

    def _settle(self, waits: FrameDelays, at: float, screen: Screen[Any] | None) -> None:
        """Drop the event at the time `at` if no frame will show it. If another screen has opened, its frame will."""
        if not waits.waits(at) or screen is None or screen is not self._top:
            return
        if self._busy():  # the key is still being handled and may request a frame
            self._settle_later(waits, at, screen)
        else:
            screen.call_after_refresh(partial(screen.call_after_refresh, partial(waits.drop, at)))


async def toggle(
    app: AppBase, probe: MeterProbe | None, read: Callable[[Meter, float, int | None], Sequence[Line]]
) -> MeterProbe | None:
    """Stop `probe`, or start one if that is None, and return what now measures. `read`: also takes the bytes written so far."""
    if probe is not None:
        app.frame_listeners.remove(probe.frame_written)
        app.screen_change_signal.unsubscribe(app)
        await probe.stop(app.screen_stack)
        return None
    terminal = app.terminal
    probe = MeterProbe(
        asyncio.get_running_loop(),
        screens=lambda: [] if app.leaving else app.visible_screens,
        busy=lambda: app.queued_keys.busy,
        suspended=lambda: app.suspended,
        read=lambda meter, now: read(meter, now, terminal.written if terminal is not None else None),
        closes=app.user_keys.get("measure", next(key.shown for key in KEYS if key.id == "measure")),
    )
    app.frame_listeners.append(probe.frame_written)
    app.screen_change_signal.subscribe(app, probe.follow)
    probe.start()
    return probe
