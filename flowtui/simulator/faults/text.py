"""Hostile text (control characters, markup, wide characters) in fields of runs and threads and in messages.

Each fault is `text(field, sample)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.rows import each

if TYPE_CHECKING:
    from flowtui.simulator.faults.kinds import Fault

Record = dict[str, Any]

_TEXT_FIELDS: Final = ("text", "tool_name", "error_text")


def text(field: str, sample: str) -> Fault:
    """Return a fault that puts `sample` into a field: appended to an id, model or status, else as the whole value.

    `field`: a name or a path with dots, such as `tools.description`, the description of each tool. In a message, all texts
    get `sample` as well, unless the field is `id`.
    """

    def insert(row: Record) -> None:
        if row.get("object") == "thread.message" and field != "id":
            _change_message(row, sample)
        *parents, last = field.split(".")
        targets: list[Any] = [row]
        for name in parents:
            inner = [target.get(name) for target in targets if isinstance(target, dict)]
            targets = [item for value in inner for item in (value if isinstance(value, list) else [value])]
        for target in targets:
            if isinstance(target, dict):
                target[last] = (
                    f"{target.get(last, '')}{sample}" if last in {"id", "model", "status"} else sample
                )

    return each(insert, f"{field} holds {ascii(sample)[1:-1]}"[:90])


def _change_message(message: Record, sample: str) -> None:
    """Append `sample` to each text of a message; add it to arguments and results of tools, there also as a key."""
    content = message.get("content")
    items = content if isinstance(content, list) else []
    if isinstance(content, str):
        message["content"] = content + sample
    for part in (*items, *(message.get("parts") or ())):
        for name in _TEXT_FIELDS:
            if isinstance(part.get(name), str):
                part[name] += sample
        for name in ("args", "output", "data"):
            value = part.get(name)
            if isinstance(value, str):
                part[name] = value + sample
            elif isinstance(value, dict):
                part[name] = {**value, f"note{sample[:40]}": sample}
