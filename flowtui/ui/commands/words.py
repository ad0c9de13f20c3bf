"""The words of the command line: every key's action by its id, and a few that take an argument. Pure.

The keys are the one list of what can be done; an argument is said here to what a key does without one. Completes words
and arguments, and names the nearest word for one that there is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.query.completion import Completion, Completions
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text
from flowtui.ui.keys.bindings import APP, COMMAND, FILTER, KEYS, PROMPT, RENAMED, Key

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

_MOST: Final = 50  # completions
_QUOTED: Final = 40  # characters of what was typed, in an error
_RENAMED: Final = {**{old: new for old, new in RENAMED.items() if old != "mark"}, "mark_run": "select"}
"""Former words and their words today; `mark` has become the word that names a moment."""
_DIRECTIONS: Final = {"desc": "largest or newest first", "asc": "smallest or oldest first"}
_HIDDEN: Final = frozenset({"palette", "command_line", "interrupt"})


class Word(NamedTuple):
    """One word. `argument` is the kind of what follows it, "" for nothing; `key` is what it does without one.

    Without a key the argument must be there, unless there is no kind of argument either.
    """

    name: str
    help: str
    argument: str = ""
    key: Key | None = None
    where: str = APP


class Argument(NamedTuple):
    """A word with an argument: its kind, what it does with it, and the id of the key that it is without one."""

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
    Argument("export", FORM, "save the rows in a form", "export"),
    Argument("mark", MARK, "name this moment, as v1.4.2 when it is deployed"),
    Argument("gate", GATE, "judge the newest mark by these limits", "gate"),
    Argument("help", TOPIC, "keys of here, or a topic", "help"),
)
"""The words that take an argument, in the order in which people want them."""

QUIT: Final = Word("quit", "quit")


def words(places: Iterable[str]) -> dict[str, Word]:
    """Return the words for these parts of the screen, the part with the focus first, by name.

    Words with an argument are there everywhere; what they do without one, only where their key is.
    """
    here: dict[str, tuple[str, Key]] = {}
    for place in places:
        for key in KEYS:
            if key.where == place and key.id not in _HIDDEN and place not in (PROMPT, FILTER, COMMAND):
                here.setdefault(key.id, (place, key))
    found: dict[str, Word] = {}
    for name, kind, told, bare in ARGUMENTS:
        found[name] = Word(name, told, kind)
        if bare in here:
            place, key = here[bare]
            found[name] = Word(name, told, kind, key, place)
    found["quit"] = QUIT
    for name, (place, key) in here.items():
        found.setdefault(name, Word(name, key.help, "", key, place))
    return found


class Said(NamedTuple):
    """What was typed: the word as it was meant, and the rest."""

    name: str
    argument: str = ""


def read(text: str) -> Said:
    """Return the word of a line and what follows it; a leading colon and a - for a _ do not matter."""
    name, _, argument = text.strip().lstrip(":").lstrip().partition(" ")
    return Said(name.replace("-", "_").casefold(), argument.strip())


def find(name: str, known: dict[str, Word]) -> Word | None:
    """Return the word of a name, or the only one that begins with it; `q` alone is quit, as everywhere."""
    name = _RENAMED.get(name, name)
    if name in known:
        return known[name]
    if name == "q":
        return QUIT
    begun = [word for word in known.values() if word.name.startswith(name)]
    return begun[0] if name and len(begun) == 1 else None


def shown(text: str) -> str:
    """Return what somebody typed as it can be said back: display-safe and short."""
    text = safe_text(text)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


def unknown(name: str, known: Iterable[str], what: str = "command") -> str:
    """Return what is said of a name that there is not: the nearest one, or those that begin with it."""
    known = list(known)
    begun = [each for each in known if name and each.casefold().startswith(name.casefold())]
    if len(begun) > 1:
        return f"{shown(name)!r} may be {', '.join(begun[:4])}{' …' if len(begun) > 4 else ''}"
    hint = did_you_mean(name, known)
    return f"There is no {what} {shown(name)!r}" + (f". {hint}" if hint else "")


Values = Callable[[str], Sequence[tuple[str, str]]]
"""Returns what an argument of a kind may be, each with a note."""


def complete(text: str, cursor: int, known: dict[str, Word], values: Values) -> Completions:
    """Return what may stand where the cursor is: a word, or the argument of the word before it."""
    before = text[:cursor]
    blank = len(before) - len(before.lstrip(" :"))
    name, gap, argument = before[blank:].partition(" ")
    if not gap:
        typed = name.replace("-", "_").casefold()
        items = [
            Completion(word.name, word.name, word.help, whole=bool(word.argument)) for word in known.values()
        ]
        return Completions(blank, len(before), name, _fitting(items, typed))
    word = find(read(name).name, known)
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
    """Return the items that begin with what was typed, then those that hold it."""
    typed = typed.casefold()
    first = [item for item in items if item.label.casefold().startswith(typed)]
    held = [item for item in items if typed in item.label.casefold() and item not in first]
    return tuple([*first, *held][:_MOST])
