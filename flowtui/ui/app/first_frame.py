"""The first frame: the dashboard's frames, and the newest rows of the history, painted before everything else is imported.

One widget draws all lines itself: laying out, styling and mounting the real dashboard would be slower. Imports nothing
of the model. The positions are the same as those from the stylesheet; a test compares both.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.segment import Segment
from textual import events
from textual.screen import Screen
from textual.strip import Strip

from flowtui import formatting
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.dashboard.side_layout import LATELY, SLIM, WIDE, side_heights, side_width
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.model.state.snapshot import Update
    from flowtui.store.newest_rows import NewestRows

CONNECTING: Final = "Connecting …"
"""The text shown instead of runs; the dashboard shows the same while it connects."""

_MEDIUM = 20  # the dashboard's breakpoint

_LEAST_ROWS, _MOST_ROWS = 50, 200  # of the history that are read, for terminals of other heights
_READ_WITHIN: Final = 0.03  # seconds that the first paint waits for rows of the history
_FOLLOWS_WITHIN: Final = 1.0  # seconds that these rows stay, if the dashboard has none yet

_ROUND, _PLAIN = "╭─╮│╰╯", "+-+|++"


class Frame(NamedTuple):
    """A frame with a border. `x` and `y` are its top left corner; all numbers are cells. `lit`: the frame has the focus."""

    title: str
    x: int
    y: int
    width: int
    height: int
    lit: bool = False


def frames(width: int, height: int) -> Iterator[Frame]:
    """Yield the frames of the dashboard in a terminal of `width` by `height` cells; the frame of the runs comes first."""
    side = side_width(width)
    top = 2 if SLIM <= width < WIDE else 1  # on narrow terminals the left column is one line
    room = max(0, height - top - 1)
    detail = max(8, room - int(room * 3 / 5)) if height >= _MEDIUM else 0
    runs = room - detail
    yield Frame("Runs · all threads", side, top, width - side, runs, lit=True)
    if detail:
        yield Frame("Run", side, top + runs, width - side, detail)
    if side:
        names = ("Threads", f"Agents · {LATELY}", f"Outcomes · {LATELY}")
        for name, lines in zip(names, side_heights(room), strict=True):
            if lines:
                yield Frame(name, 0, top, side, lines)
                top += lines


def frame_line(frame: Frame, y: int, signs: str, rows: Sequence[Line] = ()) -> Line:
    """Return line `y` of a frame, counted from its top. `signs`: the border's characters, in the order of `_ROUND`.

    `rows`: the lines inside the frame; without any, the frame of the runs says that flowtui connects.
    """
    role = "focus" if frame.lit else "track"
    inner = max(0, frame.width - 2)
    if y == 0:
        title = ink.fit(f" {frame.title} ", min(inner - 2, len(frame.title) + 2)) if inner > 2 else ""
        rest = signs[1] * max(0, inner - 1 - ink.width((Span(title),)))
        head = "strong" if frame.lit else "dim"
        return (Span(signs[0] + signs[1], role), Span(title, head), Span(rest + signs[2], role))
    if y == frame.height - 1:
        return (Span(signs[4] + signs[1] * inner + signs[5], role),)
    if rows:
        inside = rows[y - 1] if y <= len(rows) else ()
        return (Span(signs[3], role), *ink.spread(inside, (), inner), Span(signs[3], role))
    said = CONNECTING if frame.lit and y == _placeholder_line(frame.height) else ""
    left = max(1, (inner - len(said)) // 2)
    text = ink.fit(" " * left + said, inner)
    return (Span(signs[3], role), Span(text, "strong"), Span(signs[3], role))


def _placeholder_line(height: int) -> int:
    """Return the line of the frame on which the table will show the same text, so that it does not jump."""
    return 1 + max(1, (height - 3) // 3)


class FirstFrame(Screen[None]):
    """Paints the first frame. Keys that the user presses meanwhile are kept in `held` for the dashboard.

    `read`: reads the newest rows of the history; it is called in a thread. `follows`: set once the dashboard has rows.
    """

    app: AppBase

    def __init__(self, read: Callable[[], NewestRows | None] | None = None) -> None:
        super().__init__(id="opening")
        self.held: list[events.Key] = []
        self.follows = asyncio.Event()
        self._rows: NewestRows | None = None
        self._lines: tuple[object, Sequence[Line]] = (None, ())
        self._reader = None
        if read is not None:
            self._reader = threading.Thread(target=self._read, args=(read,), daemon=True)
            self._reader.start()

    def _read(self, read: Callable[[], NewestRows | None]) -> None:
        with suppress(Exception):  # what is wrong is said by the connection, which reads the same
            self._rows = read()
        if self._rows is not None and self.is_attached:
            with suppress(RuntimeError):  # the application has not begun, or has ended
                self.app.call_from_thread(self.refresh)

    def saw(self, update: Update) -> None:
        """Note that the dashboard got an update."""
        if update.snapshot.threads:
            self.follows.set()

    async def wait_for_rows(self) -> None:
        """Return once the dashboard has rows, so that those of this frame do not vanish for a moment; soon without any."""
        if self._rows is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.follows.wait(), _FOLLOWS_WITHIN)

    def on_mount(self) -> None:
        """Wait a moment for the rows, which are read since the application was made: they are worth one frame less."""
        if self._reader is not None:
            self._reader.join(_READ_WITHIN)

    def on_key(self, event: events.Key) -> None:
        """Keep a key for the dashboard."""
        event.stop()
        event.prevent_default()
        self.held.append(event)

    def take_held(self) -> list[events.Key]:
        """Return the kept keys as new events, and keep them no longer."""
        held = [events.Key(event.key, event.character) for event in self.held]
        self.held.clear()
        return held

    def render_line(self, y: int) -> Strip:
        """Return the screen's line `y`."""
        base, palette, width = self.rich_style, self.app.palette, self.size.width
        if y == 0:
            return ink.strip(self._header(), palette, base + palette.panel, width)
        if y == self.size.height - 1:
            places = (bindings.TABLE, bindings.DASHBOARD, bindings.APP)
            foot = footer_line(places, width, remapped=self.app.user_keys)
            return ink.strip(foot, palette, base + palette.surface, width)
        signs = _PLAIN if palette.plain else _ROUND
        segments: list[Segment] = []
        across = [f for f in frames(width, self.size.height) if f.y <= y < f.y + f.height]
        for frame in sorted(across, key=lambda frame: frame.x):
            rows = self._row_lines(frame) if frame.lit else ()
            segments += ink.segments(frame_line(frame, y - frame.y, signs, rows), palette, base)
        return Strip(segments).adjust_cell_length(width, base)

    def _row_lines(self, frame: Frame) -> Sequence[Line]:
        """Return the lines inside the frame of the runs; none if there is no history."""
        key = (self._rows, frame)
        if self._rows is not None and self._lines[0] != key:
            from flowtui.ui.app.opening_rows import opening_lines  # noqa: PLC0415  only with a history

            inner = frame.width - 2, frame.height - 2
            self._lines = key, opening_lines(self._rows, self.app.now(), self.app.glyphs, *inner)
        return self._lines[1] if self._rows is not None else ()

    def _header(self) -> Line:
        """Return the header before the first request: server, `connecting` or as of when the rows are, and time."""
        app = self.app
        label, state = app.host_label, [Span(f"  {app.glyphs.live} connecting", "dim")]
        if self._rows is not None:
            words = formatting.as_of(self._rows.as_of, app.now(), app.zone)
            state = [Span(f"  {app.glyphs.live} {words}", "warn")]
        left = [*label.brand, *label.host_spans, *state]
        if ink.width(left) > self.size.width:
            left = [*label.brand, *state]
        return ink.spread(left, [Span(f" {formatting.clock(app.now(), app.zone)} ", "dim")], self.size.width)


