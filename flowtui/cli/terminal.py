"""What is known of the terminal before anything is drawn on it. Imports nothing heavy, writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

STREAMS: Final = ("stdin", "stdout", "stderr")
"""The streams that must be a terminal for a dashboard: it reads from the first and draws on the last."""

_TOO_PLAIN: Final = ("", "dumb", "unknown")
_LOCALE: Final = ("LC_ALL", "LC_CTYPE", "LANG")


def is_terminal(name: str) -> bool:
    """Whether a stream of `sys` is a terminal; one that is closed is none."""
    stream = getattr(sys, name)
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # closed from inside
        return False


def why_no_dashboard(environ: Mapping[str, str]) -> str:
    """Return why nothing can be drawn here, "" where it can."""
    term = environ.get("TERM", "")
    if term.strip().lower() in _TOO_PLAIN:
        return f"TERM is {term}" if term else "TERM is not set"
    stream = next((name for name in STREAMS if not is_terminal(name)), "")
    return f"{stream} is none" if stream else ""


def can_show_unicode(environ: Mapping[str, str], stream: str = "stdout") -> bool:
    """Whether signs and frames can be written to a stream of `sys`.

    Python writes UTF-8 where the locale is C, whoever asked for it; who says so in the environment means ASCII.
    """
    encoding = getattr(getattr(sys, stream), "encoding", None) or ""
    named = next((environ[name] for name in _LOCALE if environ.get(name)), "")
    return encoding.lower().replace("-", "").startswith("utf") and named not in ("C", "POSIX")
