"""What a command needs of the world before it starts: its settings, its log."""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from flowtui.config.load import load_settings
from flowtui.config.private_files import append
from flowtui.config.profiles import profile_names, settings_for
from flowtui.config.settings import SPECS, Settings
from flowtui.errors import ConfigError, UsageError
from flowtui.formatting import parse_zone

if TYPE_CHECKING:
    from flowtui.cli.arguments import Call


def settings_of(call: Call, *, use_file: bool = True) -> Settings:
    """Return the settings that hold for a call, its time zone checked.

    Raises:
        UsageError, ConfigError: see `load_settings`.
    """
    return _checked(load_settings(_given(call), call.environ, _config(call), use_file=use_file))


def names_of_profiles(call: Call) -> list[str]:
    """Return the names of the profiles in the config file. Raises ConfigError: see `profile_names`."""
    return profile_names(call.environ, _config(call))


def settings_of_profile(call: Call, profile: str) -> Settings:
    """Return the settings of another profile for a call. Raises UsageError, ConfigError: see `settings_for`."""
    return _checked(settings_for(profile, _given(call), call.environ, _config(call)))


def _given(call: Call) -> dict[str, object]:
    return {name: getattr(call.options, name, None) for name in SPECS}


def _config(call: Call) -> Path | None:
    named = getattr(call.options, "config", None)
    return None if named is None else Path(named)


def _checked(settings: Settings) -> Settings:
    try:
        parse_zone(settings.tz)
    except UsageError as error:
        raise UsageError(f"{settings.sources['tz']}: {error.message}", hint=error.hint) from None
    return settings


def start_log(settings: Settings, *, on_stderr: bool = True) -> None:
    """Send flowtui's own log where the settings say; nowhere by default, and never to a screen that is drawn on.

    Only flowtui's own loggers: those of the HTTP library write addresses and headers.

    Raises:
        ConfigError: the file cannot be written.
    """
    if settings.log_file is not None:
        handler: logging.Handler = _log_file(settings.log_file)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    elif settings.verbose and on_stderr:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("flowtui: %(message)s"))
    else:
        handler = logging.NullHandler()
    logger = logging.getLogger("flowtui")
    for old in logger.handlers[:]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG if settings.verbose else logging.INFO)
    lost = logging.getLogger("asyncio")  # without a handler it writes to stderr, what exceptions say and all
    lost.handlers, lost.propagate = [_OfAsyncio()], False


class _OfAsyncio(logging.Handler):
    """Passes on that something failed which nobody waits for, by its type alone: what it says may be data."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        said = record.getMessage() if error is None else f"a task failed: {type(error).__name__}"
        logging.getLogger("flowtui.asyncio").log(record.levelno, "%s", said)


class _PrivateFile(logging.FileHandler):
    """A log that only its owner can read. A disk that fills up costs the log, not the view."""

    def _open(self) -> TextIOWrapper:
        return os.fdopen(append(Path(self.baseFilename)), "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is logging's
        """Say nothing: logging's own way prints a traceback over the screen."""


def _log_file(path: str) -> logging.Handler:
    try:
        return _PrivateFile(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its path is not valid"
        raise ConfigError(f"Cannot write the log file {path}: {reason}") from None
