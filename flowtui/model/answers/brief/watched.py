"""When flowtui did not watch, and when the API did not answer. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.sentence import GAP, OUTAGE, Sentence
from flowtui.model.history.coverage import GAP as NOT_WATCHED
from flowtui.model.history.coverage import Part
from flowtui.model.history.past import READ

LONG_GAP: Final = 300.0
"""Seconds that nobody must have watched to be worth a sentence."""
LONG_OUTAGE: Final = 60.0
"""Seconds that the API must not have answered to be worth a sentence."""


def gaps(data: BriefInput) -> list[Part]:
    """Return when nobody watched, in order; what lies before the history began is not among it."""
    if data.coverage is None or data.begin is None:
        return []
    begin = data.begin
    parts = [part for part in data.coverage.parts if part.how in (READ, NOT_WATCHED) and part.until > begin]
    found: list[Part] = []
    for part in parts:  # what was read afterwards and what was not may be side by side
        if found and part.since <= found[-1].until:
            how = part.how if found[-1].how == part.how else NOT_WATCHED
            found[-1] = found[-1]._replace(until=part.until, how=how)
        else:
            found.append(part._replace(since=max(part.since, begin)))
    return found


def outages(data: BriefInput) -> list[Part]:
    """Return when the API did not answer, in order; those with several reasons in a row as one."""
    found: list[Part] = []
    for part in () if data.coverage is None else data.coverage.outages:
        if found and part.since <= found[-1].until:
            found[-1] = found[-1]._replace(until=part.until)
        else:
            found.append(part)
    return found


def ended_in(data: BriefInput, parts: Sequence[Part]) -> int:
    """Return how many runs ended in these parts of the range, which do not overlap."""
    times = [one.at for one in data.ended] if parts else []
    return sum(bisect_left(times, part.until) - bisect_left(times, part.since) for part in parts)


def gap_sentences(data: BriefInput) -> list[Sentence]:
    """Return a sentence about the time that nobody watched, if it was long."""
    return _sentence(data, gaps(data), LONG_GAP, outage=False)


def outage_sentences(data: BriefInput) -> list[Sentence]:
    """Return a sentence about the time that the API did not answer, if it was long."""
    return _sentence(data, outages(data), LONG_OUTAGE, outage=True)


def _sentence(data: BriefInput, parts: Sequence[Part], least: float, *, outage: bool) -> list[Sentence]:
    seconds = sum(part.seconds for part in parts)
    if seconds < least:
        return []
    whys = Counter(part.why for part in parts if part.why).most_common(1)
    known = data.coverage.known_until if data.coverage is not None else None
    over = known is not None and known >= parts[-1].until
    return [
        Sentence(
            kind=OUTAGE if outage else GAP,
            since=parts[0].since,
            until=parts[-1].until,
            count=ended_in(data, parts),
            parts=len(parts),
            seconds=seconds,
            read=over if outage else all(part.how == READ for part in parts),
            why=whys[0][0] if whys else "",
            trouble=outage and not over,
        )
    ]
