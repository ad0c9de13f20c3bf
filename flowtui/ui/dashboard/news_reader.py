"""Finds what is new and wrong, when it may have changed: soon after a failure, else once a minute. Draws nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from flowtui.config.memory.installation_key import installation_key
from flowtui.model.history.past import Past
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.past_reader import PastReader

if TYPE_CHECKING:  # the dashboard is there before anything is news
    from flowtui.model.answers.news import FailureNews
    from flowtui.model.answers.news_reading import NewsReading

FIRST: Final = 10.0
"""Seconds after the first update: until then the rows of the screen are more important."""

WRITTEN: Final = 2.0
"""Seconds after a change until it is read: another thread writes it first."""

SOON: Final = 10.0
"""Least seconds between two readings."""

AGAIN: Final = 60.0
"""Seconds until the next reading, if nothing failed: what is old is no news any more."""


class NewsReader:
    """Reads news when they are due. `news`: those of the last reading, the most important first."""

    def __init__(self) -> None:
        self.news: Sequence[FailureNews] = ()
        self._since: float | None = None  # the first update
        self._read = -math.inf
        self._changed: float | None = None  # the first change since the last reading
        self._reading: NewsReading | None = None
        self._known: Mapping[RunKey, Reason] = {}

    def update(self, update: Update) -> None:
        """Take note of what failed."""
        at = update.snapshot.at
        self._since = at if self._since is None else self._since
        if self._changed is None and any(each.after.status_class == FAILED for each in update.changes):
            self._changed = at

    def look(
        self,
        reader: PastReader,
        snapshot: Snapshot,
        marks: Sequence[Mark],
        known: Mapping[RunKey, Reason],
        *,
        redact: bool = False,
    ) -> None:
        """Read, if it is due. `known`: why runs failed. `redact`: hide the text of reasons."""
        at = snapshot.at
        if self._changed is None and known is not self._known:
            self._changed = at
        self._known = known
        if not reader.ready or not self._is_due(at):
            return
        self._read, self._changed = at, None

        def read(past: Past) -> Sequence[FailureNews]:
            from flowtui.model.answers.news_reading import NewsReading  # noqa: PLC0415  see above

            self._reading = self._reading or NewsReading()
            return self._reading.read(past, snapshot, marks, installation_key() if redact else None)

        reader.ask("news", read, self._take)

    def _is_due(self, at: float) -> bool:
        if self._since is None or 0 <= at - self._since < FIRST or 0 <= at - self._read < SOON:
            return False
        changed = self._changed is not None and not 0 <= at - self._changed < WRITTEN
        return changed or not 0 <= at - self._read < AGAIN

    def _take(self, found: Sequence[FailureNews] | None) -> None:
        self.news = found or ()
