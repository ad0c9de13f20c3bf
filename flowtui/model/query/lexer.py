"""Cuts the text of a filter into tokens. Knows the syntax only, not which fields there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, cut, failure
from flowtui.model.run.labels import PATTERN as LABEL

WORD: Final = "word"
REGEX: Final = "regex"
TERM: Final = "term"

NAME: Final = rf"(?:(?i:{LABEL})|[A-Za-z_][A-Za-z0-9_]*)"
"""A regular expression for the name of a field: letters, or a label such as `label.env`."""

_BARE: Final = re.compile(r"[^\s()]+")
_FIELD: Final = re.compile(rf"({NAME})(?:(:)|\s*(!=|<=|>=|==?|<|>)\s*)", re.DOTALL)
_LABEL: Final = re.compile(LABEL, re.IGNORECASE | re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SLASHED: Final = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_STRAY: Final = ("!=", "<", ">", "=")


class Token(NamedTuple):
    """A piece of a filter. A TERM is a condition on a field."""

    kind: str
    column: int
    """The column of its first character, counted from 1."""
    end: int
    """The offset after its last character, counted from 0."""
    text: str = ""
    """A word, a regex without its slashes, or the value of a TERM. Escapes are replaced, except in a regex."""
    field: str = ""
    """The field of a TERM, in lower case."""
    op: str = ""
    """The operator of a TERM."""
    place: int = 0
    """The column at which the value of a TERM begins, counted from 1."""
    quoted: bool = False
    """Whether the text was in quotes."""
    slashed: bool = False
    """Whether the value of a TERM is a regex."""


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a filter, from the left. Errors are raised while iterating.

    Raises:
        QueryError: quotes or a regex without an end, or a comparison without a field.
    """
    return cut(text, _read)


def _read(text: str, at: int) -> Token:
    column, char = at + 1, text[at]
    if char in (OPEN, CLOSE):
        return Token(char, column, at + 1)
    if text.startswith(_STRAY, at):
        raise failure(text, column, "a comparison needs a field before it", "Write one, such as age<10m")
    if char == "!":
        return Token(NOT, column, at + 1)
    if char == '"':
        value, end = _quoted(text, at)
        return Token(WORD, column, end, value, quoted=True)
    if char == "/":
        value, end = _slashed(text, at)
        return Token(REGEX, column, end, value)
    field = _FIELD.match(text, at)
    if field is not None:
        return _term(text, column, field)
    word, end = _bare(text, at)
    kind = word.casefold()
    return Token(kind, column, end) if kind in (AND, OR, NOT) else Token(WORD, column, end, word)


def _term(text: str, column: int, field: re.Match[str]) -> Token:
    """Return a condition: a field, its operator and its value, which is "" if none follows."""
    name, op, at = field[1].lower(), field[2] or field[3], field.end()
    op = "=" if op == "==" else op
    first = text[at : at + 1]
    quoted, slashed = first == '"', first == "/" and op == ":"
    read = _quoted if quoted else _slashed if slashed else _bare
    label = _LABEL.match(text, at) if name == "has" else None  # its name may have spaces
    value, end = (label[0], label.end()) if label is not None else read(text, at)
    return Token(TERM, column, end, value, name, op, at + 1, quoted, slashed)


def _bare(text: str, at: int) -> tuple[str, int]:
    found = _BARE.match(text, at)
    return (found[0], found.end()) if found else ("", at)


def _quoted(text: str, at: int) -> tuple[str, int]:
    found = _QUOTED.match(text, at)
    if found is None:
        hint = 'Close them with "; a quote inside is written \\"'
        raise failure(text, at + 1, "these quotes have no end", hint)
    return _ESCAPED.sub(r"\1", found[1]), found.end()


def _slashed(text: str, at: int) -> tuple[str, int]:
    found = _SLASHED.match(text, at)
    if found is None:
        hint = 'Close it with /, or quote the text to search for it: "/..."'
        raise failure(text, at + 1, "this regex has no end", hint)
    end = found.end()
    if _BARE.match(text, end):
        hint = 'Write a slash inside as \\/, or quote the text: "/..."'
        raise failure(text, end + 1, "a regex ends at its second /", hint)
    return found[1], end
