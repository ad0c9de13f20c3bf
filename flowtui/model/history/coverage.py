"""How a span of time was watched: its parts, its gaps, and the words for them. Pure. Times are UTC epoch seconds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.text import safe_text, shorten_cells

GAP: Final = "gap"
"""flowtui did not watch, and did not read afterwards what happened in this time."""

MOMENT: Final = 30.0
"""Seconds by which the history of this start may lag behind the present."""

SHORTEST: Final = 1.0
"""Seconds: a shorter outage or gap is not worth a word."""

_BEST: Final = (LIVE, READ, UNANSWERED)  # where spans overlap, the first of these counts
_DAY: Final = 86_400.0
_HOURS_UNTIL: Final = 3 * _DAY  # a shorter time is written in hours and minutes
_LISTED: Final = 3  # parts that one sentence names
_WHY: Final = 60  # most cells of why the API did not answer


class Part(NamedTuple):
    """A part of a span of time that was watched in one way."""

    since: float
    until: float
    how: str
    """LIVE, READ, UNANSWERED or GAP."""
    why: str = ""
    """Why the API did not answer, display-safe; "" if unknown, and for the others."""

    @property
    def seconds(self) -> float:
        """How long the part is."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class TimeCoverage:
    """How a span of time was watched."""

    since: float
    until: float
    """The end of the span (exclusive)."""
    parts: Sequence[Part]
    """The parts in order, which fill the span. Of spans that overlap LIVE counts before READ, READ before UNANSWERED."""
    outages: Sequence[Part]
    """When the API did not answer, in order; also where it was read afterwards what happened in this time."""

    def seconds(self, *ways: str) -> float:
        """Return for how long the span was watched in one of these ways."""
        return math.fsum(part.seconds for part in self.parts if part.how in ways)

    def of(self, how: str) -> list[Part]:
        """Return the parts that were watched in this way."""
        return [part for part in self.parts if part.how == how]

    @property
    def share(self) -> float | None:
        """The share of the span, 0 to 1, in which it is known what happened (LIVE or READ); None if the span is empty."""
        whole = self.until - self.since
        return min(1.0, self.seconds(LIVE, READ) / whole) if whole > 0 else None

    @property
    def known_until(self) -> float | None:
        """The end of the last part that is LIVE or READ; None if there is none."""
        return max((part.until for part in self.parts if part.how in (LIVE, READ)), default=None)

    def shifted(self, seconds: float) -> TimeCoverage:
        """Return the same coverage for a clock that is ahead by so many seconds."""
        parts, outages = (
            tuple(part._replace(since=part.since + seconds, until=part.until + seconds) for part in each)
            for each in (self.parts, self.outages)
        )
        return TimeCoverage(self.since + seconds, self.until + seconds, parts, outages)

    def within(self, since: float, until: float) -> TimeCoverage:
        """Return the coverage of a part of the span."""
        begin, end = max(since, self.since), min(until, self.until)
        return TimeCoverage(
            begin, max(begin, end), _cut(self.parts, begin, end), _cut(self.outages, begin, end)
        )


def coverage(watched: Iterable[Watched], since: float, until: float) -> TimeCoverage:
    """Return how the time from `since` until before `until` was watched. The spans may overlap, in any order.

    Spans with an impossible time or an unknown `how` are ignored: another program may have written them.
    """
    spans: defaultdict[str, list[Part]] = defaultdict(list)
    for one in watched:
        if one.since < one.until and one.since < until and one.until > since:  # false for NaN
            spans[one.how].append(Part(max(since, one.since), min(until, one.until), one.how, one.why))
    merged = {how: _merged(spans[how]) for how in _BEST}
    outages = _without(merged[UNANSWERED], merged[LIVE])
    if until <= since:
        return TimeCoverage(since, since, (), ())
    edges = {since, until}
    edges.update(edge for parts in merged.values() for part in parts for edge in part[:2])
    parts = [_best(begin, end, merged) for begin, end in pairwise(sorted(edges))]
    return TimeCoverage(since, until, tuple(_merged(parts, alike=True)), tuple(outages))


def with_present(watched: Sequence[Watched], now: float, *, answered: bool) -> list[Watched]:
    """Return the spans, the last of which reaches to `now` if it ended a moment ago: it is written some seconds late.

    `answered`: whether the API answers now. The spans are in order; `now`: by the local clock.
    """
    found = list(watched)
    how = LIVE if answered else UNANSWERED
    if found and found[-1].how == how and 0 < now - found[-1].until <= MOMENT:
        found[-1] = found[-1]._replace(until=now)
    return found


def _best(begin: float, end: float, merged: dict[str, list[Part]]) -> Part:
    for how in _BEST:
        found = _around(merged[how], begin)
        if found is not None:
            return Part(begin, end, how, found.why)
    return Part(begin, end, GAP)


def _around(parts: Sequence[Part], at: float) -> Part | None:
    """Return the part that contains a time. The parts are in order and do not overlap."""
    place = bisect_right(parts, at, key=lambda part: part.since) - 1
    return parts[place] if place >= 0 and at < parts[place].until else None


