"""All fields of one opened run, display-safe, as lines and (label, text) pairs. Pure; knows no colours.

A field that the server did not send is shown as `—`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from typing import Any, Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.run.labels import group_text, labels_text
from flowtui.model.run.row import TIMES, Run
from flowtui.model.run.span_facts import ShownTokens, SpanFacts, shown_tokens
from flowtui.text import safe_lines, safe_text, shorten_counted

MAX_INSTRUCTIONS: Final = 200_000
"""The most characters shown of the instructions; drawing more would take seconds."""

MAX_VALUE: Final = 4_000
"""The most characters shown of any other value, which takes one line."""

MAX_LINES: Final = 10_000
"""The most lines shown of one JSON value."""

MAX_TOOLS: Final = 500
"""The most tools shown of one run."""

_MAX_LINE: Final = 20_000
_MAX_LABELS: Final = 100
_NOT_READ: Final = f"{UNKNOWN} not read"  # no span of the run was read, and only spans have labels
_PARAMETERS: Final = (
    *("temperature", "top_p", "parallel_tool_calls", "max_completion_tokens"),
    *("truncation_strategy", "response_format", "tool_choice"),
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the run may use."""

    name: str
    """The name, display-safe."""
    type: str
    """The type, display-safe; a dash if there is none."""
    fields: dict[str, Any]
    """All other fields, raw."""


def instructions(raw: dict[str, Any]) -> list[str]:
    """Return the instructions as display-safe lines; [] if there are none.

    If they are cut, a last line says how many characters are left out.
    """
    value = raw.get("instructions")
    if value is None or value == "":
        return []
    if not isinstance(value, str):
        return json_lines(value)
    lines = safe_lines(value[:MAX_INSTRUCTIONS])
    left_out = len(value) - MAX_INSTRUCTIONS
    return [*lines, f"… {left_out:,} more characters"] if left_out > 0 else lines


def tools(raw: dict[str, Any]) -> list[Tool]:
    """Return the tools in the server's order.

    If there are too many, a last entry says how many are left out. Tools are free-form objects, so the name of a tool
    is searched in the places where APIs usually have it.
    """
    value = raw.get("tools")
    if value is None:
        return []
    if not isinstance(value, list):
        return [_tool(value)]
    found = [_tool(item) for item in value[:MAX_TOOLS]]
    if len(value) > MAX_TOOLS:
        found.append(Tool(f"… {len(value) - MAX_TOOLS:,} more tools", UNKNOWN, {}))
    return found


def _tool(value: Any) -> Tool:
    if not isinstance(value, dict):
        return Tool(_short(value), UNKNOWN, {})
    kind = value.get("type")
    inner = value.get("function")
    name = value.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
    rest = {
        key: item for key, item in value.items() if key not in ("name", "type") or not isinstance(item, str)
    }
    return Tool(_short(name or kind or "tool"), _short(kind) if kind else UNKNOWN, rest)


def json_lines(value: Any) -> list[str]:
    """Return a JSON value as indented, display-safe lines; cut places say how much is left out."""
    lines = json.dumps(value, indent=2, ensure_ascii=False, default=str).split("\n")
    shown = [_cut(line, _MAX_LINE) for line in lines[:MAX_LINES]]
    if len(lines) > MAX_LINES:
        shown.append(f"… {len(lines) - MAX_LINES:,} more lines")
    return shown


