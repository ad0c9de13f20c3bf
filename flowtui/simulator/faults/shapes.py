"""Faults in the fields of runs and threads: undocumented values, wrong types, missing and contradictory fields."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.rows import is_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import FaultUse

Record = dict[str, Any]

TIMES: Final = ("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at")
OPTIONAL: Final = (
    "object",
    "is_active",
    *TIMES[1:],
    "instructions",
    "tools",
    "meta_data",
    "usage",
    "max_completion_tokens",
    "truncation_strategy",
    "response_format",
    "tool_choice",
)


def both_spellings(row: Record) -> None:
    """Show half of the runs as cancelled, by their ids: some as `canceled`, some as `cancelled`."""
    turn = int(row["id"][-1], 16) % 4
    if turn % 2 == 0:
        ended = row["completed_at"] or row["failed_at"] or row["cancelled_at"] or row["created_at"]
        row.update(
            status="canceled" if turn else "cancelled",
            is_active=False,
            completed_at=None,
            failed_at=None,
            cancelled_at=ended,
        )


def status(rows: list[Record], use: FaultUse) -> list[Any]:
    """Set an undocumented status: the argument STATUS for each run, or STATUS=ID for the run with this id."""
    word, _, target = use.arg.partition("=")
    return [
        {**row, "status": word or "requires_action"} if target in {"", row["id"]} else row for row in rows
    ]


def backwards(rows: list[Record], use: FaultUse) -> list[Any]:
    """Show completed runs as running in every second answer; with an argument, only the run with this id."""
    if use.count % 2 == 0:
        return list(rows)
    again: Record = {"status": "running", "completed_at": None, "failed_at": None, "cancelled_at": None}
    return [
        {**row, **again} if row["status"] == "completed" and is_target(row, rows, use.arg) else row
        for row in rows
    ]


def published(row: Record) -> None:
    """Show a run as in the published example: without a status, with all three end times."""
    row.pop("status", None)
    ended = row["completed_at"] or row["failed_at"] or row["cancelled_at"] or row["created_at"]
    row.update(
        completed_at=ended, failed_at=ended, cancelled_at=ended, is_active=False, tools=[{}], meta_data={}
    )


def nulls(row: Record) -> None:
    """Set each optional field to null."""
    row.update(dict.fromkeys(OPTIONAL))


def bare(row: Record) -> None:
    """Remove each optional field."""
    for name in OPTIONAL:
        row.pop(name, None)


def wrong_types(row: Record) -> None:
    """Give fields other types than documented."""
    row.update(
        status=7,
        model={"name": row["model"]},
        is_active="yes",
        agent_id=None,
        tools={"crm": True},
        meta_data=["prod"],
        usage=[1, 2, 3],
        temperature="0.2",
        parallel_tool_calls="true",
        created_at={"at": row["created_at"]},
    )


def extra(row: Record) -> None:
    """Add undocumented fields, some with names that a program may mishandle."""
    row.update(
        {"updated_at": row["created_at"], "steps": [{"type": "tool"}], "class": 1, "__class__": "x", "": None}
    )
    row["usage"] = {**(row["usage"] or {}), "cached_tokens": 3} if row["usage"] else row["usage"]


def usage(change: Callable[[Record], Any]) -> Callable[[Record], None]:
    """Return a function that replaces the usage of a run by `change(usage)`, unless it is null."""

    def apply(row: Record) -> None:
        if row["usage"] is not None:
            row["usage"] = change(row["usage"])

    return apply


def counts(value: Any) -> Callable[[Record], None]:
    """Return a function that sets the three token counts of a run to `value`."""

    def apply(row: Record) -> None:
        row["usage"] = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), value)

    return apply


def times(change: Callable[[datetime], Any]) -> Callable[[Record], None]:
    """Return a function that replaces each time of a run that is not null by `change(time)`."""

    def apply(row: Record) -> None:
        for name in TIMES:
            if row[name] is not None:
                row[name] = change(datetime.fromisoformat(row[name]))

    return apply


def naive(moment: datetime) -> str:
    """Return a UTC time without an offset."""
    return moment.replace(tzinfo=None).isoformat()


def epoch(moment: datetime) -> float:
    """Return a time in epoch seconds."""
    return moment.timestamp()


def epoch_ms(moment: datetime) -> int:
    """Return a time in whole epoch milliseconds."""
    return int(moment.timestamp() * 1000)


def with_offset(moment: datetime) -> str:
    """Return a time with the offset +05:30 and without a fraction."""
    shift = timedelta(hours=5, minutes=30)
    return (moment.replace(tzinfo=None, microsecond=0) + shift).isoformat() + "+05:30"


def before_start(row: Record) -> None:
    """Set the start before the creation, and the end before the start."""
    row.update(started_at=_earlier(row["created_at"], 5))
    for name in TIMES[3:]:
        if row[name] is not None:
            row[name] = _earlier(row["created_at"], 60)


def overdue(row: Record) -> None:
    """Set `expires_at` of active runs to a minute before their creation."""
    if row["status"] in {"queued", "running"}:
        row["expires_at"] = _earlier(row["created_at"], 60)


def _earlier(text: str, seconds: float) -> str:
    moment = datetime.fromisoformat(text) - timedelta(seconds=seconds)
    return moment.isoformat().replace("+00:00", "Z")


def no_element(row: Record) -> Any:
    """Return a string instead of an object."""
    return f"<{row['id']}>"


def bad_element(row: Record) -> None:
    """Set fields of a run to invalid values."""
    row.update(created_at="soon", status=["failed"], usage="many", tools=7, model=None)


def duplicate(rows: list[Record], _use: FaultUse) -> list[Any]:
    """Send each run twice."""
    return [row for row in rows for _ in range(2)]


def same_id(rows: list[Record], _use: FaultUse) -> list[Any]:
    """Give all runs of an answer the id of the first one."""
    return [{**row, "id": rows[0]["id"]} for row in rows]


def with_nulls(rows: list[Record], _use: FaultUse) -> list[Any]:
    """Insert nulls between the runs, and a number, a list and a string after them."""
    return [thing for row in rows for thing in (row, None)] + [42, [], "run"]


def foreign(row: Record) -> None:
    """Set `thread_id` of a run to another thread."""
    row["thread_id"] = "thr_elsewhere"


def orphan(row: Record) -> None:
    """Lock a thread with the id of a run that does not exist."""
    row.update(status="locked", active_run_id="run_gone")


def orphan_null(row: Record) -> None:
    """Lock a thread without an `active_run_id`."""
    row.update(status="locked", active_run_id=None)


def ids(rows: list[Record], use: FaultUse) -> list[Any]:
    """Set thread ids to the argument, by default `../../admin`, which in a path would lead elsewhere."""
    return [{**row, "id": use.arg or "../../admin"} for row in rows]


def nameless(row: Record) -> None:
    """Remove an agent's name, and set its id to a number."""
    row.pop("name")
    row["id"] = 7


ENVELOPE: Final = {
    "error": "Internal Server Error",
    "message": "An unexpected error occurred",
    "status": 500,
    "requestUrl": "/v1/threads",
}
REJECTED: Final = {"detail": [{"loc": ["path", "thread_id"], "msg": "unknown thread", "type": "value_error"}]}
