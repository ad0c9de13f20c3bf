"""Parses the text of a gate: comparisons of a metric with a limit, with arithmetic and units in the limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from flowtui.errors import QueryError
from flowtui.model.gate.lexer import BASE, COMPARE, METRIC, NUMBER, Token, tokens
from flowtui.model.gate.tree import METRICS, Base, Binary, Compare, Gate, Number, Unit, Value
from flowtui.model.language.lexer import CLOSE, OPEN
from flowtui.model.language.parser import END, Parser

MOST: Final = 20
"""Greatest number of comparisons in a gate: the more there are, the more runs each of them needs."""

USUAL_GATE: Final = (
    "failure_rate <= base + 10% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5"
)
"""The gate that judges where the user has typed none. A good release passes it with 200 runs against 200."""

_EXAMPLE: Final = "Write a comparison such as failure_rate <= base + 10%"
_WHAT: Final[Mapping[Unit, str]] = {
    "share": "a share",
    "seconds": "a duration",
    "tokens": "a number of tokens",
    "per minute": "a number of runs a minute",
    "number": "a plain number",
}


def parse_gate(text: str) -> Gate:
    """Return the gate for a text such as `failure_rate <= base + 10% and p95(duration) <= base * 1.2`.

    Raises:
        QueryError: the text is not a gate; the error points at the column and says what was expected there.
    """
    return _GateParser(text).gate()


class _GateParser(Parser[Token, Compare]):
    """Reads the tokens of a gate once, from the left."""

    nesting = "parentheses, signs and nots"

    def __init__(self, text: str) -> None:
        super().__init__(text, list(tokens(text)))
        self._count = 0
        self._metric = ""

    def gate(self) -> Gate:
        """Return the whole gate."""
        if self.kind == END:
            raise self.error("the gate is empty", _EXAMPLE, 1)
        node = self.whole()
        if self.kind != END:
            raise self._expected("'and', 'or' or the end of the gate")
        return Gate(self.text.strip(), node)

    def close(self, opened: Token) -> None:
        """Take the `)` that belongs to a `(`, in a condition or a limit."""
        if self.kind not in (CLOSE, END):
            raise self._expected(CLOSE)
        super().close(opened)

    def leaf(self) -> Compare:
        """Read a comparison."""
        if self.kind in (NUMBER, BASE):
            raise self.error("a comparison begins with a metric", _EXAMPLE)
        if self.kind != METRIC:
            raise self._expected("a metric", _EXAMPLE)
        self._count += 1
        if self._count > MOST:
            raise self.error(f"a gate has at most {MOST} comparisons")
        name = self.take()
        if self.kind != COMPARE:
            raise self._expected(
                "<=, <, >= or >", "A metric stands alone on the left; write what is added on the right"
            )
        op = self.take()
        self._metric = name.text
        column = self.column
        limit, unit = self._sum()
        written = " ".join(self.written_since(column).split())
        if self.kind == COMPARE:
            raise self.error("a comparison has two sides only", "Join two of them with and")
        self._fits(column, limit, unit)
        return Compare(name.text, op.text, limit, f"{name.text} {op.text} {written}", written)

    def _fits(self, column: int, limit: Value, unit: Unit) -> None:
        """Check that a limit has the unit of its metric and is possible; `column` is where the limit begins.

        Raises:
            QueryError: the limit has another unit, or is a share above 100 %.
        """
        wanted = METRICS[self._metric]
        if unit not in (wanted, "number"):
            message = f"{self._metric} is {_WHAT[wanted]}, and this limit is {_WHAT[unit]}"
            raise self.error(message, _EXAMPLE, column)
        if wanted == "share" and limit.at(0.0) > 1:
            hint = "Write a share with %, as in 5% or base + 10%"
            raise self.error(f"no {self._metric} is above 100%", hint, column)

    def _sum(self) -> tuple[Value, Unit]:
        left, unit = self._product()
        while self.kind in ("+", "-"):
            op = self.take()
            right, other = self._product()
            if unit != other and "number" not in (unit, other):
                raise self.error(*_mixed(op.kind, unit, other), op.column)
            left, unit = self._binary(op, left, right), other if unit == "number" else unit
        return left, unit

    def _product(self) -> tuple[Value, Unit]:
        left, unit = self._sign()
        while self.kind in ("*", "/"):
            op = self.take()
            right, other = self._sign()
            left, unit = self._binary(op, left, right), self._scaled(op, unit, other)
        return left, unit

    def _scaled(self, op: Token, unit: Unit, other: Unit) -> Unit:
        """Return the unit of a product or quotient. Shares and plain numbers scale any unit.

        Raises:
            QueryError: these units cannot be combined.
        """
        if op.kind == "/" and unit == other:
            return "number"
        if other in ("number", "share"):
            return unit if unit != "number" or op.kind == "/" else other
        if op.kind == "*" and unit in ("number", "share"):
            return other
        hint = "Scale with a plain number, as in base * 1.5"
        raise self.error(f"{_WHAT[unit]} {op.kind} {_WHAT[other]} is no limit", hint, op.column)

    def _binary(self, op: Token, left: Value, right: Value) -> Value:
        value = Binary(op.kind, left, right)
        if isinstance(left, Number) and isinstance(right, Number):
            known = value.at(0.0)
            if not math.isfinite(known):
                raise self.error("this cannot be computed", "A division by 0 has no result", op.column)
            return Number(known)
        return value

    def _sign(self) -> tuple[Value, Unit]:
        if self.kind != "-":
            return self._atom()
        with self.nested():
            op = self.take()
            value, unit = self._sign()
            return self._binary(op, Number(0.0), value), unit

    def _atom(self) -> tuple[Value, Unit]:
        if self.kind == NUMBER:
            token = self.take()
            return Number(token.value), token.unit
        if self.accept(BASE):
            return Base(), METRICS[self._metric]
        if self.kind == OPEN:
            with self.nested():
                opened = self.take()
                inside = self._sum()
                self.close(opened)
                return inside
        if self.kind == METRIC:
            what = f"a limit is made of numbers and base, not of {self.next.text}"
            raise self.error(what, "The same metric before is base")
        raise self._expected("a number or base")

    def _expected(self, what: str, hint: str = "") -> QueryError:
        found = "the gate ends"
        if self.kind != END:
            found = f"there is {self.text[self.column - 1 : self.next.end]!r}"
        return self.error(f"{what} was expected, and here {found}", hint)


def _mixed(op: str, unit: Unit, other: Unit) -> tuple[str, str]:
    hint = "Write both in one unit"
    if "share" in (unit, other):
        hint = "For a share of the base write base * 1.2 or base * 120%"
    return f"{_WHAT[unit]} {op} {_WHAT[other]} cannot be computed", hint
