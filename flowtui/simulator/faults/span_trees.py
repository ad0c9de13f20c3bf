"""Faults in the spans of runs: names and levels of other forms, and trees that no trace can have."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Record
from flowtui.simulator.faults.kinds import Fault

_SCOPE: Final = "spans"
_TOOL: Final = "running tool "
_MANY: Final = 100_000
_DEEP: Final = 5_000


def _each(change: Callable[[Record], Any], text: str) -> Fault:
    """Return a fault that changes each span."""

    def rows(found: list[Record], _use: FaultUse) -> list[Any]:
        copies = deepcopy(found)
        for row in copies:
            change(row)
        return copies

    return Fault(text, rows=rows, scope=_SCOPE)


def _whole(change: Callable[[list[Record]], list[Any]], text: str) -> Fault:
    """Return a fault that changes the spans of an answer together."""
    return Fault(text, rows=lambda found, _: change(deepcopy(found)) if found else [], scope=_SCOPE)


def _put(text: str, **values: Any) -> Fault:
    return _each(lambda row: row.update(deepcopy(values)), text)


def _names(found: list[Record], use: FaultUse) -> list[Any]:
    """Name the calls of tools as the argument says: `execute` as OpenTelemetry does, `attribute` by an attribute alone."""
    copies = deepcopy(found)
    for row in copies:
        if not row["span_name"].startswith(_TOOL):
            continue
        tool = row["span_name"].removeprefix(_TOOL)
        row["gen_ai_operation_name"] = "execute_tool"
        row["span_name"] = f"execute_tool {tool}"
        if use.arg == "attribute":
            row.update(span_name="step", gen_ai_tool_name=tool)
    return copies


def _levels(row: Record) -> None:
    row["level"] = row.pop("kind")


def _shift(row: Record, seconds: float, *names: str) -> None:
    for name in names:
        moment = datetime.fromisoformat(row[name]) + timedelta(seconds=seconds)
        row[name] = moment.isoformat().replace("+00:00", "Z")


def _naive(row: Record) -> None:
    for name in ("start_timestamp", "end_timestamp"):
        row[name] = row[name].removesuffix("Z")


def _circle(rows: list[Record]) -> list[Any]:
    """Put each span into the next one, and the last one into the first."""
    for row, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        row["parent_span_id"] = other["span_id"]
    return rows


def _foreign(rows: list[Record]) -> list[Any]:
    for row in rows[1::2]:
        row["run_id"] = "run_elsewhere"
    return rows


def _twice(rows: list[Record]) -> list[Any]:
    return [again for row in rows for again in (row, {**row, "span_name": f"{row['span_name']} again"})]


def _announced(rows: list[Record]) -> list[Any]:
    """Add what Logfire writes when a span begins: a pending span with an id of its own, inside the real one."""
    pending = [
        {
            **row,
            "kind": "pending_span",
            "span_id": f"{row['span_id']}-0",
            "parent_span_id": row["span_id"],
            "end_timestamp": row["start_timestamp"],
        }
        for row in rows
    ]
    return [*rows, *pending]


def _many(rows: list[Record]) -> list[Any]:
    """Send 100,000 small spans in one answer, whatever its limit is."""
    same = {"run_id": rows[-1]["run_id"], "start_timestamp": rows[-1]["start_timestamp"], "span_name": "step"}
    return [*rows, *({**same, "span_id": f"s{number}"} for number in range(_MANY))]


def _deep(rows: list[Record]) -> list[Any]:
    """Nest 5,000 spans, each in the one before."""
    first = {name: rows[-1][name] for name in ("run_id", "thread_id", "start_timestamp", "end_timestamp")}
    return [
        {
            **first,
            "span_id": f"s{number}",
            "parent_span_id": f"s{number - 1}" if number else None,
            "span_name": "step",
        }
        for number in range(_DEEP)
    ]


def _with_scalars(rows: list[Record]) -> list[Any]:
    return [thing for row in rows for thing in (row, None)] + [42, [], "span"]


SPANS: Final[dict[str, Fault]] = {
    "span-names": Fault(
        "tools are named as WORD says: execute (execute_tool X), attribute (an attribute alone)",
        rows=_names,
        argument="WORD",
        scope=_SCOPE,
    ),
    "span-levels": _each(_levels, "level is a word such as pending_span, and there is no kind"),
    "span-pending": _whole(
        _announced, "each span comes also as a pending one inside itself, as Logfire writes it"
    ),
    "span-circle": _whole(_circle, "each span is in the next one, and the last one in the first"),
    "span-own-parent": _each(lambda row: row.update(parent_span_id=row["span_id"]), "each span is in itself"),
    "span-orphans": _put("the span around each one is missing", parent_span_id="gone"),
    "span-no-parents": _put("no span is in another one", parent_span_id=None),
    "span-no-id": _each(lambda row: row.pop("span_id"), "spans without an id"),
    "span-same-id": _put("all spans have one id", span_id="same", parent_span_id=None),
    "span-twice": _whole(_twice, "each span comes twice, with two names"),
    "span-foreign": _whole(_foreign, "half of the spans name another run"),
    "span-scalars": _whole(_with_scalars, "nulls and scalars between the spans"),
    "span-bare": _each(
        lambda row: [row.pop(name) for name in [*row] if name not in {"run_id", "thread_id"}],
        "spans with the ids of their run and thread only",
    ),
    "span-wrong-types": _put(
        "fields of other types than documented",
        span_name={"name": "chat"},
        parent_span_id=["x"],
        level={"of": 17},
        kind=3,
        message=[1],
        is_exception="yes",
        start_timestamp=True,
        end_timestamp={"at": 1},
        gen_ai_usage_input_tokens=[5],
    ),
    "span-tokens": _put(
        "token counts that are no numbers",
        gen_ai_usage_input_tokens="-5",
        gen_ai_usage_output_token="9" * 400,
    ),
    "span-backwards": _each(lambda row: _shift(row, -60, "end_timestamp"), "spans end before they start"),
    "span-no-end": _put("spans without an end", end_timestamp=None),
    "span-bad-times": _put("times that are no times", start_timestamp="soon", end_timestamp="2026-02-30"),
    "span-naive-times": _each(_naive, "times without an offset"),
    "span-clock": _each(
        lambda row: _shift(row, -7200, "start_timestamp", "end_timestamp"),
        "stamps of a clock two hours behind",
    ),
    "span-far-times": _put(
        "spans of the years 1 to 9999", start_timestamp="0001-01-01", end_timestamp="9999-12-31"
    ),
    "span-many": _whole(_many, "100,000 spans in one answer"),
    "span-deep": _whole(_deep, "5,000 spans, each in the one before"),
}
"""These faults, by name on the command line."""
