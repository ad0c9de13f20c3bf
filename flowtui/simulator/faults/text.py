"""Hostile text, planted into fields of runs and threads and into what messages say: control characters, markup, width.

Each fault is `text(field, sample)`. The samples are data from an attacker's point of view; nothing here is a client's
business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flowtui.simulator.faults.rows import each

if TYPE_CHECKING:
    from flowtui.simulator.faults.kinds import Fault

Record = dict[str, Any]

_SAID: Final = ("text", "tool_name", "error_text")


def text(field: str, sample: str) -> Fault:
    """Return the fault that puts `sample` into a field: after an id or a name, instead of other text.

    `field` may be a path with dots; `tools.description` means each tool's. A message has it in all that it says too.
    """

    def plant(row: Record) -> None:
        if row.get("object") == "thread.message" and field != "id":
            _say(row, sample)
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

    return each(plant, f"{field} holds {ascii(sample)[1:-1]}"[:90])


def _say(message: Record, sample: str) -> None:
    """Put `sample` behind every text of a message, and into what tools were given and returned."""
    content = message.get("content")
    items = content if isinstance(content, list) else []
    if isinstance(content, str):
        message["content"] = content + sample
    for part in (*items, *(message.get("parts") or ())):
        for name in _SAID:
            if isinstance(part.get(name), str):
                part[name] += sample
        for name in ("args", "output", "data"):
            value = part.get(name)
            if isinstance(value, str):
                part[name] = value + sample
            elif isinstance(value, dict):
                part[name] = {**value, f"note{sample[:40]}": sample}
