"""Runs and threads in shapes that the documents do not promise, or promise in two ways. One function for each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.rows import meant

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowtui.simulator.exchange import Hit

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


def spelled(row: Record) -> None:
    """Every second run is cancelled, in both spellings by turns."""
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


def status(rows: list[Record], hit: Hit) -> list[Any]:
    """Every run has a status that no document names: STATUS; with STATUS=ID only the run with this id."""
    word, _, target = hit.arg.partition("=")
    return [
        {**row, "status": word or "requires_action"} if target in {"", row["id"]} else row for row in rows
    ]


def backwards(rows: list[Record], hit: Hit) -> list[Any]:
    """On every second answer the ended runs, or the one with this id, are running again."""
    if hit.count % 2 == 0:
        return list(rows)
    again: Record = {"status": "running", "completed_at": None, "failed_at": None, "cancelled_at": None}
    return [
        {**row, **again} if row["status"] == "completed" and meant(row, rows, hit.arg) else row
        for row in rows
    ]


def published(row: Record) -> None:
    """A run as the published example has it: no status, and all three ends at once."""
    row.pop("status", None)
    ended = row["completed_at"] or row["failed_at"] or row["cancelled_at"] or row["created_at"]
    row.update(
        completed_at=ended, failed_at=ended, cancelled_at=ended, is_active=False, tools=[{}], meta_data={}
    )


def nulls(row: Record) -> None:
    """Every optional field is null."""
    row.update(dict.fromkeys(OPTIONAL))


def bare(row: Record) -> None:
    """Only the required fields are there."""
    for name in OPTIONAL:
        row.pop(name, None)


def wrong_types(row: Record) -> None:
    """Fields have types that the documents do not give them."""
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
    """Fields that no document has, some with names that a program might trip over."""
    row.update(
        {"updated_at": row["created_at"], "steps": [{"type": "tool"}], "class": 1, "__class__": "x", "": None}
    )
    row["usage"] = {**(row["usage"] or {}), "cached_tokens": 3} if row["usage"] else row["usage"]


def usage(change: Callable[[Record], Any]) -> Callable[[Record], None]:
    """Return what replaces the usage of each run that has one by `change(usage)`."""

    def spoil(row: Record) -> None:
        if row["usage"] is not None:
            row["usage"] = change(row["usage"])

    return spoil


def counts(value: Any) -> Callable[[Record], None]:
    """Return what sets all three token counts of each run to `value`."""

    def spoil(row: Record) -> None:
        row["usage"] = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), value)

    return spoil


def times(change: Callable[[datetime], Any]) -> Callable[[Record], None]:
    """Return what rewrites every time of a run that is set."""

    def spoil(row: Record) -> None:
        for name in TIMES:
            if row[name] is not None:
                row[name] = change(datetime.fromisoformat(row[name]))

    return spoil


def naive(moment: datetime) -> str:
    """Return a time without offset: UTC."""
    return moment.replace(tzinfo=None).isoformat()


def epoch(moment: datetime) -> float:
    """Return a time as seconds."""
    return moment.timestamp()


def epoch_ms(moment: datetime) -> int:
    """Return a time as whole milliseconds."""
    return int(moment.timestamp() * 1000)


def with_offset(moment: datetime) -> str:
    """Return a time with the offset of India and without a fraction."""
    shift = timedelta(hours=5, minutes=30)
    return (moment.replace(tzinfo=None, microsecond=0) + shift).isoformat() + "+05:30"


def before_start(row: Record) -> None:
    """Runs start before they are created and end before they start."""
    row.update(started_at=_earlier(row["created_at"], 5))
    for name in TIMES[3:]:
        if row[name] is not None:
            row[name] = _earlier(row["created_at"], 60)


def overdue(row: Record) -> None:
    """Runs that are still active have expired a minute before they were created."""
    if row["status"] in {"queued", "running"}:
        row["expires_at"] = _earlier(row["created_at"], 60)


def _earlier(text: str, seconds: float) -> str:
    moment = datetime.fromisoformat(text) - timedelta(seconds=seconds)
    return moment.isoformat().replace("+00:00", "Z")


def no_element(row: Record) -> Any:
    """A string where an object should be."""
    return f"<{row['id']}>"


def bad_element(row: Record) -> None:
    """One run whose fields make no sense."""
    row.update(created_at="soon", status=["failed"], usage="many", tools=7, model=None)


def duplicate(rows: list[Record], _hit: Hit) -> list[Any]:
    """Every run comes twice."""
    return [row for row in rows for _ in range(2)]


def same_id(rows: list[Record], _hit: Hit) -> list[Any]:
    """All runs of an answer have the id of its first one."""
    return [{**row, "id": rows[0]["id"]} for row in rows]


def with_nulls(rows: list[Record], _hit: Hit) -> list[Any]:
    """Nulls, numbers and lists between the runs."""
    return [thing for row in rows for thing in (row, None)] + [42, [], "run"]


def foreign(row: Record) -> None:
    """Runs say they belong to another thread."""
    row["thread_id"] = "thr_elsewhere"


def orphan(row: Record) -> None:
    """Threads are locked by a run that is not there."""
    row.update(status="locked", active_run_id="run_gone")


def orphan_null(row: Record) -> None:
    """Threads are locked by nobody."""
    row.update(status="locked", active_run_id=None)


def ids(rows: list[Record], hit: Hit) -> list[Any]:
    """Threads have an id that means something in a path."""
    return [{**row, "id": hit.arg or "../../admin"} for row in rows]


def nameless(row: Record) -> None:
    """Agents without a name, and with a number as their id."""
    row.pop("name")
    row["id"] = 7


ENVELOPE: Final = {
    "error": "Internal Server Error",
    "message": "An unexpected error occurred",
    "status": 500,
    "requestUrl": "/v1/threads",
}
REJECTED: Final = {"detail": [{"loc": ["path", "thread_id"], "msg": "unknown thread", "type": "value_error"}]}
