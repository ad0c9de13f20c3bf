"""Restarts a task whenever it ends, and reports why it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from flowtui.source.clock import Clock

_MAX_INCIDENTS = 20

RESTART_AFTER: Final = 1.0
"""Seconds before a task is started again, so that a task that fails at once does not use all CPU time."""


async def supervise(
    body: Callable[[], Coroutine[Any, Any, None]],
    *,
    started: Callable[[asyncio.Task[None]], None],
    died: Callable[[BaseException | None], None],
    clock: Clock,
) -> None:
    """Run `body` in a task, and again whenever the task ends. Cancelling this coroutine also cancels the task.

    `started`: called with each new task.
    `died`: called with the exception that ended the task, None if it was cancelled or returned. An exception that `died`
    itself raises is ignored.
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
        with suppress(Exception):  # the defect that ended the task may also break `died`
            died(None if task.cancelled() else task.exception())
        await clock.wait(asyncio.Event(), RESTART_AFTER)


class Incidents(list[str]):
    """The latest errors inside flowtui itself. `total` is the number of all of them."""

    total = 0

    def note(self, what: str, error: BaseException | None) -> None:
        """Note that `what` happened because of an error; None: a task was stopped."""
        # Only the type: the message may hold secrets.
        self.append(f"{what}: {type(error).__name__ if error is not None else 'it was stopped'}")
        del self[:-_MAX_INCIDENTS]
        self.total += 1
