"""A queue of keys: a key is handled only after the effects of the key before it, such as an opened filter box.

A slow connection delivers `/failed` and enter in one packet. Textual sends every key to the widget with the focus at
that moment: the table, while the filter box is still opening. `d` would then show a diff, and enter open a run.
A screen may have a property `takes_keys`: False while it is not ready for the next key.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode

_ROUNDS: Final = 3
"""How many passes through the message queues, all with the same focus, complete a key.

A pass goes from the focused widget up to the application. During the first the key itself is handled, during the second
the messages of its action, during the third the messages that these caused.
"""

_PAUSE: Final = 0.01  # seconds until a screen that is not ready is asked again

_LONGEST: Final = 1.0
"""Seconds after which the next key need not wait for this one any more: the queue of a removed widget never answers."""


class KeyQueue:
    """Waiting keys. Each is passed to `handle` when the key before it is completely handled."""

    def __init__(self, app: App[Any], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app, self._handle = app, handle
        self._waiting: deque[events.Event] = deque()
        self._turn = 0  # number of the key being handled
        self._busy = False

    @property
    def busy(self) -> bool:
        """Whether a key is being handled, or waits."""
        return self._busy or bool(self._waiting)

    async def add(self, keys: Iterable[events.Event], *, first: bool = False) -> None:
        """Add keys after the waiting ones; if `first`, before them."""
        if first:
            self._waiting.extendleft(reversed(list(keys)))
        else:
            self._waiting.extend(keys)
        await self._handle_next()

    async def interrupt(self, key: events.Key) -> None:
        """Discard the waiting keys, as a terminal does, and add this ctrl+c; earlier ones stay."""
        self._waiting = deque(other for other in self._waiting if interrupts(other))
        await self.add([key])

    async def _handle_next(self) -> None:
        if self._busy or not self._waiting:
            return
        if self._app.screen_stack and not self._app.screen.is_mounted:
            # The key may need the widgets of the new screen, which come later than `_LONGEST` on a slow machine.
            asyncio.get_running_loop().call_later(_PAUSE, self._app.call_later, self._handle_next)
            return
        self._busy, self._turn = True, self._turn + 1
        turn, key = self._turn, self._waiting.popleft()
        asyncio.get_running_loop().call_later(_LONGEST, self._finish, turn)
        await self._handle(key)
        self._probe(turn, 0, None)

    def _probe(self, turn: int, calm: int, before: DOMNode | None) -> None:
        """Start another pass through the queues, or finish the key after `_ROUNDS` passes with the same focus.

        `calm` counts these passes; `before` was the focus in the last one. A screen that is not ready is asked again.
        """
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
        """Call `ask` after all messages that wait now in the queues of `node` and its ancestors, one queue after the other."""
        above = None if node is self._app else node.parent or self._app
        node.call_later(ask if above is None else partial(self._pass_up, above, ask))

    def _finish(self, turn: int) -> None:
        if turn == self._turn and self._busy:
            self._busy = False
            if self._waiting:
                self._app.call_later(self._handle_next)


def interrupts(event: events.Event) -> TypeGuard[events.Key]:
    """Whether an event is ctrl+c."""
    return isinstance(event, events.Key) and event.key == "ctrl+c"
