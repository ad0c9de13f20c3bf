"""Reads what runs used: their tokens added up by SQLite, so that a month of runs need not be read one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.model.history.past import SpentBy, SpentSum
from flowtui.model.run.row import STATUS_CLASSES, UNKNOWN
from flowtui.store.faults import DamagedError
from flowtui.store.rows import RUN, storable_text
from flowtui.store.sqlite import Database, Row
from flowtui.store.words import Texts

_COUNTED: Final = (
    ("r.ended", "r.ended IS NOT NULL AND r.ended >= ? AND r.ended < ?"),
    ("r.created", "r.ended IS NULL AND r.class>1 AND r.created >= ? AND r.created < ?"),
)
"""(the time by which a run counts, the condition): by its end, else by its creation if it is not active."""

_KEYS: Final[Mapping[SpentBy, str]] = {"agent": "r.agent", "model": "r.model", "thread": "r.thread"}
_LOW: Final = 32  # bits of a count that are added up apart, as a sum of 63-bit counts would overflow
_MASK: Final = (1 << _LOW) - 1
_MOST_RELEASES: Final = 500  # values in one statement


class SpentTime(NamedTuple):
    """The runs that count: those of a time, and what they are told apart by."""

    since: float
    until: float
    by: SpentBy
    releases: Sequence[float]
    """When the releases were, in order."""

    @property
    def key(self) -> str:
        """The expression of what the runs are told apart by. Its values are `key_values`."""
        if self.by != "release":
            return _KEYS[self.by]
        parts = ["(r.created >= ?)"] * len(self.newest)
        return f"coalesce({'+'.join(parts)}, 0)" if parts else "0"

    @property
    def newest(self) -> Sequence[float]:
        """The releases that are told apart."""
        return self.releases[-_MOST_RELEASES:]

    @property
    def key_values(self) -> Sequence[float]:
        """The values of the expression `key`."""
        return self.newest if self.by == "release" else ()

    def named(self, number: int) -> str:
        """Return the number of a release, of all there are."""
        return str(number + len(self.releases) - len(self.newest)) if number else "0"


def _split_sums(name: str) -> str:
    return f"sum(r.{name} >> {_LOW}), sum(r.{name} & {_MASK})"


_SUMS: Final = ", ".join(map(_split_sums, ("prompt", "completion", "total")))
_REPORTED: Final = "(r.prompt IS NOT NULL) + 2 * (r.completion IS NOT NULL) + 4 * (r.total IS NOT NULL)"


def read_spent(database: Database, texts: Texts, time: SpentTime, step: float) -> list[SpentSum]:
    """Return the sums, see `Past.spent`. Raises as the database does."""
    found: list[Row] = []
    with database.reading():
        for moment, where in _COUNTED:
            statement = (
                f"SELECT {time.key} AS k, r.model, r.class, CAST({moment} / ? AS INTEGER) AS step, {_REPORTED}, count(*), {_SUMS} "
                f"FROM run r WHERE {where} GROUP BY 1, 2, 3, 4, 5"
            )
            found += database.rows(statement, (*time.key_values, step, time.since, time.until))
        names = _names(database, texts, time, {row[0] for row in found})
    words = texts.load({row[1] for row in found})
    return [
        SpentSum(
            names[key],
            step_number,
            words[model],
            STATUS_CLASSES[number] if 0 <= number < len(STATUS_CLASSES) else UNKNOWN,
            runs,
            _whole(*sums[0:2]),
            _whole(*sums[2:4]),
            _whole(*sums[4:6]),
        )
        for key, model, number, step_number, _, runs, *sums in found
    ]


def _whole(high: int | None, low: int | None) -> int | None:
    return None if high is None or low is None else (high << _LOW) + low


def _names(database: Database, texts: Texts, time: SpentTime, keys: set[int]) -> Mapping[int, str]:
    """Return number → key."""
    if time.by == "release":
        return {key: time.named(key) for key in keys}
    if time.by != "thread":
        return texts.load(keys)
    found = {}
    for number, raw_id in database.rows("SELECT id, raw_id FROM thread") if keys else ():
        if number in keys:
            if not isinstance(raw_id, str):
                raise DamagedError("an id is no text")
            found[number] = raw_id
    return found


def read_dearest(
    database: Database, time: SpentTime, key: str, most: int, weights: Mapping[str, tuple[float, float]]
) -> list[Row]:
    """Return the rows of the runs that used most, see `Past.dearest`. Raises as the database does."""
    if not storable_text(key):
        return []
    with database.reading():
        wanted, value = _condition(time, key)
        cost, prices = _cost_of(database, weights)
        found: list[Row] = []
        for _, where in _COUNTED:
            statement = (
                f"SELECT {RUN}, {cost} AS cost, coalesce(r.total, coalesce(r.prompt, 0) + coalesce(r.completion, 0)) AS used "
                f"FROM run r JOIN thread t ON t.id = r.thread WHERE {where} AND {wanted} "
                "AND coalesce(r.total, r.prompt, r.completion) IS NOT NULL ORDER BY cost DESC NULLS LAST, used DESC LIMIT ?"
            )
            found += database.rows(statement, (*prices, time.since, time.until, *value, most))
    found.sort(key=_most_first)
    return [row[:-2] for row in found[:most]]


def _condition(time: SpentTime, key: str) -> tuple[str, Sequence[float | str]]:
    """Return the condition for the runs of a key, and its values."""
    if time.by == "thread":
        return "t.raw_id = ?", (key,)
    if time.by != "release":
        return f"{time.key} IN (SELECT id FROM word WHERE text = ?)", (key,)
    place = int(key)
    begin = time.releases[place - 1] if 0 < place <= len(time.releases) else -math.inf
    end = time.releases[place] if 0 <= place < len(time.releases) else math.inf
    if place > 0:
        return "r.created >= ? AND r.created < ?", (begin, end)
    return "(r.created IS NULL OR r.created < ?)", (end,)


def _cost_of(database: Database, weights: Mapping[str, tuple[float, float]]) -> tuple[str, list[float]]:
    """Return the expression of what a run costs, NULL if its model has no price, and its values."""
    parts: list[str] = []
    values: list[float] = []
    for model, (prompt, completion) in weights.items():
        known = storable_text(model)
        row = database.row("SELECT id FROM word WHERE text = ?", (model,)) if known else None
        if row is not None:
            parts.append(
                "WHEN ? THEN CASE WHEN r.prompt IS NULL AND r.completion IS NULL THEN r.total * ? "
                "ELSE coalesce(r.prompt, 0) * ? + coalesce(r.completion, 0) * ? END"
            )
            values += [row[0], min(prompt, completion), prompt, completion]
    return (f"CASE r.model {' '.join(parts)} END" if parts else "NULL"), values


def _most_first(row: Row) -> tuple[bool, float, int]:
    cost, used = row[-2:]
    return cost is None, -(cost or 0.0), -used
