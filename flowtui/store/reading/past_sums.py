"""Reads the sums of ended runs, of each quarter of an hour or of longer steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from flowtui.model.history.past import QuarterSum
from flowtui.model.run.row import STATUS_CLASSES, UNKNOWN
from flowtui.store.sqlite import Database, Row
from flowtui.store.tables import QUARTER

_ADDED: Final = "sum(n), sum(prompt), sum(completion), sum(total), sum(busy), sum(timed)"
# Each of these looks at one entry of the index. One statement for both would go through all quarters of an agent.
_NEXT_CLASS: Final = "SELECT agent, class FROM hour WHERE agent=? AND class > ? ORDER BY class LIMIT 1"
_NEXT_AGENT: Final = "SELECT agent, class FROM hour WHERE agent > ? ORDER BY agent, class LIMIT 1"
_OF: Final = "FROM hour WHERE agent=?1 AND class=?2"
_ENDS: Final = f"SELECT (SELECT min(hour) {_OF}), (SELECT max(hour) {_OF})"
_STEP: Final = f"SELECT {_ADDED} FROM hour WHERE agent=? AND class=? AND hour >= ? AND hour < ?"
_QUARTERS: Final = (
    "SELECT hour, n, prompt, completion, total, busy, timed FROM hour "
    "WHERE agent=? AND class=? AND hour >= ? AND hour < ?"
)
_MANY: Final = 400  # steps above which all are added up at once, which is slower for few


class StepSum(NamedTuple):
    """A sum as it is stored: agent and class are numbers. The rest: see `QuarterSum`."""

    begin: float
    agent: int
    status_class: int
    runs: int
    prompt: int | None
    completion: int | None
    total: int | None
    busy: float
    timed: int

    def named(self, texts: Mapping[int, str]) -> QuarterSum:
        """Return the sum with its words."""
        known = 0 <= self.status_class < len(STATUS_CLASSES)
        name = STATUS_CLASSES[self.status_class] if known else UNKNOWN
        return QuarterSum(self.begin, texts[self.agent], name, *self[3:])


def read_sums(
    database: Database, since: float, until: float, step: float, agent: int | None = None
) -> list[StepSum]:
    """Return the sums of the quarters that begin from `since` until before `until`, see `Past.sums`.

    `agent`: the number of the only agent; None: all. Raises as the database does.
    """
    step = max(step, QUARTER)
    with database.reading():
        pairs = [pair for pair in _pairs(database) if agent in (None, pair[0])]
        ends = [database.row(_ENDS, pair) or (0, 0) for pair in pairs]
        if not ends:
            return []
        # Nobody asks for more than there is: a caller may give the begin and the end of all time.
        first = math.ceil(max(since / QUARTER, min(low for low, _ in ends)))
        last = math.ceil(min(until / QUARTER, max(high for _, high in ends) + 1))
        return [
            one
            for pair in pairs
            for one in (
                _quarters(database, pair, first, last)
                if step == QUARTER
                else _steps(database, pair, (first, last), since, step)
            )
        ]


def _pairs(database: Database) -> list[Row]:
    """Return the agents and classes of which there are sums: one look at the index for each."""
    found: list[Row] = []
    pair: Row | None = (-(1 << 63), 0)
    while pair is not None:
        pair = database.row(_NEXT_CLASS, pair) or database.row(_NEXT_AGENT, pair[:1])
        if pair is not None:
            found.append(pair)
    return found


def _quarters(database: Database, pair: Row, first: int, last: int) -> list[StepSum]:
    return [
        StepSum(row[0] * QUARTER, *pair, *row[1:]) for row in database.rows(_QUARTERS, (*pair, first, last))
    ]


def _steps(
    database: Database, pair: Row, quarters: tuple[int, int], since: float, step: float
) -> list[StepSum]:
    first, last = quarters
    begin = math.floor((first * QUARTER - since) / step)
    end = math.ceil((last * QUARTER - since) / step)
    if end - begin > _MANY:
        return _added(_quarters(database, pair, first, last), since, step)
    found = []
    for piece in range(begin, end):
        start, stop = (math.ceil((since + number * step) / QUARTER) for number in (piece, piece + 1))
        row = database.row(_STEP, (*pair, max(start, first), min(stop, last)))
        if row is not None and row[0] is not None:
            found.append(StepSum(since + piece * step, *pair, *row))
    return found


def _added(quarters: list[StepSum], since: float, step: float) -> list[StepSum]:
    """Return quarters of one agent and class, in order, added up by steps."""
    found: list[StepSum] = []
    for one in quarters:
        begin = since + math.floor((one.begin - since) / step) * step
        last = found[-1] if found else None
        if last is None or last.begin != begin:
            found.append(one._replace(begin=begin))
            continue
        prompt, completion, total = (
            old if new is None else new + (old or 0) for old, new in zip(last[4:7], one[4:7], strict=True)
        )
        found[-1] = StepSum(
            begin,
            *(one.agent, one.status_class, last.runs + one.runs),
            *(prompt, completion, total),
            *(last.busy + one.busy, last.timed + one.timed),
        )
    return found
