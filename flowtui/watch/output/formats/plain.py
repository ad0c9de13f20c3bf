"""The format `plain`: a line for each event, never redrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowtui.model.run.row import RunKey
from flowtui.watch.events import GATE, Event
from flowtui.watch.output.formats.format import Format, FormatContext
from flowtui.watch.output.formats.lines import Line, failure_lines, failures_in, line, lines_of, lines_of_gate


class Plain(Format):
    """Prints a line for each event."""

    bundled = True

    def __init__(self, stage: FormatContext) -> None:
        super().__init__(stage)
        self._told: set[RunKey] = set()
        self._table: list[Line] = []

    def tell(self, told: Sequence[Event]) -> None:
        """Print events of the same moment."""
        stage = self.stage
        self._told |= failures_in(told)
        gate = next((event for event in reversed(told) if event.name == GATE), None)
        if gate is not None:
            self._table = lines_of_gate(gate, stage.zone)[1:]
        lines = lines_of(told, stage.zone, stage.interval)
        stage.output.write("".join(f"{each.text}\n" for each in lines))

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the failures that had no line yet, the gate's result unless it was printed already, and the summary."""
        del document
        zone = self.stage.zone
        gate = summary.fields.get("gate")
        table = [] if gate is None else lines_of_gate(Event(GATE, summary.at, gate), zone)
        if table and table[1:] == self._table:
            table = []  # printed above, unchanged
        lines = [*failure_lines(summary, self._told, zone), *table, line(summary, zone)]
        self.stage.output.write("".join(f"{each.text}\n" for each in lines))
