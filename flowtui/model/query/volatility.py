"""What can change what a filter says of a run, read off its tree: the most restless part decides. Pure.

A comparison with the clock is as steady as its moment: one can tell when it will turn out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flowtui.model.columns.volatility import LIVELY, STEADY, Turn, Unrest
from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import FIELDS, MARKS, TIME, Field
from flowtui.model.query.tree import Compare, Has, Node, Pattern, Regex, Word
from flowtui.model.query.values import read_duration, read_moment
from flowtui.model.run.row import Run


class Unrests(NamedTuple):
    """What can change an answer: `unrest`, and time alone at these `turns`."""

    unrest: Unrest
    turns: tuple[Turn, ...] = ()


def unrest_of(node: Node) -> Unrests:
    """Return what can change what this part of a filter says of a run."""
    match node:
        case Word() | Regex(_, ""):
            return Unrests(LIVELY)  # notes are among what is searched
        case Regex(_, field) | Pattern(field):
            return Unrests(FIELDS[field].unrest)
        case Compare(field, _, text):
            return _compared(FIELDS[field], text)
        case Has(name):
            return Unrests((MARKS.get(name) or FIELDS[name]).unrest)
        case Not(inner):
            return unrest_of(inner)
        case And(nodes) | Or(nodes):
            parts = [unrest_of(part) for part in nodes]
            most = max((part.unrest for part in parts), default=STEADY)
            return Unrests(most, tuple(turn for part in parts for turn in part.turns))


def _compared(field: Field, text: str) -> Unrests:
    since = field.since
    if since is None:
        return Unrests(field.unrest)
    if field.kind != TIME:
        return Unrests(STEADY, (_turn(since, read_duration(text)),))
    moment = read_moment(text)
    return Unrests(STEADY, (_turn(since, -moment.from_now),) if moment.start is None else ())


def _turn(since: Callable[[Run], float | None], later: float) -> Turn:
    def turn(run: Run) -> float | None:
        at = since(run)
        return None if at is None else at + later

    return turn
