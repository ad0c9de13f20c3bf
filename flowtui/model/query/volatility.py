"""What can change what a filter says of a run, read off its tree: the most restless part decides. Pure.

A comparison with the clock is as steady as its moment: one can tell when it will turn out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flowtui.model.columns.volatility import STABLE, TRACKED, ChangeTime, Volatility
from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import FIELDS, HAS_TESTS, TIME, Field
from flowtui.model.query.tree import Compare, Has, Node, Pattern, Regex, Word
from flowtui.model.query.values import read_duration, read_moment
from flowtui.model.run.row import Run


class QueryVolatility(NamedTuple):
    """What can change an answer: `volatility`, and time alone at these `change_times`."""

    volatility: Volatility
    change_times: tuple[ChangeTime, ...] = ()


def volatility_of(node: Node) -> QueryVolatility:
    """Return what can change what this part of a filter says of a run."""
    match node:
        case Word() | Regex(_, ""):
            return QueryVolatility(TRACKED)  # notes are among what is searched
        case Regex(_, field) | Pattern(field):
            return QueryVolatility(FIELDS[field].volatility)
        case Compare(field, _, text):
            return _compared(FIELDS[field], text)
        case Has(name):
            return QueryVolatility((HAS_TESTS.get(name) or FIELDS[name]).volatility)
        case Not(inner):
            return volatility_of(inner)
        case And(nodes) | Or(nodes):
            parts = [volatility_of(part) for part in nodes]
            most = max((part.volatility for part in parts), default=STABLE)
            return QueryVolatility(most, tuple(turn for part in parts for turn in part.change_times))


def _compared(field: Field, text: str) -> QueryVolatility:
    since = field.since
    if since is None:
        return QueryVolatility(field.volatility)
    if field.kind != TIME:
        return QueryVolatility(STABLE, (_turn(since, read_duration(text)),))
    moment = read_moment(text)
    return QueryVolatility(STABLE, (_turn(since, -moment.from_now),) if moment.start is None else ())


def _turn(since: Callable[[Run], float | None], later: float) -> ChangeTime:
    def turn(run: Run) -> float | None:
        at = since(run)
        return None if at is None else at + later

    return turn
