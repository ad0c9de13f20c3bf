"""Whether a reason is new: since a mark, in all that is remembered, or not at all. Pure; times are UTC epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final, Literal, NamedTuple

from flowtui import formatting
from flowtui.model.history.coverage import remembered_words
from flowtui.model.history.past import Seen
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run
from flowtui.model.state.marks import Mark

SOON: Final = 86_400.0
"""A reason is told to be new since a mark only if it came at most so many seconds after it; later ones are told alone."""

_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known besides the runs of a time range.

    `marks`: named moments such as deployments, the newest last.
    `begin`: since when runs are remembered; None if nothing is.
    `seen`: what is remembered of reasons from before the range; a reason without an entry was not seen before.
    `looked_up`: the reasons that were looked up; None: all. Of the others it is not known whether they were seen.
    """

    marks: Sequence[Mark] = ()
    begin: float | None = None
    seen: Mapping[Reason, Seen] = field(default_factory=dict)
    looked_up: frozenset[Reason] | None = None


class News(NamedTuple):
    """Whether a reason is new.

    `kind`: `new` since a mark, and never seen before; `first`: never seen before in what is remembered; `before`: seen
    before; "" if that is unknown, or nothing is remembered from before the range.
    """

    kind: Literal["new", "first", "before", ""] = ""
    mark: Mark | None = None
    """For `new`: the mark."""
    seen: Seen | None = None
    """For `before`: what is remembered from before the range."""


NO_NEWS: Final = News()


def news_of(reason: Reason | None, first: Run, since: float, memory: Memory) -> News:
    """Return whether a reason is new. `first`: its first run in the time range that begins at `since`."""
    if reason is None or (memory.looked_up is not None and reason not in memory.looked_up):
        return NO_NEWS
    if (seen := memory.seen.get(reason)) is not None:
        return News("before", seen=seen)
    if memory.begin is None:
        return NO_NEWS
    at = moment_of(first) or since
    created = at if first.created is None else min(first.created, at)
    mark = next((mark for mark in reversed(memory.marks) if mark.at <= created), None)
    if mark is not None and memory.begin < mark.at and at - mark.at <= SOON:
        return News("new", mark)
    return News("first") if memory.begin < since else NO_NEWS


def news_words(news: News, begin: float | None, now: float, zone: tzinfo | None) -> str:
    """Return it for the user: `new since release-42`, `first in the 30 days remembered`, `seen before, 21 Nov`; "" for none.

    `begin`: since when runs are remembered.
    """
    if news.kind == "new" and news.mark is not None:
        return f"new since {news.mark.name}"
    if news.kind == "first":
        return f"first {remembered_words(begin, now)}"
    return f"seen before, {recent_words(news.seen.last, now, zone)}" if news.seen is not None else ""


def recent_words(at: float, now: float, zone: tzinfo | None) -> str:
    """Return when something was: of the last 24 hours the time, `18:40`, else the day, `21 Nov`, in another year `2025-11-21`."""
    if 0 <= now - at < _DAY:
        return formatting.clock(at, zone)[:5]
    return formatting.as_of(at, now, zone, short=True).removeprefix("as of ")


def moment_words(at: float, now: float, zone: tzinfo | None) -> str:
    """Return when something was: of the last 24 hours the time, `18:40`, else `21 Nov 18:40`, in another year `2025-11-21`."""
    if 0 <= now - at < _DAY:
        return formatting.clock(at, zone)[:5]
    return formatting.as_of(at, now, zone).removeprefix("as of ")
