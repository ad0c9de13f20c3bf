"""The messages of a thread, parsed from raw JSON of any shape; their texts are display-safe and of limited size. Pure.

An unreadable element never hides the others: it becomes a message that says what could not be read. Text that an
element has both in `content` and in `parts` is kept once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from flowtui.model.messages.parts import (
    GUARDRAIL,
    OTHER,
    TEXT,
    TOOL_CALL,
    TOOL_ERROR,
    TOOL_RESULT,
    CharacterBudget,
    Part,
    parse_part,
)
from flowtui.model.run.element import FieldReader
from flowtui.model.run.json_body import Undecodable, type_name
from flowtui.text import safe_text, shorten

MAX_PARTS: Final = 200
"""The most parts of one message that are read."""
_MAX_NAME: Final = 200


class Message(NamedTuple):
    """One message. All text except `key`, `raw_id` and `run` is display-safe."""

    key: str
    """Identifies the message within its thread: the raw id or, without one, a hash of the content."""
    raw_id: str
    """The id as the server wrote it; "" if there is none."""
    id: str
    role: str
    created: float | None
    """UTC epoch seconds by the server's clock; None if unknown."""
    agent_id: str
    run: str | None
    """The raw id of the run that the message belongs to; None if the server names none."""
    parts: tuple[Part, ...] = ()
    unreadable: str | None = None
    """What could not be read; None if everything was read."""


def parse_page(values: Iterable[Any], run_id: str) -> Iterator[Message]:
    """Yield the messages of one page, each once, in the server's order.

    Messages of other runs than `run_id` (raw) come without parts. If different messages have the same id, each gets its
    own key.
    """
    seen: dict[str, Any] = {}
    for value in values:
        message = parse_message(value, run_id)
        if message.key in seen:
            if seen[message.key] == value:
                continue
            message = message._replace(key=f"{message.key}#{_mark(value)}")
            if message.key in seen:
                continue
        seen[message.key] = value
        yield message


def parse_message(value: Any, run_id: str | None = None) -> Message:
    """Return the message for a value of any type.

    `run_id` is the raw id of a run. If it is given, a message of another run comes without parts.
    """
    if not isinstance(value, dict):
        reason = (
            value.reason if isinstance(value, Undecodable) else f"{type_name(value)} instead of an object"
        )
        return Message(f"?{_mark(value)}", "", "", "", None, "", None, (), reason)
    reader = FieldReader(value)
    raw_id = reader.text("id")
    role, agent = reader.text("role"), reader.text("agent_id")
    created = reader.time("created_at")
    run = _run(value.get("run_id"), reader)
    parts: tuple[Part, ...] = ()
    if run_id is None or run in (None, run_id):
        parts = _parts(value, reader)
    return Message(
        key=raw_id or f"?{_mark(value)}",
        raw_id=raw_id,
        id=_short(raw_id),
        role=_short(role),
        created=created,
        agent_id=_short(agent),
        run=run,
        parts=parts,
        unreadable="; ".join(reader.problems) or None,
    )


def _run(value: Any, reader: FieldReader) -> str | None:
    if isinstance(value, Mapping):  # some answers contain the run object in place of its id
        value = value.get("id")
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    reader.problems.append(f"run_id: expected a string, got {type_name(value)}")
    return None


def _parts(value: dict[str, Any], reader: FieldReader) -> tuple[Part, ...]:
    """Return the parts of a message.

    If the field `parts` has no text, the text in the field `content` is added; without `parts`, all of `content` is
    taken. The output of a guardrail is documented for `content` only, and is always taken from there.
    """
    budget = CharacterBudget()
    parts = _parsed(_listed(value.get("parts")), budget)
    content = _listed(value.get("content"))
    if not parts:
        parts = _parsed(content, budget)
    else:
        if not any(part.kind == TEXT and part.lines for part in parts):
            parts = [part for part in _parsed(content, budget) if part.kind == TEXT and part.lines] + parts
        _add_guardrails(parts, content, budget)
    if not parts and "content" not in value and "parts" not in value:
        reader.problems.append("neither content nor parts")
    return tuple(parts)


def _add_guardrails(parts: list[Part], content: list[Any], budget: CharacterBudget) -> None:
    """Add the outputs of guardrails among `content` to the parts. Each replaces a part of the same text."""
    outputs = [item for item in content[:MAX_PARTS] if isinstance(item, Mapping) and "guardrail" in item]
    for output in _parsed(outputs, budget):
        if output.kind != GUARDRAIL:
            continue
        same = (place for place, part in enumerate(parts) if part.lines == output.lines != ())
        place = next(same, None)
        if place is None:
            parts.append(output)
        elif parts[place].kind == TEXT:
            parts[place] = output


def _listed(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _parsed(values: list[Any], budget: CharacterBudget) -> list[Part]:
    parts = [parse_part(value, budget) for value in values[:MAX_PARTS] if value is not None]
    if len(values) > MAX_PARTS:
        parts.append(Part(OTHER, "…", (f"{len(values) - MAX_PARTS:,} more parts",)))
    return parts


def _mark(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _short(text: str) -> str:
    return safe_text(shorten(text, _MAX_NAME))


PartKey = tuple[str, int]
"""Identifies a part: the key of its message, and its index there."""


def tool_results(messages: Iterable[Message]) -> dict[PartKey, list[PartKey]]:
    """Return tool call → its results: later parts with the same call id, in any message.

    `messages` must be in order, the oldest first.
    """
    last: dict[str, PartKey] = {}
    found: dict[PartKey, list[PartKey]] = {}
    for message in messages:
        for number, part in enumerate(message.parts):
            place = (message.key, number)
            if part.kind == TOOL_CALL and part.call:
                last[part.call] = place
            elif part.kind in (TOOL_RESULT, TOOL_ERROR) and part.call in last:
                found.setdefault(last[part.call], []).append(place)
    return found
