"""`jsonl`, an object for each event, and `json`, one document at the end. ASCII only, and no NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from flowtui.watch.events import Event
from flowtui.watch.output.formats.silent import Silent


def to_json(value: Any) -> str:
    """Return `value` as JSON on one line: DEL and everything beyond ASCII escaped, NaN and infinities null."""
    # DEL is ASCII and json leaves it; it stands only inside strings, so replacing it is safe.
    return json.dumps(_finite(value), ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


class JsonLines(Silent):
    """One object a line for each event, the summary last."""

    usage = True

    def tell(self, told: Sequence[Event]) -> None:
        """Print the events."""
        self.stage.output.write("".join(f"{to_json(event.record())}\n" for event in told))

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the summary."""
        del document
        self.tell([summary])


class JsonDocument(Silent):
    """One document at the end: the summary with every watched run."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the document."""
        del summary
        self.stage.output.write(f"{to_json(document())}\n")
