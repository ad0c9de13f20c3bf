"""Parses the bytes of an answer into rows of runs or threads. One unreadable element never hides the others.

The fast path, in pydantic's core, reads a list in which all runs have the promised shape. If it refuses the body, the fallback
reads element by element, and names what it could not read.

All strings of a row are display-safe except `Run.thread_key`, `Run.raw_id`, `Thread.key` and `Thread.active_run`. These
are raw ids, which requests need and which identify runs and threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import Repr
from sys import intern
from typing import Any, Final, NamedTuple
from zlib import crc32

from pydantic_core import ValidationError

from flowtui.errors import UnreadableError
from flowtui.model.run.element import FieldReader, parse_time
from flowtui.model.run.json_body import (
    MAX_ELEMENTS,
    MAX_TEXT,
    TOO_MANY,
    decode,
    no_object,
    parse_elements,
    too_large,
    too_many_values,
    type_name,
)
from flowtui.model.run.light_runs import LIGHT_RUNS
from flowtui.model.run.row import PLACEHOLDER, UNKNOWN, Run, classify
from flowtui.model.run.thread import Thread
from flowtui.text import safe_name

# Size in bytes up to which the texts of a body are not measured, as the fast path keeps few of them.
_LEAN: Final = MAX_TEXT // 2
_GIST: Final = Repr()  # writes only the beginning of a value, as the value may be megabytes long
_GIST.maxstring = _GIST.maxother = _GIST.maxlong = 4096
_GIST.maxdict = _GIST.maxlist = 64
# greatest number of rows of a page for elements without an id; more would not help the user
_MAX_PLACEHOLDERS = 200


class ParsedRuns(NamedTuple):
    """The rows of one page of runs, in the server's order."""

    rows: list[Run]
    error: str | None
    """Why the page could not be read whole; None if it was read whole."""


class ParsedThreads(NamedTuple):
    """The threads of one page, in the server's order."""

    rows: list[Thread]
    error: str | None
    """Why the page could not be read whole; None if it was read whole."""


def parse_runs(body: bytes, thread_key: str) -> ParsedRuns:
    """Return the rows of one page of a thread's runs; `thread_key` is the raw id of the thread."""
    if body.startswith(b"[") and not (too_many_values if len(body) <= _LEAN else too_large)(body):
        try:
            light = LIGHT_RUNS.validate_json(body)
            rows = [_from_light(item, thread_key) for item in light[:MAX_ELEMENTS]]
            return ParsedRuns(rows, None if len(light) <= MAX_ELEMENTS else TOO_MANY)
        except (ValidationError, ValueError, KeyError, OverflowError):
            pass  # unusual: the fallback finds out what is wrong and keeps the rest
    return _tolerant(body, thread_key)


def _tolerant(body: bytes, thread_key: str) -> ParsedRuns:
    """Return the rows of any body, read element by element."""
    rows: list[Run] = []
    left, skipped = _MAX_PLACEHOLDERS, 0

    def take(value: Any) -> None:
        nonlocal left, skipped
        nameless = not isinstance(value, dict) or not value.get("id")
        if nameless and left == 0:
            skipped += 1
            return
        left -= nameless
        rows.append(parse_run(value, thread_key))

    error = parse_elements(body, take).error
    if skipped and error is None:
        error = f"{skipped + _MAX_PLACEHOLDERS:,} elements that are not runs"
    return ParsedRuns(rows, error)


def _from_light(item: Mapping[str, Any], thread_key: str) -> Run:
    """Return the row of an element that the fast path accepted.

    Raises:
        KeyError: the id is missing; the fallback reads the element.
        ValueError: the id is empty or a time is unreadable; the fallback reads the element.
    """
    raw_id = item["id"]
    if not raw_id:
        raise ValueError("an empty id")
    cancelled = parse_time(item.get("cancelled_at"))
    failed = parse_time(item.get("failed_at"))
    completed = parse_time(item.get("completed_at"))
    status = item.get("status")
    active = item.get("is_active") or False
    usage = item.get("usage") or {}
    return Run(
        thread_key,
        raw_id,
        safe_name(raw_id),
        intern(safe_name(item.get("agent_id") or "")),
        intern(safe_name(status or "")),
        classify(status, is_active=active, failed=failed, cancelled=cancelled, completed=completed),
        intern(safe_name(item.get("model") or "")),
        active,
        parse_time(item.get("created_at")),
        parse_time(item.get("started_at")),
        parse_time(item.get("expires_at")),
        cancelled,
        failed,
        completed,
        usage.get("prompt_tokens"),
        usage.get("completion_tokens"),
        usage.get("total_tokens"),
        None,
    )


