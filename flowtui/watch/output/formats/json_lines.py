"""The format `jsonl`: one JSON object per event. The format `json`: one document at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowtui.model.export.json_text import to_json
from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import Format


class JsonLines(Format):
    """Prints each event as one line with a JSON object, the summary last."""

    usage = True

    def tell(self, told: Sequence[Event]) -> None:
        """Print the events."""
        self.stage.output.write("".join(f"{to_json(event.record())}\n" for event in told))

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the summary."""
        del document
        self.tell([summary])


class JsonDocument(Format):
    """Prints one JSON document at the end: the summary with every watched run."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the document."""
        del summary
        self.stage.output.write(f"{to_json(document())}\n")
