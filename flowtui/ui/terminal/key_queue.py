"""Keys that are typed faster than screens open: each is heard by what the one before it opened. Owns no screen.

A slow line sends `/failed` and enter in one packet. Textual sends every key to whatever has the focus at that moment,
which is the table as long as the box of the filter is about to open: `d` would show a diff, enter a run.
A screen with a property `takes_keys` says when it is ready for the next key; all others always are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual import events

from flowtui.ui.terminal.partial_paint import PartialPaintApp

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode

_ROUNDS: Final = 3
"""Times that a question goes through all queues from the focus up to the application without finding another focus.

In the first the key itself is heard, in the next what its action sent to others, in the last what these did.
"""

_PAUSE: Final = 0.01  # seconds until a screen that takes no keys yet is asked again

_LONGEST: Final = 1.0
"""Seconds that a key may take before the next one is let in whatever it does: a queue that is closed never answers."""


class KeyQueue:
    """The keys of an application, each given to `handle` once the one before it has done all that it does."""

    def __init__(self, app: App[Any], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app, self._handle = app, handle
        self._waiting: deque[events.Event] = deque()
        self._turn = 0  # keys that were let in
        self._busy = False

    @property
    def busy(self) -> bool:
        """Whether a key is under way, or waits."""
        return self._busy or bool(self._waiting)

    async def add(self, keys: Iterable[events.Event], *, first: bool = False) -> None:
        """Let keys in, behind those that wait or before them."""
        if first:
            self._waiting.extendleft(reversed(list(keys)))
        else:
            self._waiting.extend(keys)
        await self._handle_next()

    async def interrupt(self, key: events.Key) -> None:
        """Let ctrl+c in before all else, and forget what waits: it ends what was typed, as a terminal itself does it."""
        self._waiting = deque(other for other in self._waiting if _interrupts(other))
        await self.add([key])

    async def _handle_next(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy, self._turn = True, self._turn + 1
        turn, key = self._turn, self._waiting.popleft()
        asyncio.get_running_loop().call_later(_LONGEST, self._finish, turn)
        await self._handle(key)
        self._probe(turn, 0, None)

    def _probe(self, turn: int, calm: int, before: DOMNode | None) -> None:
        """Send the question through the queues once more, unless it found nothing new for long enough."""
        if turn != self._turn or not self._app.screen_stack:
            return
        screen = self._app.screen
        focus = self._app.focused or screen
        calm = calm + 1 if focus is before else 0
        if calm < _ROUNDS:
            self._pass_up(focus, partial(self._probe, turn, calm, focus))
        elif getattr(screen, "takes_keys", True):
            self._finish(turn)
        else:
            asyncio.get_running_loop().call_later(_PAUSE, self._probe, turn, 0, None)

    def _pass_up(self, node: DOMNode, ask: Callable[[], None]) -> None:
        """Go the way of a key, through the queue of `node` and of all that it is in, and ask at its end."""
        above = None if node is self._app else node.parent or self._app
        node.call_later(ask if above is None else partial(self._pass_up, above, ask))

    def _finish(self, turn: int) -> None:
        if turn == self._turn and self._busy:
            self._busy = False
            if self._waiting:
                self._app.call_later(self._handle_next)


class KeyQueueApp(PartialPaintApp):
    """Base of the application."""

    def __init__(self, *, css_path: str | None = None) -> None:
        super().__init__(css_path=css_path)
        self.key_queue = KeyQueue(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Let a key in once the one before it is done with; all else at once."""
        if isinstance(event, events.Key) and _interrupts(event) and not event.is_forwarded:
            await self.key_queue.interrupt(event)
        elif isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.key_queue.add([event])
        else:
            await super().on_event(event)


def _interrupts(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.key == "ctrl+c"
