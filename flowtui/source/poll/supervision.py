"""Keeps one task alive: when it dies, for whatever reason, that is told and it is started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from flowtui.source.clock import Clock

RESTART_AFTER: Final = 1.0
"""Seconds before a dead task is started again: one that dies at once must not spin."""


async def supervise(
    body: Callable[[], Coroutine[Any, Any, None]],
    *,
    started: Callable[[asyncio.Task[None]], None],
    died: Callable[[BaseException | None], None],
    clock: Clock,
) -> None:
    """Run `body` in a task of its own until this is cancelled, which ends both.

    `started` is given each new task; `died` the exception that ended it, None where it was cancelled or returned.
    What goes wrong in `died` itself ends nothing.
    """
    while True:
        task = asyncio.create_task(body())
        started(task)
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        with suppress(Exception):  # what killed the task may be wrong there too
            died(None if task.cancelled() else task.exception())
        await clock.wait(asyncio.Event(), RESTART_AFTER)
