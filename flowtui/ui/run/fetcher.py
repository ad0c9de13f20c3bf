"""Fetches details of the shown run, once the cursor has stayed on it for a moment. No fetch runs twice at the same time."""

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
    from flowtui.ui.run.fetch_cache import OpenedRuns
    from flowtui.ui.run.opened import Opened

REST: Final = 0.15
"""Seconds for which the cursor must stay on a run before its details are fetched."""


class FetchingApp(OutsideApp):
    """The part of the application that fetches details of runs. `opened` is None until there is a connection."""

    now: Callable[[], float]
    opened: OpenedRuns | None = None
    _resting: Timer | None = None
    _asked: tuple[RunKey, str, frozenset[str]] | None = None

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard, which is the lowest screen."""
        raise NotImplementedError

    @property
    def tab(self) -> int:
        """The index of the shown tab of a run."""
        raise NotImplementedError

    def opened_run(self, run: Run) -> Opened:
        """Return a run with all details that were fetched for it."""
        from flowtui.ui.run.opened import Opened  # noqa: PLC0415  not needed for the first frame

        return self.opened.get(run) if self.opened is not None else Opened(run)

    def fetch_details(self, run: Run, *, again: bool = False) -> None:
        """Fetch the details of a run that the shown tab needs, once the cursor has stayed on the run for a moment.

        If `again` is True, fetch them without waiting, even if they are known.
        """
        from flowtui.ui.run.tabs import TABS  # noqa: PLC0415  not needed for the first frame

        opened, snapshot = self.opened, self.dashboard.shown
        if opened is None:
            return
        if again:
            opened.allow_refetch(run)
        state = snapshot.threads.get(run.thread_key) if snapshot is not None else None
        needs = opened.needs_fetch(run, TABS[self.tab].needs, state.observed if state is not None else None)
        asked = (run.key, run.status, needs)
        if not needs or (asked == self._asked and not again):
            return  # known, or requested and not yet answered
        if self._resting is not None:
            self._resting.stop()
        self._asked = asked
        if again:
            self._fetch(run, needs)
        else:
            self._resting = self.set_timer(REST, lambda: self._fetch(run, needs))

    def fetch_older_messages(self, run: Run) -> None:
        """Read older messages of a run's thread, in a worker."""
        work: Worker[None] = self.run_worker(partial(self._fetch_older, run), exclusive=True, group="older")
        del work

    async def _fetch_older(self, run: Run) -> None:
        if self.opened is not None:
            await self.opened.conversations.more(run)
        self.show_opened()

    def _fetch(self, run: Run, needs: frozenset[str]) -> None:
        # A callable, not a coroutine: a worker that is cancelled before it starts would leave a coroutine unawaited.
        work: Worker[None] = self.run_worker(
            partial(self._fetch_run, run, needs), exclusive=True, group="opened"
        )
        del work  # `work` exists only for its annotation: mypy cannot infer the type from a callable

    async def _fetch_run(self, run: Run, needs: frozenset[str]) -> None:
        try:
            if self.opened is not None:
                await self.opened.fetch(run, needs)
        finally:
            if self._asked == (run.key, run.status, needs):
                self._asked = None
        self.show_opened()

    def show_opened(self) -> None:
        """Draw again, because details of a run were fetched."""
        raise NotImplementedError
