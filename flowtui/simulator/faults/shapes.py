"""Faults in the fields of runs and threads: undocumented values, wrong types, missing and contradictory fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse
from flowtui.simulator.faults.kinds import LABELS_ON_RUNS, Fault
from flowtui.simulator.faults.rows import drop, each, is_target, one, put

Record = dict[str, Any]

_TIMES: Final = ("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at")
_OPTIONAL: Final = (
    "object",
    "is_active",
    *_TIMES[1:],
    "instructions",
    "tools",
    "meta_data",
    "usage",
    "max_completion_tokens",
    "truncation_strategy",
    "response_format",
    "tool_choice",
)


def _both_spellings(row: Record) -> None:
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


def _late_spans(rows: list[Record], use: FaultUse) -> list[Any]:
    latest = use.now - use.number(30)
    return [row for row in rows if datetime.fromisoformat(row["start_timestamp"]).timestamp() <= latest]


def _one_l(row: Record) -> None:
    """Spell `cancelled` with one l, as servers for SDKs up to 0.31.1 do."""
    if row["status"] == "cancelled":
        row["status"] = "canceled"


def _status(rows: list[Record], use: FaultUse) -> list[Any]:
    """Set an undocumented status: the argument STATUS for each run, or STATUS=ID for the run with this id."""
    word, _, target = use.arg.partition("=")
    return [
        {**row, "status": word or "requires_action"} if target in {"", row["id"]} else row for row in rows
    ]


def _backwards(rows: list[Record], use: FaultUse) -> list[Any]:
    """Show completed runs as running in every second answer; with an argument, only the run with this id."""
    if use.count % 2 == 0:
        return list(rows)
    again: Record = {"status": "running", "completed_at": None, "failed_at": None, "cancelled_at": None}
    return [
        {**row, **again} if row["status"] == "completed" and is_target(row, rows, use.arg) else row
        for row in rows
    ]


def _published(row: Record) -> None:
    """Show a run as in the published example: without a status, with all three end times."""
    row.pop("status", None)
    ended = row["completed_at"] or row["failed_at"] or row["cancelled_at"] or row["created_at"]
    row.update(
        completed_at=ended, failed_at=ended, cancelled_at=ended, is_active=False, tools=[{}], meta_data={}
    )


def _wrong_types(row: Record) -> None:
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


def _extra(row: Record) -> None:
    """Add undocumented fields, some with names that a program may mishandle."""
    row.update(
        {"updated_at": row["created_at"], "steps": [{"type": "tool"}], "class": 1, "__class__": "x", "": None}
    )
    if row["usage"]:
        row["usage"] = {**row["usage"], "cached_tokens": 3}


def _usage(change: Callable[[Record], Any]) -> Callable[[Record], None]:
    """Return a function that replaces the usage of a run by `change(usage)`, unless it is null."""

    def apply(row: Record) -> None:
        if row["usage"] is not None:
            row["usage"] = change(row["usage"])

    return apply


def _counts(value: Any) -> Callable[[Record], None]:
    """Return a function that sets the three token counts of a run to `value`."""

    def apply(row: Record) -> None:
        row["usage"] = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), value)

    return apply


def _times(change: Callable[[datetime], Any]) -> Callable[[Record], None]:
    """Return a function that replaces each time of a row of any kind, unless it is null, by `change(time)`."""

    def apply(row: Record) -> None:
        for name, value in row.items():
            if name.endswith(("_at", "_timestamp")) and isinstance(value, str):
                row[name] = change(datetime.fromisoformat(value))

    return apply


def _with_offset(moment: datetime) -> str:
    """Return a time with the offset +05:30 and without a fraction."""
    shift = timedelta(hours=5, minutes=30)
    return (moment.replace(tzinfo=None, microsecond=0) + shift).isoformat() + "+05:30"


def _before_start(row: Record) -> None:
    """Set the start before the creation, and the end before the start."""
    row.update(started_at=_earlier(row["created_at"], 5))
    for name in _TIMES[3:]:
        if row[name] is not None:
            row[name] = _earlier(row["created_at"], 60)


def _overdue(row: Record) -> None:
    """Set `expires_at` of active runs to a minute before their creation."""
    if row["status"] in {"queued", "running"}:
        row["expires_at"] = _earlier(row["created_at"], 60)


def _earlier(text: str, seconds: float) -> str:
    moment = datetime.fromisoformat(text) - timedelta(seconds=seconds)
    return moment.isoformat().replace("+00:00", "Z")


def _with_nulls(rows: list[Record], _use: FaultUse) -> list[Any]:
    """Insert nulls between the runs, and a number, a list and a string after them."""
    return [thing for row in rows for thing in (row, None)] + [42, [], "run"]


def _nameless(row: Record) -> None:
    """Remove an agent's name, and set its id to a number."""
    row.pop("name")
    row["id"] = 7