def parse_run(value: Any, thread_key: str) -> Run:
    """Return the row of one raw JSON element of any type; `unreadable` names the parts that could not be read."""
    if not isinstance(value, dict):
        return _unreadable(value, thread_key, no_object(value))
    read = FieldReader(value)
    raw_id = read.text("id")
    if not raw_id:
        return _unreadable(value, thread_key, "; ".join(read.problems) or "id: missing")
    cancelled, failed, completed = map(read.time, ("cancelled_at", "failed_at", "completed_at"))
    usage = read.mapping("usage")
    status = read.text("status")
    active = read.flag("is_active")
    return Run(
        thread_key,
        raw_id,
        safe_name(raw_id),
        intern(safe_name(read.text("agent_id"))),
        intern(safe_name(status)),
        classify(status, is_active=active, failed=failed, cancelled=cancelled, completed=completed),
        intern(safe_name(read.text("model"))),
        active,
        read.time("created_at"),
        read.time("started_at"),
        read.time("expires_at"),
        cancelled,
        failed,
        completed,
        read.tokens(usage, "prompt_tokens"),
        read.tokens(usage, "completion_tokens"),
        read.tokens(usage, "total_tokens"),
        "; ".join(read.problems) or None,
    )


def _unreadable(value: Any, thread_key: str, reason: str) -> Run:
    """Return the row of an element without an id.

    Its made-up id is a hash of the content, so it is the same at each poll.
    """
    mark = f"{PLACEHOLDER}{crc32(_GIST.repr(value).encode('utf-8', 'replace')):08x}"
    created = FieldReader(value).time("created_at") if isinstance(value, dict) else None
    unknown = (None, None, None, None, None, None, None, None)
    return Run(thread_key, mark, mark, "", "", UNKNOWN, "", False, created, *unknown, reason)


def parse_threads(body: bytes) -> ParsedThreads:
    """Return the rows of a page of threads."""
    elements = parse_elements(body)
    return ParsedThreads([parse_thread(value) for value in elements.values], elements.error)


def parse_thread(value: Any) -> Thread:
    """Return the row of one raw thread of any type; `unreadable` names the parts that could not be read."""
    if not isinstance(value, dict):
        return Thread("", "", "", None, None, no_object(value))
    read = FieldReader(value)
    key = read.text("id")
    if not key and not read.problems:
        read.problems.append("id: missing")
    created = read.time("created_at")
    status, active_run = read.text("status"), read.text("active_run_id")
    return Thread(
        key,
        safe_name(key),
        intern(safe_name(status)),
        active_run or None,
        created,
        "; ".join(read.problems) or None,
    )


def parse_agents(body: bytes) -> dict[str, str]:
    """Return display-safe agent id → display-safe name. Agents without an id or a name are left out."""
    names: dict[str, str] = {}
    for value in parse_elements(body).values:
        agent, name = (value.get("id"), value.get("name")) if isinstance(value, dict) else (None, None)
        if isinstance(agent, str) and isinstance(name, str):
            names[intern(safe_name(agent))] = safe_name(name)
    return names


def parse_detail(body: bytes) -> dict[str, Any]:
    """Return one run or thread with all fields as the server sent them, for the detail pane and JSON output.

    Raises:
        UnreadableError: the body is not one JSON object.
    """
    value, error = decode(body)
    if isinstance(value, dict) and isinstance(value.get("data"), dict) and "id" not in value:
        value = value["data"]
    if not isinstance(value, dict):
        reason = error or f"{type_name(value)} instead of an object"
        raise UnreadableError(f"The server sent {reason}", hint="Check that the base URL is the API's")
    return value
