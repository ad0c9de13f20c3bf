"""Columns by name: those of `columns.COLUMNS`, and those that somebody makes of a path into the raw run.

A path's column is named by the path in its one way of being written. Its cells come with `ThreadState.extras`; where
nobody read them they are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from flowtui import formatting
from flowtui.errors import UsageError
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.columns import COLUMNS, Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import LIVELY
from flowtui.model.messages.redaction import is_private
from flowtui.model.run.raw_paths import EXAMPLE, Cell, parse_path, path_name
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.row import Run
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text, shorten_start

if TYPE_CHECKING:
    from flowtui.model.state.snapshot import Snapshot

MAX_OWN: Final = 12
"""Columns by path at a time: each one costs memory for every run."""

PRIORITY: Final = 6

_WIDTH: Final = 24
_NAMES: Final = re.compile(r'((?:[^,"]|"(?:[^"\\]|\\.)*"|")*),')


def is_path(name: str) -> bool:
    """Whether a column's name is meant as a path: it has a dot or a bracket. One key alone begins with a dot."""
    return "." in name or "[" in name


def column_name(text: str, option: str = "") -> str:
    """Return the name of the column that somebody means: one of ours, or a path in its one way of being written.

    Raises:
        UsageError: there is no such column; names `option`, the nearest one, and all of them.
    """
    text, where = text.strip(), f"{option}: " if option else ""
    if text.lower() in COLUMNS:
        return text.lower()
    if is_path(text):
        try:
            return path_name(parse_path(text))
        except UsageError as error:
            raise UsageError(f"{where}{error.message}", hint=error.hint) from None
    raise UsageError(
        f"{where}there is no column {safe_text(text)[:40]!r}",
        hint=did_you_mean(text, COLUMNS, rest=f"There are {', '.join(COLUMNS)}, and paths such as {EXAMPLE}"),
    )


def column_names(text: str, option: str = "") -> tuple[str, ...]:
    """Return the names of columns in a list with commas, each once.

    Raises:
        UsageError: as `column_name`; or there are too many paths.
    """
    names = tuple(dict.fromkeys(column_name(name, option) for name in _NAMES.findall(f"{text},")))
    if len(own_names(names)) > MAX_OWN:
        raise UsageError(f"{option}: at most {MAX_OWN} columns can be paths" if option else "Too many paths")
    return names


def known_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return those names that there are columns for, each once, of what another version may have written."""
    found: dict[str, None] = {}
    for name in names:
        try:
            known = column_name(name)
        except UsageError:
            continue
        if not is_path(known) or len(own_names(found)) < MAX_OWN:
            found[known] = None
    return tuple(found)


def own_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are paths: what has to be read from raw runs."""
    return tuple(name for name in names if name not in COLUMNS and is_path(name))


@lru_cache(maxsize=256)
def find_column(name: str) -> Column:
    """Return the column of a name that `column_name` gave."""
    known = COLUMNS.get(name)
    if known is not None:
        return known
    return Column(
        name=name,
        title=_title(name),
        width=_WIDTH,
        priority=PRIORITY,
        value=partial(_value, name),
        text=partial(_text, name),
        rank=_rank,
        unrest=LIVELY,
    )


def cells_came(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether runs say something else at the paths of columns, though nothing else may have happened to them."""
    return before is None or any(
        (known := before.threads.get(key)) is None or known.extras is not state.extras
        for key, state in after.threads.items()
    )


def _title(name: str) -> str:
    return shorten_start(safe_text(name.removeprefix(".")).upper(), _WIDTH)


def _value(name: str, run: Run, context: Context) -> Cell:
    state = context.threads.get(run.thread_key)
    found = state.extras.get(run.raw_id) if state is not None else None
    cell = found.cell(name) if found is not None else None
    return REDACTED if context.redact and cell is not None and is_private(name) else cell


def _text(name: str, run: Run, context: Context) -> str:
    return cell_text(_value(name, run, context))


def cell_text(value: Cell) -> str:
    """Return what a cell says to people; an empty text is not unknown."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value or '""'
    return formatting.count(value) if isinstance(value, int) else f"{value:g}"


def _rank(value: Cell) -> tuple[int, float, str, str]:
    """Return what orders mixed values: numbers before texts, texts whatever their case."""
    if isinstance(value, str):
        return 1, 0.0, value.casefold(), value
    return 0, value or 0, "", ""
