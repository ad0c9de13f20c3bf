"""Runs that look wrong though no status says so: what a monitor has to find by itself.

Each hits every run that it can, or with an argument the run with this id (`newest`: the newest of each answer), which
is then bent into the state it needs, whatever it is. What was shown once is remembered for as long as the fault stands.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.kinds import Fault
from flowtui.simulator.faults.rows import NEWEST, each, meant

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import Hit, Record

_ACTIVE: Final = frozenset({"queued", "running"})
_OPEN: Final[Record] = dict.fromkeys(("cancelled_at", "failed_at", "completed_at", "expires_at"))
"""No end, and none to come: what lasts here is not overdue as well."""


def _running(row: Record) -> Record:
    started = row["started_at"] or row["created_at"]
    return {**row, **_OPEN, "status": "running", "is_active": True, "started_at": started}


def _queued(row: Record, *, holds: bool) -> Record:
    return {**row, **_OPEN, "status": "queued", "is_active": holds, "started_at": None, "usage": None}


def _frozen(status: str, make: Callable[[Record], Record]) -> Callable[[list[Record], Hit], list[Any]]:
    """Return the fault that shows runs of this status for ever as they were first shown."""

    def rows(found: list[Record], hit: Hit) -> list[Any]:
        def shown(row: Record) -> Record:
            known: Record | None = hit.memory.get(row["id"])
            if known is None and meant(row, found, hit.arg) and (hit.arg or row["status"] == status):
                known = hit.memory[row["id"]] = make(deepcopy(row))
            return row if known is None else known

        return [shown(row) for row in found]

    return rows


def waiting(found: list[Record], hit: Hit) -> list[Any]:
    """A run, the newest of each thread where none is named, is queued behind the one before it, which runs for ever."""
    memory = hit.memory
    by_age = sorted(found, key=lambda row: str(row["created_at"]))
    for before, row in pairwise(by_age):
        if row["thread_id"] not in memory and meant(row, found, hit.arg or NEWEST):
            memory[row["thread_id"]] = row["id"]
            memory[row["id"]] = _queued(deepcopy(row), holds=False)
            memory[before["id"]] = _running(deepcopy(before))
    return [memory.get(row["id"], row) for row in found]


def vanish(found: list[Record], hit: Hit) -> list[Any]:
    """A run, the newest of each thread where none is named, is shown once and then never again."""
    memory = hit.memory
    gone = {row["id"] for row in found if memory.get(row["thread_id"]) == row["id"]}
    for row in found:
        if meant(row, found, hit.arg or NEWEST):
            memory.setdefault(row["thread_id"], row["id"])
    return [row for row in found if row["id"] not in gone]


def tokens_fall(found: list[Record], hit: Hit) -> list[Any]:
    """Of every two times that a run is shown, the second has half of its tokens."""

    def shown(row: Record) -> Record:
        if not row["usage"] or not meant(row, found, hit.arg):
            return row
        times = hit.memory[row["id"]] = hit.memory.get(row["id"], 0) + 1
        if times % 2:
            return row
        half = {name: row["usage"][name] // 2 for name in ("prompt_tokens", "completion_tokens")}
        return {**row, "usage": {**half, "total_tokens": sum(half.values())}}

    return [shown(row) for row in found]


def still_active(row: Record) -> None:
    """Runs that have ended call themselves active."""
    if row["status"] not in _ACTIVE:
        row["is_active"] = True


SUSPECTS: Final[dict[str, Fault]] = {
    "stuck": Fault(
        "running runs stay as they are, for ever", rows=_frozen("running", _running), argument="ID"
    ),
    "stuck-queued": Fault(
        "queued runs stay queued, for ever",
        rows=_frozen("queued", lambda row: _queued(row, holds=True)),
        argument="ID",
    ),
    "waiting": Fault("the newest run waits behind one that runs for ever", rows=waiting, argument="ID"),
    "still-active": each(still_active, "ended runs have is_active true"),
    "tokens-fall": Fault("runs have half of their tokens every second time", rows=tokens_fall, argument="ID"),
    "vanish": Fault("the newest run is shown once, then never again", rows=vanish, argument="ID"),
}
"""Name on the command line -> fault."""
