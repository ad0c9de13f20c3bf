"""A run as a row of the table `run`, and back. What cannot be stored is found here; what is read back is made display-safe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from sys import intern
from typing import Any, Final

from flowtui.model.run.row import STATUS_CLASSES, UNKNOWN, Run
from flowtui.store.faults import DamagedError
from flowtui.store.sqlite import Row
from flowtui.store.tables import IS_ACTIVE
from flowtui.text import safe_name, safe_text, shorten

_FIELDS: Final = (
    "r.raw_id, r.agent, r.status, r.class, r.model, r.flags, r.created, r.started, r.expires, r.cancelled, r.failed, "
    "r.completed, r.prompt, r.completion, r.total, r.unreadable"
)
RUN: Final = f"t.raw_id, {_FIELDS}"
"""The columns that `runs_of` reads; `r` is the table `run`, `t` is `thread`."""
RUN_OF_THREAD: Final = f"r.thread, {_FIELDS}"
"""The same with the number of the thread instead of its raw id, which need not be read again for each run."""
WIDTH: Final = 17
"""The number of these columns."""

MAX_ID: Final = 100_000
"""The most characters of an id or another text that is stored."""

MAX_UNREADABLE: Final = 2_000
"""The most characters that are shown of what could not be read of a run."""

CLASS_NUMBER: Final[Mapping[str, int]] = {word: number for number, word in enumerate(STATUS_CLASSES)}
"""Status class → its number in the tables."""

_LAST_CLASS: Final = len(STATUS_CLASSES) - 1
_PLAIN: Final = 200  # characters of an id that may be shown as it is
_INTEGERS: Final = 1 << 63
_EARLIEST: Final = -62_135_683_200.0  # the first day of year 1, in any zone
_LATEST: Final = 253_402_387_200.0  # the last day of year 9999, in any zone
_COUNT: Final = frozenset({int, type(None)})
# `Run._make` without its check of the length: a call in C for each of hundreds of thousands of rows.
_run: Final = partial(tuple.__new__, Run)


def storable(values: Iterable[Any]) -> bool:
    """Whether the database can hold these values: no lone surrogate, no NUL, no huge text, no integer beyond 63 bits."""
    for value in values:
        if isinstance(value, str):
            if not storable_text(value):
                return False
        elif isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
            return False
    return True


def storable_text(text: str) -> bool:
    """Whether the database can hold this text, see `storable`."""
    if "\0" in text or len(text) > MAX_ID:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def columns_of(rows: Iterable[Row]) -> list[Sequence[Any]]:
    """Return the columns of these rows; none without rows."""
    return list(zip(*rows, strict=True))


def word_numbers(columns: Sequence[Sequence[Any]]) -> set[int]:
    """Return the numbers of the words in these columns, see `RUN`."""
    return {*columns[2], *columns[3], *columns[5]} if columns else set()


def runs_of(
    columns: Sequence[Sequence[Any]], texts: Mapping[int, str], threads: Mapping[int, str] | None = None
) -> list[Run]:
    """Return the runs in the first columns of some rows, see `RUN`.

    `texts`: the words, display-safe. `threads`: number → raw id, if the rows have the numbers of threads, as
    `RUN_OF_THREAD` has.

    Raises:
        DamagedError: the values are not those of runs.
    """
    if not columns:
        return []
    # Hundreds of thousands of rows come through here: each column is checked and translated as a whole, in C.
    found, raw_ids, agents, statuses, classes, models, flags, *others = columns[:WIDTH]
    times, counts, unreadable = others[:6], others[6:9], others[9]
    try:
        _check_times(times)
        _check_counts(counts)
        class_of = {number: _class_of(number) for number in set(classes)}
        is_active = {flag: flag & IS_ACTIVE == IS_ACTIVE for flag in set(flags)}
        values = (
            map(intern if threads is None else threads.__getitem__, found),
            raw_ids,
            _names(raw_ids),
            map(texts.__getitem__, agents),
            map(texts.__getitem__, statuses),
            map(class_of.__getitem__, classes),
            map(texts.__getitem__, models),
            map(is_active.__getitem__, flags),
            *times,
            *counts,
            map(_problems, unreadable) if any(unreadable) else unreadable,
        )
        return list(map(_run, zip(*values, strict=True)))
    except (TypeError, KeyError):
        raise DamagedError("a value has a wrong type") from None


def _names(raw_ids: Sequence[str]) -> Sequence[str]:
    """Return these ids display-safe."""
    together = "".join(raw_ids)
    if together.isascii() and together.isprintable() and max(map(len, raw_ids)) <= _PLAIN:
        return raw_ids
    return list(map(safe_name, raw_ids))


def _class_of(number: int) -> str:
    return STATUS_CLASSES[number] if 0 <= number <= _LAST_CLASS else UNKNOWN


def _problems(unreadable: str | None) -> str | None:
    return None if unreadable is None else safe_text(shorten(unreadable, MAX_UNREADABLE))


def time_of(value: Any) -> float | None:
    """Return a time that was read; None if there is none.

    Raises:
        DamagedError: it is no time.
    """
    if value is None:
        return None
    if not isinstance(value, float) or not _EARLIEST <= value < _LATEST:
        raise DamagedError("a time is out of range")
    return value


def known_time(value: Any) -> float:
    """Return a time that was read. Raises DamagedError if it is none."""
    time = time_of(value)
    if time is None:
        raise DamagedError("a time is missing")
    return time


def _check_times(columns: Iterable[Sequence[Any]]) -> None:
    """Raise DamagedError if a time is out of range, TypeError if one is no number."""
    for column in columns:
        known = list(filter(None, column))  # 0.0, which is left out with None, is in range
        if known and (min(known) < _EARLIEST or max(known) >= _LATEST):
            raise DamagedError("a time is out of range")


def _check_counts(columns: Iterable[Sequence[Any]]) -> None:
    """Raise TypeError if a count is no whole number."""
    for column in columns:
        if not _COUNT.issuperset(map(type, column)):
            raise TypeError
