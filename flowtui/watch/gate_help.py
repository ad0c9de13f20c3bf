"""The text of `flowtui help gate`: the language of gates, when a gate is decided, and which options go with it."""

from __future__ import annotations

from pathlib import Path


def help_text() -> str:
    """Return the text of `flowtui help gate`."""
    return Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
