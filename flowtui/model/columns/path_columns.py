"""Finds columns by name: those of `columns.COLUMNS`, and the user's own columns.

An own column shows a label of runs, such as `label.env` (see `label_columns.py`), or a value inside the raw run. The
latter is a path column, named by its path in canonical form, such as `tools[0].name`. The values of its cells are in
`ThreadState.extras`. A value that was not read is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Final

from flowtui import formatting
from flowtui.errors import UsageError
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.columns import COLUMNS, Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.label_columns import label_column, label_name
from flowtui.model.columns.volatility import TRACKED
from flowtui.model.messages.redaction import is_private
from flowtui.model.run.labels import EXAMPLE as A_LABEL
from flowtui.model.run.labels import label_of
from flowtui.model.run.raw_paths import EXAMPLE, Cell, parse_path, path_name
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Snapshot
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text, shorten_start

MAX_PATHS: Final = 12
"""Greatest number of own columns at a time, as each path costs memory for every run."""

_PRIORITY: Final = 6
_WIDTH: Final = 24
_KNOWN: Final = f"There are {', '.join(COLUMNS)}, labels such as {A_LABEL}, and paths such as {EXAMPLE}"
_NAMES: Final = re.compile(r'((?:[^,"]|"(?:[^"\\]|\\.)*"|")*),')


def is_own(name: str) -> bool:
    """Whether a column name is that of an own column: a label or a path. A path of one key begins with a dot: `.key`."""
    return "." in name or "[" in name


def is_path(name: str) -> bool:
    """Whether a column name is a path into the raw run."""
    return is_own(name) and label_of(name) is None


def column_name(text: str, option: str = "") -> str:
    """Return the name of the column that the user's text means: a known column, a label, or a path in canonical form.

    Raises:
        UsageError: the path or label is invalid, or there is no such column; then the hint lists all columns. The message
        begins with `option` if that is given.
    """
    text, where = text.strip(), f"{option}: " if option else ""
    if text.lower() in COLUMNS:
        return text.lower()
    if is_own(text):
        try:
            return label_name(text) or path_name(parse_path(text))
        except UsageError as error:
            raise UsageError(f"{where}{error.message}", hint=error.hint) from None
    raise UsageError(
        f"{where}there is no column {safe_text(text)[:40]!r}",
        hint=did_you_mean(text, COLUMNS, rest=_KNOWN),
    )


def column_names(text: str, option: str = "") -> tuple[str, ...]:
    """Return the column names in a comma-separated list, each once.

    Raises:
        UsageError: a name is unknown (see `column_name`), or there are more than MAX_PATHS own columns.
    """
    names = tuple(dict.fromkeys(column_name(name, option) for name in _NAMES.findall(f"{text},")))
    if len(own_names(names)) > MAX_PATHS:
        raise UsageError(
            f"{option}: at most {MAX_PATHS} columns can be labels or paths"
            if option
            else "Too many labels and paths"
        )
    return names


def known_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the valid names, each once, and at most MAX_PATHS own columns.

    A name that another version of flowtui has saved may be invalid here.
    """
    found: dict[str, None] = {}
    for name in names:
        try:
            known = column_name(name)
        except UsageError:
            continue
        if not is_own(known) or len(own_names(found)) < MAX_PATHS:
            found[known] = None
    return tuple(found)


def own_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are labels or paths."""
    return tuple(name for name in names if name not in COLUMNS and is_own(name))


def path_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are paths."""
    return tuple(name for name in own_names(names) if is_path(name))


@lru_cache(maxsize=256)
def find_column(name: str) -> Column:
    """Return the column called `name`, which must come from `column_name`."""
    known = COLUMNS.get(name)
    if known is not None:
        return known
    label = label_of(name)
    if label is not None:
        return label_column(name, label)
    return Column(
        name,
        partial(_value, name),
        partial(_text, name),
        heading=shorten_start(safe_text(name.removeprefix(".")).upper(), _WIDTH),
        width=_WIDTH,
        priority=_PRIORITY,
        rank=_rank,
        volatility=TRACKED,
    )


def details_changed(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether values beside the rows may differ between two snapshots: those at paths, and those from spans.

    True if there was no snapshot `before`.
    """
    return before is None or any(
        (known := before.threads.get(key)) is not state
        and (known is None or known.extras is not state.extras or known.span_facts is not state.span_facts)
        for key, state in after.threads.items()
    )


def _value(name: str, run: Run, context: Context) -> Cell:
    state = context.threads.get(run.thread_key)
    found = state.extras.get(run.raw_id) if state is not None else None
    cell = found.cell(name) if found is not None else None
    return REDACTED if context.redact and cell is not None and is_private(name) else cell


def _text(name: str, run: Run, context: Context) -> str:
    return cell_text(_value(name, run, context))


def cell_text(value: Cell) -> str:
    """Return the cell's text for the user. An empty string is shown as `""`, an unknown value as a dash."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value or '""'
    return formatting.count(value) if isinstance(value, int) else f"{value:g}"


def _rank(value: Cell) -> tuple[int, float, str, str]:
    """Return a sort key for mixed values: numbers before texts, texts without regard to case."""
    if isinstance(value, str):
        return 1, 0.0, value.casefold(), value
    return 0, value or 0, "", ""
