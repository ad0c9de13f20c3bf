"""The vocabulary of the command line: every key's action by its id, and a few commands with an argument. Pure.

Actions are defined only with the keys; this module adds arguments to some of them. It completes commands and arguments,
and suggests the nearest command after a typing error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.query.completion import Completion, Completions
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text
from flowtui.ui.keys.bindings import APP, COMMAND, FILTER, KEYS, PROMPT, Key
from flowtui.ui.keys.renamed import RENAMED

COLUMN: Final = "column"
COLUMNS: Final = "columns"
TEXT: Final = "filter"
THEME: Final = "theme"
THREAD: Final = "thread"
RUN: Final = "run"
VIEW: Final = "view"
PROFILE: Final = "profile"
FORM: Final = "form"
TOPIC: Final = "topic"
MARK: Final = "name"
GATE: Final = "gate"

_MOST: Final = 50  # most completions
_QUOTED: Final = 40  # most characters of the input that an error message quotes
_RENAMED: Final = {**{old: new for old, new in RENAMED.items() if old != "mark"}, "mark_run": "select"}
"""Former command → its name now. `mark` is missing, because today it is the command that names a moment."""
_DIRECTIONS: Final = {"desc": "largest or newest first", "asc": "smallest or oldest first"}
_HIDDEN: Final = frozenset({"palette", "command_line", "interrupt"})


class Command(NamedTuple):
    """A command of the command line.

    `argument` is the kind of its argument, "" if it takes none. Without an argument the command runs the action of `key`
    on the widget at `where`, a part of the screen. If `key` is None, the argument is required.
    """

    name: str
    help: str
    argument: str = ""
    key: Key | None = None
    where: str = APP


class Argument(NamedTuple):
    """A command that takes an argument of this kind. `bare` is the id of the key whose action it runs without one."""

    name: str
    kind: str
    help: str
    bare: str = ""


ARGUMENTS: Final = (
    Argument("filter", TEXT, "filter the runs", "filter"),
    Argument("sort", COLUMN, "sort by a column; -NAME inverts, NAME:desc is largest or newest first", "sort"),
    Argument("columns", COLUMNS, "show these columns", "choose_columns"),
    Argument("view", VIEW, "show a saved view", "views"),
    Argument("thread", THREAD, "show the runs of one thread"),
    Argument("run", RUN, "open a run by its id"),
    Argument("theme", THEME, "change the colours"),
    Argument("profile", PROFILE, "go to another profile", "profile"),
    Argument("export", FORM, "save the rows to a file", "export"),
    Argument("mark", MARK, "mark this moment, such as v1.4.2 for a deployment"),
    Argument("gate", GATE, "judge the newest mark by these limits", "gate"),
    Argument("help", TOPIC, "keys available here, or a topic", "help"),
)
"""The commands that take an argument, in the order of the completion list."""

QUIT: Final = Command("quit", "quit")


def words(places: Iterable[str]) -> dict[str, Command]:
    """Return name → command for these parts of the screen; if two have the same key id, the first is taken.

    Commands with an argument are available everywhere; without the argument, only on screens that have their key.
    """
    here: dict[str, tuple[str, Key]] = {}
    for place in places:
        for key in KEYS:
            if key.where == place and key.id not in _HIDDEN and place not in (PROMPT, FILTER, COMMAND):
                here.setdefault(key.id, (place, key))
    found: dict[str, Command] = {}
    for name, kind, told, bare in ARGUMENTS:
        found[name] = Command(name, told, kind)
        if bare in here:
            place, key = here[bare]
            found[name] = Command(name, told, kind, key, place)
    found["quit"] = QUIT
    for name, (place, key) in here.items():
        found.setdefault(name, Command(name, key.help, "", key, place))
    return found


class ParsedCommand(NamedTuple):
    """A parsed line: the name of the command, and the rest as its argument."""

    name: str
    argument: str = ""


def parse_command(text: str) -> ParsedCommand:
    """Parse a line. A leading colon is ignored; in the name, `-` counts as `_`, and case does not matter."""
    name, _, argument = text.strip().lstrip(":").lstrip().partition(" ")
    return ParsedCommand(name.replace("-", "_").casefold(), argument.strip())


def find_command(name: str, known: dict[str, Command]) -> Command | None:
    """Return the command with this name, else the only one whose name begins with it, else None. `q` is quit."""
    name = _RENAMED.get(name, name)
    if name in known:
        return known[name]
    if name == "q":
        return QUIT
    begun = [word for word in known.values() if word.name.startswith(name)]
    return begun[0] if name and len(begun) == 1 else None


def quoted_input(text: str) -> str:
    """Return the user's input for a message: display-safe and short."""
    text = safe_text(text)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


def unknown_name(name: str, known: Iterable[str], what: str = "command") -> str:
    """Return the message for an unknown name; `what` is the kind of name, such as `command`.

    If several known names begin with it, the message lists them; else it suggests the nearest known name.
    """
    known = list(known)
    begun = [each for each in known if name and each.casefold().startswith(name.casefold())]
    if len(begun) > 1:
        return f"{quoted_input(name)!r} may be {', '.join(begun[:4])}{' …' if len(begun) > 4 else ''}"
    hint = did_you_mean(name, known)
    return f"There is no {what} {quoted_input(name)!r}" + (f". {hint}" if hint else "")


Values = Callable[[str], Sequence[tuple[str, str]]]
"""Kind of argument → its possible values, each with a note."""


def complete(text: str, cursor: int, known: dict[str, Command], values: Values) -> Completions:
    """Return the completions at the cursor: commands, or values of a command's argument."""
    before = text[:cursor]
    blank = len(before) - len(before.lstrip(" :"))
    name, gap, argument = before[blank:].partition(" ")
    if not gap:
        typed = name.replace("-", "_").casefold()
        items = [
            Completion(word.name, word.name, word.help, whole=bool(word.argument)) for word in known.values()
        ]
        return Completions(blank, len(before), name, _fitting(items, typed))
    word = find_command(parse_command(name).name, known)
    if word is None or not word.argument:
        return Completions(cursor, cursor)
    start = cursor - len(argument.lstrip(" "))
    if word.argument == COLUMNS:
        start += argument.lstrip(" ").rfind(",") + 1
    typed = text[start:cursor]
    offered = values(word.argument)
    if word.argument == COLUMN and typed.startswith("-"):
        start, typed = start + 1, typed[1:]
    elif word.argument == COLUMN and ":" in typed:
        offered = [(f"{value}:{way}", told) for value, _ in offered for way, told in _DIRECTIONS.items()]
    items = [Completion(value, value, note) for value, note in offered]
    return Completions(
        start, len(text) if word.argument != COLUMNS else cursor, typed, _fitting(items, typed)
    )


def _fitting(items: Sequence[Completion], typed: str) -> tuple[Completion, ...]:
    """Return the items that begin with the typed text, then those that contain it elsewhere; at most 50."""
    typed = typed.casefold()
    first = [item for item in items if item.label.casefold().startswith(typed)]
    held = [item for item in items if typed in item.label.casefold() and item not in first]
    return tuple([*first, *held][:_MOST])
