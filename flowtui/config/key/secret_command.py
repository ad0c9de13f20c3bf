"""Runs a command of the user that prints a secret, such as the API key. Its output is never shown."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

from flowtui.errors import ConfigError

COMMAND_TIMEOUT: Final = 10.0
"""Seconds that such a command may take."""


def run_secret_command(command: str, environ: Mapping[str, str], name: str, what: str) -> str:
    """Return what a command prints, without one line break at the end. It runs without a shell. Blocks.

    `name`: the setting with the command; `what`: what it prints, such as `The API key`; both for messages.

    Raises:
        ConfigError: it cannot be run, fails, takes longer than 10 s, or prints no text.
    """
    import shlex  # noqa: PLC0415  only with a command

    try:
        argv = shlex.split(command)
    except ValueError:
        raise ConfigError(f"{name} has a quote that does not end") from None
    if not argv:
        raise ConfigError(f"{name} is empty")
    try:
        done = subprocess.run(  # noqa: S603  the user's own command, without a shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_TIMEOUT,
            check=False,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{name} did not end within {COMMAND_TIMEOUT:g} s") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds a NUL character"
        raise ConfigError(f"{name} cannot be run: {reason}") from None
    if done.returncode != 0:
        raise ConfigError(
            f"{name} failed with exit code {done.returncode}",
            hint="Run the command by hand to see its message",
        )
    return without_newline(decode(done.stdout, f"{what} from {name}"))


def without_newline(text: str) -> str:
    """Return a text without one line break at its end, which most files and outputs of commands have."""
    return text.removesuffix("\n").removesuffix("\r")


def decode(content: bytes, what: str) -> str:
    """Return bytes as text. Raises ConfigError, without the bytes, if they are not UTF-8. `what`: for the message."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{what} is not text") from None
