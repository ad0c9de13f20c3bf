"""Faults that no status shows: stuck, contradictory and vanishing runs, for flowtui's findings.

Without an argument a fault applies to all runs in a suitable state; `waiting` and `vanish` apply to the newest run of each
thread. With an argument, an id or `newest` (the newest run of each answer), a fault applies to that run only. `stuck`,
`stuck-queued` and `waiting` give the run a suitable state, and send the same row until the fault is removed.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Record
from flowtui.simulator.faults.kinds import USAGE_WHILE_RUNNING, Fault
from flowtui.simulator.faults.rows import NEWEST, each, is_target

_ACTIVE: Final = frozenset({"queued", "running"})
_OPEN: Final[Record] = dict.fromkeys(("cancelled_at", "failed_at", "completed_at", "expires_at"))
"""Fields of a run that has not ended and does not expire: else a run that lasts long would be overdue as well."""


def _running(row: Record) -> Record:
    started = row["started_at"] or row["created_at"]
    return {**row, **_OPEN, "status": "running", "is_active": True, "started_at": started}


def as_queued(row: Record, *, holds: bool) -> Record:
    """Return a run as queued. `holds`: whether it holds its thread."""
    return {**row, **_OPEN, "status": "queued", "is_active": holds, "started_at": None, "usage": None}


def _frozen(status: str, make: Callable[[Record], Record]) -> Callable[[list[Record], FaultUse], list[Any]]:
    """Return a `rows` function that changes each run of this status by `make` once, and from then on always sends this result."""

    def rows(found: list[Record], use: FaultUse) -> list[Any]:
        def shown(row: Record) -> Record:
            known: Record | None = use.memory.get(row["id"])
            if known is None and is_target(row, found, use.arg) and (use.arg or row["status"] == status):
                known = use.memory[row["id"]] = make(deepcopy(row))
            return row if known is None else known

        return [shown(row) for row in found]

    return rows


def waiting(found: list[Record], use: FaultUse) -> list[Any]:
    """Queue a run (by default the newest of each thread) behind the previous one, which never ends."""
    memory = use.memory
    by_age = sorted(found, key=lambda row: str(row["created_at"]))
    for before, row in pairwise(by_age):
        if row["thread_id"] not in memory and is_target(row, found, use.arg or NEWEST):
            memory[row["thread_id"]] = row["id"]
            memory[row["id"]] = as_queued(deepcopy(row), holds=False)
            memory[before["id"]] = _running(deepcopy(before))
    return [memory.get(row["id"], row) for row in found]


def vanish(found: list[Record], use: FaultUse) -> list[Any]:
    """Send a run (by default the newest of each thread) once and then never again."""
    memory = use.memory
    gone = {row["id"] for row in found if memory.get(row["thread_id"]) == row["id"]}
    for row in found:
        if is_target(row, found, use.arg or NEWEST):
            memory.setdefault(row["thread_id"], row["id"])
    return [row for row in found if row["id"] not in gone]


def tokens_fall(found: list[Record], use: FaultUse) -> list[Any]:
    """Halve the tokens of a run in every second answer."""

    def shown(row: Record) -> Record:
        if not row["usage"] or not is_target(row, found, use.arg):
            return row
        times = use.memory[row["id"]] = use.memory.get(row["id"], 0) + 1
        if times % 2:
            return row
        half = {name: row["usage"][name] // 2 for name in ("prompt_tokens", "completion_tokens")}
        return {**row, "usage": {**half, "total_tokens": sum(half.values())}}

    return [shown(row) for row in found]


def still_active(row: Record) -> None:
    """Set `is_active` to true if the run has ended."""
    if row["status"] not in _ACTIVE:
        row["is_active"] = True


SUSPECTS: Final[dict[str, Fault]] = {
    "stuck": Fault("running runs never change", rows=_frozen("running", _running), argument="ID"),
    "stuck-queued": Fault(
        "queued runs stay queued",
        rows=_frozen("queued", lambda row: as_queued(row, holds=True)),
        argument="ID",
    ),
    "waiting": Fault("the newest run is queued behind one that never ends", rows=waiting, argument="ID"),
    "usage-while-running": Fault("runs report usage before they have ended", habit=USAGE_WHILE_RUNNING),
    "still-active": each(still_active, "ended runs have is_active true"),
    "tokens-fall": Fault(
        "runs have half of their tokens in every second answer", rows=tokens_fall, argument="ID"
    ),
    "vanish": Fault("the newest run is sent once, then never again", rows=vanish, argument="ID"),
}
"""These faults, by name on the command line."""
