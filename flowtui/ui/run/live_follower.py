"""Follows the text of the run whose messages are in sight, while the run is running. A plain controller.

Live text is decoration: if it cannot be followed, nothing on the screen says so, and the messages are read as without it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Final

from flowtui.errors import ApiError, FlowtuiError
from flowtui.model.feed import ATTACH, Feed
from flowtui.model.messages.live_text import LiveReader, LiveText
from flowtui.model.messages.redaction import redact_live
from flowtui.model.run.row import RUNNING, Run, RunKey
from flowtui.ui.base.services import Services, Stoppable

REST: Final = 0.3
"""Seconds for which the messages of a run must be in sight before its text is followed."""

FRAME: Final = 0.2
"""The shortest time between two paints of live text, in seconds."""

PAUSE: Final = 4.0
"""The pause between two paints is at least this multiple of the time that a paint takes, as in a very long conversation."""

GROUP: Final = "live"
"""The group of its worker."""

_RETRY, _LONGEST_RETRY = 5.0, 60.0  # seconds until a stream that broke off is opened again


class LiveFollower:
    """Follows one run at a time, after `connect`. `draw`: draws the shown run again. `on`: the setting `live_text`."""

    def __init__(self, services: Services, draw: Callable[[], None], *, on: bool, redact: bool) -> None:
        self._services, self._draw, self._on, self._redact = services, draw, on, redact
        self._feed: Feed | None = None
        self._key: RunKey | None = None  # the run that is followed
        self._read: tuple[RunKey, LiveReader] | None = None
        self._resting: Stoppable | None = None
        self._painting: Stoppable | None = None
        self._took = 0.0  # seconds of the last paint

    def connect(self, feed: Feed) -> None:
        """Follow runs of this feed from now on."""
        self._feed = feed if self._on and ATTACH in feed.can else None

    def get(self, run: Run) -> LiveText | None:
        """Return the text of a run as far as it came; None if the run was not followed, or nothing has come."""
        if self._read is None or self._read[0] != run.key:
            return None
        live = self._read[1].text()
        return redact_live(live) if self._redact else live

    def follow(self, run: Run | None) -> None:
        """Follow the run whose messages are in sight, if it is running; None: no messages are in sight.

        What came of a run that has ended is kept while it stays in sight: its last messages may not be read yet.
        """
        running = run is not None and run.status_class == RUNNING and not run.placeholder
        wanted = run.key if run is not None and running and self._feed is not None else None
        if self._read is not None and (run is None or run.key != self._read[0]):
            self._read = None
        if wanted == self._key:
            return
        self._stop()
        self._key = wanted
        if wanted is not None and self._feed is not None:
            work = partial(self._follow, self._feed, wanted)
            self._resting = self._services.after(
                REST, partial(self._services.start, work, GROUP, exclusive=True)
            )

    def _stop(self) -> None:
        for timer in (self._resting, self._painting):
            if timer is not None:
                timer.stop()
        self._resting = self._painting = None
        self._services.end(GROUP)

    async def _follow(self, feed: Feed, key: RunKey) -> None:
        """Follow a run until its text ends or the server refuses; if the stream breaks off, open it again after a pause."""
        pause = _RETRY
        while True:
            asked = 0.0
            try:
                async with aclosing(feed.attach(key)) as stream:
                    async for reader in stream:
                        pause = _RETRY
                        self._take(key, reader)
                        if reader.ended:
                            return
            except ApiError as error:
                if not error.retryable:
                    return
                asked = error.retry_after or 0.0
            except FlowtuiError:
                return
            await feed.clock.wait(asyncio.Event(), max(pause, asked))
            pause = min(2 * pause, _LONGEST_RETRY)

    def _take(self, key: RunKey, reader: LiveReader) -> None:
        # What the last stream brought stays until the first part of the next one.
        if self._read is None or self._read[0] != key or not reader.empty:
            self._read = (key, reader)
        if self._painting is None:
            self._painting = self._services.after(max(FRAME, PAUSE * self._took), self._paint)

    def _paint(self) -> None:
        self._painting = None
        began = time.perf_counter()
        self._draw()
        self._took = time.perf_counter() - began
