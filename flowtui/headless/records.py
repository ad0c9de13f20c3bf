"""Runs and threads as JSON: the API's own fields and raw values, and beside them `flowtui`, what we make of them.

ASCII only; NaN and infinities become null. Field names are an interface (version 1, `v`).
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

from flowtui.model.findings import run_findings
from flowtui.model.json_body import Undecodable
from flowtui.model.run import Run
from flowtui.model.thread import Thread

VERSION: Final = 1
_MILLI: Final = 3


def run_record(value: Any, run: Run, now: float) -> dict[str, Any]:
    """Return the object for one run; `value` is its raw element, whatever that is, `now` server time."""
    wait, duration = run.wait(now), run.duration(now)
    return {
        **_fields(value),
        "flowtui": {
            "status_class": run.status_class,
            "terminal": run.terminal,
            "wait_s": None if wait is None else round(wait, _MILLI),
            "duration_s": None if duration is None else round(duration, _MILLI),
            "findings": [finding.name for finding in run_findings(run, now)],
            "unreadable": run.unreadable,
        },
    }


def thread_record(value: Any, thread: Thread) -> dict[str, Any]:
    """Return the object for one thread; `value` is its raw element."""
    return {**_fields(value), "flowtui": {"unreadable": thread.unreadable}}


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if isinstance(value, Undecodable) else {"raw": value}


def document(name: str, records: list[dict[str, Any]]) -> str:
    """Return one JSON document: `{"v": 1, NAME: [...]}`, a record on each line."""
    lines = ",\n".join(to_json(record) for record in records)
    body = f"[\n{lines}\n]" if records else "[]"
    return f'{{"v": {VERSION}, "{name}": {body}}}\n'


def single(record: dict[str, Any]) -> str:
    """Return one record as an indented JSON document that begins with `v`."""
    return to_json(versioned(record), indent=2) + "\n"


def lines(records: list[dict[str, Any]]) -> str:
    """Return a JSON object on each line, each beginning with `v`."""
    return "".join(f"{to_json(versioned(record))}\n" for record in records)


def versioned(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with `v` in front; a field of that name from the server yields."""
    return {"v": VERSION, **{name: value for name, value in record.items() if name != "v"}}


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON in ASCII only: plain JSON would leave DEL, C1 and bidi characters raw."""
    # DEL is ASCII and json leaves it; it stands only inside strings, so replacing it is safe.
    return json.dumps(_finite(value), ensure_ascii=True, allow_nan=False, indent=indent).replace(
        "\x7f", "\\u007f"
    )


def _finite(value: Any) -> Any:
    """Return `value` with NaN and infinities as null. The parser bounds the nesting."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
