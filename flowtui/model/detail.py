"""One opened run with every field, display-safe, as plain lines and pairs; the raw value beside it for JSON.

Pure and knows no colour. What the server did not send is left out of nothing: it reads `—`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.run import Run
from flowtui.text import safe_lines, safe_text

_TIMES: Final = ("created", "started", "expires", "cancelled", "failed", "completed")


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool on offer: display-safe name and type, and every other field raw."""

    name: str
    type: str
    fields: dict[str, Any]


def instructions(raw: dict[str, Any]) -> list[str]:
    """Return the instructions as display-safe lines; empty where there are none."""
    value = raw.get("instructions")
    if value is None or value == "":
        return []
    return safe_lines(value) if isinstance(value, str) else json_lines(value)


def tools(raw: dict[str, Any]) -> list[Tool]:
    """Return the tools in the server's order; free-form objects, so names are looked for where APIs put them."""
    value = raw.get("tools")
    if value is None:
        return []
    return [_tool(item) for item in value] if isinstance(value, list) else [_tool(value)]


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


def safe_key(key: object) -> str:
    """Return a key of a free-form object, display-safe."""
    return safe_text(key)


def json_lines(value: Any) -> list[str]:
    """Return a JSON value as indented, display-safe lines."""
    return [
        safe_text(line) for line in json.dumps(value, indent=2, ensure_ascii=False, default=str).split("\n")
    ]


def _short(value: Any) -> str:
    """Return any JSON value on one display-safe line; strings bare, null as —."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return safe_text(value) or UNKNOWN
    return safe_text(json.dumps(value, ensure_ascii=False, default=str))


def _labels(value: Any) -> str:
    """Return free-form labels as `name=value` pairs, which wrap better than JSON; other shapes as JSON."""
    if not isinstance(value, dict) or not value:
        return _short(value)
    return "  ".join(f"{safe_text(key)}={_short(item)}" for key, item in value.items())


def overview(
    run: Run, raw: dict[str, Any] | None, *, agent: str, now: float, zone: tzinfo | None
) -> list[tuple[str, str]]:
    """Return every field of the API but instructions and tools as (label, text), in reading order.

    `raw` is None until the whole run has been fetched: what the row knows is shown at once, the rest reads `…`.
    """

    def heavy(name: str) -> str:
        return "…" if raw is None else _short(raw.get(name))

    status = run.status or UNKNOWN
    if run.status_class not in (run.status, "unknown"):
        status = f"{run.status_class} (the API says {run.status or 'nothing'})"
    times = {name: getattr(run, name) for name in _TIMES}
    pairs = [
        ("id", run.id),
        ("object", heavy("object")),
        (
            "agent",
            f"{agent} ({run.agent_id})" if agent and agent != run.agent_id else run.agent_id or UNKNOWN,
        ),
        ("thread_id", "…" if raw is None else _short(raw.get("thread_id"))),
        ("status", status),
        ("is_active", "yes" if run.is_active else "no"),
        *((name, _when(times[name], name, now, zone)) for name in _TIMES),
        ("model", run.model or UNKNOWN),
        *(
            (name, heavy(name))
            for name in ("temperature", "top_p", "parallel_tool_calls", "max_completion_tokens")
        ),
        *((name, heavy(name)) for name in ("truncation_strategy", "response_format", "tool_choice")),
        ("meta_data", "…" if raw is None else _labels(raw.get("meta_data"))),
        ("usage", usage_text(run)),
    ]
    if run.unreadable is not None:
        pairs.append(("unreadable", run.unreadable))
    return pairs


def _when(at: float | None, name: str, now: float, zone: tzinfo | None) -> str:
    if at is None:
        return UNKNOWN
    away = now - at
    if away >= 0:
        return f"{formatting.timestamp(at, zone)}  {formatting.age(away)} ago"
    return (
        f"{formatting.timestamp(at, zone)}  in {formatting.age(-away)}"
        if name == "expires"
        else formatting.timestamp(at, zone)
    )


def usage_text(run: Run) -> str:
    """Return the token counts on one line; a run that still works says so."""
    if run.prompt_tokens is None and run.completion_tokens is None and run.total_tokens is None:
        return f"{UNKNOWN} not reported yet" if run.active else f"{UNKNOWN} not reported"
    parts = (
        f"prompt {formatting.count(run.prompt_tokens)}",
        f"completion {formatting.count(run.completion_tokens)}",
        f"total {formatting.count(run.total_tokens)}",
    )
    return "  ".join(parts) + ("  still counting" if run.active else "")
