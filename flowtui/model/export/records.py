"""Runs and threads as JSON: the API's own fields and raw values, and computed values in the object `flowtui`.

ASCII only; NaN and infinities become null. Field names are a public interface, whose version (1) is in `v`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flowtui import formatting
from flowtui.model.columns.columns import findings
from flowtui.model.columns.context import Context
from flowtui.model.export.json_text import to_json
from flowtui.model.messages.redaction import redact_element
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.json_body import Undecodable
from flowtui.model.run.row import FAILED, TIMES, Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.lineage import config_of

VERSION: Final = 1
_MILLI: Final = 3
_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")


def run_record(value: Any, run: Run, context: Context) -> dict[str, Any]:
    """Return the object for one run. `value` is its raw JSON value; with `context.redact`, private parts are hidden."""
    config = fingerprint(value) if isinstance(value, dict) else ""
    shown = redact_element(value) if context.redact else value
    return {**_fields(shown), "flowtui": _computed(run, context, config or None)}


def row_record(run: Run, context: Context) -> dict[str, Any]:
    """Return the object for one run whose raw JSON is not known, with the API's own field names.

    It lacks what only the raw JSON has: instructions, tools, metadata, `object` and the parameters (temperature, ...).
    Times are UTC in ISO 8601, however the server wrote them; unknown values are null. `flowtui.findings` also has
    findings that show only when a run is observed repeatedly.
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
        **{f"{name}_at": formatting.iso_time(getattr(run, name)) for name in TIMES},
        "usage": dict(zip(_COUNTS, counts, strict=True)) if reported else None,
        "flowtui": _computed(run, context, config_of(run.key, context.threads)),
    }


def _computed(run: Run, context: Context, config: str | None) -> dict[str, Any]:
    """Return the computed values.

    `agent_name` is there only if it is known, `group` and `labels` only if a span of the run was read. A failed run has
    `failure_reason` and `reason_id`, null as long as its reason is not known.
    """
    wait, duration = run.wait(context.now), run.duration(context.now)
    facts = context.span_facts(run)
    labels = {} if facts is None else {"group": facts.group or None, "labels": dict(facts.labels)}
    name = context.agents.get(run.agent_id)
    return {
        "status_class": run.status_class,
        "terminal": run.terminal,
        "wait_s": None if wait is None else round(wait, _MILLI),
        "duration_s": None if duration is None else round(duration, _MILLI),
        "findings": [finding.name for finding in findings(run, context)],
        "config": config,
        "unreadable": run.unreadable,
        **({"agent_name": name} if name else {}),
        **_reason(run, context),
        **labels,
        **({"inferred": True} if run.inferred else {}),
    }


def _reason(run: Run, context: Context) -> dict[str, str | None]:
    """Return why a run failed, and the id of that reason; {} if it did not fail."""
    if run.status_class != FAILED:
        return {}
    found = context.reasons.get(run.key)
    if found is None:
        return {"failure_reason": None, "reason_id": None}
    return {"failure_reason": found.text, "reason_id": reason_id(found)}


def thread_record(value: Any, thread: Thread, *, redact: bool = False) -> dict[str, Any]:
    """Return the object for one thread. `value` is its raw JSON value; with `redact` private parts are hidden."""
    shown = redact_element(value) if redact else value
    return {**_fields(shown), "flowtui": {"unreadable": thread.unreadable}}


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if isinstance(value, Undecodable) else {"raw": value}


def document_parts(name: str, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the text of a JSON document: `{"v": 1, NAME: [...]}`, with each record on its own line.

    The text comes piece by piece, so that only one record is in memory.
    """
    yield f'{{"v": {VERSION}, "{name}": ['
    before = "\n"
    for record in records:
        yield f"{before}{to_json(record)}"
        before = ",\n"
    yield "]}\n" if before == "\n" else "\n]}\n"


def indented_json(record: dict[str, Any]) -> str:
    """Return one record as an indented JSON document whose first field is `v`."""
    return to_json(versioned(record), indent=2) + "\n"


def json_line(record: dict[str, Any]) -> str:
    """Return one record as a line of JSON with `v` as its first field."""
    return f"{to_json(versioned(record))}\n"


def versioned(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with `v` as its first field; a server's field of that name is dropped."""
    return {"v": VERSION, **{name: value for name, value in record.items() if name != "v"}}
