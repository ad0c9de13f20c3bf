"""Finds out what the terminal is and what it can show, before anything is drawn on it. Writes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

STREAMS: Final = ("stdin", "stdout", "stderr")
"""The streams that must be terminals for the dashboard: it reads keys from stdin and draws on stderr."""

_DUMB_TERMINALS: Final = ("", "dumb", "unknown")
_DEFAULT_SIZE: Final = (80, 24)
_LOCALE: Final = ("LC_ALL", "LC_CTYPE", "LANG")


def is_terminal(name: str) -> bool:
    """Return whether the stream `name` of `sys`, such as `stdin`, is a terminal; False if it is closed."""
    stream = getattr(sys, name)
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # the stream object was closed
        return False


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Whether the terminal cannot move its cursor, or is not known."""
    return environ.get("TERM", "").strip().lower() in _DUMB_TERMINALS


def size() -> tuple[int, int]:
    """Return how many columns and lines the terminal of stdout has; 80 and 24 if that is not known."""
    try:
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return _DEFAULT_SIZE
    return columns or _DEFAULT_SIZE[0], lines or _DEFAULT_SIZE[1]


def why_no_dashboard(environ: Mapping[str, str]) -> str:
    """Return why the dashboard cannot be drawn on this terminal; "" if it can."""
    term = environ.get("TERM", "")
    if is_dumb(environ):
        return f"TERM is {term}" if term else "TERM is not set"
    stream = next((name for name in STREAMS if not is_terminal(name)), "")
    return f"{stream} is not one" if stream else ""


def can_show_unicode(environ: Mapping[str, str], stream: str = "stdout") -> bool:
    """Return whether glyphs and box lines can be written to a stream of `sys`.

    False for the locales C and POSIX: Python writes UTF-8 there too, but a user who sets LC_ALL=C wants ASCII.
    """
    encoding = getattr(getattr(sys, stream), "encoding", None) or ""
    named = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    return encoding.lower().replace("-", "").startswith("utf") and named not in ("C", "POSIX")
