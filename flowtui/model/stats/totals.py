"""Totals over runs. Pure. A sum covers the runs that reported a count; if no run did, the sum is unknown, not 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flowtui.model.run.cost import known_sum
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, Run, getter

_READ: Final = getter("status_class", "prompt_tokens", "completion_tokens", "total_tokens")


class Totals(NamedTuple):
    """Sums of tokens over some runs."""

    runs: int
    """The number of runs."""
    reported: int
    """How many of the runs reported a total."""
    prompt: int | None
    """The sum of the prompt tokens; None if no run reported them."""
    completion: int | None
    """The sum of the completion tokens; None if no run reported them."""
    total: int | None
    """The sum of the total tokens; None if no run reported them."""
    by_class: Mapping[str, int]
    """Status class → number of runs."""

    @property
    def active(self) -> int:
        """Number of queued or running runs."""
        return self.by_class.get(QUEUED, 0) + self.by_class.get(RUNNING, 0)

    @property
    def failed(self) -> int:
        """Number of failed runs."""
        return self.by_class.get(FAILED, 0)

    @property
    def ended(self) -> int:
        """Number of completed, failed or cancelled runs."""
        return self.by_class.get(COMPLETED, 0) + self.failed + self.by_class.get(CANCELLED, 0)


NO_TOTALS: Final = Totals(0, 0, None, None, None, {})
"""The totals of no runs."""


def totals(runs: Iterable[Run]) -> Totals:
    """Return the totals of `runs`."""
    rows = list(map(_READ, runs))
    if not rows:
        return NO_TOTALS
    # All rows of the history come through here, so the columns are added up in C.
    classes, prompt, completion, total = zip(*rows, strict=True)
    return Totals(
        len(rows),
        len(total) - total.count(None),
        known_sum(prompt),
        known_sum(completion),
        known_sum(total),
        Counter(classes),
    )


def add_totals(parts: Iterable[Totals]) -> Totals:
    """Return the sum of several totals. They must not have a run in common."""
    known = list(parts)
    classes: Counter[str] = Counter()
    for part in known:
        for word, count in part.by_class.items():  # `Counter.update` takes ten times as long for two entries
            classes[word] += count
    return Totals(
        sum(part.runs for part in known),
        sum(part.reported for part in known),
        known_sum(part.prompt for part in known),
        known_sum(part.completion for part in known),
        known_sum(part.total for part in known),
        classes,
    )
