"""Tokens of a gate to its tree: `or` under `and` under `not`, arithmetic in the limits. Every error has its column."""

from __future__ import annotations

import math
from typing import Final

from flowtui.errors import QueryError
from flowtui.model.gate.lexer import BASE, COMPARE, END, METRIC, NUMBER, Token, tokens
from flowtui.model.gate.tree import (
    METRICS,
    PER_MINUTE,
    PLAIN,
    SECONDS,
    SHARE,
    TOKENS,
    And,
    Base,
    Binary,
    Compare,
    Gate,
    Node,
    Not,
    Number,
    Or,
    Value,
)
from flowtui.model.query.lexer import failure

MOST: Final = 20
"""Comparisons of a gate: each needs more runs the more of them there are."""

_DEEPEST: Final = 40
_EXAMPLE: Final = "Write a comparison such as failure_rate <= base + 2%"
_WHAT: Final = {
    SHARE: "a share",
    SECONDS: "a duration",
    TOKENS: "a number of tokens",
    PER_MINUTE: "a number of runs a minute",
    PLAIN: "a plain number",
}


def parse_gate(text: str) -> Gate:
    """Return the gate that `text` writes, such as `failure_rate <= base + 2% and p95(duration) <= base * 1.2`.

    Raises:
        QueryError: it cannot be read; with the column and what was expected there.
    """
    return _Parser(text).gate()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._count = 0
        self._metric = ""

    def gate(self) -> Gate:
        if self._token.kind == END:
            raise failure(self._text, 1, "the gate is empty", _EXAMPLE)
        node = self._or()
        if self._token.kind == ")":
            raise self._error("this ) closes nothing")
        if self._token.kind != END:
            raise self._expected("and, or or the end of the gate")
        return Gate(self._text.strip(), node)

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _or(self) -> Node:
        nodes = [self._and()]
        while self._token.kind == "or":
            self._take()
            nodes.append(self._and())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and(self) -> Node:
        nodes = [self._not()]
        while self._token.kind == "and":
            self._take()
            nodes.append(self._not())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _not(self) -> Node:
        if self._token.kind not in ("not", "("):
            return self._compare()
        opened = self._deeper()
        if opened.kind == "not":
            node: Node = Not(self._not())
        else:
            node = self._or()
            self._close(opened)
        self._depth -= 1
        return node

    def _deeper(self) -> Token:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} parentheses, signs and nots inside each other")
        return self._take()

    def _close(self, opened: Token) -> None:
        if self._token.kind == END:
            raise failure(self._text, opened.start + 1, "this ( is never closed")
        if self._token.kind != ")":
            raise self._expected(")")
        self._take()

    def _compare(self) -> Node:
        if self._token.kind in (NUMBER, BASE):
            raise self._error("a comparison begins with a metric", _EXAMPLE)
        if self._token.kind != METRIC:
            raise self._expected("a metric", _EXAMPLE)
        self._count += 1
        if self._count > MOST:
            raise self._error(f"a gate has at most {MOST} comparisons")
        name = self._take()
        if self._token.kind != COMPARE:
            raise self._expected(
                "<=, <, >= or >", "A metric stands alone on the left; write what is added on the right"
            )
        op = self._take()
        first = self._token
        self._metric = name.text
        limit, unit = self._sum()
        last = self._tokens[self._at - 1]
        if self._token.kind == COMPARE:
            raise self._error("a comparison has two sides only", "Join two of them with and")
        self._fits(first, limit, unit)
        written = " ".join(self._text[first.start : last.end].split())
        return Compare(name.text, op.text, limit, f"{name.text} {op.text} {written}", written)

    def _fits(self, first: Token, limit: Value, unit: str) -> None:
        """Raise where a limit is measured in something else than its metric, or can never be reached."""
        wanted = METRICS[self._metric]
        column = first.start + 1
        if unit not in (wanted, PLAIN):
            message = f"{self._metric} is {_WHAT[wanted]}, and this limit is {_WHAT[unit]}"
            raise failure(self._text, column, message, _EXAMPLE)
        if wanted == SHARE and limit.at(0.0) > 1:
            hint = "Write a share with %, as in 5% or base + 2%"
            raise failure(self._text, column, f"no {self._metric} is above 100%", hint)

    def _sum(self) -> tuple[Value, str]:
        left, unit = self._product()
        while self._token.kind in ("+", "-"):
            op = self._take()
            right, other = self._product()
            if unit != other and PLAIN not in (unit, other):
                raise failure(self._text, op.start + 1, *_mixed(op.kind, unit, other))
            left, unit = self._binary(op, left, right), other if unit == PLAIN else unit
        return left, unit

    def _product(self) -> tuple[Value, str]:
        left, unit = self._sign()
        while self._token.kind in ("*", "/"):
            op = self._take()
            right, other = self._sign()
            left, unit = self._binary(op, left, right), self._scaled(op, unit, other)
        return left, unit

    def _scaled(self, op: Token, unit: str, other: str) -> str:
        """Return the unit of a product; a share or a plain number scales everything."""
        if op.kind == "/" and unit == other:
            return PLAIN
        if other in (PLAIN, SHARE):
            return unit if unit != PLAIN or op.kind == "/" else other
        if op.kind == "*" and unit in (PLAIN, SHARE):
            return other
        raise failure(
            self._text,
            op.start + 1,
            f"{_WHAT[unit]} {op.kind} {_WHAT[other]} is no limit",
            "Scale with a plain number, as in base * 1.2",
        )

    def _binary(self, op: Token, left: Value, right: Value) -> Value:
        value = Binary(op.kind, left, right)
        if isinstance(left, Number) and isinstance(right, Number):
            known = value.at(0.0)
            if not math.isfinite(known):
                raise failure(
                    self._text, op.start + 1, "this cannot be computed", "A division by 0 has no result"
                )
            return Number(known)
        return value

    def _sign(self) -> tuple[Value, str]:
        if self._token.kind == "-":
            op = self._deeper()
            value, unit = self._sign()
            self._depth -= 1
            return self._binary(op, Number(0.0), value), unit
        return self._atom()

    def _atom(self) -> tuple[Value, str]:
        token = self._token
        if token.kind == NUMBER:
            self._take()
            return Number(token.value), token.unit
        if token.kind == BASE:
            self._take()
            return Base(), METRICS[self._metric]
        if token.kind == "(":
            opened = self._deeper()
            inside = self._sum()
            self._close(opened)
            self._depth -= 1
            return inside
        if token.kind == METRIC:
            raise self._error(
                f"a limit is made of numbers and base, not of {token.text}", "The same metric before is base"
            )
        raise self._expected("a number or base")

    def _expected(self, what: str, hint: str = "") -> QueryError:
        found = (
            "the gate ends"
            if self._token.kind == END
            else f"there is {self._text[self._token.start : self._token.end]!r}"
        )
        return self._error(f"{what} was expected, and here {found}", hint)

    def _error(self, message: str, hint: str = "") -> QueryError:
        return failure(self._text, self._token.start + 1, message, hint)


def _mixed(op: str, unit: str, other: str) -> tuple[str, str]:
    hint = (
        "For a share of the base write base * 1.2 or base * 120%"
        if SHARE in (unit, other)
        else "Write both in one unit"
    )
    return f"{_WHAT[unit]} {op} {_WHAT[other]} cannot be computed", hint
