"""A run as a row of the table `run`, and back. What cannot be stored is found here; what is read back is made display-safe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, Final

from flowtui.model.run.row import STATUS_CLASSES, UNKNOWN, Run
from flowtui.store.faults import DamagedError
from flowtui.store.sqlite import Row
from flowtui.store.tables import IS_ACTIVE
from flowtui.text import safe_name, safe_text, shorten

RUN: Final = (
    "t.raw_id, r.raw_id, r.agent, r.status, r.class, r.model, r.flags, r.created, r.started, r.expires, r.cancelled, "
    "r.failed, r.completed, r.prompt, r.completion, r.total, r.unreadable"
)
"""The columns that `run_of` reads; `r` is the table `run`, `t` is `thread`."""
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
_FLOAT: Final = (float, type(None))
_COUNT: Final = (int, type(None))
_TEXT: Final = (str, type(None))
_TYPES: Final[tuple[tuple[type, ...], ...]] = (
    (str,),
    (str,),
    *[(int,)] * 5,
    *[_FLOAT] * 6,
    *[_COUNT] * 3,
    _TEXT,
)
_seen_types: set[tuple[type, ...]] = set()


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


def run_of(row: Row, texts: Mapping[int, str]) -> Run:
    """Return the run in the first columns of a row, see `RUN`. `texts`: the words, display-safe.

    Raises:
        DamagedError: the values are not those of a run.
    """
    # Hundreds of thousands of rows come through here: no call is made for what is nearly always so.
    row = row if len(row) == WIDTH else row[:WIDTH]
    types = tuple(map(type, row))
    if types not in _seen_types:
        _check(types)
        _seen_types.add(types)
    (thread, raw_id, agent, status, number, model, flags, created, started, expires, cancelled, failed,
     completed, prompt, completion, total, unreadable) = row  # fmt: skip
    for time in (created, started, expires, cancelled, failed, completed):
        if time is not None and not _EARLIEST <= time < _LATEST:
            raise DamagedError("a time is out of range")
    plain = raw_id.isascii() and raw_id.isprintable() and len(raw_id) <= _PLAIN
    return Run._make((
        intern(thread), raw_id, raw_id if plain else safe_name(raw_id), texts[agent], texts[status],
        STATUS_CLASSES[number] if 0 <= number <= _LAST_CLASS else UNKNOWN, texts[model],
        flags & IS_ACTIVE == IS_ACTIVE, created, started, expires, cancelled, failed, completed,
        prompt, completion, total,
        None if unreadable is None else safe_text(shorten(unreadable, MAX_UNREADABLE)),
    ))  # fmt: skip


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


def _check(types: tuple[type, ...]) -> None:
    """Raise DamagedError if values of these types are not those of a run."""
    if len(types) != WIDTH or any(found not in good for found, good in zip(types, _TYPES, strict=True)):
        raise DamagedError("a value has a wrong type")
