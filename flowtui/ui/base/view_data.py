"""What screens above the dashboard draw: the newest snapshot, the rows of the table, and what the user does with runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the first frame is painted before the model is imported
    from flowtui.model.columns.context import Context
    from flowtui.model.events.event_log import EventLog
    from flowtui.model.events.notices import Watch
    from flowtui.model.messages.opened import Opened
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.marks import Mark
    from flowtui.model.state.snapshot import Snapshot
    from flowtui.model.view.view import View


class ViewData(Protocol):
    """The newest data at each moment.

    `snapshot`: None before the first. `rows`: the rows of the table, sorted. `filtered`: the same, but None if no run is
    hidden. `view` and `view_name`: what the table shows. `touched`: the run under the table's cursor, if the user has moved the cursor. `reasons`: run → why it failed.
    `pending_actions`: run → how its cancellation goes. `watches`: what the user watches; `watched`: the runs among that.
    `marks`: the user's; `all_marks`: also the deployments of agents; the newest last. `raw_runs`: the whole runs that were fetched.
    """

    @property
    def snapshot(self) -> Snapshot | None: ...
    @property
    def rows(self) -> Sequence[Run]: ...
    @property
    def filtered(self) -> Sequence[Run] | None: ...
    @property
    def view(self) -> View: ...
    @property
    def view_name(self) -> str: ...
    @property
    def touched(self) -> RunKey | None: ...
    @property
    def reasons(self) -> Mapping[RunKey, str]: ...
    @property
    def pending_actions(self) -> Mapping[RunKey, str]: ...
    @property
    def watches(self) -> Sequence[Watch]: ...
    @property
    def watched(self) -> frozenset[RunKey]: ...
    @property
    def marks(self) -> Sequence[Mark]: ...
    @property
    def all_marks(self) -> Sequence[Mark]: ...
    @property
    def event_log(self) -> EventLog: ...
    @property
    def raw_runs(self) -> Sequence[Mapping[str, Any]]: ...

    def cell_context(self) -> Context:
        """Return what cells depend on apart from the run, such as server time, names and states of threads."""

    def opened(self, run: Run) -> Opened:
        """Return a run with all details that were fetched for it."""

    def place_of(self, key: RunKey) -> tuple[int, int]:
        """Return the number of the run's row, counted from 1, and how many rows there are. 0: the run is not in the table."""

    def neighbour(self, key: RunKey, step: int) -> Run | None:
        """Return the run `step` rows below the run `key`; None if there is no such row, or if `key` is not in the table."""
