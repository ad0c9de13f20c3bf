"""What can change whether a filter matches a run, while the run stays the same.

The most volatile part of a filter decides. The answer of a comparison with the current time, such as `age<10m`, changes
at a moment that is known in advance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flowtui.model.columns.volatility import STABLE, TRACKED, ChangeTime, Volatility
from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import HAS_TESTS, Field
from flowtui.model.query.fields import field as field_named
from flowtui.model.query.tree import Compare, Has, Node, Pattern, Regex, Word
from flowtui.model.query.values import read_duration, read_moment
from flowtui.model.run.row import Run


class QueryVolatility(NamedTuple):
    """What, apart from the run, can change a filter's answer."""

    volatility: Volatility
    change_times: tuple[ChangeTime, ...] = ()
    """Functions, each of which returns when time alone may change the answer for a run."""


def volatility_of(node: Node) -> QueryVolatility:
    """Return what can change the answer of this part of a filter."""
    match node:
        case Word() | Regex(_, ""):
            return QueryVolatility(TRACKED)  # notes are searched, too
        case Regex(_, field) | Pattern(field):
            return QueryVolatility(field_named(field).volatility)
        case Compare(field, _, text):
            return _compared(field_named(field), text)
        case Has(name):
            return QueryVolatility((HAS_TESTS.get(name) or field_named(name)).volatility)
        case Not(inner):
            return volatility_of(inner)
        case And(nodes) | Or(nodes):
            parts = [volatility_of(part) for part in nodes]
            most = max((part.volatility for part in parts), default=STABLE)
            return QueryVolatility(most, tuple(moment for part in parts for moment in part.change_times))


def _compared(field: Field, text: str) -> QueryVolatility:
    since = field.since
    if since is None:
        return QueryVolatility(field.volatility)
    if field.kind != "time":
        return QueryVolatility(STABLE, (_shifted(since, read_duration(text)),))
    moment = read_moment(text)
    return QueryVolatility(STABLE, (_shifted(since, -moment.from_now),) if moment.start is None else ())


def _shifted(since: Callable[[Run], float | None], later: float) -> ChangeTime:
    def change_time(run: Run) -> float | None:
        at = since(run)
        return None if at is None else at + later

    return change_time
