"""Faults in single elements, each written as a function that spoils one row.

Owns the copying: no fault can spoil the world.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.kinds import RUNS, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import Hit, Record

NEWEST: Final = "newest"
"""The argument that limits a fault to the newest row of each answer."""


def each(spoil: Callable[[Record], Any], text: str, *, scope: str = RUNS) -> Fault:
    """Return the fault that spoils every row, or, with an argument, the one with this id (`newest`: the newest).

    `spoil` changes the row, or returns what stands in its place.
    """

    def rows(found: list[Record], hit: Hit) -> list[Any]:
        return [_spoilt(row, spoil) if meant(row, found, hit.arg) else row for row in found]

    return Fault(text, rows=rows, argument="ID", scope=scope)


def _spoilt(row: Record, spoil: Callable[[Record], Any]) -> Any:
    copy = deepcopy(row)
    instead = spoil(copy)
    return copy if instead is None else instead


def meant(row: Record, found: list[Record], arg: str) -> bool:
    """Whether a fault with this argument hits a row: every one without, else the one with this id, or the newest."""
    if not isinstance(row, dict):
        return False
    if arg == NEWEST:
        return row is max(found, key=lambda other: str(other.get("created_at")))
    return not arg or row.get("id") == arg


def put(text: str, *, scope: str = RUNS, **values: Any) -> Fault:
    """Return the fault that sets these fields of each row."""
    return each(lambda row: row.update(deepcopy(values)), text, scope=scope)


def drop(text: str, *names: str) -> Fault:
    """Return the fault that leaves these fields out of each row."""

    def without(row: Record) -> None:
        for name in names:
            row.pop(name, None)

    return each(without, text)


def one(spoil: Callable[[Record], Any], text: str) -> Fault:
    """Return the fault that spoils the middle row of each answer and leaves the others alone.

    With an argument only the answers for the thread with this id.
    """

    def rows(found: list[Record], hit: Hit) -> list[Any]:
        middle = len(found) // 2 if hit.arg in {"", hit.thread_id} else -1
        return [_spoilt(row, spoil) if place == middle else row for place, row in enumerate(found)]

    return Fault(text, rows=rows, argument="THREAD")
