"""Whether the history knows all runs of a span of time, and which. Opens a history only to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.formatting import plural
from flowtui.headless.one_shot import TimeSpan, print_note
from flowtui.model.history.clocks import apart_words
from flowtui.model.history.coverage import SHORTEST, Part, TimeCoverage, coverage, coverage_words, span_words
from flowtui.model.history.gone_rows import QUARTER, gone_sums, quarter
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Past, QuarterSum
from flowtui.model.run.row import Run

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret

FRESH: Final = 60.0
"""Seconds by which a history that is being written may lag behind the present."""

# share of the threads; a dashboard of some named threads knows nothing of the others, and a few may just have been deleted
_ENOUGH: Final = 0.9
_STEP: Final = 1000  # threads that are read at a time, so that not all of them are in memory at once
_UNSEEN: Final = 1_800.0  # seconds; a thread with an active run is read more often, unless it was deleted
_FOREVER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead of the local one


class Remembered(NamedTuple):
    """What the history knows of a span of time."""

    coverage: TimeCoverage
    """How the span was watched: up to the last moment that a current history has, else up to the present at most."""
    current: bool
    """Whether the history is being written, so that its active runs are the present ones."""
    as_of: float | None
    """The last moment that a current history knows, if the span has no end; else None."""
    gone: Sequence[QuarterSum]
    """Sums of the runs that ended in the span and whose rows are gone."""
    ended: Sequence[Run]
    """The runs that ended in the span, and some that ended before or after it."""
    agents: Mapping[str, str]
    """Agent id → name."""
    threads: int
    """How many threads the history knows."""
    unread: int
    """How many of them were never read."""
    unseen: AbstractSet[str]
    """The raw ids of those that were not read lately. Whether their runs are still active is not known."""
    seen: int | None
    """How many threads were watched at the end of the span; None if unknown."""
    past: Past

    def trouble(self, zone: tzinfo | None) -> str:
        """Return why not all runs of the span are known, for the user; "" if they are."""
        gone = "the history does not keep the runs of this time any more" if self.gone else ""
        return self.gap(zone) or gone

    def gap(self, zone: tzinfo | None) -> str:
        """Return of which part of the span it is not known what happened, for the user; "" if there is none."""
        missing = missing_part(self.coverage)
        if missing is None:
            return self._threads_missing()
        begin = self.past.begin
        if missing.since == self.coverage.since and (begin is None or begin >= missing.until):
            return (
                "nothing is remembered yet"
                if begin is None
                else f"the history begins {formatting.timestamp(begin, zone)}"
            )
        dated = self.coverage.until - self.coverage.since > 86_400
        return f"the history does not know {span_words(missing, zone, dated=dated)}"

    def _threads_missing(self) -> str:
        if self.unread:
            return f"{self.unread} of {plural(self.threads, 'thread')} were never read"
        if self.seen is not None and self.seen > self.threads:
            return f"{self.threads} of {plural(self.seen, 'thread')} are written"
        if self.seen is not None and self.seen < self.threads * _ENOUGH:
            return f"only {self.seen} of {plural(self.threads, 'thread')} are watched"
        return ""

    def words(self, zone: tzinfo | None) -> str:
        """Return how the span was watched, for the user."""
        said = coverage_words(self.coverage, zone)
        if self.as_of is not None:
            said += f"; as of {formatting.clock(self.as_of, zone)}"
        if self.seen is None or self.seen >= self.threads:
            return said
        return f"{said}; {self.seen} of {plural(self.threads, 'thread')} were read since the last start"

    def runs(self, span: TimeSpan) -> list[Run]:
        """Return the runs that were created in a span of time, the newest first. Raises HistoryError."""
        return self.past.runs(span.since, self._end(span), "created")

    def counted(self, span: TimeSpan) -> list[Run]:
        """Return the runs that ended in a span of time, or that were created in it and have not ended. Raises HistoryError.

        Active runs are among them only if the history is being written and the span has no end; then all of them are, apart
        from those of threads that were not read lately: these were deleted.
        """
        until = self._end(span)
        ended = [run for run in self.ended if run.ended is not None and span.since <= run.ended < until]
        begun = self.past.runs(span.since, until, "created")
        active = self.past.active() if self.as_of is not None else []
        found = (run for run in active if run.thread_key not in self.unseen)
        return [*ended, *(run for run in begun if run.ended is None and not run.active), *found]

    def _end(self, span: TimeSpan) -> float:
        return self.coverage.until + _FOREVER if span.until is None else span.until


def open_past(settings: Settings, key: Secret) -> Past | None:
    """Return the history to read, with times by the server's clock; None if there is none.

    If it cannot be read, or if the clocks are far apart, say so on stderr.
    """
    from flowtui.store.history import read_history  # noqa: PLC0415  imports sqlite3 if there is a file

    try:
        past = read_history(settings, key, by_server=True)
    except HistoryError as error:
        print_note(error.message[:1].lower() + error.message[1:])
        return None
    if past is not None and past.clock_offset:
        minutes = round(past.clock_offset / 60) * 60.0  # as exact as it is known
        print_note(f"{apart_words(minutes)}; times are by the server's")
    return past


def look_back(past: Past, span: TimeSpan, now: float) -> Remembered:
    """Return what the history knows of a span of time. `now`: UTC epoch seconds by the clock of `past`. Raises HistoryError."""
    until = now if span.until is None else min(span.until, now)
    last = coverage(past.watched(now - FRESH, now), now - FRESH, now).known_until
    as_of = last if span.until is None else None
    until = until if as_of is None else max(as_of, span.since)
    spans = past.watched(span.since, until)
    read = {state.key: state.observed for states in past.threads(_STEP, 1) for state in states}
    begin = quarter(span.since)
    # Sums first: a run that ends between the two reads would otherwise seem to have no row.
    sums = past.sums(begin, -(-until // QUARTER) * QUARTER)
    ended = past.runs(begin, until + _FOREVER, "ended")
    return Remembered(
        coverage=coverage(spans, span.since, until),
        current=last is not None,
        as_of=as_of,
        gone=gone_sums(sums, ended),
        ended=ended,
        agents=past.agents(),
        threads=len(read),
        unread=list(read.values()).count(None),
        unseen={
            key for key, at in read.items() if at is not None and at + past.clock_offset < until - _UNSEEN
        },
        seen=spans[-1].threads if spans else None,
        past=past,
    )


def whole_quarters(span: TimeSpan, gone: Sequence[QuarterSum]) -> TimeSpan:
    """Return the span with whole quarters of an hour at its ends, if only sums are kept of runs that ended in these."""
    begins = {one.begin for one in gone}
    since = quarter(span.since) if quarter(span.since) in begins else span.since
    until = span.until
    if until is not None and quarter(until) in begins and until > quarter(until):
        until = quarter(until) + QUARTER
    return TimeSpan(since, until)


def missing_part(found: TimeCoverage) -> Part | None:
    """Return the first part of a span of which it is not known what happened; None if there is none.

    In an outage that is over nothing was missed: every thread was read after it. The same holds for an instant between two
    parts.
    """
    known = found.known_until
    for part in found.parts:
        over = (
            known is not None and known >= part.until and (part.how == UNANSWERED or part.seconds < SHORTEST)
        )
        if part.how not in (LIVE, READ) and not over:
            return part
    return None
