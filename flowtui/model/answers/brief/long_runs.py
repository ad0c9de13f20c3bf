"""The runs that took or waited longest, and the active ones that are longer than usual. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from typing import Final, NamedTuple

from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.run.row import QUEUED, Run, getter
from flowtui.model.stats.usual_times import DurationStats

SHORTEST: Final = 2.0
"""Seconds: a run that waited for a shorter time is not in the list of those that waited longest."""

_STARTED: Final = getter("started")
_WAIT: Final = getter("created", "started")


class LongRun(NamedTuple):
    """A run and how long it took or waited."""

    run: Run
    seconds: float
    usual: DurationStats | None
    """How long its agent's runs usually take or wait; None if unknown."""

    @property
    def unusual(self) -> bool:
        """Whether it is longer than 19 of 20 runs of its agent."""
        return self.usual is not None and self.seconds > self.usual.slow


class Open(NamedTuple):
    """The runs that are queued or running."""

    queued: int
    running: int
    oldest: LongRun | None
    """The one that was created first, and how long ago; None if there is none with a known time."""
    longer: list[LongRun]
    """Those that wait or run for longer than usual, the longest first."""


def slowest(data: BriefInput, most: int) -> list[LongRun]:
    """Return the ended runs that took longest."""
    usual = data.times.durations
    timed = (
        (at - started, run.key, run)
        for at, run in data.ended
        if (started := _STARTED(run)) is not None
        and at >= started
        and (at != run.created or run.ended is not None)  # the creation counts if the end is unknown
    )
    return [LongRun(run, seconds, usual.get(run.agent_id)) for seconds, _, run in nlargest(most, timed)]


def waited_longest(data: BriefInput, most: int) -> list[LongRun]:
    """Return the ended runs that waited longest to be started, but only those that waited a while."""
    usual, runs = data.times.waits, [one[1] for one in data.ended]
    timed = (
        (started - created, run.key, run)
        for run, (created, started) in zip(runs, map(_WAIT, runs), strict=True)
        if created is not None and started is not None and started - created >= SHORTEST
    )
    return [LongRun(run, seconds, usual.get(run.agent_id)) for seconds, _, run in nlargest(most, timed)]


def open_runs(data: BriefInput) -> Open:
    """Return what is still open."""
    queued = sum(run.status_class == QUEUED for run in data.active)
    ages = [(age, run) for run in data.active if (age := run.age(data.now)) is not None]
    oldest = max(ages, key=lambda one: one[0], default=None)
    longer = [one for one in _timed(data) if one.unusual]
    return Open(
        queued,
        len(data.active) - queued,
        None if oldest is None else LongRun(oldest[1], oldest[0], None),
        sorted(longer, key=lambda one: -one.seconds),
    )


def _timed(data: BriefInput) -> Iterable[LongRun]:
    for run in data.active:
        waits = run.status_class == QUEUED
        seconds = run.wait(data.now) if waits else run.duration(data.now)
        usual = data.times.waits if waits else data.times.durations
        if seconds is not None:
            yield LongRun(run, seconds, usual.get(run.agent_id))
