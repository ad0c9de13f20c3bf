"""Runs and threads as JSON: the API's own fields and raw values, and beside them `flowtui`, what we make of them.

ASCII only; NaN and infinities become null. Field names are an interface (version 1, `v`). Pure: text comes out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowtui import formatting
from flowtui.model.columns.columns import findings
from flowtui.model.columns.context import Context
from flowtui.model.messages.redaction import redact_element
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.json_body import Undecodable
from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.lineage import config_of

VERSION: Final = 1
_MILLI: Final = 3
_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")


def run_record(value: Any, run: Run, context: Context) -> dict[str, Any]:
    """Return the object for one run; `value` is its raw element, whatever that is, of which a context may hide parts."""
    config = fingerprint(value) if isinstance(value, dict) else ""
    shown = redact_element(value) if context.redact else value
    return {**_fields(shown), "flowtui": _ours(run, context, config or None)}


def row_record(run: Run, context: Context) -> dict[str, Any]:
    """Return the object for one run of which only the row is known, under the API's own names.

    Not in it is what a row does not hold, and lists are not fetched whole again for it: instructions, tools,
    metadata, `object` and the parameters (temperature, ...). Times are UTC in ISO 8601, whatever the server wrote;
    unknown is null. `flowtui.findings` also has what only repeated looks show.
    """
    counts = (run.prompt_tokens, run.completion_tokens, run.total_tokens)
    reported = any(count is not None for count in counts)
    return {
        **({} if run.placeholder else {"id": run.raw_id}),
        "thread_id": run.thread_key,
        "agent_id": run.agent_id or None,
        "status": run.status or None,
        "is_active": run.is_active,
        "model": run.model or None,
        "created_at": formatting.iso_time(run.created),
        "started_at": formatting.iso_time(run.started),
        "expires_at": formatting.iso_time(run.expires),
        "cancelled_at": formatting.iso_time(run.cancelled),
        "failed_at": formatting.iso_time(run.failed),
        "completed_at": formatting.iso_time(run.completed),
        "usage": dict(zip(_COUNTS, counts, strict=True)) if reported else None,
        "flowtui": _ours(run, context, config_of(run.key, context.threads)),
    }


def _ours(run: Run, context: Context, config: str | None) -> dict[str, Any]:
    wait, duration = run.wait(context.now), run.duration(context.now)
    return {
        "status_class": run.status_class,
        "terminal": run.terminal,
        "wait_s": None if wait is None else round(wait, _MILLI),
        "duration_s": None if duration is None else round(duration, _MILLI),
        "findings": [finding.name for finding in findings(run, context)],
        "config": config,
        "unreadable": run.unreadable,
    }


def thread_record(value: Any, thread: Thread, *, redact: bool = False) -> dict[str, Any]:
    """Return the object for one thread; `value` is its raw element, without what is private with `redact`."""
    return {
        **_fields(redact_element(value) if redact else value),
        "flowtui": {"unreadable": thread.unreadable},
    }


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if isinstance(value, Undecodable) else {"raw": value}


def document(name: str, records: Iterable[dict[str, Any]]) -> str:
    """Return one JSON document: `{"v": 1, NAME: [...]}`, a record on each line."""
    return "".join(document_parts(name, records))


def document_parts(name: str, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the same document piece by piece, a record at a time."""
    yield f'{{"v": {VERSION}, "{name}": ['
    before = "\n"
    for record in records:
        yield f"{before}{to_json(record)}"
        before = ",\n"
    yield "]}\n" if before == "\n" else "\n]}\n"


def indented_json(record: dict[str, Any]) -> str:
    """Return one record as an indented JSON document that begins with `v`."""
    return to_json(versioned(record), indent=2) + "\n"


def json_lines(records: Iterable[dict[str, Any]]) -> str:
    """Return a JSON object on each line, each beginning with `v`."""
    return "".join(map(json_line, records))


def json_line(record: dict[str, Any]) -> str:
    """Return one record as a line of JSON that begins with `v`."""
    return f"{to_json(versioned(record))}\n"


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
