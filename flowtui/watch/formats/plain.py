"""`plain`: append-only lines, on change only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flowtui.model.run import RunKey
from flowtui.watch.events import Event
from flowtui.watch.formats.lines import blamed_lines, failures_in, line, lines_of
from flowtui.watch.formats.silent import Silent
from flowtui.watch.formats.stage import Stage


class Plain(Silent):
    """A line for each thing that happened."""

    patient = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._told: set[RunKey] = set()

    def tell(self, told: Sequence[Event]) -> None:
        """Print what happened since the last time, together."""
        stage = self.stage
        self._told |= failures_in(told)
        lines = lines_of(told, stage.zone, stage.interval)
        stage.output.write("".join(f"{each.text}\n" for each in lines))

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the failures that no line told of, and the summary."""
        del document
        zone = self.stage.zone
        lines = [*blamed_lines(summary, self._told, zone), line(summary, zone)]
        self.stage.output.write("".join(f"{each.text}\n" for each in lines))
