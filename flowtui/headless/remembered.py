"""Whether the history knows all runs of a span of time, and which. Opens a history only to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.formatting import plural
from flowtui.headless.one_shot import TimeSpan, print_note
from flowtui.model.history.coverage import GAP, Part, TimeCoverage, coverage, coverage_words, span_words
from flowtui.model.history.gone_rows import QUARTER, gone_sums, quarter
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Past, QuarterSum
from flowtui.model.run.row import Run

if TYPE_CHECKING:
    from pydantic import SecretStr

FRESH: Final = 60.0
"""Seconds by which a history that is being written may lag behind the present."""

_STEP: Final = 1000  # threads that are read at a time
_FOREVER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead of the local one


class Remembered(NamedTuple):
    """What the history knows of a span of time."""

    coverage: TimeCoverage
    """How the span was watched, up to the present at most."""
    current: bool
    """Whether the history is being written, so that its active runs are the present ones."""
    gone: Sequence[QuarterSum]
    """Sums of the runs that ended in the span and whose rows are gone."""
    agents: Mapping[str, str]
    """Agent id → name."""
    threads: int
    """How many threads the history knows."""
    unread: int
    """How many of them were never read."""
    seen: int | None
    """How many threads were watched at the end of the span; None if unknown."""
    past: Past

    def trouble(self, zone: tzinfo | None) -> str:
        """Return why not all runs of the span are known, for the user; "" if they are."""
        gone = "the history does not keep the runs of this time any more" if self.gone else ""
        return self.gap(zone) or gone

    def gap(self, zone: tzinfo | None) -> str:
        """Return of which part of the span it is not known what happened, for the user; "" if there is none."""
        missing = missing_part(self.coverage, current=self.current)
        if missing is None:
            return f"{self.unread} of {plural(self.threads, 'thread')} were never read" if self.unread else ""
        if missing.since == self.coverage.since and (self.past.begin or missing.until) >= missing.until:
            return f"the history begins {formatting.timestamp(self.past.begin, zone)}"
        dated = self.coverage.until - self.coverage.since > 86_400
        return f"the history does not know {span_words(missing, zone, dated=dated)}"

    def words(self, zone: tzinfo | None) -> str:
        """Return how the span was watched, for the user."""
        said = coverage_words(self.coverage, zone)
        if self.seen is None or self.seen >= self.threads:
            return said
        return f"{said}; {self.seen} of {plural(self.threads, 'thread')} were read since the last start"

    def runs(self, span: TimeSpan) -> list[Run]:
        """Return the runs that were created in a span of time, the newest first. Raises HistoryError."""
        return self.past.runs(span.since, self._end(span), "created")

    def counted(self, span: TimeSpan) -> list[Run]:
        """Return the runs that ended in a span of time, or that were created in it and have not ended. Raises HistoryError.

        Active runs are among them only if the history is being written and the span has no end; then all of them are.
        """
        until = self._end(span)
        open_ended = span.until is None and self.current
        ended = self.past.runs(span.since, until, "ended")
        begun = self.past.runs(span.since, until, "created")
        active = self.past.active() if open_ended else []
        return [*ended, *(run for run in begun if run.ended is None and not run.active), *active]

    def _end(self, span: TimeSpan) -> float:
        return self.coverage.until + _FOREVER if span.until is None else span.until


def open_past(settings: Settings, key: SecretStr) -> Past | None:
    """Return the history to read; None if there is none. If it cannot be read, say so on stderr and return None."""
    from flowtui.store.history import read_history  # noqa: PLC0415  imports sqlite3 if there is a file

    try:
        return read_history(settings, key)
    except HistoryError as error:
        print_note(f"the history cannot be read: {error}")
        return None


def look_back(past: Past, span: TimeSpan, now: float) -> Remembered:
    """Return what the history knows of a span of time. `now`: UTC epoch seconds by the local clock. Raises HistoryError."""
    until = now if span.until is None else min(span.until, now)
    spans = past.watched(span.since, until)
    last = coverage(past.watched(now - FRESH, now), now - FRESH, now)
    read = [state.observed is not None for states in past.threads(_STEP, 1) for state in states]
    return Remembered(
        coverage=coverage(spans, span.since, until),
        current=last.known_until is not None,
        gone=_gone(past, span.since, until),
        agents=past.agents(),
        threads=len(read),
        unread=read.count(False),
        seen=spans[-1].threads if spans else None,
        past=past,
    )


def _gone(past: Past, since: float, until: float) -> list[QuarterSum]:
    """Return sums of the runs that ended in this time, or in the quarters of an hour of its ends, and whose rows are gone."""
    begin, end = quarter(since), -(-until // QUARTER) * QUARTER
    sums = past.sums(begin, end)
    return gone_sums(sums, past.runs(begin, end, "ended")) if sums else []


def whole_quarters(span: TimeSpan, gone: Sequence[QuarterSum]) -> TimeSpan:
    """Return the span with whole quarters of an hour at its ends, if only sums are kept of runs that ended in these."""
    begins = {one.begin for one in gone}
    since = quarter(span.since) if quarter(span.since) in begins else span.since
    until = span.until
    if until is not None and quarter(until) in begins and until > quarter(until):
        until = quarter(until) + QUARTER
    return TimeSpan(since, until)


def missing_part(found: TimeCoverage, *, current: bool) -> Part | None:
    """Return the first part of a span of which it is not known what happened; None if there is none.

    In an outage that is over nothing was missed: every thread was read after it. `current`: the history is being written,
    so that it lacks only the last seconds.
    """
    known = found.known_until
    for part in found.parts:
        if part.how in (LIVE, READ) or (part.how == UNANSWERED and known is not None and known >= part.until):
            continue
        if part.how == GAP and current and part.until == found.until and part.seconds <= FRESH:
            continue
        return part
    return None
