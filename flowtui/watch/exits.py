"""The exit codes of `flowtui watch`: their meaning, their precedence, and the help about them. Scripts rely on them."""

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

TABLE: Final = (
    ("0", "condition met, with no cancelled run and no failure beyond --allow-failures"),
    (
        "1",
        "more failures than --allow-failures (--fail-on says what counts as one), or the gate was not met",
    ),
    ("2", "wrong usage or configuration"),
    (
        "3",
        "no answer from the API: unreachable, refused, unreadable, or rate-limited beyond --give-up-after",
    ),
    ("4", "--timeout reached without a failure"),
    ("5", "no run failed, at least one was cancelled"),
    ("6", "no run matched within --wait-start"),
    ("7", "a limit was reached: --max-tokens or --stall"),
    ("8", "no verdict yet (--once)"),
    ("129, 130, 143", "SIGHUP, SIGINT, SIGTERM: the summary is still printed"),
)
"""Pairs of exit codes and their meaning, in the order of the help. The README has the same table."""


def most_severe(codes: Iterable[int]) -> int:
    """Return the exit code that outranks all others in `codes`, which must not be empty."""
    return min(codes, key=_SEVERITY.index)


def with_exit_zero(code: int) -> int:
    """Return the exit code that `--exit-zero` makes of `code`: 0 for 1, 5 and 7; any other code is unchanged."""
    return MET if code in _ZERO_WITH_EXIT_ZERO else code


def help_text() -> str:
    """Return the text of `flowtui help exit-codes`."""
    lines = [
        "Exit codes of `flowtui watch`:",
        "",
        *(f"  {code:<13}  {meaning}" for code, meaning in TABLE),
        "",
        "If several apply, the first of 2, signals, 1, 7, 5, 3, 4, 6, 8 counts. --exit-zero turns 1, 5 and 7 into 0.",
        "HTTP 401 and 403 end the watch at once; so do 404 and 422 if only one thread is watched. 408, 429, 5xx,",
        "timeouts, resets and unreadable bodies are retried for --give-up-after.",
        "With --gate: 0 met (cancelled runs do not matter), 1 not met, 4 undecided at --timeout, 8 undecided with --once.",
        "",
        "Other commands: 0 done, 1 crash, 2 wrong usage or configuration, 3 the API could not be asked or its answer",
        "is incomplete, 129, 130 and 143 as above, 141 stdout was closed by its reader.",
    ]
    return "\n".join(lines) + "\n"
