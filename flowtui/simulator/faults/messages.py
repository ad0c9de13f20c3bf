"""Faults in messages: shapes of parts and links to runs that are not documented, but may occur."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flowtui.simulator.exchange import Record
from flowtui.simulator.faults.kinds import Fault
from flowtui.simulator.faults.rows import each
from flowtui.simulator.world.messages import Question

_SCOPE: Final = "messages"
_LARGE: Final = 9_123_456  # bytes


def _named(row: Record) -> None:
    """Name the run in the message of a user."""
    if isinstance(row, Question):
        row["run_id"] = row.run


def _nameless(row: Record) -> None:
    """Name no run in any message."""
    row["run_id"] = None


def _parts(change: Callable[[Record], None]) -> Callable[[Record], None]:
    """Return a function that changes each part of a message."""

    def apply(row: Record) -> None:
        for part in row.get("parts") or ():
            change(part)

    return apply


def _referenced(part: Record) -> None:
    """Replace the error text of a tool by a failed result whose output is a reference with a preview."""
    text = part.pop("error_text", None)
    if text is not None:
        part.update(type="tool-result", is_error=True, output=None, output_ref=_reference(text))


def _reference(text: str) -> Record:
    return {
        "object_id": "obj_error",
        "size_bytes": _LARGE,
        "mime_type": "text/plain",
        "preview_text": text,
        "truncated": True,
    }


def _references(change: Callable[[Record], Any]) -> Callable[[Record], None]:
    """Return a function that replaces each reference in a part of a message by `change(reference)`."""

    def apply(part: Record) -> None:
        for name in [name for name in part if name.endswith("_ref") and isinstance(part[name], dict)]:
            part[name] = change(part[name])

    return _parts(apply)


def _guardrail(row: Record) -> None:
    """Send the output of a guardrail also as a part, in place of the text."""
    content = row["content"]
    output = content[0] if isinstance(content, list) else {}
    for part in row.get("parts") or ():
        if "guardrail" in output and part["type"] == "text":
            part.update(output)


def _scalar_guardrail(row: Record) -> None:
    """Send texts as the output of a guardrail that is no list."""
    if isinstance(row["content"], str):
        row["content"] = [{"type": "output_guardrail", "text": row["content"], "guardrail": "blocked"}]


MESSAGES: Final[dict[str, Fault]] = {
    "user-run-id": each(_named, "messages of users name their run", scope=_SCOPE),
    "no-run-id": each(_nameless, "no message names a run", scope=_SCOPE),
    "referenced-errors": each(
        _parts(_referenced), "tool errors are results with a reference, without error_text", scope=_SCOPE
    ),
    "short-refs": each(
        _references(lambda ref: {"id": ref["object_id"], "bytes": ref["size_bytes"]}),
        "references have other fields than documented",
        scope=_SCOPE,
    ),
    "bare-refs": each(
        _references(lambda ref: {"object_id": ref["object_id"], "size_bytes": None, "truncated": None}),
        "references have an id and no preview",
        scope=_SCOPE,
    ),
    "scalar-refs": each(_references(lambda ref: ref["object_id"]), "references are strings", scope=_SCOPE),
    "guardrail-parts": each(_guardrail, "outputs of guardrails are also parts", scope=_SCOPE),
    "scalar-guardrail": each(
        _scalar_guardrail, "texts are outputs of a guardrail whose result is a string", scope=_SCOPE
    ),
}
"""These faults, by name on the command line."""
