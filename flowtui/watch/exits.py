"""What each exit code of `watch` means: a contract. Order of gravity, words, and the text of `help exit-codes`. Pure."""

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
_MOST_SEVERE_FIRST: Final = (
    USAGE,
    *SIGNALS,
    FAILED,
    GUARD,
    CANCELLED,
    UNANSWERED,
    TIMED_OUT,
    NOTHING,
    PENDING,
    MET,
)
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
"""Exit code → the word of the summary line."""

TABLE: Final = (
    ("0", "condition met: every run that counts completed, nothing that --fail-on names"),
    (
        "1",
        "a run failed or another thing that --fail-on names (beyond --allow-failures), or the gate was not met",
    ),
    ("2", "usage or configuration error"),
    ("3", "could not answer: unreachable, refused, unreadable, rate-limited for longer than --give-up-after"),
    ("4", "--timeout reached, no failure seen"),
    ("5", "none failed, at least one was cancelled"),
    ("6", "nothing matched within --wait-start"),
    ("7", "local guard: --max-tokens, --stall"),
    ("8", "still pending (--once)"),
    ("129, 130, 143", "SIGHUP, SIGINT, SIGTERM: the summary is still printed"),
)
"""(exit codes, meaning), in the order of the contract."""


def most_severe(codes: Iterable[int]) -> int:
    """Return the one that counts where several hold at once; there must be one."""
    return min(codes, key=_MOST_SEVERE_FIRST.index)


def with_exit_zero(code: int) -> int:
    """Return what `--exit-zero` makes of a code."""
    return MET if code in _ZERO_WITH_EXIT_ZERO else code


def help_text() -> str:
    """Return the text of `flowtui help exit-codes`."""
    lines = [
        "Exit codes of `flowtui watch`:",
        "",
        *(f"  {code:<13}  {meaning}" for code, meaning in TABLE),
        "",
        "Several at once: 2, then signals, 1, 7, 5, 3, 4, 6, 8. --exit-zero turns 1, 5 and 7 into 0.",
        "401, 403 and a 404 or 422 on the only thread are final; 408, 429, 5xx, timeouts, resets and unreadable",
        "bodies are ridden out for --give-up-after.",
        "With --gate 0 is a gate that is met, 4 one that is undecided at --timeout, 8 one that is with --once.",
        "",
        "The other commands: 0 done, 1 a crash, 2 usage or configuration, 3 the API could not be asked (or not",
        "whole), 129, 130 and 143 as above, 141 when the reader of stdout has gone.",
    ]
    return "\n".join(lines) + "\n"
