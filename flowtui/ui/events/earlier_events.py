"""Reads from the history what happened before flowtui was started. These events are shown, and never notified."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.config.memory.installation_key import installation_key
from flowtui.model.events.event_log import Event
from flowtui.model.events.past_events import past_events, runs_of
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import remembered_reasons
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey

MOST: Final = 1_000
"""Most changes of status that are read."""


class EarlierEvents(NamedTuple):
    """What happened before this start."""

    events: tuple[Event, ...] = ()
    """The events, the newest first."""
    runs: Mapping[RunKey, Run] = {}
    """The runs of the events, as they are remembered."""
    reasons: Mapping[RunKey, Reason] = {}
    """Why runs of the events failed, as far as it is remembered."""
    begin: float | None = None
    """When the history begins, if its first events are among these; else None."""
    rule: str = ""
    """The words above the events; "" for no events."""

    def begin_words(self, zone: tzinfo | None) -> str:
        """Return where the history begins; "" if that is not known or not reached."""
        return "" if self.begin is None else f"the history begins {formatting.timestamp(self.begin, zone)}"


NOTHING_EARLIER: Final = EarlierEvents()


def read_earlier(until: float, past: Past, *, redact: bool) -> EarlierEvents:
    """Return what happened before `until`, which is when flowtui was started (UTC epoch seconds). Blocks.

    If more than `MOST` changes are remembered, only the latest are returned, and what else happened since the first of them.
    """
    begin = past.begin
    if begin is None or begin >= until:
        return NOTHING_EARLIER
    moves = past.moves(begin, until, MOST)
    more = len(moves) >= MOST
    since = min(move.change.at for move in moves) if more else begin
    events = past_events(moves, coverage(past.watched(since, until), since, until))
    runs = runs_of(moves)
    failed = [key for key, run in runs.items() if run.status_class == FAILED]
    reasons = remembered_reasons(past, failed, installation_key() if redact else None)
    rule = "earlier, from the history" + (f", the newest {MOST:,} changes" if more else "")
    return EarlierEvents(tuple(events), runs, reasons, None if more else begin, rule)