SHAPES: Final[dict[str, Fault]] = {
    "missing-status": drop("runs without a status", "status"),
    "null-status": put("status is null", status=None),
    "canceled": each(_one_l, "cancelled runs have the status canceled, with one l"),
    "both-spellings": each(_both_spellings, "half of the runs are cancelled, in both spellings"),
    "unknown-status": Fault("status is ARG, requires_action by default", rows=_status, argument="STATUS"),
    "upper-status": each(lambda row: row.update(status=row["status"].upper()), "status in capitals"),
    "status-backwards": Fault(
        "on every second answer completed runs are running", rows=_backwards, argument="ID"
    ),
    "published-example": each(
        _published, "as in the API's published example: no status, all three end times set"
    ),
    "null-tools": put("tools and meta_data are null", tools=None, meta_data=None),
    "null-optionals": each(lambda row: row.update(dict.fromkeys(_OPTIONAL)), "every optional field is null"),
    "bare": drop("only the required fields", *_OPTIONAL),
    "missing-model": drop("no model and no temperature", "model", "temperature"),
    "wrong-types": each(_wrong_types, "fields of other types than documented"),
    "extra-fields": each(_extra, "undocumented fields"),
    "missing-id": drop("runs without an id", "id"),
    "numeric-id": each(lambda row: row.update(id=int(row["id"][-6:], 16)), "ids are numbers"),
    "null-id": put("id is null", id=None),
    "same-id": Fault(
        "all runs of an answer have one id",
        rows=lambda rows, _: [{**row, "id": rows[0]["id"]} for row in rows],
    ),
    "duplicate-rows": Fault(
        "every run comes twice", rows=lambda rows, _: [row for row in rows for _ in range(2)]
    ),
    "foreign-thread": put("runs name another thread", thread_id="thr_elsewhere"),
    "one-bad-element": one(
        lambda row: row.update(created_at="soon", status=["failed"], usage="many", tools=7, model=None),
        "one run has invalid fields, the others are correct",
    ),
    "one-scalar-element": one(lambda row: f"<{row['id']}>", "one run is a string"),
    "null-elements": Fault("nulls and scalars between the runs", rows=_with_nulls),
    "bad-created-at": put("created_at is not a time", created_at="yesterday, around noon"),
    "null-created-at": put("created_at is null", created_at=None),
    "impossible-date": put("created_at is 2026-02-30", created_at="2026-02-30T25:61:00Z"),
    "far-times": put("created in the year 9999", created_at="9999-12-31T23:59:59.999999-12:00"),
    "huge-epoch": put("created_at is 1e300", created_at=1e300),
    "naive-times": each(_times(lambda at: at.replace(tzinfo=None).isoformat()), "times without an offset"),
    "offset-times": each(_times(_with_offset), "times with +05:30"),
    "epoch-times": each(_times(datetime.timestamp), "times are epoch seconds"),
    "epoch-ms-times": each(_times(lambda at: int(at.timestamp() * 1000)), "times are epoch milliseconds"),
    "null-expires-at": put("expires_at is null", expires_at=None),
    "negative-durations": each(_before_start, "runs end before they start"),
    "overdue": each(_overdue, "active runs are past expires_at"),
    "late-spans": Fault(
        "spans come ARG seconds (30) after they began", rows=_late_spans, argument="NUMBER", scope="spans"
    ),
    "labels-on-runs": Fault("group and labels are in meta_data of the run, too", habit=LABELS_ON_RUNS),
    "no-labels": put("spans have no group and no labels", scope="spans", group=None, seekr_metadata=None),
    "empty-usage": each(_usage(lambda _: {}), "usage is {}"),
    "partial-usage": each(_usage(lambda used: {**used, "completion_tokens": None}), "one count is null"),
    "usage-mismatch": each(_usage(lambda used: {**used, "total_tokens": 1}), "counts that do not add up"),
    "string-tokens": each(_counts("1234"), "token counts are strings"),
    "float-tokens": each(_counts(12.5), "token counts are fractions"),
    "negative-tokens": each(_counts(-5), "token counts below zero"),
    "huge-tokens": each(_counts(123456789012345678901234567890), "token counts of 30 digits"),
    "nan": put("temperature is NaN", temperature=float("nan")),
    "infinity": put("top_p is Infinity", top_p=float("inf")),
    "lone-surrogate": put("instructions hold an escaped lone surrogate", instructions="half \ud800 a pair"),
    "orphan-lock": put(
        "threads are locked by a run that is not there",
        scope="threads",
        status="locked",
        active_run_id="run_gone",
    ),
    "orphan-lock-null": put(
        "threads are locked, and active_run_id is null", scope="threads", status="locked", active_run_id=None
    ),
    "thread-id": Fault(
        "thread ids are ARG, ../../admin by default",
        rows=lambda rows, use: [{**row, "id": use.arg or "../../admin"} for row in rows],
        argument="ID",
        scope="threads",
    ),
    "bad-agents": each(_nameless, "agents without name and id", scope="agents"),
}
"""These faults, by name on the command line."""
