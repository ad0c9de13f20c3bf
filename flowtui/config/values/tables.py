"""Reads tables of the config file field by field, so that an error can name the wrong field.

No error repeats a value, which may be an API key in the wrong place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from flowtui.config.values.kinds import quoted
from flowtui.suggestion import did_you_mean

Reader = Callable[[Any], Any]


class TableError(ValueError):
    """A value in a table is wrong. `path`: the names of the fields that lead to the value. `hint`: what the user can do."""

    def __init__(self, reason: str, path: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.hint = hint


def entries(written: Any, read: Reader) -> dict[str, Any]:
    """Return a table that may have any names. Each value is read by `read`.

    Raises:
        TableError: `written` is not a table, or one of its values is wrong.
    """
    if not isinstance(written, Mapping):
        raise TableError("it must be a table")
    return {str(name): _read(read, value, str(name)) for name, value in written.items()}


def fields(written: Any, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return a table with values read by `readers`: name -> the reader of its value. No other names are allowed.

    A name that is missing in `written` is missing in the result.

    Raises:
        TableError: `written` is not a table, has an unknown field, or one of its values is wrong.
    """
    if not isinstance(written, Mapping):
        raise TableError("it must be a table")
    for name in written:
        if name not in readers:
            hint = did_you_mean(str(name), readers, otherwise=f"There are {', '.join(readers)}")
            raise TableError("there is no such setting", (str(name),), hint)
    return {name: _read(readers[name], value, name) for name, value in written.items()}


def _read(read: Reader, written: Any, name: str) -> Any:
    try:
        return read(written)
    except TableError as error:
        raise TableError(error.reason, (name, *error.path), error.hint) from None
    except ValueError as error:
        raise TableError(str(error), (name,)) from None


def nonempty_text(written: Any) -> str:
    """Return `written` if it is a text that is not empty, else raise TableError."""
    if not isinstance(written, str) or not written.strip():
        raise TableError("it must be a text that is not empty")
    return written


def any_text(written: Any) -> str:
    """Return `written` if it is a text, which may be empty, else raise TableError."""
    if not isinstance(written, str):
        raise TableError("it must be a text")
    return written


def boolean(written: Any) -> bool:
    """Return `written` if it is a boolean, else raise TableError."""
    if not isinstance(written, bool):
        raise TableError("it must be true or false")
    return written


def nonnegative_number(written: Any) -> float:
    """Return `written` as float if it is a finite number of 0 or more, else raise TableError."""
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise TableError("it must be a number of 0 or more")
    try:
        value = float(written)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value) or value < 0:
        raise TableError("it must be a number of 0 or more")
    return value


def text_list(written: Any) -> tuple[str, ...]:
    """Return `written` as tuple if it is a list of one or more texts that are not empty, else raise TableError."""
    if not isinstance(written, list | tuple) or not written:
        raise TableError('it must be a list of strings, such as ["one", "two"]')
    if not all(isinstance(item, str) and item and "\0" not in item for item in written):
        raise TableError("every item must be a text that is not empty")
    return tuple(written)


def dotted_key(name: str, path: tuple[str, ...]) -> str:
    """Return for a message the path to a field, such as `prices.'llama-*'.prompt`. Names that may be unsafe are escaped."""
    parts = (part if part.isascii() and part.isidentifier() else quoted(part) for part in (name, *path))
    return ".".join(parts)
