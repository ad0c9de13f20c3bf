"""Finds what to complete at the cursor of a filter: a word, a value, or nothing.

Errors of the lexer are not raised, as a filter that is being typed is rarely complete.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from flowtui.errors import QueryError
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR
from flowtui.model.query.lexer import TERM, WORD, Token, tokens
from flowtui.model.query.query import parse_lenient
from flowtui.model.query.tree import EVERYTHING, Node

_NAME: Final = re.compile(r"[A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r":|\s*(?:!=|<=|>=|==?|<|>)")
_BARE: Final = re.compile(r"[^\s()]*")
_TO_QUOTE: Final = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_OPEN_VALUE: Final = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)(?:(:)|\s*(!=|<=|>=|==?|<|>)\s*)"', re.ASCII)
_ESCAPED: Final = re.compile(r'\\(["\\])')


class Place(NamedTuple):
    """What to complete: the filter's text from `start` to `end`, of which `typed` is the part before the cursor.

    If `field` is set (as the user wrote it), its value is to be completed: it follows the operator `op`, which begins
    at offset `op_start`, and is `quoted` if it begins with quotes. Otherwise a word is to be completed; if an operator
    follows (`goes_on`), only names of fields fit. `after`: there is a complete condition before. `rest` is the tree of
    the other conditions.
    """

    start: int
    end: int
    typed: str
    field: str = ""
    op: str = ""
    op_start: int = 0
    quoted: bool = False
    goes_on: bool = False
    after: bool = False
    rest: Node = EVERYTHING


def place_at(text: str, cursor: int) -> Place | None:
    """Return what to complete at an offset `cursor`; None for nothing, as in a regex or after closed quotes."""
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
    return place._replace(
        after=bool(known) and known[-1].kind not in (AND, OR, NOT, OPEN),
        rest=_rest(text, _term_start(place), end, known),
    )


def _term_start(place: Place) -> int:
    return place.op_start - len(place.field) if place.field else place.start


def _last(before: str, read: list[Token]) -> Place | None:
    """Return what to complete at the end of `before`, of which `read` are the tokens; None for nothing."""
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
    """Return the value in open quotes at the end of `before`; None if the lexer failed after `read` for another reason."""
    at = read[-1].end if read else 0
    at += len(before[at:]) - len(before[at:].lstrip())
    found = _OPEN_VALUE.match(before, at)
    if found is None:
        return None
    typed = _ESCAPED.sub(r"\1", before[found.end() :])
    op = found[2] or found[3]
    return Place(
        found.end() - 1,
        len(before),
        typed,
        found[1],
        "=" if op == "==" else op,
        found.end(1),
        quoted=True,
    )


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
