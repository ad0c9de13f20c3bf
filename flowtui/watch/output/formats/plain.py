"""The format `plain`: a line for each event, never redrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flowtui.model.run.row import RunKey
from flowtui.watch.events import GATE, Event
from flowtui.watch.output.formats.format import Format, FormatContext
from flowtui.watch.output.formats.lines import Line, failures_in, last_lines, lines_of, lines_of_gate


class Plain(Format):
    """Prints a line for each event."""

    bundled = True

    def __init__(self, stage: FormatContext) -> None:
        super().__init__(stage)
        self._told: set[RunKey] = set()  # runs whose failures had a line, as far as the summary can list them
        self._table: list[Line] = []

    def tell(self, told: Sequence[Event]) -> None:
        """Print events of the same moment."""
        self._told |= failures_in(told)
        gate = next((event for event in reversed(told) if event.name == GATE), None)
        if gate is not None:
            self._table = lines_of_gate(gate, self.stage.zone)[1:]
        self._write(lines_of(told, self.stage.zone, self.stage.interval))

    def forget(self, keys: Iterable[RunKey]) -> None:
        """Forget which of these runs had a line."""
        self._told.difference_update(keys)

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the failures that had no line yet, the gate's result unless it was printed already, and the summary."""
        del document
        self._write(last_lines(summary, self._told, self.stage.zone, self._table))

    def _write(self, lines: Sequence[Line]) -> None:
        self.stage.output.write("".join(f"{each.text}\n" for each in lines))
