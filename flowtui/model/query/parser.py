"""Tokens of a filter to its tree: `or` under `and` under `not`, and what each field takes. Every error has its column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.errors import QueryError
from flowtui.model.query.fields import (
    COUNT,
    DURATION,
    EXAMPLES,
    FLAG,
    MARKS,
    READERS,
    STATUS,
    TEXT,
    TIME,
    Field,
    field_of,
    known_names,
)
from flowtui.model.query.lexer import AND, CLOSE, NOT, OPEN, OR, REGEX, TERM, Token, failure
from flowtui.model.query.regex import RegexError, read_regex
from flowtui.model.query.tree import (
    EVERYTHING,
    WILD,
    Compare,
    Has,
    Node,
    Not,
    Pattern,
    Regex,
    Word,
    all_of,
    any_of,
)
from flowtui.model.query.values import read_duration
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

_DEEPEST: Final = 40  # parentheses and nots inside each other: nobody means more, and the stack is finite
_QUOTE_IT: Final = "Quote it to search for the text"


class Parser:
    """Reads the tokens of `text` once, from the left."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def tree(self) -> Node:
        """Return the whole tree.

        Raises:
            QueryError: the filter cannot be read.
        """
        if not self._tokens:
            return EVERYTHING
        node = self._or()
        if self._kind is not None:
            raise self._error(self._tokens[self._at], "this ) closes nothing", _QUOTE_IT)
        return node

    @property
    def _kind(self) -> str | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _or(self) -> Node:
        nodes = [self._and()]
        while self._kind == OR:
            self._take()
            nodes.append(self._and())
        return any_of(nodes)

    def _and(self) -> Node:
        nodes = [self._not()]
        while self._kind not in (None, OR, CLOSE):
            if self._kind == AND:
                self._take()
            nodes.append(self._not())
        return all_of(nodes)

    def _not(self) -> Node:
        if self._kind not in (NOT, OPEN):
            return self._leaf()
        token = self._take()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(token, f"more than {_DEEPEST} parentheses and nots inside each other")
        node = Not(self._not()) if token.kind == NOT else self._group(token)
        self._depth -= 1
        return node

    def _group(self, opened: Token) -> Node:
        node = self._or()
        if self._kind != CLOSE:
            raise self._error(opened, "this ( is never closed", _QUOTE_IT)
        self._take()
        return node

    def _leaf(self) -> Node:
        if self._kind in (None, AND, OR, CLOSE):
            raise self._missing()
        token = self._take()
        if token.kind == TERM:
            return self._term(token)
        if token.kind == REGEX:
            return self._regex(token.text, "", token.column)
        if not token.text:
            raise self._error(token, "there is nothing between these quotes")
        return Word(token.text)

    def _missing(self) -> QueryError:
        """Return the error for a place where a word or a condition should stand."""
        before = self._tokens[self._at - 1].kind if self._at else ""
        kind = self._kind
        column = len(self._text.rstrip()) + 1 if kind is None else self._tokens[self._at].column
        if kind == CLOSE and before == OPEN:
            return failure(self._text, column, "there is nothing between these parentheses", _QUOTE_IT)
        if before in (AND, OR, NOT, OPEN):
            return failure(self._text, column, f"something is missing after {before}")
        if kind == CLOSE:
            return failure(self._text, column, "this ) closes nothing", _QUOTE_IT)
        return failure(
            self._text, column, f"something is missing before {kind}" if kind else "something is missing"
        )

    def _term(self, token: Token) -> Node:
        if token.field == "has":
            return self._has(token)
        field = field_of(token.field)
        if field is None:
            hint = did_you_mean(token.field, known_names(), rest=_QUOTE_IT)
            raise self._error(token, f"there is no field {safe_text(token.field)[:40]!r}", hint)
        if not token.text and not token.slashed:
            raise self._no_value(token, field)
        if token.op == ":":
            return self._part(token, field)
        self._check(token, field)
        return Compare(field.name, token.op, token.text)

    def _has(self, token: Token) -> Node:
        if token.op != ":" or token.slashed:
            raise self._error(token, "has takes the name of a field or a finding", "Write it like has:tokens")
        name = token.text.lower()
        field = field_of(name)
        if field is not None:
            return Has(field.name)
        if name in MARKS:
            return Has(name)
        hint = did_you_mean(
            name,
            known_names(has=True),
            prefix="has:",
            otherwise="Write one such as has:tokens, has:note or has:overdue",
        )
        what = f"there is no field or finding {safe_text(name)[:40]!r}" if name else "has: needs a name"
        raise failure(self._text, token.place, what, hint)

    def _part(self, token: Token, field: Field) -> Node:
        """Return a field with a pattern: text, glob or regex."""
        if field.kind == FLAG and not token.slashed:
            self._check(token, field)
            return Compare(field.name, "=", token.text)
        if field.kind not in (TEXT, STATUS, TIME):
            text = token.text.lstrip("<>=!")
            hint = (
                f"Write {token.field}{EXAMPLES[field.kind]}"
                if field.kind in EXAMPLES
                else "Write true or false"
            )
            if text != token.text:
                hint = f"Write {token.field}{safe_text(token.text)[:40]}, without the colon"
            raise failure(self._text, token.place - 1, f"{token.field} is compared, not searched", hint)
        if token.slashed:
            return self._regex(token.text, field.name, token.place)
        return Pattern(field.name, token.text, glob=not token.quoted and bool(WILD.intersection(token.text)))

    def _check(self, token: Token, field: Field) -> None:
        """Raise where a field cannot be compared like this."""
        if field.kind not in (COUNT, DURATION, TIME) and token.op not in ("=", "!=", ":"):
            hint = (
                f"Write {token.field}=..."
                if field.kind == FLAG
                else f"Write {token.field}{EXAMPLES[field.kind]}"
            )
            raise self._error(token, f"{token.field} has no order: it takes = and != only", hint)
        if field.kind not in READERS:
            return
        try:
            READERS[field.kind](token.text)
        except ValueError as error:
            raise failure(self._text, token.place, str(error), _span_hint(token, field)) from None

    def _regex(self, pattern: str, field: str, column: int) -> Node:
        try:
            read_regex(pattern)
        except RegexError as error:
            raise failure(self._text, column + 1 + error.position, str(error)) from None
        return Regex(pattern, field)

    def _no_value(self, token: Token, field: Field) -> QueryError:
        if token.quoted:
            hint = f"Write not has:{field.name} for what is unknown or empty"
            return failure(self._text, token.place, "there is nothing between these quotes", hint)
        example = EXAMPLES.get(field.kind, "=true")
        return failure(
            self._text,
            token.place,
            f"{token.field}{token.op} needs a value",
            f"Write it like {token.field}{example}",
        )

    def _error(self, token: Token, message: str, hint: str = "") -> QueryError:
        return failure(self._text, token.column, message, hint)


def _span_hint(token: Token, field: Field) -> str:
    """Return what to write where somebody wrote a duration for a time: `created>10m` may mean older or newer."""
    if field.kind != TIME:
        return ""
    try:
        read_duration(token.text)
    except ValueError:
        return ""
    return (
        "For how long ago it was created write age" if field.name == "created" else f"Write now-{token.text}"
    )
