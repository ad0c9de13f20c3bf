"""Runs the commands of the command line: turns a line into a function to call or an error message. Draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

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
from flowtui.model.run.row import Run
from flowtui.model.view.groups import Grouping
from flowtui.model.view.saved_views import ListedView, list_views
from flowtui.model.view.sorting import check_direction, is_reversed, split_direction
from flowtui.model.view.view import filter_of, matching_runs
from flowtui.ui.base import messages
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.commands import words
from flowtui.ui.commands.palette import places_of
from flowtui.ui.commands.words import Command
from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.filter.saved_views import SavedViewsMenu
from flowtui.ui.keys.bindings import GATE

_MOST_RUNS: Final = 2_000  # only ids of the first rows are completed: enough for those on the screen


class CommandActions:
    """Parses and runs command lines. A command acts on the screen that was on top when the command line opened."""

    def __init__(self, app: AppBase, dashboard: Dashboard) -> None:
        self._app, self._dashboard = app, dashboard
        self._nodes: Mapping[str, DOMNode] = places_of(app.screen)
        self.words: dict[str, Command] = words.words(self._nodes)
        self.profiles: Sequence[str] = ()
        """Names of the profiles; empty until they have been read."""
        self._completer: Completer | None = None
        self._views: Sequence[ListedView] | None = None
        self._does: Final[Mapping[str, Callable[[str], str]]] = {
            words.TEXT: self._filter,
            words.COLUMN: self._sort,
            words.COLUMNS: self._columns,
            words.VIEW: self._view,
            words.THREAD: self._thread,
            words.RUN: self._run,
            words.THEME: self._theme,
            words.PROFILE: self._profile,
            words.FORM: self._export,
            words.TOPIC: self._help,
            words.MARK: self._mark,
            words.GATE: self._gate,
        }

    def plan(self, text: str) -> tuple[Callable[[], str] | None, str]:
        """Return a function that runs the line, and ""; if the line is invalid, None and an error message.

        The function is to be called after the command line has closed. It returns an error message, "" if it succeeded.
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

    def _with_argument(self, word: Command, argument: str) -> tuple[Callable[[], str] | None, str]:
        if not argument:
            return None, f"{word.name} needs a {word.argument}: {word.help}"
        wrong = self._check(word.argument, argument)
        return (None, wrong) if wrong else ((lambda: self._does[word.argument](argument)), "")

    def _plain(self, word: Command) -> str:
        if word.key is None:
            self._app.exit(0)
        else:
            self._app.call_later(self._app.run_action, word.key.action, self._nodes[word.where])
        return ""

    def _check(self, kind: str, argument: str) -> str:  # noqa: PLR0911  one return for each kind of argument
        """Return what is wrong with an argument of this kind, "" if it is valid."""
        if kind == words.TEXT:
            wrong = filter_of(argument)[1]
            return f"column {wrong.column}: {wrong}" if wrong is not None else ""
        if kind == words.COLUMNS:
            try:
                column_names(argument)
            except UsageError as error:
                return f"{error.message}. {error.hint.partition('?')[0]}{'?' if '?' in error.hint else ''}"
            return ""
        if kind in (words.MARK, words.GATE):
            return _parse_error(mark_name if kind == words.MARK else parse_gate, argument)
        if kind == words.RUN:
            found = self._runs(argument)
            if len(found) > 1:
                return words.unknown_name(argument, [run.id for run in found], "run")
            return "" if found else f"No known run begins with {words.quoted_input(argument)!r}"
        if kind == words.PROFILE and not self.profiles:
            return ""  # the names are not known yet, so a wrong name is reported when the user switches
        names = [value for value, _ in self.values(kind)]
        if kind == words.COLUMN:
            return _sort_error(argument, names)
        return "" if _match_name(argument, names) else words.unknown_name(argument, names, kind)

    # -- completions ------------------------------------------------------------------------------------------

    def complete(self, text: str, cursor: int) -> Completions:
        """Return the completions at the cursor of a line."""
        start = _filter_at(text)
        if start is not None and start <= cursor:
            found = self._filters().complete(text[start:], cursor - start)
            return found._replace(start=found.start + start, end=found.end + start)
        return words.complete(text, cursor, self.words, self.values)

    def _filters(self) -> Completer:
        if self._completer is None:
            dashboard = self._dashboard
            snapshot, context = dashboard.snapshot, dashboard.cell_context()
            runs = (
                [] if snapshot is None else matching_runs(snapshot, replace(dashboard.view, text=""), context)
            )
            self._completer = Completer(runs, context)
        return self._completer

    def values(self, kind: str) -> Sequence[tuple[str, str]]:  # noqa: PLR0911  one return for each kind of argument
        """Return the possible values of an argument of this kind, each with the note to show beside it."""
        app, snapshot = self._app, self._dashboard.snapshot
        if kind == words.THEME:
            return [(name, "now" if name == app.theme else "") for name in app.theme_names]
        if kind == words.COLUMN:
            names = (*COLUMNS, *self._dashboard.columns.paths)
            now = self._dashboard.view.sort
            return [(name, "now" if name == now else "") for name in names]
        if kind == words.COLUMNS:
            shown = self._dashboard.columns.shown
            return [(name, "shown" if name in shown else "") for name in self._dashboard.columns.order]
        if kind == words.THREAD and snapshot is not None:
            return [
                (
                    state.id,
                    f"{len(state.runs):,} {'run' if len(state.runs) == 1 else 'runs'}" if state.read else "",
                )
                for state in snapshot.threads.values()
            ]
        if kind == words.RUN:
            context = self._dashboard.cell_context()
            agent, status = find_column("agent"), find_column("status")
            runs = self._dashboard.rows[:_MOST_RUNS]
            return [(run.id, f"{status.text(run, context)}  {agent.text(run, context)}") for run in runs]
        if kind == words.VIEW:
            return [(each.view.name, each.view.filter or each.origin) for each in self._listed]
        if kind == words.FORM:
            return [(name, form.title) for name, form in FILE_FORMATS.items()]
        if kind == words.PROFILE:
            now = app.settings.profile
            return [(name, "shown now" if name == now else "") for name in self.profiles]
        if kind == words.TOPIC:
            from flowtui.ui.commands.help_screen import TOPICS  # noqa: PLC0415  on first use

            return [(name, topic.summary) for name, topic in TOPICS.items()]
        return []

    @property
    def _listed(self) -> Sequence[ListedView]:
        if self._views is None:
            settings = self._app.settings
            known = recall(settings.profile)
            self._views = list_views(settings.views, known.views, known.view_numbers)
        return self._views

    def _runs(self, argument: str) -> list[Run]:
        """Return the run with the id `argument`; if there is none, all runs whose ids begin with `argument`."""
        snapshot = self._dashboard.snapshot
        runs = list(snapshot.runs()) if snapshot is not None else []
        exact = [run for run in runs if argument in (run.raw_id, run.id)]
        return exact[:1] or [run for run in runs if run.id.startswith(argument)]

    # -- commands ----------------------------------------------------------------------------------------------

    def _ask(self, message: Message) -> str:
        self._app.post_message(message)
        return ""

    def _to_dashboard(self) -> None:
        """Close the screens above the dashboard, because the command shows its result there."""
        app = self._app
        while app.screen is not self._dashboard and self._dashboard in app.screen_stack:
            app.pop_screen()

    def _filter(self, argument: str) -> str:
        self._to_dashboard()
        dashboard = self._dashboard
        dashboard.show_view(replace(dashboard.view, text=argument), "")
        return ""

    def _sort(self, argument: str) -> str:
        self._to_dashboard()
        dashboard = self._dashboard
        wanted, said = split_direction(argument.removeprefix("-"))
        name = _match_name(wanted, [value for value, _ in self.values(words.COLUMN)])
        inverted = argument.startswith("-") if said is None else is_reversed(find_column(name), said)
        dashboard.show_view(replace(dashboard.view, sort=name, descending=inverted), "")
        return ""

    def _columns(self, argument: str) -> str:
        self._to_dashboard()
        choice = choose(column_names(argument), self._dashboard.columns.widths)
        self._dashboard.show_columns(choice)
        self._dashboard.keep_columns(choice)
        return ""

    def _view(self, argument: str) -> str:
        self._to_dashboard()
        name = _match_name(argument, [each.view.name for each in self._listed])
        chosen = next(each for each in self._listed if each.view.name == name)
        SavedViewsMenu(self._dashboard, self._app.settings).show(chosen)
        return ""

    def _thread(self, argument: str) -> str:
        snapshot, dashboard = self._dashboard.snapshot, self._dashboard
        threads = snapshot.threads if snapshot is not None else {}
        name = _match_name(argument, [state.id for state in threads.values()])
        key = next((key for key, state in threads.items() if state.id == name), None)
        if key is None:
            return f"The thread {words.quoted_input(argument)} is not known any more"
        self._to_dashboard()
        dashboard.show_view(replace(dashboard.view, group=Grouping("thread", key)), "")
        return ""

    def _run(self, argument: str) -> str:
        found = self._runs(argument)
        if not found:
            return f"The run {words.quoted_input(argument)} is not known any more"
        self._to_dashboard()
        self._dashboard.select(found[0].key)
        return self._ask(messages.RunOpened(found[0]))

    def _theme(self, argument: str) -> str:
        return self._ask(messages.ThemeChosen(_match_name(argument, self._app.theme_names)))

    def _profile(self, argument: str) -> str:
        return self._ask(messages.ProfileChosen(_match_name(argument, self.profiles) or argument))

    def _export(self, argument: str) -> str:
        return self._ask(messages.ExportRequested(_match_name(argument, list(FILE_FORMATS))))

    def _mark(self, argument: str) -> str:
        return self._ask(messages.MomentMarked(argument))

    def _gate(self, argument: str) -> str:
        return self._ask(messages.ScreenRequested(GATE, argument))

    def _help(self, argument: str) -> str:
        from flowtui.ui.commands.help_screen import TOPICS, TopicScreen  # noqa: PLC0415  on first use

        name = _match_name(argument, list(TOPICS))
        self._app.push_screen(TopicScreen(name, TOPICS[name].text()))
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


def _sort_error(argument: str, names: Sequence[str]) -> str:
    """Return what is wrong with the argument of `sort`, "" if it is valid."""
    wanted, said = split_direction(argument.removeprefix("-"))
    if said is None and (wrong := _parse_error(partial(check_direction, known=names), wanted)):
        return wrong
    if not _match_name(wanted, names):
        return words.unknown_name(wanted, names, words.COLUMN)
    if said is not None and argument.startswith("-"):
        name = words.quoted_input(wanted)
        return f"Say -{name} or {name}:{said}, not both"
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