def resume_gc() -> None:
    """Turn garbage collection on again after the start. Later collections skip the objects that exist now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def import_dashboard() -> None:
    """Import in a thread what the dashboard needs, so that the first frame can be painted again meanwhile."""
    from flowtui.ui.app.connection import import_parts  # noqa: PLC0415  after the first frame

    import_parts()
    import flowtui.ui.app.session  # noqa: F401, PLC0415  half of the time of all imports


def history_reader(settings: Settings) -> Callable[[], NewestRows | None] | None:
    """Return what reads the newest rows of the history; None if none is wanted."""
    return partial(_newest_rows, settings) if settings.remember else None


def _newest_rows(settings: Settings) -> NewestRows | None:
    """Return the newest rows; None if there are none, or if only a command tells the key: that may take long. Blocks."""
    from flowtui.config.key.environ import Environment  # noqa: PLC0415  in the thread
    from flowtui.config.key.key import quick_key  # noqa: PLC0415
    from flowtui.store.files.location import place_of  # noqa: PLC0415

    key = quick_key(settings, Environment(os.environ))
    place = None if key is None else place_of(settings, key, make_salt=False)
    if place is None or not place.file.exists():
        return None
    from flowtui.store.newest_rows import newest_rows  # noqa: PLC0415  it loads SQLite

    lines = shutil.get_terminal_size().lines
    return newest_rows(place.file, max(_LEAST_ROWS, min(_MOST_ROWS, lines)))
