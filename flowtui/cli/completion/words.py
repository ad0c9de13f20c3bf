"""Everything that a script can complete, taken from the definitions of commands and options. The same for all shells."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

from flowtui.cli.command import DASH, Commands
from flowtui.cli.options.options import COMMON, Option, option
from flowtui.model.columns.columns import COLUMNS
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.faults.listing import LIST
from flowtui.watch.options import FAIL_ON

THEMES: Final = ("night", "day", "contrast", "blue-orange")
"""The names of flowtui's own themes. They are repeated here, as their module imports Textual; a test compares both."""

THREAD_COLUMNS: Final = ("thread", "status", "run", "age", "created", "note")
"""The columns of `flowtui threads`. They are repeated here, as their module takes long to import; a test compares both."""

_FILES: Final = ("F", "FILE")
_EVERYWHERE: Final = (
    *COMMON,
    option("--version", action="version", help="show the version"),
    option("-h", "--help", action="help", help="show help"),
)
Form = Literal["none", "free", "words", "order", "list", "files", "profiles"]


class Flag(NamedTuple):
    """One option of one command: its names, its help, and the form of its value, which is one of these.

    `none`: no value.
    `free`: any text, which is not completed.
    `words`: one of `values`.
    `list`: several of `values`, with commas between them.
    `order`: one of `values`, possibly followed by `:desc` or `:asc`.
    `files`: a path.
    `profiles`: the name of a profile.
    """

    names: tuple[str, ...]
    help: str
    form: Form
    values: tuple[str, ...] = ()
    metavar: str = ""

    @property
    def orders(self) -> tuple[str, ...]:
        """Each value with `:desc` and with `:asc`, for the form `order`."""
        return tuple(f"{value}:{way}" for value in self.values for way in ("desc", "asc"))


_VALUES: Final[Mapping[str, tuple[Form, tuple[str, ...]]]] = {
    "--theme": ("words", THEMES),
    "--tz": ("words", ("local", "utc")),
    "--sort": ("order", tuple(COLUMNS)),
    "--columns": ("list", tuple(COLUMNS)),
    "--fault": ("words", (LIST, *FAULTS)),
    "--fail-on": ("list", FAIL_ON),
    "--for": ("words", ("all", "any", "idle")),
    "--profile": ("profiles", ()),
}
"""Option name -> form and values, for options whose values are known but are not `choices` of the parser."""


@dataclass(frozen=True)
class Words:
    """Everything that can be completed.

    `config_path` is the file from which the script reads the names of profiles, unless FLOWTUI_CONFIG names another.
    """

    commands: Commands
    config_path: str

    @cached_property
    def common(self) -> tuple[Flag, ...]:
        """The options of every command."""
        return tuple(_flag(entry, "") for entry in _EVERYWHERE)

    def own(self, command: str) -> tuple[Flag, ...]:
        """Return the options of a command, without those that all commands have."""
        return tuple(_flag(entry, command) for entry in self.commands[command].options)

    def flags(self, command: str) -> tuple[Flag, ...]:
        """Return all options of a command; if `command` is "" (none typed yet), those of the dashboard."""
        return (*self.own(command or DASH), *self.common)

    @cached_property
    def with_value(self) -> tuple[str, ...]:
        """The names of all options that take a value. The word after such a name is the value, so it cannot be the command."""
        every = [flag for command in self.commands for flag in self.flags(command)]
        return tuple(dict.fromkeys(name for flag in every if flag.form != "none" for name in flag.names))

    def values(self) -> Iterator[tuple[str, Flag]]:
        """Yield (command, flag) for each option with a value of each command. The command "" means that none is typed yet."""
        for command in ("", *self.commands):
            for flag in self.flags(command):
                if flag.form != "none":
                    yield command, flag

    def find_profiles(self, variable: str = "file") -> str:
        """Return a shell command that prints the names of the profiles in a file, one per line.

        `variable` is the shell variable with the path of the file. Names with characters other than letters, digits,
        `_` and `-` are left out, as a shell could misread them.
        """
        name = "[A-Za-z0-9_][A-Za-z0-9_-]*"
        head = r"^[[:space:]]*\[[[:space:]]*profiles[[:space:]]*\.[[:space:]]*"
        pattern = f"s/{head}[\"']\\{{0,1\\}}\\({name}\\)[\"']\\{{0,1\\}}[[:space:]]*[].].*/\\1/p"
        return f'sed -n {shlex.quote(pattern)} "${variable}" 2>/dev/null | sort -u'


def _flag(entry: Option, command: str) -> Flag:
    metavar = str(entry.rest.get("metavar", ""))
    name = entry.flags[-1]
    form: Form = "files" if metavar in _FILES else "free"
    values: tuple[str, ...] = ()
    if not entry.takes_value:
        form = "none"
    elif "choices" in entry.rest:
        form, values = "words", tuple(entry.rest["choices"])
    elif name in _VALUES:
        form, values = _VALUES[name]
        if command == "threads" and name in ("--sort", "--columns"):
            values = THREAD_COLUMNS
    return Flag(entry.flags, str(entry.rest.get("help", "")), form, values, metavar)
