"""Runs a command of the user, such as one of `watch --on`: without a shell, and never for longer than allowed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress


async def run_command(
    command: Sequence[str], line: bytes, environ: Mapping[str, str], *, seconds: float, output: int
) -> int:
    """Run a command with `line` on its stdin, and return its exit code.

    `output`: the descriptor that its stdout and stderr go to.

    Raises:
        TimeoutError: it did not end within `seconds`, and was killed.
        OSError, ValueError: it cannot be run.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=dict(environ),
        start_new_session=True,  # so that ctrl+c does not reach the command, and its whole process group can be killed
    )
    try:
        async with asyncio.timeout(seconds):
            with suppress(BrokenPipeError, ConnectionResetError):  # the command need not read its stdin
                await process.communicate(line)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode or 0
