"""Where flowtui's log goes: a file, stderr or nowhere, one line of UTC time, level and words for each thing that happens.

With `--verbose` every request is told, else troubles and how they end. Only flowtui's own loggers are listened to:
those of the HTTP library write addresses and headers.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowtui import __version__
from flowtui.config.log_file import LogFile, begin_masking, masked
from flowtui.errors import ConfigError
from flowtui.formatting import iso_time
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.settings import Settings

_NOTHING: Final = logging.CRITICAL + 1
_LOG: Final = logging.getLogger("flowtui.process")


def start_log(settings: Settings, command: str, *, on_stderr: bool = True) -> None:
    """Send the log of a command where the settings say; nowhere by default, and never to a screen that is drawn on.

    `on_stderr` False: `command` draws on the terminal, so `--verbose` alone is answered with what it needs.

    Raises:
        ConfigError: the file cannot be written.
    """
    handler: logging.Handler = logging.NullHandler()
    level = logging.DEBUG if settings.verbose else logging.WARNING
    if settings.log_file is not None:
        handler = _log_file(settings.log_file)
        handler.setFormatter(_Line())
    elif settings.verbose and on_stderr:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Said())
    else:
        level = _NOTHING
    _take_over(handler, level)
    if settings.verbose and settings.log_file is None and not on_stderr:
        sys.stderr.write(
            "flowtui: --verbose has nowhere to write while the screen is drawn: add --log-file F\n"
        )
    python = f"Python {'.'.join(map(str, sys.version_info[:3]))} on {sys.platform}"
    _LOG.info("%s begins: version %s, process %d, %s", command, __version__, os.getpid(), python)


def end_log(code: int) -> None:
    """Write what waits to be written, and the exit code. Waits for a slow disk for at most 2 s."""
    _LOG.info("it ends with exit code %d", code)
    _take_over(logging.NullHandler(), _NOTHING)


def _take_over(handler: logging.Handler, level: int) -> None:
    logger = logging.getLogger("flowtui")
    for old in logger.handlers[:]:
        logger.removeHandler(old)
        old.close()
    begin_masking(on=level < _NOTHING)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(level)
    lost = logging.getLogger("asyncio")  # without a handler it writes to stderr, what exceptions say and all
    lost.handlers, lost.propagate = [_OfAsyncio()], False


class _Line(logging.Formatter):
    """One line of a file."""

    def format(self, record: logging.LogRecord) -> str:
        about = record.name.removeprefix("flowtui.")
        return f"{iso_time(record.created)} {record.levelname:<7} {about}: {_safe(record)}"


class _Said(logging.Formatter):
    """One line on stderr, where the reader is there to see when it comes."""

    def format(self, record: logging.LogRecord) -> str:
        return f"flowtui: {_safe(record)}"


def _safe(record: logging.LogRecord) -> str:
    # The key first: what is made safe to show may not look like it any more.
    return safe_text(masked(record.getMessage()))


class _OfAsyncio(logging.Handler):
    """Passes on that something failed which nobody waits for, by its type alone: what it says may be data."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        said = record.getMessage() if error is None else f"a task failed: {type(error).__name__}"
        logging.getLogger("flowtui.asyncio").log(record.levelno, "%s", said)


def _log_file(path: str) -> logging.Handler:
    try:
        return LogFile(Path(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its path is not valid"
        raise ConfigError(f"Cannot write the log file {path}: {reason}") from None
