"""What `--redact` does: returns runs, messages and evidence in which all values that are not public are hidden. Pure.

A field is public only if it is listed here, so a field that the API adds later is hidden. Null and empty values stay,
as they reveal nothing. Ids, names of agents, models and tools, times and counts are public.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2s
from typing import Any, Final

from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.live_part import TOOL, LivePart
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.message import Message
from flowtui.model.messages.parts import TOOL_CALL, TOOL_ERROR, TOOL_RESULT, Part
from flowtui.model.messages.why import Why, reason_of
from flowtui.model.reasons.reason import SOME_TOOL, Reason, reason_id
from flowtui.model.run.fingerprint import canonical, fingerprint
from flowtui.model.run.json_body import Undecodable
from flowtui.model.run.raw_paths import parse_path
from flowtui.model.run.redacted import REDACTED, Redacted, RedactedRun
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.spans.tree import TreeRow

_PLAIN: Final = frozenset(
    [
        *("id", "object", "agent_id", "thread_id", "status", "is_active", "model"),
        *("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at"),
        *("temperature", "top_p", "max_completion_tokens", "parallel_tool_calls", "active_run_id"),
    ]
)
"""Fields of runs and threads whose whole value is public."""

_OUTLINED: Final = frozenset(["usage", "truncation_strategy", "response_format", "tool_choice", "tools"])
"""Fields of which only numbers, types and names of tools are public."""

_NAMES: Final = frozenset(["type", "name"])
_FUNCTION: Final = "function"  # the key under which a tool's name may be nested
_LEAVES: Final = frozenset(
    [
        *(("usage", name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")),
        *((field, name) for field in ("truncation_strategy", "tool_choice", "tools") for name in _NAMES),
        *((field, _FUNCTION, "name") for field in ("tool_choice", "tools")),
    ]
)
_TOOL_PARTS: Final = frozenset([TOOL_CALL, TOOL_RESULT, TOOL_ERROR])
_KEY: Final = secrets.token_bytes(16)  # keyed, so that a short value cannot be guessed by comparing digests


def redact_run(raw: Mapping[str, Any]) -> RedactedRun:
    """Return a raw run with its private values hidden. It keeps the fingerprint of the original."""
    if isinstance(raw, RedactedRun):
        return raw
    return RedactedRun(_fields(raw), fingerprint(raw))


def redact_element(value: Any) -> Any:
    """Return a raw run or thread with its private values hidden. A value that is not an object is hidden as a whole."""
    if isinstance(value, RedactedRun | Undecodable):
        return value
    return _fields(value) if isinstance(value, Mapping) else _hidden(value)


@lru_cache(maxsize=4096)
def redact_facts(facts: SpanFacts) -> SpanFacts:
    """Return what spans say of a run with its group and the values of its labels hidden. Names of labels are public."""
    return facts._replace(
        group=REDACTED if facts.group else "",
        labels=tuple((name, REDACTED if value else "") for name, value in facts.labels),
    )


def redact_message(message: Message) -> Message:
    """Return a message of which only ids, author, time, kinds of parts and names of tools are left."""
    return message._replace(parts=tuple(map(_part, message.parts)))


def redact_live(live: LiveText) -> LiveText:
    """Return the text of a running run of which only names of tools are left. A hidden text that is complete says nothing."""
    parts = [_live_part(part) for part in live.parts if part.kind == TOOL or not part.done]
    return live._replace(parts=tuple(parts), error=live.error and REDACTED)


def redact_evidence(found: Evidence) -> Evidence:
    """Return evidence of which only the kind, place and time of errors are left, without any text of messages."""
    last = found.last_message
    return replace(
        found,
        exceptions=tuple(one._replace(lines=_lines(one.lines)) for one in found.exceptions),
        tool_errors=tuple(one._replace(lines=_lines(one.lines)) for one in found.tool_errors),
        last_message=None if last is None else last._replace(lines=_lines(last.lines)),
        tree=replace(found.tree, rows=tuple(map(_row, found.tree.rows))),
    )


def redacted_why(found: Evidence, key: bytes) -> Why | None:
    """Return the reason that evidence gives, which only names the tool and the type of exception; None if there is none.

    Its id is that of the real reason, with `key` as the secret (see `reason_id`), also if there was no text to hide: the
    same reason may have come with a text, or from the history, which does not know whether there was one.
    """
    real, hidden = reason_of(found), reason_of(redact_evidence(found))
    if real is None or hidden is None:
        return hidden
    hidden_id = reason_id(real.folded, key)
    if hidden.folded == real.folded:
        return hidden._replace(folded=hidden.folded._replace(hidden_id=hidden_id))
    text = ": ".join(filter(None, (hidden.tool, hidden.exception, REDACTED)))
    told = hidden.folded._replace(text=text, hidden_id=hidden_id)
    line = f"tool error: {text}" if told.source.startswith(SOME_TOOL) else text
    return hidden._replace(reason=line, folded=told)


def hidden_reason(real: Reason, key: bytes) -> Reason:
    """Return a reason of which only its tool is named. Its id is as that of `redacted_why`."""
    return named_tool(real._replace(hidden_id=reason_id(real, key)))


def named_tool(hidden: Reason) -> Reason:
    """Return a hidden reason whose text only names its tool, if it has one with a name."""
    tool = hidden.source.removeprefix(f"{SOME_TOOL} ") if hidden.source.startswith(f"{SOME_TOOL} ") else ""
    return hidden._replace(text=": ".join(filter(None, (tool, REDACTED))))


@lru_cache(maxsize=256)
def is_private(path: str) -> bool:
    """Whether the value at a path into a raw run is hidden."""
    steps = tuple(step for step in parse_path(path) if isinstance(step, str))
    return not (steps in _LEAVES or (len(steps) == 1 and steps[0] in _PLAIN))


def _fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _field(name, value) for name, value in raw.items()}


def _field(name: str, value: Any) -> Any:
    if name in _PLAIN:
        return value if value is None or isinstance(value, str | int | float) else _hidden(value)
    if name not in _OUTLINED:
        return _hidden(value)
    if name == "tools" and isinstance(value, list):
        return [_outline(item) for item in value]
    return value if isinstance(value, str) and name != "tools" else _outline(value)


def _outline(value: Any) -> Any:
    """Return a value of which only numbers, types and names are left."""
    if value is None or isinstance(value, int | float):
        return value
    if not isinstance(value, Mapping):
        return _hidden(value)
    return {
        key: item
        if key in _NAMES and isinstance(item, str)
        else _outline(item)
        if key == _FUNCTION or isinstance(item, int | float)
        else _hidden(item)
        for key, item in value.items()
    }


def _hidden(value: Any) -> Any:
    """Return what replaces a private value. A null or empty value is returned unchanged."""
    if value is None or isinstance(value, Redacted) or value in ("", [], {}):
        return value
    known = canonical(value)
    return Redacted("" if known is None else blake2s(known.encode(), key=_KEY).hexdigest())


def _part(part: Part) -> Part:
    title = part.title if part.kind in _TOOL_PARTS else ""
    has_content = bool(part.lines) or part.value is not None
    return part._replace(
        title=title, lines=(REDACTED,) if has_content else (), value=None, left_out=0, note=""
    )


def _live_part(part: LivePart) -> LivePart:
    return part._replace(lines=_lines(part.lines), result=part.result and REDACTED, left_out=0)


def _row(row: TreeRow) -> TreeRow:
    """Return a row of a span tree without the text of its error."""
    return row._replace(span=row.span._replace(message=REDACTED)) if row.span.message else row


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return (REDACTED,) if lines else ()
