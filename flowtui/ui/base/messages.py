"""What screens and widgets ask the application for. It handles each message in one method of `ui/app/app.py`.

The first frame waits for this module, so the dataclasses have only what is used: a constructor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:  # the first frame is painted before the model is imported
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowtui.model.columns.column_choice import ColumnChoice
    from flowtui.model.gate.answer import Question
    from flowtui.model.reasons.reason import Reason
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.view.groups import Grouping
    from flowtui.model.view.view import View

# -- one run, or several --------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False, match_args=False)
class RunOpened(Message):
    """The user opened a run on a screen of its own; `tab` is its first tab, None for the tab of the detail pane."""

    run: Run
    tab: int | None = None


@dataclass(eq=False, repr=False, match_args=False)
class RunPointed(Message):
    """The table's cursor is to go to the run `key`."""

    key: RunKey


@dataclass(eq=False, repr=False, match_args=False)
class DetailsNeeded(Message):
    """A screen shows `tab` of a run. `again`: the user wants its details to be fetched again.

    `opened`: the user opened the run, so that more is fetched than for the run under the cursor.
    """

    run: Run
    tab: int
    again: bool = False
    opened: bool = False


@dataclass(eq=False, repr=False, match_args=False)
class OlderMessagesRequested(Message):
    """The user wants older messages of the thread of a run."""

    run: Run


@dataclass(eq=False, repr=False, match_args=False)
class CancelRequested(Message):
    """The user wants to cancel these runs; nothing was confirmed yet."""

    runs: Sequence[Run]


class WatchRequest(Message):
    """The user wants to be notified of something, or no longer."""


@dataclass(eq=False, repr=False, match_args=False)
class WatchToggled(WatchRequest):
    """The user wants to be notified when these runs end or look wrong, or no longer."""

    runs: Sequence[Run]


@dataclass(eq=False, repr=False, match_args=False)
class ViewWatchToggled(WatchRequest):
    """The user wants to be notified of runs that come to match a view, or no longer."""

    view: View


@dataclass(eq=False, repr=False, match_args=False)
class ReasonWatched(WatchRequest):
    """The user wants to be notified when runs fail for this reason again, or no longer. The reason is as screens show it."""

    reason: Reason


@dataclass(eq=False, repr=False, match_args=False)
class AgentWatched(WatchRequest):
    """The user wants to be notified when runs of an agent fail, or no longer. `agent_id`: display-safe, as in `Run`."""

    agent_id: str


@dataclass(eq=False, repr=False, match_args=False)
class VerdictWatched(WatchRequest):
    """The user wants to be told the verdict of a deploy gate once it is certain, or wants that no more."""

    question: Question


@dataclass(eq=False, repr=False, match_args=False)
class WatchListRequested(WatchRequest):
    """The user wants to see all watches and rules, and perhaps to end one."""


@dataclass(eq=False, repr=False, match_args=False)
class PageRequested(Message):
    """The user wants to see the page of a run in a browser."""

    run: Run


# -- copies and files -----------------------------------------------------------------------------------------


class SaveRequest(Message):
    """The user wants a copy of something, in the clipboard or in a file."""


@dataclass(eq=False, repr=False, match_args=False)
class CopyRequested(SaveRequest):
    """The user copied a short text, such as an id."""

    text: str


@dataclass(eq=False, repr=False, match_args=False)
class CopyMenuRequested(SaveRequest):
    """The user wants to choose what to copy of a run."""

    run: Run


@dataclass(eq=False, repr=False, match_args=False)
class ReportRequested(SaveRequest):
    """The user wants a Markdown report of a run in a file."""

    run: Run


@dataclass(eq=False, repr=False, match_args=False)
class TextCopied(SaveRequest):
    """The user copied a text of several lines. `called`: what it is, in words."""

    text: str
    called: str


@dataclass(eq=False, repr=False, match_args=False)
class TextSaved(SaveRequest):
    """The user wants a text in a new file. `called`: what it is, in words; `name`: for the file's name, with `suffix`."""

    text: Callable[[], Iterable[str]]
    called: str
    name: str
    suffix: str


@dataclass(eq=False, repr=False, match_args=False)
class ExportRequested(Message):
    """The user wants the rows of the table in a file. `form`: its format, such as `csv`; "" asks the user."""

    form: str = ""


# -- polling --------------------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False, match_args=False)
class RefreshRequested(Message):
    """The user wants a thread to be polled now; None: all threads."""

    thread: str | None = None


@dataclass(eq=False, repr=False, match_args=False)
class PaceChanged(Message):
    """The user multiplied the poll interval of threads with active runs by `factor`."""

    factor: float


@dataclass(eq=False, repr=False, match_args=False)
class AgentsNeeded(Message):
    """A screen shows when agents were deployed, so these times should be read soon."""


@dataclass(eq=False, repr=False, match_args=False)
class WholeThreadsNeeded(Message):
    """A screen needs all runs of these threads, also the oldest."""

    keys: Sequence[str]


# -- the view, and what is remembered of it -------------------------------------------------------------------


class ViewRequest(Message):
    """The user wants to see certain runs in the table."""


@dataclass(eq=False, repr=False, match_args=False)
class GroupOpened(ViewRequest):
    """The user wants to see the runs of a group in the table."""

    group: Grouping


@dataclass(eq=False, repr=False, match_args=False)
class FilterOpened(ViewRequest):
    """The user wants to see the runs that match a filter in the table, of all groups."""

    text: str


@dataclass(eq=False, repr=False, match_args=False)
class ColumnsShown(Message):
    """The table shows other columns."""

    choice: ColumnChoice


@dataclass(eq=False, repr=False, match_args=False)
class ChoiceMade(Message):
    """The user chose something that is remembered for the profile: a setting of the state file → its value.

    `after`: write it after so many seconds without another such choice.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    after: float = 0.0


@dataclass(eq=False, repr=False, match_args=False)
class ThemeChosen(Message):
    """The user chose a theme."""

    name: str


@dataclass(eq=False, repr=False, match_args=False)
class ProfileChosen(Message):
    """The user chose another profile; "" opens the menu of profiles."""

    name: str = ""


# -- marks and screens ----------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False, match_args=False)
class MarksNeeded(Message):
    """A screen shows marks, which a pipeline may have set since they were read."""


@dataclass(eq=False, repr=False, match_args=False)
class MomentMarked(Message):
    """The user gave this moment a name."""

    name: str


@dataclass(eq=False, repr=False, match_args=False)
class ScreenRequested(Message):
    """The user opened a screen by its name. `argument`: what to show there, such as the text of a gate."""

    name: str
    argument: str = ""


@dataclass(eq=False, repr=False, match_args=False)
class CommandLineRequested(Message):
    """The user opened the command line, with `begun` as its first text."""

    begun: str = ""


@dataclass(eq=False, repr=False, match_args=False)
class DemoRequested(Message):
    """The user wants to see the demo instead of connecting."""


# -- what one controller handles ------------------------------------------------------------------------------

DetailRequest = DetailsNeeded | OlderMessagesRequested
FeedRequest = RefreshRequested | PaceChanged | AgentsNeeded | WholeThreadsNeeded | ColumnsShown
MarkRequest = MarksNeeded | MomentMarked
