"""The newest rows for the first frame. It imports little, as the first frame waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from flowtui.errors import HistoryError
from flowtui.model.run.row import Run
from flowtui.store.faults import DamagedError
from flowtui.store.files.opening import open_to_read
from flowtui.store.rows import RUN, columns_of, runs_of, time_of, word_numbers
from flowtui.store.sqlite import Database
from flowtui.store.tables import NO_ROW
from flowtui.store.words import Texts, marks
from flowtui.text import safe_name

_NEWEST: Final = (
    f"SELECT {RUN} FROM run r JOIN thread t ON t.id = r.thread WHERE r.created IS NOT NULL "
    f"AND NOT r.flags & {NO_ROW} ORDER BY r.created DESC LIMIT ?"
)
_SEEN: Final = "SELECT max(observed) FROM thread"


class NewestRows(NamedTuple):
    """The runs that were created last."""

    rows: Sequence[Run]
    """The runs, the newest first. All text is display-safe."""
    agents: Mapping[str, str]
    """Agent id → name, of their agents."""
    as_of: float
    """When a thread was last observed, in UTC epoch seconds of the local clock."""


def newest_rows(file: Path, count: int) -> NewestRows | None:
    """Return the runs of a history's file that were created last, at most `count`; None if there are none, or no file. Blocks.

    Raises:
        HistoryError: the file cannot be read.
    """
    database = open_to_read(file)
    if database is None:
        return None
    try:
        return _read(database, count)
    except HistoryError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        raise DamagedError("a value is not as flowtui writes it") from None
    finally:
        database.close()


def _read(database: Database, count: int) -> NewestRows | None:
    rows, seen = database.rows(_NEWEST, (count,)), database.row(_SEEN)
    as_of = time_of(seen[0]) if seen is not None else None
    if not rows or as_of is None:
        return None
    columns = columns_of(rows)
    texts = Texts(database).load(word_numbers(columns))
    agents = sorted({row[2] for row in rows})
    names = database.rows(
        f"SELECT id, name FROM agent WHERE name IS NOT NULL AND id IN ({marks(agents)})",
        agents,
    )
    found = runs_of(columns, texts)
    return NewestRows(found, {texts[number]: safe_name(name) for number, name in names}, as_of)
