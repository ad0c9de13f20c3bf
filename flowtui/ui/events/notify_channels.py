"""Notifications outside the screen: the terminal's own notification (OSC 9), and a command of the user.

The command gets JSON on its stdin. It runs without a shell, and its environment lacks the API key. It may run at most
four times at once, each time for at most 10 seconds. Its output is discarded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from flowtui.source.user_command import run_command
from flowtui.text import safe_text

MAX_TEXT: Final = 200
"""Most characters of a notification. A desktop cuts longer text, and a terminal may print it on the screen instead."""

TIMEOUT: Final = 10.0
"""Seconds after which a command that still runs is killed."""

MOST: Final = 4
"""Most commands that run at the same time."""

MOST_WAITING: Final = 100
"""Most calls of the command that run or wait for their turn; further calls are dropped."""


def osc9(text: str, *, tmux: bool) -> str:
    """Return the sequence that makes the terminal show a notification (OSC 9). `tmux`: wrap it for tmux.

    The text is reduced to printable characters, so that it cannot end the sequence or start another.
    """
    # The name must come first: a text that begins with `4;` would draw a progress bar (OSC 9;4).
    told = "".join(char for char in safe_text(f"flowtui: {text}") if char.isprintable())
    told = told if len(told) <= MAX_TEXT else f"{told[: MAX_TEXT - 1]}…"
    osc = f"\x1b]9;{told}\x07"
    if tmux:
        doubled = osc.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return osc


class NotifyCommand:
    """Runs the user's command once for each notice. `environ` must not contain the API key."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = tuple(command)
        self._environ = dict(environ)
        self._turn = asyncio.Semaphore(MOST)
        self._waiting = 0

    async def call(self, line: bytes) -> str:
        """Run the command with `line` on its stdin; return an error message, "" on success."""
        if self._waiting >= MOST_WAITING:
            return "too many calls at once, some were dropped"
        self._waiting += 1
        try:
            async with self._turn:
                return await self._run(line)
        finally:
            self._waiting -= 1

    async def _run(self, line: bytes) -> str:
        try:
            code = await run_command(
                self._command, line, self._environ, seconds=TIMEOUT, output=asyncio.subprocess.DEVNULL
            )
        except TimeoutError:
            return f"it did not end within {TIMEOUT:g} s and was killed"
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or "it cannot be run"
        return f"it failed with exit code {code}" if code else ""
