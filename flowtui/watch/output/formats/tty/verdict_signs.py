"""The word, sign and tone of each exit code."""

from __future__ import annotations

from typing import Final

from flowtui.watch import exits
from flowtui.watch.output.formats.tty.signs import Signs

_BAD: Final = frozenset({exits.FAILED, exits.GUARD})
_OPEN: Final = frozenset({exits.TIMED_OUT, exits.NOTHING, exits.PENDING})


def verdict_word(code: int) -> str:
    """Return the word for an exit code, such as `FAIL`."""
    return exits.WORDS.get(code, "FAIL")


def verdict_sign(code: int, signs: Signs) -> str:
    """Return the sign before the word."""
    if code == exits.MET:
        return signs.passed
    if code in _BAD:
        return signs.failed
    if code == exits.UNANSWERED:
        return "?"
    return signs.undecided if code in _OPEN else signs.stopped


def verdict_tone(code: int) -> str:
    """Return the tone of an exit code: passed, failed, or neither."""
    if code == exits.MET:
        return "completed"
    return "failed" if code in _BAD else "queued"