def _short(value: Any) -> str:
    """Return any JSON value on one display-safe line: strings without quotes, null as —."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return _cut(value) or UNKNOWN
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str, most: int = MAX_VALUE) -> str:
    """Return a display-safe text of at most `most` characters, with a count of those left out."""
    return safe_text(shorten_counted(text, most))


def _labels(value: Any) -> str:
    """Return free-form labels as `name=value` pairs, which wrap better than JSON.

    A value that is not an object is returned as JSON.
    """
    if not isinstance(value, dict) or not value:
        return _short(value)
    pairs = [f"{_cut(key)}={_short(item)}" for key, item in islice(value.items(), _MAX_LABELS)]
    if len(value) > _MAX_LABELS:
        pairs.append(f"… {len(value) - _MAX_LABELS:,} more")
    return "  ".join(pairs)


def overview(
    run: Run,
    raw: dict[str, Any] | None,
    *,
    agent: str,
    now: float,
    zone: tzinfo | None,
    facts: SpanFacts | None = None,
) -> list[tuple[str, str]]:
    """Return all fields of the API except instructions and tools as (label, text), in reading order.

    `raw` is the whole run, or None until it has been fetched; until then, a field that the row does not have is shown
    as `…`. `agent` is the agent's name. `now` is UTC epoch seconds by the server's clock. `zone` is the time zone in
    which times are shown; None is the local one. `facts` is what the run's spans say, which includes its group and labels;
    None if no span was read.
    """

    def heavy(name: str) -> str:
        return "…" if raw is None else _short(raw.get(name))

    pairs = [
        ("id", run.id),
        ("object", heavy("object")),
        (
            "agent",
            f"{agent} ({run.agent_id})" if agent not in ("", run.agent_id) else run.agent_id or UNKNOWN,
        ),
        ("thread_id", "…" if raw is None else _short(raw.get("thread_id"))),
        ("status", _status(run)),
        ("is_active", "yes" if run.is_active else "no"),
        *(
            (name, _when(getattr(run, name), now, zone, ahead=name == "expires" and not run.terminal))
            for name in TIMES
        ),
        ("model", run.model or UNKNOWN),
        *((name, heavy(name)) for name in _PARAMETERS),
        ("meta_data", "…" if raw is None else _labels(raw.get("meta_data"))),
        ("group", group_text(facts) if facts is not None else _NOT_READ),
        ("labels", labels_text(facts, gap="  ") if facts is not None else _NOT_READ),
        ("usage", usage_text(run, facts)),
    ]
    if run.unreadable is not None:
        pairs.append(("unreadable", run.unreadable))
    return pairs


def _status(run: Run) -> str:
    if run.inferred:
        sent = f"the server's status is {run.status!r}" if run.status else "the server sent no status"
        return f"{run.status_class}, inferred from {run.inferred_from}: {sent}"
    if run.status_class not in (run.status, "unknown"):
        return f"{run.status_class} (the API says {run.status or 'nothing'})"
    return run.status or UNKNOWN


def inference(run: Run) -> str:
    """Return why the status of a run was inferred, and from which field, as a note; "" if it was not inferred."""
    if not run.inferred:
        return ""
    return f"{f'status {run.status!r}' if run.status else 'no status'}, inferred from {run.inferred_from}"


def _when(at: float | None, now: float, zone: tzinfo | None, *, ahead: bool) -> str:
    """Return a time and how long ago it was; `ahead`: or how long it is until then."""
    if at is None:
        return UNKNOWN
    shown = formatting.timestamp(at, zone)
    if at <= now:
        return f"{shown}  {formatting.shown_age(at, now)} ago"
    return f"{shown}  in {formatting.age(at - now)}" if ahead else shown


def usage_text(run: Run, facts: SpanFacts | None = None) -> str:
    """Return the token counts on one line; an active run is marked as still counting.

    `facts`: what spans say; their counts are shown, marked as such, if the run reports none.
    """
    found = shown_tokens(run, facts)
    if found == ShownTokens(None, None, None):
        return f"{UNKNOWN} not reported yet" if run.active else f"{UNKNOWN} not reported"
    parts = (
        f"prompt {formatting.count(found.prompt)}",
        f"completion {formatting.count(found.completion)}",
        f"total {formatting.count(found.total)}",
    )
    if found.at_least:
        return "  ".join(parts) + "  at least, from spans"
    return "  ".join(parts) + ("  still counting" if run.active else "")
