"""Finds what to complete at the cursor of a filter: a word, a value, or nothing.

Errors of the lexer are not raised, as a filter that is being typed is rarely complete.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from flowtui.errors import QueryError
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR
from flowtui.model.query.lexer import NAME, TERM, WORD, Token, tokens
from flowtui.model.query.query import parse_lenient
from flowtui.model.query.tree import EVERYTHING, Node

_NAME: Final = re.compile(rf"{NAME}|[A-Za-z0-9_]*", re.DOTALL)
_OPERATOR: Final = re.compile(r":|\s*(?:!=|<=|>=|==?|<|>)")
_BARE: Final = re.compile(r"[^\s()]*")
_TO_QUOTE: Final = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_OPEN_VALUE: Final = re.compile(rf'({NAME})(?:(:)|\s*(!=|<=|>=|==?|<|>)\s*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')


class Place(NamedTuple):
    """What to complete in a filter: a value or a word."""

    start: int
    """The offset at which the word or value begins."""
    end: int
    """The offset at which the word or value ends."""
    typed: str
    """The part of the word or value that is before the cursor."""
    field: str = ""
    """The field whose value is to be completed, as the user wrote it; "": a word is to be completed."""
    op: str = ""
    """The operator before the value."""
    op_start: int = 0
    """The offset at which the operator begins."""
    quoted: bool = False
    """Whether the value begins with quotes."""
    goes_on: bool = False
    """Whether an operator follows the word, so that only names of fields fit."""
    after: bool = False
    """Whether a complete condition comes before."""
    rest: Node = EVERYTHING
    """The tree of the other conditions."""


def place_at(text: str, cursor: int) -> Place | None:
    """Return what to complete at an offset `cursor`.

    None if nothing can be completed there, as in a regex or after closed quotes.
    """
    before = text[:cursor]
    read: list[Token] = []
    try:
        read.extend(tokens(before))
    except QueryError:
        found = _open_value(before, read)
    else:
        found = _last(before, read)
    if found is None:
        return None
    end = _end(text, cursor, found)
    place = found._replace(end=end, goes_on=not found.field and bool(_OPERATOR.match(text, end)))
    known = [token for token in read if token.end <= place.start]
    start = place.op_start - len(place.field) if place.field else place.start
    return place._replace(
        after=bool(known) and known[-1].kind not in (AND, OR, NOT, OPEN), rest=_rest(text, start, end, known)
    )


def _last(before: str, read: list[Token]) -> Place | None:
    """Return what to complete at the end of `before`; None if nothing can be completed there.

    `read` are the tokens of `before`.
    """
    here = len(before)
    if not read or read[-1].end < here or read[-1].kind in (OPEN, CLOSE):
        token = read[-1] if read else None
        if token is None or token.kind != TERM or token.text or token.quoted or token.slashed:
            return Place(here, here, "")
    token = read.pop()
    start = token.column - 1
    if token.kind == TERM:
        if token.slashed or (token.quoted and here > token.place):
            return None
        return _value(before, token, start)
    if token.kind == NOT and before[start] == "!":
        read.append(token)
        return Place(here, here, "")
    if token.quoted or token.kind not in (WORD, AND, OR, NOT):
        return None
    return Place(start, here, before[start:])


def _value(before: str, token: Token, start: int) -> Place:
    written = _NAME.match(before, start)
    name_end = written.end() if written else start
    place = min(token.place - 1, len(before))
    return Place(place, len(before), before[place:].strip(), before[start:name_end], token.op, name_end)


def _open_value(before: str, read: list[Token]) -> Place | None:
    """Return the value in open quotes at the end of `before`.

    `read` are the tokens before the place at which the lexer failed. None if it failed for another reason than open
    quotes.
    """
    at = read[-1].end if read else 0
    at += len(before[at:]) - len(before[at:].lstrip())
    found = _OPEN_VALUE.match(before, at)
    if found is None:
        return None
    typed = _ESCAPED.sub(r"\1", before[found.end() :])
    op = found[2] or found[3]
    op = "=" if op == "==" else op
    return Place(found.end() - 1, len(before), typed, found[1], op, found.end(1), quoted=True)


def _end(text: str, cursor: int, place: Place) -> int:
    """Return the offset at which the word or value under the cursor ends."""
    if place.quoted:
        closing = _TO_QUOTE.match(text, cursor)
        return closing.end() if closing else cursor
    if not place.typed and not place.field:
        return cursor  # what follows is another condition
    if not place.field and not _NAME.fullmatch(place.typed):
        return _until(_BARE, text, cursor)
    if not place.field:
        name = _until(_NAME, text, cursor)
        return name if _OPERATOR.match(text, name) else _until(_BARE, text, cursor)
    return _until(_BARE, text, cursor) if place.typed else cursor


def _until(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _rest(text: str, start: int, end: int, known: list[Token]) -> Node:
    """Return the tree of the other conditions; EVERYTHING if the filter contains `or` or parentheses."""
    while known and known[-1].kind == NOT:
        start = known.pop().column - 1
    later = text[end:]
    try:
        follow = list(tokens(later))
    except QueryError:
        follow, later = [], ""
    if any(token.kind in (OR, OPEN, CLOSE) for token in (*known, *follow)):
        return EVERYTHING
    if follow and follow[0].kind == AND:
        later = later[follow[0].column - 1 + len(AND) :]
    left = text[: known[-1].column - 1 if known and known[-1].kind == AND else start]
    return parse_lenient(f"{left} {later}")[0].tree
