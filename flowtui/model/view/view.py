"""A `View` is the grouping, filter and order of the runs on the dashboard. Functions here tell which runs it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from flowtui.model.columns.columns import trouble
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import STABLE, TRACKED, ChangeTime, Volatility
from flowtui.model.run.row import FAILED, UNKNOWN, Run
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import EVERYTHING, Grouping

if TYPE_CHECKING:
    from flowtui.errors import QueryError
    from flowtui.model.query.query import Query

Only = Literal["all", "active", "problems"]

SORTABLE: Final = ("age", "status", "run", "thread", "agent", "model", "wait", "time", "tokens", "note")


@dataclass(frozen=True, slots=True)
class View:
    """Which runs are shown, and in which order."""

    group: Grouping = EVERYTHING
    """The grouping and the chosen group."""
    only: Only = "all"
    """Which of these runs the user chose with a key: all, the active ones, or those with problems."""
    text: str = ""
    """The filter; "": all runs match."""
    sort: str = "age"
    """The name of the column by which runs are sorted. For `age` the natural order has the newest run first."""
    descending: bool = False
    """Whether the natural order of that column is reversed."""

    @property
    def narrowed(self) -> bool:
        """Whether the view hides some runs of the chosen group."""
        return self.only != "all" or bool(self.text.strip())

    @property
    def thread(self) -> str | None:
        """The raw id of the chosen thread; None if none is chosen."""
        return self.group.member if self.group.by == "thread" else None


def is_problem(run: Run, context: Context) -> bool:
    """Whether a run is a problem: failed, unreadable, of unknown status, or with a finding or a pending action."""
    if run.status_class in (FAILED, UNKNOWN) or run.unreadable is not None:
        return True
    return bool(trouble(run, context))


@lru_cache(maxsize=32)
def filter_of(text: str) -> tuple[Query, QueryError | None]:
    """Return the query for a filter, and its error; None if it has no error.

    If the filter has an error, the query is the part that can be read.
    """
    from flowtui.model.query.query import parse_lenient  # noqa: PLC0415  not needed for the first frame, which has no filter

    return parse_lenient(text)


def words_of(text: str) -> tuple[str, ...]:
    """Return the casefolded words that a filter looks for, to be highlighted in the table."""
    return filter_of(text)[0].words if text.strip() else ()


def matching_runs(snapshot: Snapshot, view: View, context: Context) -> list[Run]:
    """Return the runs that the view shows, unsorted."""
    return matching(list(snapshot.runs(view.thread)), view, context)


def matching(runs: list[Run], view: View, context: Context) -> list[Run]:
    """Return those of these runs that the view shows, in the same order."""
    for test in _tests(view, context):
        runs = list(filter(test, runs))
    return runs


def shows(view: View, context: Context) -> Callable[[Run], bool]:
    """Return a function that tells whether a view shows a run."""
    tests = _tests(view, context)
    if not tests:
        return lambda _: True
    return lambda run: all(test(run) for test in tests)


def _tests(view: View, context: Context) -> list[Callable[[Run], bool]]:
    """Return the tests that every run of a view passes, the cheapest first."""
    tests: list[Callable[[Run], bool]] = []
    if view.group.member is not None:
        tests.append(view.group.holds)
    if view.only == "active":
        tests.append(lambda run: run.active)
    elif view.only == "problems":
        tests.append(lambda run: is_problem(run, context))
    if view.text.strip():
        tests.append(filter_of(view.text)[0].matcher(context))
    return tests


def view_volatility(view: View) -> tuple[Volatility, Sequence[ChangeTime]]:
    """Return what, apart from a run, can change whether a view shows the run, and when time alone changes it.

    The latter is a sequence of functions, as in `QueryVolatility.change_times`.
    """
    problems = TRACKED if view.only == "problems" else STABLE
    if not view.text.strip():
        return problems, ()
    volatility, change_times = filter_of(view.text)[0].volatility
    return max(problems, volatility), change_times
