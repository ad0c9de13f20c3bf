"""Counts the runs that the table would show if memory reached further back: they are in the history.

They are counted and not loaded: a row of the table can be selected, watched and cancelled, and its thread is polled; a run of
the history is none of that. `flowtui runs --since` and the timeline show them.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from typing import Final, NamedTuple

from flowtui.model.columns.context import Context
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import Past
from flowtui.model.query.oldest_match import oldest_match
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View, filter_of, shows
from flowtui.text import safe_text
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

MOST: Final = 5_000
"""Most runs that are read, those that were created last before the reach of memory."""

AGAIN: Final = 60.0
"""Seconds between two counts for the same view."""


class OlderRuns(NamedTuple):
    """How many runs of the history a view would show."""

    runs: int = 0
    whole: bool = True
    """Whether all of the history was looked through that the filter asks for."""
    since: float | None = None
    """The oldest time that was looked through, in UTC epoch seconds; None: nothing was."""

    @property
    def words(self) -> str:
        """The number in words for a title; "" if there are none."""
        if not self.runs:
            return ""
        return f" · {'' if self.whole else 'at least '}{self.runs:,} older in the history"


NONE_OLDER: Final = OlderRuns()


class OlderRunsCounter:
    """Counts in the background. `found`: the count for `view`, that of the last `look`; of nothing until it is known."""

    def __init__(self) -> None:
        self.found: OlderRuns = NONE_OLDER
        self.view: View | None = None
        self._asked = -math.inf
        self._reach = MemoryReach()

    def words(self, view: View) -> str:
        """Return the number for a title of this view; "" if it is not known, or if there are none."""
        return self.found.words if self.view == view else ""

    def lines(self, view: View, now: float, cells: int) -> list[Line]:
        """Return the number and how to see these runs, for an empty table of this view that is `cells` wide."""
        if self.view != view or not self.found.runs:
            return []
        told = f"{self.found.words.removeprefix(' · ')}: {command(view, self.found, now)}"
        return [ink.line((part, "dim")) for part in ink.wrap(told, max(20, min(72, cells - 6)))]

    def look(self, past: PastReader, snapshot: Snapshot, view: View, context: Context) -> None:
        """Count, if the view is another one, or if the last count is old. A view that hides and reverses nothing has no count."""
        same = view == self.view
        if not same:
            self.view, self.found = view, NONE_OLDER
        if not past.ready or not _asks(view) or (same and context.now < self._asked + AGAIN):
            return
        since = oldest_match(filter_of(view.text)[0].tree, context.now, context.zone)
        until = self._reach.of(snapshot)
        self._asked = context.now
        if since >= until:
            self.found = NONE_OLDER
            return

        def read(past: Past) -> OlderRuns:
            return _count(past, since, until, snapshot, shows(view, context))

        def take(found: OlderRuns | None) -> None:
            if view == self.view and found is not None:
                self.found = found

        past.ask("older runs", read, take)


def _asks(view: View) -> bool:
    return view.narrowed or view.group.member is not None or (view.sort == "age" and view.descending)


def _count(
    past: Past, since: float, until: float, snapshot: Snapshot, matches: Callable[[Run], bool]
) -> OlderRuns:
    # A run created at `until` may have left memory, too.
    rows = past.runs(since, math.nextafter(until, math.inf), most=MOST + 1)
    number = sum(
        run.thread_key in snapshot.threads and snapshot.run(run.key) is None and matches(run)
        for run in rows[:MOST]
    )
    begin = past.begin
    first = since if since > -math.inf else begin
    return OlderRuns(number, len(rows) <= MOST, first)


def command(view: View, found: OlderRuns, now: float) -> str:
    """Return the command that shows the older runs that a view would show."""
    days = 1 if found.since is None else max(1, math.ceil((now - found.since) / 86_400.0))
    words = ["flowtui", "runs", *([view.thread] if view.thread else []), "--since", f"{days}d"]
    if view.text.strip():
        words += ["--filter", view.text.strip()]
    return safe_text(shlex.join(words))
