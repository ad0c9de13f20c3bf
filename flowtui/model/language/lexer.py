"""Cuts a text into tokens, each with its position, and makes errors that point at a column of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

from flowtui.errors import QueryError
from flowtui.text import cell_width, safe_text, shorten, shorten_start

AND: Final = "and"
OR: Final = "or"
NOT: Final = "not"
OPEN: Final = "("
CLOSE: Final = ")"

_SPACE: Final = re.compile(r"\s*")
_WINDOW: Final = 60  # characters of the text that an error shows on each side of the caret


class Positioned(Protocol):
    """A token of the filter language or the gate language."""

    @property
    def kind(self) -> str:
        """AND, OR, NOT, OPEN, CLOSE, or a kind that only one of the languages has."""

    @property
    def column(self) -> int:
        """The column of the first character, counted from 1."""

    @property
    def end(self) -> int:
        """The offset after the last character, counted from 0."""


TokenT = TypeVar("TokenT", bound=Positioned)


def failure(text: str, column: int, message: str, hint: str = "") -> QueryError:
    """Return the error that points at a column of a text. Long texts are cut around the column."""
    before = safe_text(text[: column - 1])
    after = safe_text(text)[len(before) :]
    before = shorten_start(before, _WINDOW)
    after = shorten(after, _WINDOW)
    return QueryError(message, column=column, shown=before + after, cells=cell_width(before), hint=hint)


def check_length(text: str, longest: int, what: str) -> None:
    """Check that a text has at most `longest` characters; `what` names the text, such as `a filter`.

    Raises:
        QueryError: the text is longer; points at the first character too many.
    """
    if len(text) > longest:
        raise failure(text, longest + 1, f"{what} has at most {longest:,} characters")


def cut(text: str, read: Callable[[str, int], TokenT]) -> Iterator[TokenT]:
    """Yield the tokens of a text from the left, skipping the white space between them.

    `read(text, offset)` must return the token that begins at an offset. The errors of `read` pass through.
    """
    at = _skip_space(text, 0)
    while at < len(text):
        token = read(text, at)
        yield token
        at = _skip_space(text, token.end)


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
