"""Runs the commands of the command line: turns a line into a function to call or an error message. Draws nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Final, NamedTuple

from textual.dom import DOMNode
from textual.message import Message

from flowtui.config.memory.marks import mark_name
from flowtui.config.memory.memory import recall
from flowtui.errors import QueryError, UsageError
from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.path_columns import column_names, find_column
from flowtui.model.export.files import FILE_FORMATS
from flowtui.model.gate.parser import parse_gate
from flowtui.model.query.completion import Completer, Completions
from flowtui.model.run.id_parts import matching_ids
from flowtui.model.run.row import Run
from flowtui.model.view.groups import Grouping
from flowtui.model.view.saved_views import ListedView, list_views
from flowtui.model.view.sorting import check_direction, is_reversed, split_direction
from flowtui.model.view.view import View, filter_of, matching_runs
from flowtui.text import safe_text, short_id
from flowtui.ui.base import messages
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.commands import words
from flowtui.ui.commands.palette import places_of
from flowtui.ui.commands.words import Command, Values
from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.filter.saved_views import SavedViewsMenu
from flowtui.ui.keys.bindings import AGENT, GATE

_MOST_RUNS: Final = 2_000  # only ids of the first rows are completed: enough for those on the screen


Act = Callable[[], str | None]
"""Runs a command; returns an error message, None if it succeeded."""


def _no_values() -> Values:
    return ()


class Kind(NamedTuple):
    """What commands do with an argument of one kind.

    `run`: runs the command; returns an error message, None if it succeeded. `check`: returns what is wrong with an argument,
    "" if it is valid. Without it, an argument is one of the values or the start of a single one, and `run` gets that value.
    """

    run: Callable[[str], str | None]
    values: Callable[[], Values] = _no_values
    check: Callable[[str], str] | None = None


class CommandActions:
    """Parses and runs command lines. A command acts on the screen that was on top when the command line opened."""

    def __init__(self, app: AppBase, dashboard: Dashboard) -> None:
        self._app, self._dashboard = app, dashboard
        self._nodes: Mapping[str, DOMNode] = places_of(app.screen)
        self.words: dict[str, Command] = words.words(self._nodes)
        self.profiles: Sequence[str] = ()
        """Names of the profiles; empty until they have been read."""
        self._kinds: Final[Mapping[str, Kind]] = {
            words.TEXT: Kind(self._filter, check=_filter_error),
            words.COLUMN: Kind(self._sort, self._sortable, self._sort_error),
            words.COLUMNS: Kind(self._columns, self._all_columns, _columns_error),
            words.VIEW: Kind(self._view, self._saved_views),
            words.THREAD: Kind(self._thread, self._threads, self._thread_error),
            words.RUN: Kind(self._run, self._first_runs, self._run_error),
            words.AGENT: Kind(self._agent, self._agents),
            words.THEME: Kind(self._post(messages.ThemeChosen), self._themes),
            words.PROFILE: Kind(self._profile, self._named_profiles, self._profile_error),
            words.FORM: Kind(self._post(messages.ExportRequested), _forms),
            words.TOPIC: Kind(self._help, _topics),
            words.MARK: Kind(self._post(messages.MomentMarked), check=partial(_parse_error, mark_name)),
            words.GATE: Kind(
                self._post(partial(messages.ScreenRequested, GATE)), check=partial(_parse_error, parse_gate)
            ),
        }

    def plan(self, text: str) -> tuple[Act | None, str]:
        """Return a function that runs the line, and ""; if the line is invalid, None and an error message.

        The function is to be called after the command line has closed.
        """
        name, argument = words.parse_command(text)
        word = words.find_command(name, self.words)
        if word is None:
            return None, words.unknown_name(name, self.words)
        if argument and not word.argument:
            return None, f"{word.name} takes no argument"
        if argument or (word.argument and word.key is None):
            return self._with_argument(word, argument)
        return (lambda: self._plain(word)), ""

    def _with_argument(self, word: Command, argument: str) -> tuple[Act | None, str]:
        if not argument:
            return None, f"{word.name} needs a {word.argument}: {word.help}"
        kind = self._kinds[word.argument]
        if kind.check is not None:
            wrong = kind.check(argument)
        else:
            names = [value for value, _ in kind.values()]
            found = _match_name(argument, names)
            wrong = "" if found else words.unknown_name(argument, names, word.argument)
            argument = found
        return (None, wrong) if wrong else (partial(kind.run, argument), "")

    def _plain(self, word: Command) -> None:
        if word.key is None:
            self._app.exit(0)
        else:
            self._app.call_later(self._app.run_action, word.key.action, self._nodes[word.where])

    # -- completions ------------------------------------------------------------------------------------------

    def complete(self, text: str, cursor: int) -> Completions:
        """Return the completions at the cursor of a line."""
        start = _filter_at(text)
        if start is not None and start <= cursor:
            found = self._filters.complete(text[start:], cursor - start)
            return found._replace(start=found.start + start, end=found.end + start)
        return words.complete(text, cursor, self.words, lambda kind: self._kinds[kind].values())

    @cached_property
    def _filters(self) -> Completer:
        snapshot, context = self._dashboard.snapshot, self._dashboard.cell_context()
        view = replace(self._dashboard.view, text="")
        return Completer([] if snapshot is None else matching_runs(snapshot, view, context), context)

    def _themes(self) -> Values:
        return _noted(self._app.theme_names, "now", (self._app.theme,))

    def _sortable(self) -> Values:
        names = (*COLUMNS, *self._dashboard.columns.paths)
        return _noted(names, "now", (self._dashboard.view.sort,))

    def _all_columns(self) -> Values:
        return _noted(self._dashboard.columns.order, "shown", self._dashboard.columns.shown)

    def _named_profiles(self) -> Values:
        return _noted(self.profiles, "shown now", (self._app.settings.profile,))

    def _threads(self) -> Values:
        snapshot = self._dashboard.snapshot
        return [
            (
                short_id(state.id),
                f"{len(state.runs):,} {'run' if len(state.runs) == 1 else 'runs'}" if state.read else "",
            )
            for state in (snapshot.threads.values() if snapshot is not None else ())
        ]

    def _agents(self) -> Values:
        """Return the names of the agents that have one of their own, with their ids, and the ids of all."""
        snapshot = self._dashboard.snapshot
        agents = {} if snapshot is None else snapshot.agents
        count = Counter(agents.values())
        named = sorted((name, key) for key, name in agents.items() if name and count[name] == 1)
        return [*named, *((key, agents[key]) for key in sorted(agents))]

    def _agent(self, name: str) -> str | None:
        ids = {value: note for value, note in self._agents() if note}
        snapshot = self._dashboard.snapshot
        known = snapshot is not None and name in snapshot.agents
        self._app.post_message(messages.ScreenRequested(AGENT, name if known else ids[name]))
        return None

    def _first_runs(self) -> Values:
        context = self._dashboard.cell_context()
        agent, status = find_column("agent"), find_column("status")
        runs = self._dashboard.rows[:_MOST_RUNS]
        return [
            (short_id(run.id), f"{status.shown(run, context)}  {agent.shown(run, context)}") for run in runs
        ]

    def _saved_views(self) -> Values:
        return [(each.view.name, each.view.filter or each.origin) for each in self._listed]

    @cached_property
    def _listed(self) -> Sequence[ListedView]:
        settings = self._app.settings
        known = recall(settings.profile)
        return list_views(settings.views, known.views, known.view_numbers)

    # -- commands ----------------------------------------------------------------------------------------------

    def _post(self, make: Callable[[str], Message]) -> Callable[[str], None]:
        """Return a command that posts the message that `make` makes of its argument."""

        def run(argument: str) -> None:
            self._app.post_message(make(argument))

        return run

    def _to_dashboard(self) -> None:
        """Close the screens above the dashboard, because the command shows its result there."""
        app = self._app
        while app.screen is not self._dashboard and self._dashboard in app.screen_stack:
            app.pop_screen()

    def _show(self, view: View) -> None:
        """Show the dashboard with this view."""
        self._to_dashboard()
        self._dashboard.show_view(view, "")

    def _filter(self, argument: str) -> None:
        self._show(replace(self._dashboard.view, text=argument))

    def _sort(self, argument: str) -> None:
        wanted, said = split_direction(argument.removeprefix("-"))
        name = _match_name(wanted, [value for value, _ in self._sortable()])
        inverted = argument.startswith("-") if said is None else is_reversed(find_column(name), said)
        self._show(replace(self._dashboard.view, sort=name, descending=inverted))

    def _sort_error(self, argument: str) -> str:
        wanted, said = split_direction(argument.removeprefix("-"))
        names = [value for value, _ in self._sortable()]
        if said is None and (wrong := _parse_error(partial(check_direction, known=names), wanted)):
            return wrong
        if not _match_name(wanted, names):
            return words.unknown_name(wanted, names, words.COLUMN)
        if said is not None and argument.startswith("-"):
            name = words.quoted_input(wanted)
            return f"Say -{name} or {name}:{said}, not both"
        return ""

    def _columns(self, argument: str) -> None:
        self._to_dashboard()
        choice = choose(column_names(argument), self._dashboard.columns.widths)
        self._dashboard.show_columns(choice)
        self._dashboard.keep_columns(choice)

    def _view(self, name: str) -> None:
        self._to_dashboard()
        chosen = next(each for each in self._listed if each.view.name == name)
        SavedViewsMenu(self._dashboard, self._app.settings).show(chosen)

    def _thread(self, name: str) -> str | None:
        found = self._thread_keys(name)
        if not found:
            return f"The thread {words.quoted_input(name)} is not known any more"
        self._show(replace(self._dashboard.view, group=Grouping("thread", found[0])))
        return None

    def _thread_keys(self, argument: str) -> list[str]:
        """Return the raw ids of the threads whose ids have this part; see `matching_ids`."""
        snapshot = self._dashboard.snapshot
        keys = {} if snapshot is None else {state.id: key for key, state in snapshot.threads.items()}
        return [keys[name] for name in matching_ids(argument, keys)]

    def _thread_error(self, argument: str) -> str:
        found = self._thread_keys(argument)
        if len(found) > 1:
            return words.ambiguous(argument, [safe_text(key) for key in found])
        names = [name for name, _ in self._threads()]
        return "" if found else words.unknown_name(argument, names, words.THREAD)

    def _runs(self, argument: str) -> list[Run]:
        """Return the run with the id `argument`; if there is none, all runs whose ids have this part; see `matching_ids`."""
        snapshot = self._dashboard.snapshot
        runs = list(snapshot.runs()) if snapshot is not None else []
        exact = [run for run in runs if argument in (run.raw_id, run.id)]
        names = frozenset(matching_ids(argument, (run.id for run in runs)))
        return exact[:1] or [run for run in runs if run.id in names]

    def _run_error(self, argument: str) -> str:
        found = self._runs(argument)
        if len(found) > 1:
            return words.ambiguous(argument, [run.id for run in found])
        return "" if found else f"No known run has {words.quoted_input(argument)!r} in its id"

    def _run(self, argument: str) -> str | None:
        found = self._runs(argument)
        if not found:
            return f"The run {words.quoted_input(argument)} is not known any more"
        self._to_dashboard()
        self._dashboard.select(found[0].key)
        self._app.post_message(messages.RunOpened(found[0]))
        return None

    def _profile_error(self, argument: str) -> str:
        # Until the names are known, a wrong name is reported when the user switches.
        wrong = self.profiles and not _match_name(argument, self.profiles)
        return words.unknown_name(argument, self.profiles, words.PROFILE) if wrong else ""

    def _profile(self, argument: str) -> None:
        self._app.post_message(messages.ProfileChosen(_match_name(argument, self.profiles) or argument))

    def _help(self, name: str) -> None:
        from flowtui.ui.commands.help_screen import TOPICS, TopicScreen  # noqa: PLC0415  on first use

        self._app.push_screen(TopicScreen(name, TOPICS[name].text()))


def _noted(names: Iterable[str], note: str, now: Container[str]) -> Values:
    """Return names as values; those in `now` have the note."""
    return [(name, note if name in now else "") for name in names]


def _forms() -> Values:
    return [(name, form.title) for name, form in FILE_FORMATS.items()]


def _topics() -> Values:
    from flowtui.ui.commands.help_screen import TOPICS  # noqa: PLC0415  on first use

    return [(name, topic.summary) for name, topic in TOPICS.items()]


def _filter_error(argument: str) -> str:
    wrong = filter_of(argument)[1]
    return f"column {wrong.column}: {wrong}" if wrong is not None else ""


def _columns_error(argument: str) -> str:
    try:
        column_names(argument)
    except UsageError as error:
        return f"{error.message}. {error.hint.partition('?')[0]}{'?' if '?' in error.hint else ''}"
    return ""


def _parse_error(read: Callable[[str], object], argument: str) -> str:
    """Return the error message if `read` cannot parse the argument, else ""."""
    try:
        read(argument)
    except QueryError as error:
        return f"column {error.column}: {error.message}"
    except UsageError as error:
        return f"{error.message}. {error.hint}"
    return ""


def _match_name(argument: str, names: Sequence[str]) -> str:
    """Return the name equal to `argument`, or else the only name that begins with `argument`; "" if neither exists.

    An exact match wins; otherwise case does not matter.
    """
    same = [name for name in names if name.casefold() == argument.casefold()]
    exact = argument if argument in names else same[0] if len(same) == 1 else ""
    begun = [name for name in names if name.casefold().startswith(argument.casefold())]
    return exact or (begun[0] if argument and len(begun) == 1 else "")


def _filter_at(text: str) -> int | None:
    """Return at which character of a line of the `filter` command the filter begins; None for other commands."""
    name, gap, _ = text.lstrip(" :").partition(" ")
    return len(text) - len(text.lstrip(" :")) + len(name) + 1 if gap and name == "filter" else None
