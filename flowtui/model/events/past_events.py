"""What happened before flowtui was started, as events like those of the log: moves of runs, outages, times unwatched. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.events.event_log import OUTAGE, RUN, Event
from flowtui.model.history.coverage import GAP, Part, TimeCoverage
from flowtui.model.history.past import PastMove
from flowtui.model.run.row import UNKNOWN, Run, RunKey, classify
from flowtui.text import safe_name, safe_text

UNWATCHED: Final = "unwatched"
"""The kind of the event that flowtui did not run for a while."""

LEAST_GAP: Final = 60.0
"""Seconds that flowtui must not have run for an event: a restart takes less."""

LEAST_OUTAGE: Final = 2.0
"""Seconds that the API must not have answered for an event: the first answer after a start takes less."""


def past_events(moves: Iterable[PastMove], coverage: TimeCoverage) -> list[Event]:
    """Return the events of this time, the newest first. `moves`: the latest changes of status in it."""
    found = [_moved(move) for move in moves]
    found += [
        Event(OUTAGE, part.since, "no answer", _lasted(part))
        for part in coverage.outages
        if part.seconds >= LEAST_OUTAGE
    ]
    gaps = (part for part in coverage.of(GAP) if part.seconds >= LEAST_GAP)
    found += [Event(UNWATCHED, part.since, "not watched", f"for {_long(part)}") for part in gaps]
    # Of events of the same time, the one that is remembered first counts as the newest.
    return sorted(found, key=lambda event: -event.at)


def _long(part: Part) -> str:
    return formatting.span(part.seconds)


def _lasted(part: Part) -> str:
    return f"{safe_text(part.why)}, for {_long(part)}" if part.why else f"for {_long(part)}"


def _moved(move: PastMove) -> Event:
    run, change = move
    status = _class(run, change.after)
    word = status if status != UNKNOWN or not change.after else f"{safe_text(change.after)}?"
    text = f"was {safe_text(change.before)}" if change.before else "new"
    if status == run.status_class and run.terminal:
        taken = run.duration(run.ended or 0.0)
        text += ", ended" if taken is None else f", ran {formatting.duration(taken)}"
    return Event(RUN, change.at, word, text, run.id, safe_name(run.thread_key), run.key, status, change.since)


def _class(run: Run, word: str) -> str:
    """Return the class of a status in the API's words, which the run had then."""
    if word == run.status:
        return run.status_class
    return classify(word, is_active=True, failed=None, cancelled=None, completed=None)


def runs_of(moves: Sequence[PastMove]) -> dict[RunKey, Run]:
    """Return the runs that moved, by key, as they are remembered."""
    return {move.run.key: move.run for move in moves}
