"""When an application has done what a key asked of it: nothing is left to run, and what was to be drawn is drawn.

Textual's own pilot waits until the process takes no time. Here the server is a part of the process, so that came late or
never: up to a second for each key.
"""

from __future__ import annotations

import asyncio

from textual._context import active_app

_FRAMES = 2  # what was drawn may ask for something to be drawn


async def at_rest(*_: float) -> None:
    """Let the application run until it waits for the world: for time, an answer or a key."""
    await _idle()
    for _ in range(_FRAMES):
        app = active_app.get()
        app._check_resize()  # both of what the next sixtieth of a second would do
        app.screen._on_timer_update()
        await _idle()


async def _idle() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:  # noqa: ASYNC110  there is no event of it
        await asyncio.sleep(0)
