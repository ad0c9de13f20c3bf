"""Which runs are shown, and in which order. Pure: the dashboard holds one `View`, everything else follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from flowtui.model.columns.columns import trouble
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import LIVELY, STEADY, Turn, Unrest
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
    """`group` is how runs are grouped and which group is shown, `text` a filter.

    `sort` is a column's name; by age, the newest is first.
    """

    group: Grouping = EVERYTHING
    only: Only = "all"
    text: str = ""
    sort: str = "age"
    descending: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether some runs of the chosen group are left out."""
        return self.only != "all" or bool(self.text.strip())

    @property
    def thread(self) -> str | None:
        """The raw id of the chosen thread; None where none is chosen."""
        return self.group.member if self.group.by == "thread" else None


def is_problem(run: Run, context: Context) -> bool:
    """Whether somebody should look at this run: failed, unreadable, of unknown status, or suspect."""
    if run.status_class in (FAILED, UNKNOWN) or run.unreadable is not None:
        return True
    return bool(trouble(run, context))


@lru_cache(maxsize=32)
def filter_of(text: str) -> tuple[Query, QueryError | None]:
    """Return what a filter means, as far as it can be read, and what is wrong with it."""
    from flowtui.model.query.query import parse_lenient  # noqa: PLC0415  the first rows come without a filter

    return parse_lenient(text)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that a filter looks for, folded: what is lit where it matches."""
    return filter_of(text)[0].words if text.strip() else ()


def matches(run: Run, words: tuple[str, ...], context: Context) -> bool:
    """Whether every (casefolded) word stands somewhere in what the row says."""
    from flowtui.model.query.match import Row  # noqa: PLC0415  see filter_of

    row = Row(context)
    return all(row.holds(run, word) for word in words)


def passing(snapshot: Snapshot, view: View, context: Context) -> list[Run]:
    """Return the runs that the view shows, in no order."""
    runs = list(snapshot.runs(view.thread))
    for test in _tests(view, context):
        runs = list(filter(test, runs))
    return runs


def shows(view: View, context: Context) -> Callable[[Run], bool]:
    """Return what tells whether a view shows a run."""
    tests = _tests(view, context)
    return lambda run: all(test(run) for test in tests)


def _tests(view: View, context: Context) -> list[Callable[[Run], bool]]:
    """Return what must be true of every run that a view shows; what costs least is first."""
    tests: list[Callable[[Run], bool]] = []
    if view.group.member is not None:
        tests.append(view.group.holds)
    if view.only == "active":
        tests.append(_active)
    elif view.only == "problems":
        tests.append(lambda run: is_problem(run, context))
    if view.text.strip():
        tests.append(filter_of(view.text)[0].matcher(context))
    return tests


def _active(run: Run) -> bool:
    return run.active


def shown_by(view: View) -> tuple[Unrest, Sequence[Turn]]:
    """Return what can change whether a view shows a run, besides news of it, and when time alone does."""
    problems = LIVELY if view.only == "problems" else STEADY
    if not view.text.strip():
        return problems, ()
    unrest, turns = filter_of(view.text)[0].unrest
    return max(problems, unrest), turns
