"""Builders for faults in single rows, from a function that changes one row.

Each row is copied first, so that no fault can change the world.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Record
from flowtui.simulator.faults.kinds import RUNS, Fault

NEWEST: Final = "newest"
"""The argument that limits a fault to the newest row of each answer."""


def each(change: Callable[[Record], Any], text: str, *, scope: str = RUNS) -> Fault:
    """Return a fault that changes each row; with an argument, only the row with this id (`newest`: the newest row).

    `change` changes the row in place, or returns the replacement.
    """

    def rows(found: list[Record], use: FaultUse) -> list[Any]:
        return [_changed(row, change) if is_target(row, found, use.arg) else row for row in found]

    return Fault(text, rows=rows, argument="ID", scope=scope)


def _changed(row: Record, change: Callable[[Record], Any]) -> Any:
    copy = deepcopy(row)
    instead = change(copy)
    return copy if instead is None else instead


def is_target(row: Record, found: list[Record], arg: str) -> bool:
    """Return whether a fault with the argument `arg` applies to `row`.

    `arg`: the id of a row; `newest`: the newest row; "": each row.
    `found`: all rows of the answer.
    """
    if not isinstance(row, dict):
        return False
    if arg == NEWEST:
        return row is max(found, key=lambda other: str(other.get("created_at")))
    return not arg or row.get("id") == arg


def put(text: str, *, scope: str = RUNS, **values: Any) -> Fault:
    """Return a fault that sets these fields in each row."""
    return each(lambda row: row.update(deepcopy(values)), text, scope=scope)


def drop(text: str, *names: str) -> Fault:
    """Return a fault that removes these fields from each row."""

    def without(row: Record) -> None:
        for name in names:
            row.pop(name, None)

    return each(without, text)


def one(change: Callable[[Record], Any], text: str) -> Fault:
    """Return a fault that changes only the middle row of each answer.

    With an argument, a thread id, it applies only to answers for that thread.
    """

    def rows(found: list[Record], use: FaultUse) -> list[Any]:
        middle = len(found) // 2 if use.arg in {"", use.thread_id} else -1
        return [_changed(row, change) if place == middle else row for place, row in enumerate(found)]

    return Fault(text, rows=rows, argument="THREAD")
