"""Which runs are shown, and in which order. Pure: the dashboard holds one `View`, everything else follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from flowtui.model.columns import COLUMNS, Context, note, sort_runs, status_word
from flowtui.model.run import FAILED, UNKNOWN, Run
from flowtui.model.snapshot import Snapshot

Only = Literal["all", "active", "problems"]

SORTABLE: Final = ("age", "status", "run", "thread", "agent", "model", "wait", "time", "tokens", "note")
_SEARCHED: Final = ("run", "thread", "agent", "model", "note")


@dataclass(frozen=True, slots=True)
class View:
    """`thread`: raw id, None for all. `sort` is a column's name; by age, the newest is first. `text` narrows by words."""

    thread: str | None = None
    only: Only = "all"
    text: str = ""
    sort: str = "age"
    descending: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether some runs of the chosen threads are left out."""
        return self.only != "all" or bool(self.text.strip())


def is_problem(run: Run, context: Context) -> bool:
    """Whether somebody should look at this run: failed, unreadable, of unknown status, or suspect."""
    if run.status_class in (FAILED, UNKNOWN) or run.unreadable is not None:
        return True
    said = note(run, context)
    return bool(said) and not said.startswith("waits for")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text filter, folded: what is lit where it matches."""
    return tuple(text.casefold().split())


def matches(run: Run, words: tuple[str, ...], context: Context) -> bool:
    """Whether every word stands somewhere in what the row says."""
    said = [COLUMNS[name].text(run, context) for name in _SEARCHED]
    hay = "\n".join((status_word(run), run.status, run.model, *said)).casefold()
    return all(word in hay for word in words)


def arrange(snapshot: Snapshot, view: View, context: Context) -> list[Run]:
    """Return the runs that the view shows, in its order."""
    runs = list(snapshot.runs(view.thread))
    if view.only == "active":
        runs = [run for run in runs if run.active]
    elif view.only == "problems":
        runs = [run for run in runs if is_problem(run, context)]
    words = words_of(view.text)
    if words:
        runs = [run for run in runs if matches(run, words, context)]
    return sort_runs(runs, COLUMNS[view.sort], context, descending=view.descending)
