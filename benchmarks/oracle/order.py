"""Checks that rows are in the order of the sorted column: ▼ is largest or newest first, ▲ the reverse."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from benchmarks.oracle.seen import Row, Table
from benchmarks.oracle.values import UNITS, clock_span, number, span

_STATUSES = ("queued", "running", "cancelling", "completed", "failed", "cancelled")
_SLACK = 2  # seconds between the time that was sorted and the text that is shown


def _age(text: str) -> tuple[float, float] | None:
    seconds = span(text)
    return None if seconds is None else (seconds, seconds + UNITS[text[-1]])


def _time(text: str) -> tuple[float, float] | None:
    seconds = clock_span(text)
    return None if seconds is None else (seconds, seconds + 1)


def _count(text: str) -> tuple[float, float] | None:
    found = number(text)
    return None if found is None else (found, found)


_NUMBERS: dict[str, Callable[[str], tuple[float, float] | None]] = {
    "AGE": _age,
    "WAIT": _age,
    "TIME": _time,
    "TOKENS": _count,
}
"""Column of numbers -> function that returns the range of values that a text may stand for; None for unknown."""

_WORDS: dict[str, Callable[[str], str | int]] = {
    "STATUS": lambda text: _STATUSES.index(text.split()[-1]),
    "RUN": lambda text: text,
    "THREAD": lambda text: text,
}
"""Column of words whose cells show the whole sort key -> function that returns that key."""


def disorder(table: Table) -> list[tuple[str, str, str]]:
    """Return (column, what the rows show, the rule) for the first two neighbours in wrong order; else an empty list."""
    if table.order is None:
        return []
    column, sign = table.order
    rows = [row for row in table.rows if not row.leaves and column in row.cells]
    for one, other in pairwise(rows):
        if _wrong(column, sign, one, other):
            shown = f"{one.id} {one.cells[column]} before {other.id} {other.cells[column]}"
            return [(f"{column} {sign}", shown, "▼ is largest or newest first, — last")]
    return []


def _wrong(column: str, sign: str, one: Row, other: Row) -> bool:
    if column in _WORDS:
        first, second = _WORDS[column](one.cells[column]), _WORDS[column](other.cells[column])
        return first < second if sign == "▼" else first > second
    if column not in _NUMBERS:
        return False
    before, after = _NUMBERS[column](one.cells[column]), _NUMBERS[column](other.cells[column])
    if before is None or after is None:
        return before is None and after is not None
    slack = 0 if column == "TOKENS" else _SLACK
    rising = (sign == "▼") == (column == "AGE")  # the newest is the one with the smallest age
    return before[0] > after[1] + slack if rising else before[1] + slack < after[0]
