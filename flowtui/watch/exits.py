"""The exit codes of `flowtui watch` and their precedence. Scripts rely on them; `flowtui help exit-codes` explains them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MET: Final = 0
FAILED: Final = 1
USAGE: Final = 2
UNANSWERED: Final = 3
TIMED_OUT: Final = 4
CANCELLED: Final = 5
NOTHING: Final = 6
GUARD: Final = 7
PENDING: Final = 8
HANGUP: Final = 129
INTERRUPTED: Final = 130
TERMINATED: Final = 143

SIGNALS: Final = (HANGUP, INTERRUPTED, TERMINATED)
# the most severe first
_SEVERITY: Final = (USAGE, *SIGNALS, FAILED, GUARD, CANCELLED, UNANSWERED, TIMED_OUT, NOTHING, PENDING, MET)
_ZERO_WITH_EXIT_ZERO: Final = frozenset({FAILED, CANCELLED, GUARD})

WORDS: Final = {
    MET: "PASS",
    FAILED: "FAIL",
    UNANSWERED: "NO ANSWER",
    TIMED_OUT: "TIMEOUT",
    CANCELLED: "CANCELLED",
    NOTHING: "NOTHING",
    GUARD: "GUARD",
    PENDING: "PENDING",
    HANGUP: "STOPPED",
    INTERRUPTED: "STOPPED",
    TERMINATED: "STOPPED",
}
"""Exit code -> the word for it in the summary line."""


def most_severe(codes: Iterable[int]) -> int:
    """Return the exit code that outranks all others in `codes`, which must not be empty."""
    return min(codes, key=_SEVERITY.index)


def with_exit_zero(code: int) -> int:
    """Return the exit code that `--exit-zero` makes of `code`: 0 for 1, 5 and 7; any other code is unchanged."""
    return MET if code in _ZERO_WITH_EXIT_ZERO else code
