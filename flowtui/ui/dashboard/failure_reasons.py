"""Learns why runs failed: from the history if it is remembered, else by a fetch, one run at a time and each only once.

Runs on the screen come first, then all that are known.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Final

from flowtui.config.memory.installation_key import installation_key
from flowtui.model.feed import Feed
from flowtui.model.history.past import Past, Recorder
from flowtui.model.history.remembered_reasons import remembered_reasons
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import LET_GO, Change
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.source.read.tracing import fetch_why
from flowtui.source.read.unexplained import Unexplained
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Start

MAX_KEPT: Final = 5_000
"""Most reasons that are kept. After that, only those of runs on the screen are fetched, and the oldest are forgotten."""

SHARE: Final = 0.7
"""If this share of the request budget is used, reasons are fetched slowly, as new runs are more important."""

MOST: Final = 0.9
"""If this share of the request budget is used, no reasons are fetched."""

PACE: Final = 5.0
"""Seconds between two slow fetches. A fetch takes up to two requests, so these are at most 24 requests a minute."""

UNSEEN: Final = 0.2
"""The share of the request budget that fetches for runs that are not on the screen may take; a few take a second request."""

QUIETLY: Final = 0.5
"""Least seconds between two such fetches, also with a large budget: each costs about 10 ms of CPU."""

MAX_LEFT: Final = 1_000
"""Most reasons that are kept of runs that have left memory, as the event log may show these: its greatest length."""

MAX_HELD: Final = 500
"""Most runs that stay in memory because they wait for their reasons: those that wait last."""

COUNTS_EVERY: Final = 5.0
"""Seconds for which the counts stay the same while reasons are fetched: else rows would change with each of them."""

NOTHING_COUNTED: Final[Mapping[RunKey, Reason]] = {}

TRY_AGAIN: Final = (2.0, 15.0)
"""Seconds until the second and the third fetch for a run that failed before our eyes: its last spans may come late."""


class FailureReasons:
    """Fetches reasons of failed runs, after `connect`.

    `known`: run → its reason. `counts`: reason → how many runs in memory are known to have failed for it, as of some seconds
    ago.
    `redact`: hide the text of messages. `start`: runs a fetch in the background. `past`: reads what is remembered.
    """

    def __init__(self, start: Start, *, redact: bool = False, past: PastReader | None = None) -> None:
        self._start, self._redact, self._past = start, redact, past
        self._feed: Feed | None = None
        self._recorder: Recorder | None = None
        self._unlearned: dict[RunKey, Run] = {}  # failed runs whose reasons may be remembered
        self._learning = False
        self.known: Mapping[RunKey, Reason] = {}
        self.counts: Mapping[Reason, int] = {}
        self._counted: Mapping[RunKey, Reason] = self.known
        self._counted_at = 0.0
        self._asked: dict[RunKey, None] = {}
        self._left: dict[RunKey, None] = {}  # the explained runs that have left memory
        self._unexplained: Unexplained | None = None
        self._fresh: dict[
            RunKey, int
        ] = {}  # run that failed while flowtui runs → how often its reason was fetched
        self._again: list[tuple[float, Run]] = []  # when to try again
        self._busy = False
        self._fetching: set[RunKey] = set()
        self._last = self._last_unseen = -PACE  # when a run on the screen was fetched last, and another one
        self._now = 0.0

    def update(self, update: Update) -> None:
        """Take note of runs that failed."""
        if self._unexplained is None:
            self._unexplained = Unexplained(update.snapshot.runs())
            self._unlearned.update(
                (run.key, run) for run in map(update.snapshot.run, self._unexplained.keys) if run
            )
        else:
            for run in chain.from_iterable(map(update.snapshot.runs, update.restored)):
                if run.status_class == FAILED:  # a call for each of 100,000 runs would take too long
                    self._unexplained.add(run)
                    if (key := run.key) not in self.known:
                        self._unlearned[key] = run
            for change in update.changes:
                if change.kind == LET_GO:
                    self._forget(change.after)
                    continue
                self._unexplained.add(change.after)
                if _fails(change):
                    self._fresh[change.after.key] = 0
                elif change.after.status_class == FAILED and change.after.key not in self.known:
                    self._unlearned[change.after.key] = change.after
        self._learn()

    def _learn(self) -> None:
        """Read the reasons of failed runs that may be remembered, at most `MAX_KEPT` at a time."""
        while len(self._unlearned) > MAX_KEPT:
            del self._unlearned[next(iter(self._unlearned))]
        if self._learning or not self._unlearned or self._past is None or not self._past.ready:
            return
        runs, self._unlearned, self._learning = self._unlearned, {}, True

        def read(past: Past) -> Mapping[RunKey, Reason]:
            return remembered_reasons(past, runs, installation_key() if self._redact else None)

        self._past.ask("reasons", read, partial(self._learned, runs))

    def _learned(self, runs: Mapping[RunKey, Run], found: Mapping[RunKey, Reason] | None) -> None:
        self._learning = False
        found = {key: reason for key, reason in (found or {}).items() if key in runs}
        for key in found:
            self._asked[key] = None
            if self._unexplained is not None:
                self._unexplained.remove(runs[key])
        self.known = {**self.known, **found}
        self._learn()  # runs that came meanwhile

    @property
    def held(self) -> Iterable[RunKey]:
        """The runs that should stay in memory, as they wait for their reasons or a reason is being fetched."""
        waiting = () if self._unexplained is None else self._unexplained.latest(MAX_HELD)
        return (*waiting, *(run.key for _, run in self._again), *self._fetching)

    def _forget(self, run: Run) -> None:
        """Take note that a run has left memory."""
        if self._unexplained is not None:
            self._unexplained.forget(run)
        self._fresh.pop(run.key, None)
        if run.key not in self._asked:
            return
        del self._asked[run.key]
        if run.key in self.known:
            self._left[run.key] = None
            self._counted = NOTHING_COUNTED
        while len(self._left) > MAX_LEFT:
            self._left.pop(next(iter(self._left)))

    def next(self, runs: Iterable[Run | None], *, requests: int, budget: int, at: float) -> Run | None:
        """Return the failed run whose reason to fetch now; None if there is none, or no fetch is allowed now.

        That is the first of `runs` whose reason was not fetched yet, else the next of all known runs. No fetch is allowed
        during another one, right after another one, or if little of the request budget is left. `requests` is how many
        requests were made in the last minute; at most `budget` are allowed. `at` is the time in seconds.
        """
        pace = 0.0 if requests < budget * SHARE else PACE
        if self._busy or self._learning or requests >= budget * MOST:
            return None
        self._release(at)
        found = None
        if not 0 <= at - self._last < pace:
            found = next(filter(self._wanted, runs), None)
            self._last = self._last if found is None else at
        quietly = max(pace, QUIETLY, 60.0 / (UNSEEN * max(1, budget)))
        if found is None and not 0 <= at - self._last_unseen < quietly:
            found = self._next_unseen()
            self._last_unseen = self._last_unseen if found is None else at
        self._now = at
        return found

    def _release(self, at: float) -> None:
        """Let runs wait again whose next try is due."""
        for due, run in self._again:
            if due <= at and self._unexplained is not None:
                self._asked.pop(run.key, None)
                self._unexplained.again(run)
        self._again = [(due, run) for due, run in self._again if due > at]

    def _wanted(self, run: Run | None) -> bool:
        return (
            run is not None
            and run.status_class == FAILED
            and run.key not in self._asked
            and not run.placeholder
        )

    def _next_unseen(self) -> Run | None:
        """Return the next known run; None if there is none, or if enough reasons are kept."""
        if self._unexplained is None or len(self._asked) >= MAX_KEPT:
            return None
        while (run := self._unexplained.next()) is not None and not self._wanted(run):
            self._unexplained.remove(run)
        return run

    def connect(self, feed: Feed, recorder: Recorder | None = None) -> None:
        """Fetch through this feed from now on. `recorder`: remembers the reasons; None: nothing is remembered."""
        self._feed, self._recorder = feed, recorder

    def fetch_next(self, runs: Iterable[Run | None], snapshot: Snapshot | None) -> None:
        """Fetch the next reason, first of these runs, if that is needed and allowed."""
        if self._feed is None or snapshot is None or snapshot.outage is not None:
            return
        run = self.next(runs, requests=snapshot.requests, budget=snapshot.budget, at=snapshot.at)
        self._count(snapshot.at, now=run is None and not self._busy)
        if run is not None:
            self._start(partial(self.fetch, run), "reasons")

    def _count(self, at: float, *, now: bool) -> None:
        """Count the known reasons, if that is due. `now`: it is due, as no fetch is under way."""
        if self._counted is not self.known and (now or not 0 <= at - self._counted_at < COUNTS_EVERY):
            self._counted, self._counted_at = self.known, at
            self.counts = Counter(reason for key, reason in self.known.items() if key in self._asked)

    async def fetch(self, run: Run) -> None:
        """Fetch the reason of a run and keep it in `known`. The run is not fetched again, even if no reason was found."""
        if self._feed is None:
            return
        self._busy = True
        self._fetching.add(run.key)
        self._asked[run.key] = None
        if self._unexplained is not None:
            self._unexplained.remove(run)
        while len(self._asked) > MAX_KEPT:
            self._asked.pop(next(iter(self._asked)))
        try:
            found = await fetch_why(self._feed, run.key, redact=self._redact)
        except asyncio.CancelledError:
            self._asked.pop(run.key, None)  # not finished, so the reason may be fetched again
            raise
        finally:
            self._busy = False
            self._fetching.discard(run.key)
        if found is not None:
            kept = {
                key: reason for key, reason in self.known.items() if key in self._asked or key in self._left
            }
            self.known = {**kept, run.key: found.folded}
            if self._recorder is not None:
                self._recorder.explain({run.key: found.folded})
        tries = self._fresh.pop(run.key, None)
        if found is None and tries is not None and tries < len(TRY_AGAIN):
            self._fresh[run.key] = tries + 1
            self._again.append((self._now + TRY_AGAIN[tries], run))


def _fails(change: Change) -> bool:
    """Whether a run that was seen before has failed now."""
    before = None if change.catch_up else change.before
    return change.after.status_class == FAILED and before is not None and before.status_class != FAILED
