"""What a front end wants to know of the labels of runs, and how far they could be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from flowtui.model.run.label_terms import ANY_LABELS, LabelTerms
from flowtui.model.run.row import RunKey
from flowtui.model.state.known_runs import Failure


class LabelWish(NamedTuple):
    """The runs whose group and labels a front end needs."""

    terms: LabelTerms = ANY_LABELS
    """Runs with this group and these labels are looked for first, with few requests."""
    runs: frozenset[RunKey] = frozenset()
    """The runs of which no span was read yet. A queued run is left out: it has no spans before it starts."""


@dataclass(frozen=True, slots=True)
class LabelReading:
    """How far the wanted labels could be read. What was read is in `ThreadState.span_facts`."""

    failure: Failure | None = None
    """Why spans cannot be read now; None if they can, or if none are wanted."""
    sought: Mapping[RunKey, float] = field(default_factory=dict)
    """Wanted run → since when its spans have been asked for, and no answer named the run.

    In UTC epoch seconds of the local clock. A run that is missing was not asked for yet.
    """
