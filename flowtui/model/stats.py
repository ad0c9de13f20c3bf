"""Totals over rows. A sum says how many of the runs reported; what nobody reported is unknown, not 0. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flowtui.model.run import FAILED, QUEUED, RUNNING, Run


class Totals(NamedTuple):
    """Sums in tokens over `runs` runs, `reported` of which gave a total; a sum nobody reported to is None."""

    runs: int
    reported: int
    prompt: int | None
    completion: int | None
    total: int | None
    by_class: Mapping[str, int]

    @property
    def active(self) -> int:
        """Runs that are queued or running."""
        return self.by_class.get(QUEUED, 0) + self.by_class.get(RUNNING, 0)

    @property
    def failed(self) -> int:
        """Runs that failed."""
        return self.by_class.get(FAILED, 0)


def totals(runs: Iterable[Run]) -> Totals:
    """Return the totals of `runs`."""
    classes: Counter[str] = Counter()
    prompt: int | None = None
    completion: int | None = None
    total: int | None = None
    reported = 0
    for run in runs:
        classes[run.status_class] += 1
        if run.prompt_tokens is not None:
            prompt = run.prompt_tokens + (prompt or 0)
        if run.completion_tokens is not None:
            completion = run.completion_tokens + (completion or 0)
        if run.total_tokens is not None:
            reported += 1
            total = run.total_tokens + (total or 0)
    return Totals(classes.total(), reported, prompt, completion, total, classes)
