"""What screens draw: the newest snapshot, the rows of the table, and what controllers know of runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the first frame is painted before the model is imported
    from flowtui.model.columns.column_choice import ColumnChoice
    from flowtui.model.columns.context import Context
    from flowtui.model.events.event_log import EventLog
    from flowtui.model.events.failure_watches import FailureWatch
    from flowtui.model.events.gate_watch import GateWatch
    from flowtui.model.events.notices import Watch
    from flowtui.model.events.rules import RuleRow
    from flowtui.model.gate.answer import Question
    from flowtui.model.messages.opened import Opened
    from flowtui.model.reasons.reason import Reason
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.marks import Mark
    from flowtui.model.state.snapshot import Snapshot
    from flowtui.model.view.view import View
    from flowtui.ui.base.answer_data import AnswerData
    from flowtui.ui.base.past_reader import PastReader


class ShownRuns(Protocol):
    """What the dashboard shows.

    `snapshot`: the newest; None before the first. `rows`: the rows of the table, sorted. `filtered`: the same, but None if no
    run is hidden. `view`, `view_name` and `columns`: what the table shows. `touched`: the run under the table's cursor, if
    the user has moved the cursor.
    """

    snapshot: Snapshot | None
    view: View
    columns: ColumnChoice

    @property
    def view_name(self) -> str: ...
    @property
    def rows(self) -> Sequence[Run]: ...
    @property
    def filtered(self) -> Sequence[Run] | None: ...
    @property
    def touched(self) -> RunKey | None: ...

    def cell_context(self) -> Context:
        """Return what cells depend on apart from the run, such as server time, names and states of threads."""

    def active(self) -> int | None:
        """Return how many runs of the newest snapshot are queued or running; None before the first thread is read."""

    def context_of(self, run: Run) -> Context:
        """Return the context for a page of one run: if its data is old, its own time stands still."""

    def place_of(self, key: RunKey) -> tuple[int, int]:
        """Return the number of the run's row, counted from 1, and how many rows there are. 0: the run is not in the table."""

    def neighbour(self, key: RunKey, step: int) -> Run | None:
        """Return the run `step` rows below the run `key`; None if there is no such row, or if `key` is not in the table."""


class Watching(Protocol):
    """Notices and events.

    `watches`: what the user watches; `watched`: the runs among that, `watched_reasons`: the reason ids, `watched_agents`: the
    agent ids, `watched_gates`: the gates. `rules`: those of the config file, and how they stand. `log`: what happened since flowtui started. `left`: when
    the user left before the last long absence, in UTC epoch seconds of the local clock; None if there was none.
    """

    log: EventLog

    @property
    def watches(self) -> Sequence[Watch | FailureWatch | GateWatch]: ...
    @property
    def rules(self) -> Sequence[RuleRow]: ...
    @property
    def watched(self) -> frozenset[RunKey]: ...
    @property
    def left(self) -> float | None: ...
    @property
    def watched_reasons(self) -> frozenset[str]: ...
    @property
    def watched_agents(self) -> frozenset[str]: ...
    @property
    def watched_gates(self) -> Sequence[Question]: ...


class Marks(Protocol):
    """Named moments. `marks`: the user's, the newest last."""

    marks: tuple[Mark, ...]

    def with_deployments(self, snapshot: Snapshot | None) -> Sequence[Mark]:
        """Return the user's marks, and a mark for the last deployment of each agent; the newest last."""


class Details(Protocol):
    """Details of runs. `raw_runs`: the whole runs that were fetched."""

    @property
    def raw_runs(self) -> Sequence[Mapping[str, Any]]: ...

    def opened(self, run: Run) -> Opened:
        """Return a run with all details that were fetched for it."""


@dataclass(frozen=True, slots=True)
class ViewData:
    """The dashboard and the controllers, as far as screens read them: each has its newest data at any moment.

    `reasons`: returns why runs failed. `pending_actions`: returns how the cancellations of runs go. `reason_counts`: returns
    for each reason how many runs are known to have failed for it. `past`: reads what is remembered. `answers`: answers
    questions about a time range.
    """

    dashboard: ShownRuns
    notifier: Watching
    deploy_marks: Marks
    fetcher: Details
    reasons: Callable[[], Mapping[RunKey, Reason]]
    pending_actions: Callable[[], Mapping[RunKey, str]]
    reason_counts: Callable[[], Mapping[Reason, int]]
    past: PastReader
    answers: AnswerData
