"""A history of many runs with reasons, and the application on it without a server: the data of `answers`."""

from __future__ import annotations

import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from benchmarks.history_runs import BEGIN, SPAN, Change, Fleet, opened
from benchmarks.whole_screen import Unconnected
from flowtui.config.settings import Settings
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED
from flowtui.model.state.changes import Change as Moved
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.keeper import FileHistory
from flowtui.ui.app.start import TURN

PER_THREAD = 1_000
REASONS = [Reason(f"cause {number} of a failure", f"tool tool_{number % 7}") for number in range(60)]
RELEASE = Mark(BEGIN - 7_200.0, "release-42")
_THREADS = 100
_KEPT = 100  # runs of a thread in memory, as the dashboard keeps the newest
_SIZE = (158, 38)
_WARM = 5
_CHUNK = 5_000  # reasons that are recorded at once


class FailingFleet(Fleet):
    """Every third run that ends while the application runs fails."""

    ends = 0

    def _ended(self, row: Run) -> Run:
        self.ends += 1
        done = super()._ended(row)
        if self.ends % 3:
            return done
        return done._replace(status="failed", status_class="failed", failed=done.completed, completed=None)


class AnswerWorld:
    """A history file with `runs` runs of ninety days, every tenth of which failed for one of 60 reasons.

    Of 100 threads the newest runs are in memory. A file that is in the folder already is used as it is.
    """

    def __init__(self, folder: Path, runs: int) -> None:
        there = any(folder.glob("*.db"))
        self.history: FileHistory = opened(folder)
        self.fleet = FailingFleet(runs, per_thread=min(PER_THREAD, runs), seed=1)
        if there:
            for number in range(_THREADS):
                self.fleet.add(number, Change.SEEN_ENDED)
        else:
            self.fleet.fill(self.history, Change.SEEN_ENDED)
            self._explain()
            self._watch()
        self.fleet.keep(_KEPT, _THREADS)
        self.known: dict[RunKey, Reason] = {}
        for _ in range(_THREADS):  # from now on, runs end with each update
            self.fleet.tick(_WARM)

    def _explain(self) -> None:
        """Give every failed run a reason; few reasons have most of the runs, as in life."""
        failed = [row.key for row in self._rows() if row.status_class == "failed"]
        chance = self.fleet.random
        for first in range(0, len(failed), _CHUNK):
            keys = failed[first : first + _CHUNK]
            self.history.recorder.explain(
                {key: REASONS[int(len(REASONS) * chance.random() ** 2)] for key in keys}
            )
            self.history.recorder.flush()

    def _watch(self) -> None:
        """Say that the ninety days were watched, as a dashboard that always ran would have."""
        database = self.history.recorder.writer.database
        spans = [Watched(BEGIN - SPAN - 86_400, BEGIN, LIVE, "", len(self.fleet.states))]
        database.many(
            "INSERT INTO watched(since, until, how, why, threads) VALUES(?, ?, ?, ?, ?)",
            [span[:5] for span in spans],
        )

    def _rows(self) -> Any:
        return itertools.chain.from_iterable(state.runs.values() for state in self.fleet.states.values())

    def snapshot(self) -> Snapshot:
        """Return what is in memory."""
        return Snapshot(BEGIN, dict(self.fleet.states), listed=True)

    def update(self, changes: int) -> Update:
        """Return the next update, in which so many runs began or ended, every third of these with a failure."""
        before = self.snapshot()
        after, rows = self.fleet.tick(changes)
        failed = [row.key for row in rows if row.status_class == "failed"]
        self.known = {**self.known, **{key: REASONS[len(self.known) % 9] for key in failed}}
        return Update(replace(after, at=BEGIN), _changes(before, rows))


def _changes(before: Snapshot, rows: list[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for row in rows:
        old = before.threads[row.thread_key].runs.get(row.raw_id)
        found.append(Moved(APPEARED if old is None else CHANGED, old, row, None, BEGIN))
    return tuple(found)


@asynccontextmanager
async def application(world: AnswerWorld) -> AsyncIterator[tuple[Unconnected, Pilot[Any]]]:
    """Open the application on the world's history and memory."""
    sys.setswitchinterval(TURN)
    app = Unconnected(Settings(tz="utc"), now=lambda: BEGIN)
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.pause()
        app.session.past.connect(world.history)
        app.session.deploy_marks.marks = [RELEASE]
        app.session.update(Update(world.snapshot()))
        await pilot.pause()
        yield app, pilot
