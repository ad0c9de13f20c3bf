"""Which runs are shown, and in which order. Pure: the dashboard holds one `View`, everything else follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal

from flowtui.model.columns import Context, note
from flowtui.model.groups import EVERYTHING, Grouping
from flowtui.model.run import FAILED, UNKNOWN, Run
from flowtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from flowtui.errors import QueryError
    from flowtui.model.query import Query

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
    said = note(run, context)
    return bool(said) and not said.startswith("waits for")


@lru_cache(maxsize=32)
def filter_of(text: str) -> tuple[Query, QueryError | None]:
    """Return what a filter means, as far as it can be read, and what is wrong with it."""
    from flowtui.model.query import parse_lenient  # noqa: PLC0415  the first rows come without a filter

    return parse_lenient(text)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that a filter looks for, folded: what is lit where it matches."""
    return filter_of(text)[0].words if text.strip() else ()


def matches(run: Run, words: tuple[str, ...], context: Context) -> bool:
    """Whether every (casefolded) word stands somewhere in what the row says."""
    from flowtui.model.query_match import Row  # noqa: PLC0415  see filter_of

    row = Row(context)
    return all(row.holds(run, word) for word in words)


def demands(view: View, context: Context) -> list[Callable[[Run], object]]:
    """Return what a run must meet, all of it, to be shown by a view; what costs least is first."""
    found: list[Callable[[Run], object]] = []
    if view.group.member is not None:
        found.append(view.group.holds)
    if view.only == "active":
        found.append(attrgetter("active"))
    elif view.only == "problems":
        found.append(partial(is_problem, context=context))
    if view.text.strip():
        found.append(filter_of(view.text)[0].matcher(context))
    return found


def passing(snapshot: Snapshot, view: View, context: Context) -> list[Run]:
    """Return the runs that the view shows, in no order."""
    runs = list(snapshot.runs(view.thread))
    for meets in demands(view, context):
        runs = list(filter(meets, runs))
    return runs
