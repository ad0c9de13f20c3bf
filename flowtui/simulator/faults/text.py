"""Hostile text, planted into fields of runs and threads: control characters, markup, direction, width.

Each fault is `text(field, sample)`. The samples are data from an attacker's point of view; nothing here is a client's
business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .rows import each

if TYPE_CHECKING:
    from .kinds import Fault

Record = dict[str, Any]


def text(field: str, sample: str) -> Fault:
    """Return the fault that puts `sample` into a field: after an id or a name, instead of other text.

    `field` may be a path with dots; `tools.description` means each tool's.
    """

    def plant(row: Record) -> None:
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
