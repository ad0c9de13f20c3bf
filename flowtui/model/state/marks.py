"""Moments that somebody named, such as deployments, and which runs came after which. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.run.row import FAILED, Run

MIN_RUNS: Final = 20
"""Runs on each side of a mark that a passed gate takes, where nobody says otherwise."""


class Mark(NamedTuple):
    """Something that happened to all threads at once, as a deployment; `name` is display-safe."""

    at: float
    name: str


def release_of(run: Run, marks: Sequence[Mark]) -> str:
    """Return the name of the last mark (the newest last) before a run was created; "" where there is none or no date."""
    place = 0 if run.created is None else bisect_right(marks, run.created, key=lambda mark: mark.at)
    return marks[place - 1].name if place else ""


class Since(NamedTuple):
    """How many of some runs were created from a mark on, and how many of those failed."""

    mark: Mark
    runs: int
    failed: int


def since_mark(runs: Iterable[Run], mark: Mark) -> Since:
    """Return what came from a mark on."""
    new = [run for run in runs if run.created is not None and run.created >= mark.at]
    return Since(mark, len(new), sum(run.status_class == FAILED for run in new))
