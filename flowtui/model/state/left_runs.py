"""What is still known of the runs of a thread that have left memory. Pure.

The id of such a run is known for a while, and then only its age, so that an answer of the server that shows it again does
not make it look new. All times are those of creation, in UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, NamedTuple

from flowtui.model.run.row import Run

MAX_IDS: Final = 100
"""Of so many runs of a thread, those that left memory last, the ids are known."""


class LeftRun(NamedTuple):
    """A run that left memory, or that was not taken in."""

    created: float | None
    known: bool
    """Whether it was known before it left."""


@dataclass(frozen=True, slots=True)
class LeftRuns:
    """The runs of one thread that left memory, and older runs that an answer showed and that were not taken in."""

    number: int = 0
    """How many runs were known and have left."""
    ids: Mapping[str, LeftRun] = field(default_factory=dict)
    """Raw id → what is known, of those that left last."""
    newest: float = -math.inf
    """The latest of their times."""
    forgotten: float = -math.inf
    """The latest time of those whose ids are no longer known."""

    def shows(self, raw_id: str, place: float) -> bool:
        """Whether a run that is not known is one of these. `place`: its time, or that by which `run_order.places` places it."""
        return raw_id in self.ids or place <= self.forgotten

    def knew(self, raw_id: str) -> bool:
        """Whether a run was known before it left. False also of one that left long ago."""
        return raw_id in self.ids and self.ids[raw_id].known

    def plus(self, runs: Iterable[Run], known: Container[str]) -> LeftRuns:
        """Return this with more runs, the oldest first. `known`: the raw ids of those that were known."""
        ids, newest, forgotten = dict(self.ids), self.newest, self.forgotten
        number = self.number
        for run in runs:
            ids[run.raw_id] = one = LeftRun(run.created, run.raw_id in known)
            number += one.known
            newest = newest if run.created is None else max(newest, run.created)
        for raw_id in list(islice(ids, max(0, len(ids) - MAX_IDS))):
            created = ids.pop(raw_id).created
            forgotten = forgotten if created is None else max(forgotten, created)
        return LeftRuns(number, ids, newest, forgotten)

    def minus(self, raw_ids: Iterable[str]) -> LeftRuns:
        """Return this without runs that are known again."""
        back = {raw_id for raw_id in raw_ids if raw_id in self.ids}
        if not back:
            return self
        ids = {raw_id: one for raw_id, one in self.ids.items() if raw_id not in back}
        return replace(self, number=self.number - sum(map(self.knew, back)), ids=ids)


NONE_LEFT: Final = LeftRuns()
"""No run has left memory."""
