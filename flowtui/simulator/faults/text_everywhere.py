"""Hostile text in each string that the server sends.

Each field has a word of its own, which shows where the field is on a screen.

Changes all strings but times and type names. An id gets the same text wherever it occurs, so that references stay
valid; `ids.py` ignores that text in a request.
"""

from __future__ import annotations

from typing import Any, Final

Record = dict[str, Any]

SHORT: Final = "\x1b]0;pwn\x07\x1b[2J\x1b[8m\x9b8m\x00\x08\x0e\x7f\x85\u2028\u202e\u200b\ue000[b]\r\n\t|"
"""Added after the word of a field in names and ids. Without a slash, so that such an id fits into a path."""

LONG: Final = (
    f"{SHORT}\x1b]8;;x:pwn\x1b\\\x1b]52;c;cHdu\x07\x1b]9;pwn\x07\x1bP+q\x1b\\\x1b[?47l\x9d2;pwn\x9c\u2067\ufeff"
    "\U000e0041\u0301\u0301\u0301[@click=app.quit][link=x:pwn]x[/nope]y\n::error::pwn\n"
    "| <b>![pwn](http://x/pwn) [pwn](http://x/pwn) http://x/pwn\n"
)
"""Added after the word of a field in all other strings."""

_IDS: Final = {
    "run_id": "run",
    "active_run_id": "run",
    "thread_id": "thread",
    "agent_id": "agent",
    "trace_id": "trace",
    "span_id": "span",
    "parent_span_id": "span",
}
_KEPT: Final = frozenset({"type", "kind", "gen_ai_usage_input_tokens", "gen_ai_usage_output_token"})
_NAMES: Final = frozenset({"name", "model", "status", "role", "tool_name", "span_name", "group"})
_FREE: Final = frozenset(
    {"meta_data", "seekr_metadata", "args", "config", "properties", "attributes", "data"}
)
"""Objects whose keys the user or the agent chooses; these keys get hostile text too."""


def field_word(kind: str, field: str) -> str:
    """Return the word of a field: `ZrunModel` for a run's model, `ZmessageMetadatakey` for a metadata key of a message."""
    return f"Z{kind}{field.replace('_', '').capitalize()}"


def hostile_text(row: Record) -> Record:
    """Return a copy of the row with hostile text in its strings and in keys that the API does not define."""
    kind = _kind(row)
    changed: Record = {}
    for name, value in row.items():
        owner = kind if name == "id" else _IDS.get(name)
        if owner is not None and isinstance(value, str):
            changed[name] = f"{value}\x1b{field_word(owner, 'id')}{SHORT}"
        elif name == "status" and (kind == "thread" or value in ("queued", "running")):
            changed[name] = value
        else:
            changed[name] = _with_text(value, kind, name)
    return changed


def _kind(row: Record) -> str:
    if "span_id" in row:
        return "span"
    return str(row.get("object", "agent")).rpartition(".")[2]


def _with_text(value: Any, kind: str, field: str) -> Any:
    if isinstance(value, str):
        if field in _KEPT or field.endswith(("_at", "_timestamp")):
            return value
        return f"\x1b{field_word(kind, field)}{SHORT if field in _NAMES else LONG}{value}"
    if isinstance(value, list):
        return [_with_text(item, kind, field) for item in value]
    if isinstance(value, dict):
        free = field in _FREE
        return {
            f"\x1b{field_word(kind, f'{field}key')}{SHORT}{name}" if free else name: _with_text(
                item, kind, field if free else name
            )
            for name, item in value.items()
        }
    return value
