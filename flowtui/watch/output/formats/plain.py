"""`plain`: append-only lines, on change only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowtui.model.run.row import RunKey
from flowtui.watch.events import GATE, Event
from flowtui.watch.output.formats.format import FormatContext
from flowtui.watch.output.formats.lines import Line, failure_lines, failures_in, line, lines_of, lines_of_gate
from flowtui.watch.output.formats.silent import Silent


class Plain(Silent):
    """A line for each thing that happened."""

    patient = True

    def __init__(self, stage: FormatContext) -> None:
        super().__init__(stage)
        self._told: set[RunKey] = set()
        self._table: list[Line] = []

    def tell(self, told: Sequence[Event]) -> None:
        """Print what happened since the last time, together."""
        stage = self.stage
        self._told |= failures_in(told)
        gate = next((event for event in reversed(told) if event.name == GATE), None)
        if gate is not None:
            self._table = lines_of_gate(gate, stage.zone)[1:]
        lines = lines_of(told, stage.zone, stage.interval)
        stage.output.write("".join(f"{each.text}\n" for each in lines))

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the failures that no line told of, where the gate stands if no line said so, and the summary."""
        del document
        zone = self.stage.zone
        gate = summary.fields.get("gate")
        table = [] if gate is None else lines_of_gate(Event(GATE, summary.at, gate), zone)
        if table and table[1:] == self._table:
            table = []  # it stands above as it is
        lines = [*failure_lines(summary, self._told, zone), *table, line(summary, zone)]
        self.stage.output.write("".join(f"{each.text}\n" for each in lines))
