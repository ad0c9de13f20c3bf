"""Texts that repeat (agents' ids, statuses, models, fingerprints), which the tables hold as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowtui.store.faults import DamagedError
from flowtui.store.rows import storable_text
from flowtui.store.sqlite import Database
from flowtui.text import safe_name

_MOST = 400  # of one question
MAX_CACHED = 100_000


class Words:
    """The words of one database: text → number. For the writer, within a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[str, int] = {}

    def id(self, text: str) -> int:
        """Return the number of a text, which gets one if it has none yet.

        Raises:
            HistoryError: it cannot be read or written.
        """
        known = self._ids.get(text)
        if known is not None:
            return known
        found = self._database.row("SELECT id FROM word WHERE text=?", (text,))
        number = (
            found[0]
            if found is not None
            else self._database.insert("INSERT INTO word(text) VALUES(?)", (text,))
        )
        if len(self._ids) >= MAX_CACHED:
            self._ids.clear()
        self._ids[text] = number
        return int(number)

    def can_have(self, text: str) -> bool:
        """Whether the database can hold this text."""
        return text in self._ids or storable_text(text)

    def clear(self) -> None:
        """Forget the numbers: a transaction that gave some of them was taken back, or the database is another one."""
        self._ids.clear()


class Texts:
    """The words of one database: number → display-safe text. For readers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._texts: dict[int, str] = {}

    def load(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return a mapping that has the texts of at least these numbers.

        Raises:
            DamagedError: a number has no text.
            HistoryError: they cannot be read.
        """
        texts = self._texts
        missing = [number for number in set(numbers) if number not in texts]
        if missing:
            if len(texts) > MAX_CACHED:
                texts = self._texts = {}
                missing = list(set(numbers))
            for start in range(0, len(missing), _MOST):
                part = missing[start : start + _MOST]
                for number, text in self._database.rows(
                    f"SELECT id, text FROM word WHERE id IN ({marks(part)})",
                    part,
                ):
                    texts[number] = safe_name(text)
            if any(number not in texts for number in missing):
                raise DamagedError("a text is missing")
        return texts


def marks(values: Sequence[object]) -> str:
    """Return as many question marks for a statement as there are values."""
    return ",".join("?" * len(values))
