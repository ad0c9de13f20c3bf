"""A filter's text cut into tokens, each with the column where it stands. Knows shapes, never what a field means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.errors import QueryError
from flowtui.text import cell_width, safe_text, shorten, shorten_start

WORD: Final = "word"
REGEX: Final = "regex"
TERM: Final = "term"
AND: Final = "and"
OR: Final = "or"
NOT: Final = "not"
OPEN: Final = "("
CLOSE: Final = ")"

_SPACE: Final = re.compile(r"\s*")
_BARE: Final = re.compile(r"[^\s()]+")
_FIELD: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:(:)|\s*(!=|<=|>=|==?|<|>)\s*)")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SLASHED: Final = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_STRAY: Final = ("!=", "<", ">", "=")
_WINDOW: Final = 60  # characters of the filter shown on each side of the caret


class Token(NamedTuple):
    """`column` counts from 1. `text` is a word, a regex without its slashes, or the value of a TERM, unescaped.

    Only a TERM has a `field` and an `op`; `place` is the column of its value. `quoted`: the text stood in quotes.
    `slashed`: the value of a TERM is a regex.
    """

    kind: str
    column: int
    text: str = ""
    field: str = ""
    op: str = ""
    place: int = 0
    quoted: bool = False
    slashed: bool = False


def failure(text: str, column: int, message: str, hint: str = "") -> QueryError:
    """Return the error that points at a column of a filter."""
    before = safe_text(text[: column - 1])
    after = safe_text(text)[len(before) :]
    before = shorten_start(before, _WINDOW)
    after = shorten(after, _WINDOW)
    return QueryError(message, column=column, shown=before + after, cells=cell_width(before), hint=hint)


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a filter, from the left; what is wrong is raised on the way.

    Raises:
        QueryError: quotes or slashes without an end, a comparison of nothing.
    """
    return (token for token, _ in pieces(text))


def pieces(text: str) -> Iterator[tuple[Token, int]]:
    """Yield the tokens of a filter as `tokens` does, each with the place just behind it, counted from 0."""
    at = _skip(text, 0)
    while at < len(text):
        token, at = _next(text, at)
        yield token, at
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _next(text: str, at: int) -> tuple[Token, int]:
    column, char = at + 1, text[at]
    if char in (OPEN, CLOSE):
        return Token(char, column), at + 1
    if text.startswith(_STRAY, at):
        raise failure(text, column, "a comparison needs a field before it", "Write one, such as age<10m")
    if char == "!":
        return Token(NOT, column), at + 1
    if char == '"':
        value, at = _quoted(text, at)
        return Token(WORD, column, value, quoted=True), at
    if char == "/":
        value, at = _slashed(text, at)
        return Token(REGEX, column, value), at
    field = _FIELD.match(text, at)
    if field is not None:
        return _term(text, column, field)
    word, at = _bare(text, at)
    kind = word.casefold()
    return (Token(kind, column) if kind in (AND, OR, NOT) else Token(WORD, column, word)), at


def _term(text: str, column: int, field: re.Match[str]) -> tuple[Token, int]:
    """Return a field with its operator and value; the value is "" where there is none."""
    name, op, at = field[1].lower(), field[2] or field[3], field.end()
    op = "=" if op == "==" else op
    first = text[at : at + 1]
    quoted, slashed = first == '"', first == "/" and op == ":"
    read = _quoted if quoted else _slashed if slashed else _bare
    value, end = read(text, at)
    return Token(TERM, column, value, name, op, at + 1, quoted, slashed), end


def _bare(text: str, at: int) -> tuple[str, int]:
    found = _BARE.match(text, at)
    return (found[0], found.end()) if found else ("", at)


def _quoted(text: str, at: int) -> tuple[str, int]:
    found = _QUOTED.match(text, at)
    if found is None:
        raise failure(
            text, at + 1, "these quotes have no end", 'Close them with "; a quote inside is written \\"'
        )
    return _ESCAPED.sub(r"\1", found[1]), found.end()


def _slashed(text: str, at: int) -> tuple[str, int]:
    found = _SLASHED.match(text, at)
    if found is None:
        raise failure(
            text,
            at + 1,
            "this regex has no end",
            'Close it with /, or quote the text to search for it: "/..."',
        )
    end = found.end()
    if _BARE.match(text, end):
        raise failure(
            text,
            end + 1,
            "a regex ends at its second /",
            'Write a slash inside as \\/, or quote the text: "/..."',
        )
    return found[1], end
