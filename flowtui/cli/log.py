"""Sends flowtui's log to a file, to stderr or nowhere.

With `--verbose` every request is logged; without it, only when a problem begins and ends. Only the loggers of
flowtui and of asyncio are written: those of the HTTP library would log addresses and headers.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Final

from flowtui import __version__
from flowtui.config.files.private_files import reason
from flowtui.config.log_file import LogFile, reset_masks, without_secrets
from flowtui.config.settings import Settings
from flowtui.errors import ConfigError
from flowtui.formatting import iso_time
from flowtui.text import safe_text

_NOTHING: Final = logging.CRITICAL + 1
_LOG: Final = logging.getLogger("flowtui.process")


def start_log(settings: Settings, command: str, *, on_stderr: bool = True) -> None:
    """Start the log of a command as the settings say. By default nothing is logged.

    If `on_stderr` is False, the command draws on the terminal, so the log must not go to stderr. `--verbose` without
    `--log-file` then logs nothing, and a hint says so.

    Raises:
        ConfigError: the file cannot be written.
    """
    handler: logging.Handler = logging.NullHandler()
    level = logging.DEBUG if settings.verbose else logging.WARNING
    if settings.log_file is not None:
        handler = _log_file(settings.log_file)
        handler.setFormatter(_FileFormatter())
    elif settings.verbose and on_stderr:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_StderrFormatter())
    else:
        level = _NOTHING
    _install(handler, level)
    if settings.verbose and settings.log_file is None and not on_stderr:
        sys.stderr.write(
            "flowtui: --verbose has nowhere to write while the screen is drawn: add --log-file F\n"
        )
    python = f"Python {'.'.join(map(str, sys.version_info[:3]))} on {sys.platform}"
    _LOG.info("%s begins: version %s, process %d, %s", command, __version__, os.getpid(), python)


def end_log(code: int) -> None:
    """Log the exit code, and wait up to 2 s until all lines are written."""
    _LOG.info("it ends with exit code %d", code)
    _install(logging.NullHandler(), _NOTHING)


def _install(handler: logging.Handler, level: int) -> None:
    logger = logging.getLogger("flowtui")
    for old in logger.handlers[:]:
        logger.removeHandler(old)
        old.close()
    reset_masks(on=level < _NOTHING)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(level)
    lost = logging.getLogger(
        "asyncio"
    )  # without a handler this logger writes to stderr, even messages of exceptions
    lost.handlers, lost.propagate = [_AsyncioHandler()], False


class _FileFormatter(logging.Formatter):
    """Formats one line of the log file."""

    def format(self, record: logging.LogRecord) -> str:
        about = record.name.removeprefix("flowtui.")
        return f"{iso_time(record.created)} {record.levelname:<7} {about}: {_safe(record)}"


class _StderrFormatter(logging.Formatter):
    """Formats one line for stderr. It has no time, as the user sees when it appears."""

    def format(self, record: logging.LogRecord) -> str:
        return f"flowtui: {_safe(record)}"


def _safe(record: logging.LogRecord) -> str:
    # Secrets are removed before the text is made display-safe: after that, a key might not be found.
    return safe_text(without_secrets(record.getMessage()))


class _AsyncioHandler(logging.Handler):
    """Logs what asyncio reports, such as an error in a task that nothing awaits. Of an error only the type is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage() if error is None else f"a task failed: {type(error).__name__}"
        logging.getLogger("flowtui.asyncio").log(record.levelno, "%s", text)


def _log_file(path: str) -> logging.Handler:
    try:
        return LogFile(Path(path))
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot write the log file {path}: {reason(error)}") from None
