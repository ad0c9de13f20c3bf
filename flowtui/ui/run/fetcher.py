"""What is fetched for the run that somebody looks at: not before the cursor rests, and never twice at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.timer import Timer

from flowtui.ui.actions.browser import OutsideApp

if TYPE_CHECKING:
    from textual.worker import Worker

    from flowtui.model.run.row import Run, RunKey
    from flowtui.ui.dashboard.dashboard import Dashboard
    from flowtui.ui.run.opened import Opened
    from flowtui.ui.run.opened_runs import OpenedRuns

REST: Final = 0.15
"""Seconds the cursor rests on a run before the rest of it is fetched."""


class FetchingApp(OutsideApp):
    """Base of the application. `opened` is None before there is a connection."""

    now: Callable[[], float]
    opened: OpenedRuns | None = None
    _resting: Timer | None = None
    _asked: tuple[RunKey, str, frozenset[str]] | None = None

    @property
    def dashboard(self) -> Dashboard:
        """The root screen."""
        raise NotImplementedError

    @property
    def tab(self) -> int:
        """The tab of a run that is in sight."""
        raise NotImplementedError

    def opened_run(self, run: Run) -> Opened:
        """Return what is known of a run now."""
        from flowtui.ui.run.opened import Opened  # noqa: PLC0415  the first frame needs none

        return self.opened.get(run) if self.opened is not None else Opened(run)

    def want(self, run: Run, *, again: bool = False) -> None:
        """Fetch what the tab in sight needs of a run once the cursor has rested on it; at once and anew with `again`."""
        from flowtui.ui.run.tabs import TABS  # noqa: PLC0415  the first frame needs none

        opened, snapshot = self.opened, self.dashboard.shown
        if opened is None:
            return
        if again:
            opened.forget_trouble(run)
        state = snapshot.threads.get(run.thread_key) if snapshot is not None else None
        needs = opened.wanted(run, TABS[self.tab].needs, state.observed if state is not None else None)
        asked = (run.key, run.status, needs)
        if not needs or (asked == self._asked and not again):
            return  # known, or on its way: updates come faster than a slow server answers
        if self._resting is not None:
            self._resting.stop()
        self._asked = asked
        if again:
            self._fetch(run, needs)
        else:
            self._resting = self.set_timer(REST, lambda: self._fetch(run, needs))

    def want_older(self, run: Run) -> None:
        """Read older messages of a run's thread."""
        work: Worker[None] = self.run_worker(partial(self._fetch_older, run), exclusive=True, group="older")
        del work

    async def _fetch_older(self, run: Run) -> None:
        if self.opened is not None:
            await self.opened.talk.more(run)
        self.show_opened()

    def _fetch(self, run: Run, needs: frozenset[str]) -> None:
        # A callable and not a coroutine: a worker that is cancelled before it starts would leave one unawaited.
        work: Worker[None] = self.run_worker(
            partial(self._fetch_run, run, needs), exclusive=True, group="opened"
        )
        del work  # named for its type alone, which cannot be inferred from a callable

    async def _fetch_run(self, run: Run, needs: frozenset[str]) -> None:
        try:
            if self.opened is not None:
                await self.opened.fetch(run, needs)
        finally:
            if self._asked == (run.key, run.status, needs):
                self._asked = None
        self.show_opened()

    def show_opened(self) -> None:
        """Draw what has come for the opened run."""
        raise NotImplementedError