def _merged(parts: Iterable[Part], *, alike: bool = False) -> list[Part]:
    """Return parts in order, with those that touch or overlap as one. `alike`: only if they were watched alike."""
    found: list[Part] = []
    for part in sorted(parts):
        last = found[-1] if found else None
        if (
            last is None
            or part.since > last.until
            or (alike and (part.how, part.why) != (last.how, last.why))
        ):
            found.append(part)
        elif part.why == last.why or not part.why:
            found[-1] = last._replace(until=max(last.until, part.until))
        else:  # the API still does not answer, for another reason
            found[-1] = last._replace(until=part.since)
            found.append(part._replace(until=max(last.until, part.until)))
    return [part for part in found if part.seconds > 0]


def _without(parts: Iterable[Part], others: Sequence[Part]) -> list[Part]:
    """Return what is left of parts outside of others."""
    found = []
    for part in parts:
        begin = part.since
        for other in others[max(0, bisect_right(others, begin, key=lambda one: one.since) - 1) :]:
            if other.since >= part.until:
                break
            if other.since > begin:
                found.append(part._replace(since=begin, until=other.since))
            begin = max(begin, other.until)
        if begin < part.until:
            found.append(part._replace(since=begin))
    return found


def _cut(parts: Iterable[Part], since: float, until: float) -> tuple[Part, ...]:
    cut = (part._replace(since=max(part.since, since), until=min(part.until, until)) for part in parts)
    return tuple(part for part in cut if part.seconds > 0)


def remembered_words(begin: float | None, now: float) -> str:
    """Return on how much a number over the whole history rests: `in the 12 days remembered`.

    `begin` is `Past.begin`.
    """
    if begin is None or begin > now:
        return "nothing is remembered yet"
    seconds = now - begin
    for size, noun, least in ((_DAY, "day", 2), (3600.0, "hour", 2), (60.0, "minute", 2), (1.0, "second", 0)):
        if seconds >= size * least:
            return f"in the {formatting.plural(int(seconds // size), noun)} remembered"
    return "nothing is remembered yet"


def time_words(seconds: float) -> str:
    """Return how long a span is, rounded down: `40s`, `12m`, `22h`, `23h 48m`, `12d`, `12d 4h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    large, small = (("h", 3600), ("m", 60)) if whole < _HOURS_UNTIL else (("d", 86_400), ("h", 3600))
    rest = whole % large[1] // small[1]
    return f"{whole // large[1]}{large[0]}" + (f" {rest}{small[0]}" if rest else "")


def coverage_words(found: TimeCoverage, zone: tzinfo | None) -> str:
    """Return how a span was watched: `watched 22h of 24h; 48m read afterwards; API did not answer 03:10-03:22 (timeout)`.

    Times are in `zone` (None: the local zone), with the date if the span is longer than a day.
    """
    whole = found.until - found.since
    live, read = found.seconds(LIVE), found.seconds(READ)
    if not (live or read or found.outages):
        return f"not watched in these {time_words(whole)}" if whole >= 1 else "not watched"
    said = [
        f"watched all {time_words(whole)}"
        if live == whole
        else f"watched {time_words(live)} of {time_words(whole)}"
    ]
    if read:
        said.append(f"{time_words(read)} read afterwards")
    dated = whole > _DAY + 60
    if outages := [part for part in found.outages if part.seconds >= SHORTEST]:
        said.append(f"API did not answer {_listed(outages, zone, dated=dated)}")
    if gaps := [part for part in found.of(GAP) if part.seconds >= SHORTEST]:
        said.append(f"not watched {_listed(gaps, zone, dated=dated)}")
    return "; ".join(said)


def _listed(parts: Sequence[Part], zone: tzinfo | None, *, dated: bool) -> str:
    """Return when the longest of these parts were, in order, and how many more there are."""
    longest = sorted(sorted(parts, key=lambda part: -part.seconds)[:_LISTED])
    said = ", ".join(
        span_words(part, zone, dated=dated or part.seconds >= _DAY / 2)  # else 11:59-11:54 says nothing
        + (f" ({shorten_cells(safe_text(part.why), _WHY)})" if part.why else "")
        for part in longest
    )
    more = len(parts) - len(longest)
    return f"{said} and {formatting.count(more)} more" if more else said


def span_words(part: Part, zone: tzinfo | None, *, dated: bool = False) -> str:
    """Return when a part was: `03:10-03:22`, with seconds if it is shorter than two minutes; `dated`: with the date."""
    begin, end = formatting.clock(part.since, zone), formatting.clock(part.until, zone)
    if part.seconds >= 120:
        begin, end = begin.removesuffix(begin[5:]), end.removesuffix(end[5:])
    if not dated:
        return f"{begin}-{end}"
    first, last = _date(part.since, zone), _date(part.until, zone)
    return f"{first} {begin}-{end}" if first == last else f"{first} {begin} - {last} {end}"


def _date(at: float, zone: tzinfo | None) -> str:
    try:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d}"
    except (
        OverflowError,
        ValueError,
        OSError,
    ):  # another program may have written any number into the history
        return formatting.UNKNOWN
