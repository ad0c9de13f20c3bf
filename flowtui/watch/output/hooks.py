"""`--on EVENT=COMMAND`: runs COMMAND for each event, with the event as JSON on stdin. No shell, no key in its environment.

Commands run one after the other while the watch goes on, each for at most 10 seconds; at most 200 may wait. Their output
goes to stderr, as stdout is for the events of the watch. Their exit codes do not change the verdict.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from flowtui.model.export.json_text import to_json
from flowtui.model.feed import FeedClock
from flowtui.source.user_command import run_command
from flowtui.watch.events import Event
from flowtui.watch.options import Hook
from flowtui.watch.output.output import print_error

TIMEOUT: Final = 10.0
"""Seconds that one command may take."""

_MOST_WAITING: Final = 200


class Hooks:
    """Runs commands for events. `dropped`: how many commands were not run, as the queue was full or time was up."""

    def __init__(self, hooks: Sequence[Hook], environ: Mapping[str, str], clock: FeedClock) -> None:
        self._hooks = hooks
        self._environ = environ
        self._clock = clock
        self._waiting: deque[tuple[Hook, bytes]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._reported: set[tuple[str, ...]] = set()
        self.dropped = 0

    def wants(self, name: str) -> bool:
        """Whether there is a command for events of this name."""
        return any(hook.event == name for hook in self._hooks)

    def tell(self, told: Sequence[Event]) -> None:
        """Put the commands for these events into the queue. If the queue is full, drop them and count them in `dropped`."""
        for event in told if self._hooks else ():
            for hook in self._hooks:
                if hook.event != event.name:
                    continue
                if len(self._waiting) >= _MOST_WAITING:
                    self.dropped += 1
                else:
                    self._waiting.append((hook, to_json(event.record()).encode() + b"\n"))
        if self._waiting and (self._worker is None or self._worker.done()):
            self._worker = asyncio.create_task(self._work())

    async def finish(self, hurry: asyncio.Event) -> None:
        """Wait until all commands have run, for at most 10 seconds or until `hurry` is set; then kill the one that still runs. Sets `hurry`."""
        worker = self._worker
        if worker is not None:
            worker.add_done_callback(lambda _: hurry.set())
            await self._clock.wait(hurry, TIMEOUT)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        self.dropped += len(self._waiting)
        if self.dropped:
            print_error(f"--on: {self.dropped} events came too fast and were dropped")

    async def _work(self) -> None:
        while self._waiting:
            hook, line = self._waiting.popleft()
            await self._run(hook, line)

    async def _run(self, hook: Hook, line: bytes) -> None:
        try:
            code = await run_command(
                hook.command, line, self._environ, seconds=TIMEOUT, output=_stderr_target()
            )
        except TimeoutError:
            self._report(hook, f"ended after {TIMEOUT:g} s")
        except (OSError, ValueError) as error:
            self._report(hook, getattr(error, "strerror", None) or "cannot be run")
        else:
            if code:
                self._report(hook, f"exit {code}")

    def _report(self, hook: Hook, what: str) -> None:
        """Print on stderr what went wrong, but only once per command: else a log could get the same line 500 times."""
        if hook.command not in self._reported:
            self._reported.add(hook.command)
            print_error(f"--on {hook.event}={hook.command[0]}: {what}")


def _stderr_target() -> int:
    """Return the target of the commands' output: flowtui's stderr, or the null device if flowtui has no stderr."""
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return asyncio.subprocess.DEVNULL
