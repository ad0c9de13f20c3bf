"""Cuts the text of a gate into tokens: metrics, `base`, numbers with units, and operators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flowtui.model.gate.tree import METRICS, Unit
from flowtui.model.language.lexer import AND, CLOSE, NOT, OPEN, OR, check_length, cut, failure
from flowtui.model.query.values import quoted

NUMBER: Final = "number"
METRIC: Final = "metric"
BASE: Final = "base"
COMPARE: Final = "comparison"
WORDS: Final = (AND, OR, NOT)

LONGEST: Final = 1_000
"""Greatest length of a gate in characters."""

_NAMES: Final = f"Metrics are {', '.join(METRICS)}; the same metric before is base"
_NUMBERS: Final = "Write one such as 2%, 1.2, 90s or 20000"
_METRIC: Final = re.compile(r"(p[0-9]+)\s*\(\s*([a-z_]*)\s*\)", re.IGNORECASE | re.ASCII)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_NUMBER: Final = re.compile(
    r"([0-9]{1,15}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s?(%|[a-z]+)?", re.IGNORECASE | re.ASCII
)
_COMPARE: Final = re.compile(r"<=|>=|==|!=|<|>|=")
_UNITS: Final[Mapping[str, tuple[float, Unit]]] = {
    "%": (0.01, "share"),
    "ms": (0.001, "seconds"),
    "s": (1.0, "seconds"),
    "m": (60.0, "seconds"),
    "h": (3600.0, "seconds"),
    "d": (86400.0, "seconds"),
    "k": (1000.0, "number"),
}


class Token(NamedTuple):
    """A piece of a gate."""

    kind: str
    column: int
    """The column of its first character, counted from 1."""
    end: int
    """The offset after its last character, counted from 0."""
    text: str = ""
    """The name of a metric, or an operator; "" for a NUMBER."""
    value: float = 0.0
    """The value of a NUMBER: seconds for a duration, 0 to 1 for a share."""
    unit: Unit = "number"
    """The unit of a NUMBER; `number` if it has none."""


def tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a gate, from the left. Errors are raised while iterating.

    Raises:
        QueryError: the gate is too long, or has an unknown character, name or unit.
    """
    check_length(text, LONGEST, "a gate")
    return cut(text, _read)


def _read(text: str, at: int) -> Token:
    if text[at] in (*"+-*/", OPEN, CLOSE):
        return Token(text[at], at + 1, at + 1, text[at])
    found = _COMPARE.match(text, at)
    if found is not None:
        if found[0] in ("=", "==", "!="):
            raise failure(text, at + 1, f"{found[0]} is no comparison of a gate", "Write <=, <, >= or >")
        return Token(COMPARE, at + 1, found.end(), found[0])
    if text[at].isdigit() or text[at] == ".":
        return _number(text, at)
    return _name(text, at)


def _number(text: str, at: int) -> Token:
    found = _NUMBER.match(text, at)
    if found is None:
        raise failure(text, at + 1, f"{quoted(text[at : at + 20])} is no number", _NUMBERS)
    unit = (found[2] or "").lower()
    end = found.end()
    if unit in WORDS:  # as in `<= 5 and …`: a word, not a unit
        unit, end = "", found.end(1)
    factor, kind = _UNITS.get(unit, (1.0, "number"))
    if unit and unit not in _UNITS:
        hint = "Units are %, ms, s, m, h, d and k"
        raise failure(text, found.start(2) + 1, f"there is no unit {quoted(unit)}", hint)
    if _WORD.match(text, end) and end == found.end(1) and not unit:
        raise failure(text, end + 1, f"{quoted(text[end : end + 20])} cannot follow a number without a space")
    if text[end : end + 1].isdigit() or text[end : end + 1] in (".", "_", ","):
        raise failure(text, end + 1, "a number was expected to end here", _NUMBERS)
    return Token(NUMBER, at + 1, end, value=float(found[1]) * factor, unit=kind)


def _name(text: str, at: int) -> Token:
    found = _METRIC.match(text, at)
    if found is not None:
        name = f"{found[1]}({found[2]})".lower()
    else:
        found = _WORD.match(text, at)
        if found is None:
            raise failure(text, at + 1, f"{quoted(text[at])} means nothing here", _NAMES)
        name = found[0].lower()
    if name in METRICS:
        return Token(METRIC, at + 1, found.end(), name)
    if name in (*WORDS, BASE):
        return Token(name, at + 1, found.end(), name)
    raise failure(text, at + 1, f"there is no metric {quoted(name)}", _NAMES)
