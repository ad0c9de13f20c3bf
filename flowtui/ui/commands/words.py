"""The commands of the command line: one for each key, named by the key's id, and a few with an argument. Pure.

Finds and completes commands and their arguments, and suggests the nearest command after a typing error. What a key does
is defined with the keys, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.query.completion import Completion, Completions
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text, short_id
from flowtui.ui.keys.bindings import APP, COMMAND, FILTER, KEYS, PROMPT
from flowtui.ui.keys.key import Key
from flowtui.ui.keys.renamed import RENAMED

COLUMN: Final = "column"
COLUMNS: Final = "columns"
TEXT: Final = "filter"
THEME: Final = "theme"
THREAD: Final = "thread"
RUN: Final = "run"
AGENT: Final = "agent"
VIEW: Final = "view"
PROFILE: Final = "profile"
FORM: Final = "form"
TOPIC: Final = "topic"
MARK: Final = "name"
GATE: Final = "gate"

_MOST: Final = 50  # most completions
_QUOTED: Final = 40  # most characters of the input that an error message quotes
_RENAMED: Final = {**{old: new for old, new in RENAMED.items() if old != "mark"}, "mark_run": "select"}
"""Old name of a command → its new name. `mark` is left out: it is now the name of another command."""
_DIRECTIONS: Final = {"desc": "largest or newest first", "asc": "smallest or oldest first"}
_HIDDEN: Final = frozenset({"palette", "command_line", "interrupt"})


class Command(NamedTuple):
    """A command of the command line.

    `argument` is the kind of argument that it takes, "" for none. A line without an argument runs the action of `key`
    on the widget of `where`, a part of the screen. If `key` is None, the argument is required (`quit` takes none).
    """

    name: str
    help: str
    argument: str = ""
    key: Key | None = None
    where: str = APP


class Argument(NamedTuple):
    """A command with an argument of the kind `kind`. Without an argument it runs the action of the key with the id `bare`."""

    name: str
    kind: str
    help: str
    bare: str = ""


ARGUMENTS: Final = (
    Argument("filter", TEXT, "filter the runs", "filter"),
    Argument(
        "sort", COLUMN, "sort by a column; -NAME reverses, NAME:desc is largest or newest first", "sort"
    ),
    Argument("columns", COLUMNS, "show these columns", "choose_columns"),
    Argument("view", VIEW, "show a saved view", "views"),
    Argument("thread", THREAD, "show the runs of one thread"),
    Argument("run", RUN, "open a run by its id"),
    Argument("agent", AGENT, "open the page of an agent", "agent"),
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
    """Return name → command for these parts of the screen; if two parts have a key with the same id, the first part wins.

    Commands with an argument are always included. On screens without their key, the argument is required.
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
    """A parsed line: the first word is the name of the command, the rest its argument."""

    name: str
    argument: str = ""


def parse_command(text: str) -> ParsedCommand:
    """Parse a line. A leading colon is ignored. In the name, `-` is replaced by `_`, and capitals by small letters."""
    name, _, argument = text.strip().lstrip(":").lstrip().partition(" ")
    return ParsedCommand(name.replace("-", "_").casefold(), argument.strip())


def find_command(name: str, known: dict[str, Command]) -> Command | None:
    """Return the command called `name`, else the only command whose name begins with `name`, else None. `q` is quit."""
    name = _RENAMED.get(name, name)
    if name in known:
        return known[name]
    if name == "q":
        return QUIT
    begun = [word for word in known.values() if word.name.startswith(name)]
    return begun[0] if name and len(begun) == 1 else None


def quoted_input(text: str) -> str:
    """Return the user's input for an error message: display-safe, cut to 40 characters."""
    text = safe_text(text)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


def unknown_name(name: str, known: Iterable[str], what: str = "command") -> str:
    """Return the error message for an unknown name. `what` says what should have that name, such as `command`.

    If several known names begin with `name`, the message lists them; otherwise it suggests the nearest known name.
    """
    known = list(known)
    begun = [each for each in known if name and each.casefold().startswith(name.casefold())]
    if len(begun) > 1:
        return _may_be(name, begun)
    hint = did_you_mean(name, known)
    return f"There is no {what} {quoted_input(name)!r}" + (f". {hint}" if hint else "")


def ambiguous(part: str, ids: Sequence[str]) -> str:
    """Return the error message for a part that several ids have. The ids are short if that tells them apart."""
    short = [short_id(each) for each in ids]
    return _may_be(part, short if len(set(short)) == len(short) else ids)


def _may_be(name: str, known: Sequence[str]) -> str:
    return f"{quoted_input(name)!r} may be {', '.join(known[:4])}{' …' if len(known) > 4 else ''}"


Values = Sequence[tuple[str, str]]
"""The possible values of an argument, each with the note to show beside it."""


def complete(
    text: str, cursor: int, known: dict[str, Command], values: Callable[[str], Values]
) -> Completions:
    """Return the completions at the cursor of a line: names of commands, or after a command, values of its argument.

    `values`: returns the values of a kind of argument.
    """
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
