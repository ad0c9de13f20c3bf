"""Sums of ended runs by quarter hour, agent and class. They outlive the rows, so they are kept up to date with each write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flowtui.store.sqlite import Database
from flowtui.store.tables import QUARTER

_ADD = """INSERT INTO hour(hour, agent, class, n, prompt, completion, total, busy, timed) VALUES(?,?,?,?,?,?,?,?,?)
ON CONFLICT(agent, class, hour) DO UPDATE SET n=n+excluded.n,
prompt=CASE WHEN excluded.prompt IS NULL THEN prompt ELSE coalesce(prompt,0)+excluded.prompt END,
completion=CASE WHEN excluded.completion IS NULL THEN completion ELSE coalesce(completion,0)+excluded.completion END,
total=CASE WHEN excluded.total IS NULL THEN total ELSE coalesce(total,0)+excluded.total END,
busy=busy+excluded.busy, timed=timed+excluded.timed"""
_MOST = 10**15  # tokens of one run; more would be a server's mistake, and the sums must not overflow


class Share(NamedTuple):
    """What one run adds to a sum."""

    quarter: int
    agent: int
    status_class: int
    prompt: int | None
    completion: int | None
    total: int | None
    busy: float | None
    """Its duration in seconds; None if unknown."""


def stored_share(
    agent: int,
    status_class: int,
    ended: float | None,
    started: float | None,
    tokens: tuple[int | None, int | None, int | None],
) -> Share | None:
    """Return what a stored row has added to the sums; None: nothing."""
    if ended is None:
        return None
    busy = None if started is None or started > ended else ended - started
    prompt, completion, total = map(_tokens, tokens)
    return Share(int(ended // QUARTER), agent, status_class, prompt, completion, total, busy)


def change_sums(database: Database, added: Iterable[Share], removed: Iterable[Share]) -> None:
    """Add the shares of some runs and take away those of others. Raises as the database does."""
    totals: dict[tuple[int, int, int], list[float | int | None]] = {}
    for sign, shares in ((1, added), (-1, removed)):
        for share in shares:
            sums = totals.setdefault(share[:3], [0, None, None, None, 0.0, 0])
            sums[0] = (sums[0] or 0) + sign
            for place, count in enumerate(share[3:6], 1):
                if count is not None:
                    sums[place] = (sums[place] or 0) + sign * count
            if share.busy is not None:
                sums[4] = (sums[4] or 0.0) + sign * share.busy
                sums[5] = (sums[5] or 0) + sign
    changed = [(*key, *sums) for key, sums in totals.items() if any(sums)]
    if changed:
        database.many(_ADD, changed)
        if any((row[3] or 0) < 0 for row in changed):
            database.run("DELETE FROM hour WHERE n <= 0")


def _tokens(count: int | None) -> int | None:
    if count is None or -_MOST <= count <= _MOST:
        return count
    return _MOST if count > 0 else -_MOST
