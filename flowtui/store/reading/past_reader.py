"""The past: reads what is remembered. Each method may be called in any thread, and blocks for as long as it reads.

Times are UTC epoch seconds: those of runs by the server's clock, those of watching by the clock of this machine, to which
`clock_offset` is added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from flowtui.errors import HistoryError
from flowtui.model.history.past import (
    PastMove,
    QuarterSum,
    Reach,
    RunConfig,
    Seen,
    SpentBy,
    SpentSum,
    Watched,
    When,
)
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import StatusChange
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.coverage import joined
from flowtui.store.faults import DamagedError
from flowtui.store.reading.past_spent import SpentTime, read_dearest, read_spent
from flowtui.store.reading.past_sums import read_sums
from flowtui.store.reading.reading_ahead import ReadingAhead, read_ahead
from flowtui.store.reading.restoring import thread_states
from flowtui.store.reasons import Hiding, read_explained, read_reasons, read_seen
from flowtui.store.rows import (
    CLASS_NUMBER,
    RUN,
    WIDTH,
    columns_of,
    known_time,
    runs_of,
    storable_text,
    time_of,
    word_numbers,
)
from flowtui.store.sqlite import Database, Row
from flowtui.store.tables import NO_ROW, NOT_SEEN, QUARTER
from flowtui.store.words import Texts
from flowtui.text import safe_name

_FROM: Final = f"SELECT {RUN} FROM run r JOIN thread t ON t.id = r.thread"
_CONFIGS: Final = (
    "SELECT r.created, r.raw_id, t.raw_id, r.config FROM run r JOIN thread t ON t.id = r.thread WHERE r.ended >= ?1 "
    "AND r.ended < ?2 AND r.agent = ?3 AND r.config IS NOT NULL AND r.created IS NOT NULL"
)
_NEWEST: Final = f"{_FROM} WHERE r.created IS NOT NULL ORDER BY r.created DESC LIMIT ?"
_CREATED: Final = "r.created >= ?1 AND r.created < ?2"
_ENDED: Final = "r.ended >= ?1 AND r.ended < ?2"
_UNDATED: Final = f"r.ended IS NULL AND r.class>1 AND {_CREATED}"
_WHEN: Final[Mapping[When, Sequence[tuple[str, str]]]] = {
    "created": ((_CREATED, "created"),),
    "ended": ((_ENDED, "ended"),),
    "counted": ((_ENDED, "ended"), (_UNDATED, "created")),
}
_ACTIVE: Final = f"{_FROM} WHERE r.class IN (0, 1) AND NOT r.flags & {NO_ROW | NOT_SEEN} ORDER BY r.created DESC NULLS LAST, r.id DESC"
_REACH: Final = (
    "SELECT t.raw_id, t.observed, t.whole AND NOT t.cut, CASE WHEN t.whole AND NOT t.cut THEN NULL ELSE (SELECT r.created FROM run r "
    f"WHERE r.thread = t.id AND r.created IS NOT NULL AND NOT r.flags & {NO_ROW} ORDER BY r.created LIMIT 1 OFFSET 1) "
    "END FROM thread t WHERE t.observed IS NOT NULL"
)
_MOVES: Final = (
    f"SELECT {RUN}, m.before, m.after, m.since, m.at FROM move m JOIN run r ON r.id = m.run "
    f"JOIN thread t ON t.id = r.thread WHERE m.at >= ? AND m.at < ? AND NOT r.flags & {NO_ROW} "
    "ORDER BY m.at DESC, m.id DESC LIMIT ?"
)


class StoredPast:
    """What one database remembers; see the protocol `Past`. Each method raises HistoryError if the file cannot be read."""

    def __init__(
        self, database: Database, hiding: Hiding, damaged: Callable[[HistoryError], None] | None = None
    ) -> None:
        """`damaged`: called with the error if the file turns out to be damaged."""
        self._hiding = hiding
        self._damaged = damaged
        self._ahead: ReadingAhead | None = None
        self.clock_offset = 0.0
        self.switch(database)

    def switch(self, database: Database) -> None:
        """Read from another database from now on, and end the other process, which reads the old one."""
        self._database, self._texts = database, Texts(database)
        self.stop()

    def begin_threads(self, file: Path, step: int, most: int | None) -> None:
        """Begin to read in another process what `threads` yields for the same `step` and `most`, if the file is large."""
        self._ahead = read_ahead(file, step, most)

    def stop(self) -> None:
        """End the other process, if one reads."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.close()

    @property
    def begin(self) -> float | None:
        """Since when there is a history; None if it is empty."""
        with self._errors():
            row = self._database.row("SELECT min(since) FROM watched")
            found = time_of(row[0]) if row is not None else None
            return None if found is None else found + self.clock_offset

    def newest(self, count: int) -> list[Run]:
        """Return the runs that were created last, the newest first."""
        with self._errors():
            return self._runs(self._database.rows(_NEWEST, (count,)))

    def threads(self, step: int = 200, most: int | None = None) -> Iterator[Sequence[ThreadState]]:
        """Yield the states of all threads, `step` at a time; see `Past`."""
        ahead, read = self._ahead, set[str]()
        if ahead is not None and ahead.how == (step, most):
            for states in ahead:
                read.update(state.key for state in states)
                yield states
        self.stop()
        with self._errors():
            known = self._database.rows("SELECT id, raw_id FROM thread ORDER BY newest DESC NULLS LAST, id")
            numbers = [number for number, raw_id in known if raw_id not in read]
        for start in range(0, len(numbers), step):
            with self._errors():
                states = thread_states(self._database, self._texts, numbers[start : start + step], most)
            yield states

    def agents(self) -> Mapping[str, str]:
        """Return agent id → name."""
        with self._errors():
            rows = self._database.rows(
                "SELECT text, name FROM agent JOIN word USING(id) WHERE name IS NOT NULL"
            )
            return {safe_name(agent): safe_name(name) for agent, name in rows}

    def runs(
        self,
        since: float,
        until: float,
        by: When = "created",
        *,
        most: int | None = None,
        agent: str | None = None,
        failed: bool = False,
    ) -> list[Run]:
        """Return the runs that were created, or that ended, in this time, the newest first; see `Past`."""
        more, values = "", [since, until, -1 if most is None else most]
        with self._errors():
            if agent is not None:
                if (word := self._word(agent)) is None:
                    return []
                more, values = " AND r.agent = ?4", [*values, word]
            if failed:
                more += f" AND r.class={CLASS_NUMBER[FAILED]}"
            rows = []
            for where, time in _WHEN[by]:
                rows += self._database.rows(
                    f"{_FROM} WHERE {where}{more} ORDER BY r.{time} DESC LIMIT ?3", values
                )
            found = self._runs(rows)
        if len(_WHEN[by]) > 1:
            found.sort(key=lambda run: run.ended or run.created or 0.0, reverse=True)
        return found[:most]

    def configs(self, since: float, until: float, agent: str) -> list[RunConfig]:
        """Return the configurations of the runs of an agent (id) that ended in this time, as far as they are known."""
        with self._errors():
            if (word := self._word(agent)) is None:
                return []
            rows = self._database.rows(_CONFIGS, (since, until, word))
            if not all(isinstance(text, str) for row in rows for text in row[1:3]):
                raise ValueError("an id is no text")
            texts = self._texts.load({row[3] for row in rows})
            return [
                RunConfig(known_time(created), raw_id, thread, texts[config])
                for created, raw_id, thread, config in rows
            ]

    def reach(self, threads: Iterable[str] | None = None) -> Mapping[str, Reach]:
        """Return how far each thread is remembered; see `Past`. Looks at every run of threads that are not whole."""
        wanted = None if threads is None else frozenset(threads)
        with self._errors():
            return {
                raw_id: Reach(
                    known_time(observed), bool(whole), math.inf if oldest is None else known_time(oldest)
                )
                for raw_id, observed, whole, oldest in self._database.rows(_REACH)
                if wanted is None or raw_id in wanted
            }

    def active(self) -> list[Run]:
        """Return the runs that were queued or running when they were last seen, the newest first."""
        with self._errors():
            return self._runs(self._database.rows(_ACTIVE))

    def moves(self, since: float, until: float, most: int) -> list[PastMove]:
        """Return the latest changes of status that were seen in this time, at most `most`, the newest first."""
        with self._errors():
            rows = self._database.rows(_MOVES, (since, until, most))
            columns = columns_of(rows)
            texts = self._texts.load(word_numbers(columns).union(*columns[WIDTH : WIDTH + 2]))
            found = []
            for row, run in zip(rows, runs_of(columns, texts), strict=True):
                before, after, begin, at = row[WIDTH:]
                change = StatusChange(texts[before], texts[after], time_of(begin), known_time(at))
                found.append(PastMove(run, change))
            return found

    def reasons(self, runs: Iterable[RunKey]) -> Mapping[RunKey, Reason]:
        """Return why runs failed, as far as it is known."""
        with self._errors():
            return read_reasons(self._database, runs, self._hiding)

    def explained(self, since: float, until: float) -> Mapping[RunKey, Reason]:
        """Return why runs failed whose end lies in this time, as far as it is known."""
        with self._errors():
            return read_explained(self._database, since, until, self._hiding)

    def seen(self, reasons: Iterable[Reason], before: float) -> Mapping[Reason, Seen]:
        """Return what is remembered of these reasons from before a time; see `Past`."""
        with self._errors():
            return read_seen(self._database, reasons, before, self._hiding)

    def watched(self, since: float, until: float) -> list[Watched]:
        """Return how this time was watched: the spans that touch it, in order."""
        with self._errors():
            rows = self._database.rows(
                "SELECT since, until, how, why, threads, complete FROM watched WHERE until >= ? AND since < ?",
                (since - self.clock_offset, until - self.clock_offset),
            )
            return [each.shifted(self.clock_offset) for each in joined(rows)]

    def sums(
        self, since: float, until: float, step: float = QUARTER, *, agent: str | None = None
    ) -> list[QuarterSum]:
        """Return the sums of runs that ended in this time, in order; see `Past`."""
        with self._errors():
            word = None if agent is None else self._word(agent)
            if agent is not None and word is None:
                return []
            rows = read_sums(self._database, since, until, step, word)
            texts = self._texts.load({row.agent for row in rows})
            return sorted((row.named(texts) for row in rows), key=_begin_agent_class)

    def spent(
        self, since: float, until: float, by: SpentBy, step: float, releases: Sequence[float] = ()
    ) -> list[SpentSum]:
        """Return the tokens of the runs that counted in this time; see `Past`."""
        with self._errors():
            return read_spent(self._database, self._texts, SpentTime(since, until, by, releases), step)

    def dearest(
        self,
        since: float,
        until: float,
        by: SpentBy,
        key: str,
        *,
        most: int,
        weights: Mapping[str, tuple[float, float]],
        releases: Sequence[float] = (),
    ) -> list[Run]:
        """Return the runs of one key that used most; see `Past`."""
        with self._errors():
            time = SpentTime(since, until, by, releases)
            return self._runs(read_dearest(self._database, time, key, most, weights))

    def _word(self, text: str) -> int | None:
        """Return the number of a word; None if it is not stored."""
        found = (
            self._database.row("SELECT id FROM word WHERE text=?", (text,)) if storable_text(text) else None
        )
        return None if found is None else found[0]

    def _runs(self, rows: list[Row]) -> list[Run]:
        columns = columns_of(rows)
        return runs_of(columns, self._texts.load(word_numbers(columns)))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn each error that a damaged file can cause into a HistoryError, and tell the owner of the file."""
        try:
            yield
        except HistoryError as error:
            if isinstance(error, DamagedError) and self._damaged is not None:
                self._damaged(error)
            raise
        except (TypeError, ValueError, KeyError, IndexError, OverflowError):
            damage = DamagedError("a value is not as flowtui writes it")
            if self._damaged is not None:
                self._damaged(damage)
            raise damage from None


def _begin_agent_class(one: QuarterSum) -> tuple[float, str, int]:
    return one.begin, one.agent_id, CLASS_NUMBER[one.status_class]
