"""Parses the tokens of a filter into a tree and checks that each field gets an operator and a value it can take."""

from __future__ import annotations

from typing import Final

from flowtui.errors import QueryError
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, failure
from flowtui.model.language.parser import END, Parser
from flowtui.model.query.fields import EXAMPLES, HAS_TESTS, READERS, Field, field_of, known_names
from flowtui.model.query.lexer import REGEX, TERM, Token
from flowtui.model.query.regex import RegexError, read_regex
from flowtui.model.query.tree import EVERYTHING, WILD, Compare, Has, Leaf, Node, Pattern, Regex, Word
from flowtui.model.query.values import read_duration
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

_QUOTE_IT: Final = 'Write it in double quotes, as "crm 502", to search for the text'


class QueryParser(Parser[Token, Leaf]):
    """Reads the tokens of a filter once, from the left."""

    implicit_and = True
    parenthesis_hint = _QUOTE_IT

    def tree(self) -> Node:
        """Return the tree of the whole filter; an empty filter is true of every run.

        Raises:
            QueryError: the filter cannot be read.
        """
        return EVERYTHING if self.kind == END else self.whole()

    def leaf(self) -> Leaf:
        """Read a word, a regex or a condition on a field."""
        if self.kind in (END, AND, OR, CLOSE):
            raise self._missing()
        token = self.take()
        if token.kind == TERM:
            return self._term(token)
        if token.kind == REGEX:
            return self._regex(token.text, "", token.column)
        if not token.text:
            raise self._error(token, "there is nothing between these quotes")
        return Word(token.text)

    def _missing(self) -> QueryError:
        """Return the error for a place where a word or a condition is missing."""
        before = self.last.kind if self.last else ""
        if self.kind == CLOSE and before == OPEN:
            return self.error("there is nothing between these parentheses", _QUOTE_IT)
        if before in (AND, OR, NOT, OPEN):
            return self.error(f"something is missing after {before}")
        if self.kind == CLOSE:
            return self.error("this ) closes nothing", _QUOTE_IT)
        where = "" if self.kind == END else f" before {self.kind}"
        return self.error(f"something is missing{where}")

    def _term(self, token: Token) -> Leaf:
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

    def _has(self, token: Token) -> Leaf:
        if token.op != ":" or token.slashed:
            raise self._error(token, "has takes the name of a field or a finding", "Write it like has:tokens")
        name = token.text.lower()
        field = field_of(name)
        if field is not None:
            return Has(field.name)
        if name in HAS_TESTS:
            return Has(name)
        otherwise = "Write one such as has:tokens, has:note or has:overdue"
        hint = did_you_mean(name, known_names(has=True), prefix="has:", otherwise=otherwise)
        what = f"there is no field or finding {safe_text(name)[:40]!r}" if name else "has: needs a name"
        raise failure(self.text, token.place, what, hint)

    def _part(self, token: Token, field: Field) -> Leaf:
        """Return the condition for a field, a colon and a value.

        For a flag this is a comparison, otherwise a pattern: text, glob or regex.
        """
        if field.kind == "flag" and not token.slashed:
            self._check(token, field)
            return Compare(field.name, "=", token.text)
        if field.kind not in ("text", "status", "time"):
            text = token.text.lstrip("<>=!")
            example = EXAMPLES.get(field.kind)
            hint = f"Write {token.field}{example}" if example else "Write true or false"
            if text != token.text:
                hint = f"Write {token.field}{safe_text(token.text)[:40]}, without the colon"
            raise failure(self.text, token.place - 1, f"{token.field} takes a comparison, not a colon", hint)
        if token.slashed:
            return self._regex(token.text, field.name, token.place)
        return Pattern(field.name, token.text, glob=not token.quoted and bool(WILD.intersection(token.text)))

    def _check(self, token: Token, field: Field) -> None:
        """Check that a field can be compared with this operator and value.

        Raises:
            QueryError: the field takes another operator, or the value cannot be read.
        """
        if field.kind not in ("count", "duration", "time") and token.op not in ("=", "!=", ":"):
            hint = f"Write {token.field}{EXAMPLES.get(field.kind, '=...')}"
            raise self._error(token, f"{token.field} has no order: it takes = and != only", hint)
        if field.kind not in READERS:
            return
        try:
            READERS[field.kind](token.text)
        except ValueError as error:
            raise failure(self.text, token.place, str(error), _span_hint(token, field)) from None

    def _regex(self, pattern: str, field: str, column: int) -> Leaf:
        try:
            read_regex(pattern)
        except RegexError as error:
            raise failure(self.text, column + 1 + error.position, str(error)) from None
        return Regex(pattern, field)

    def _no_value(self, token: Token, field: Field) -> QueryError:
        if token.quoted:
            hint = f"Write not has:{field.name} for what is unknown or empty"
            return failure(self.text, token.place, "there is nothing between these quotes", hint)
        example = EXAMPLES.get(field.kind, "=true")
        hint = f"Write it like {token.field}{example}"
        return failure(self.text, token.place, f"{token.field}{token.op} needs a value", hint)

    def _error(self, token: Token, message: str, hint: str = "") -> QueryError:
        return failure(self.text, token.column, message, hint)


def _span_hint(token: Token, field: Field) -> str:
    """Return the hint if the user gave a duration where a time is needed, else "".

    `created>10m`, for instance, might mean older or newer.
    """
    if field.kind != "time":
        return ""
    try:
        read_duration(token.text)
    except ValueError:
        return ""
    return (
        "For how long ago it was created write age" if field.name == "created" else f"Write now-{token.text}"
    )
