"""Writes what snapshots show into one database: in small transactions, and only what has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.store.coverage import Watching, count_watched
from flowtui.store.reading.restoring import thread_states
from flowtui.store.reasons import Hiding, write_reason
from flowtui.store.rows import storable
from flowtui.store.sqlite import Database
from flowtui.store.words import Texts
from flowtui.store.writing.bounds import Bounds
from flowtui.store.writing.diff import same_content
from flowtui.store.writing.spans import write_spans
from flowtui.store.writing.thread_writer import Moment, ThreadWriter

MOST_ROWS: Final = 500
"""About so many runs are written in one transaction."""

_MORE: Final = 200  # runs that are read beside those in memory, to compare
_AGENT: Final = """INSERT INTO agent(id, name, deployed, at) VALUES(?,?,?,?) ON CONFLICT(id) DO UPDATE SET
name=coalesce(excluded.name, name), deployed=coalesce(excluded.deployed, deployed), at=excluded.at"""


class Writer:
    """Writes into one database. For one thread."""

    def __init__(
        self,
        database: Database,
        watching: Watching,
        bounds: Bounds,
        hiding: Hiding,
        now: Callable[[], float],
    ) -> None:
        self.database = database
        self._bounds = bounds
        self._watching = watching
        self._hiding = hiding
        self._now = now
        self._threads = ThreadWriter(database)
        self._texts = Texts(database)
        self._written: dict[str, ThreadState] = {}
        self._agents: dict[str, tuple[str | None, float | None]] = {}
        self._version: int | None = None

    @property
    def left_out(self) -> int:
        """How many rows could not be stored."""
        return self._threads.left_out

    def write(
        self, snapshot: Snapshot | None, reasons: Mapping[RunKey, Reason], *, whole: bool
    ) -> set[RunKey]:
        """Write what has changed since the last call; return the runs of which the reason is stored.

        `whole`: write also that nothing has changed, and until when that was watched.

        Raises:
            HistoryError: it cannot be written; what was not is tried again by the next call.
        """
        self._bounds.make_room()
        if snapshot is not None:
            self._write(snapshot, whole=whole)
        return self._explain(reasons) if reasons else set()

    def keep_bounds(self, snapshot: Snapshot | None) -> bool:
        """Remove some of what is too old or too much; return whether more is to be removed.

        Raises:
            HistoryError: it cannot be removed, or the file is damaged.
        """
        now = self._now()
        known = snapshot is not None and snapshot.clock_known
        return self._bounds.keep(now, snapshot.server_time(now) if snapshot is not None and known else None)

    def _write(self, snapshot: Snapshot, *, whole: bool) -> None:
        pending = list(self._pending(snapshot, whole=whole))
        agents = self._changed_agents(snapshot)
        if not (pending or agents or whole):
            return
        watched = count_watched(snapshot)
        while True:
            done = self._transaction(pending, agents, watched)
            pending, agents = pending[done:], {}
            if not pending:
                return

    def _explain(self, reasons: Mapping[RunKey, Reason]) -> set[RunKey]:
        with self._writing():
            return {
                run
                for run, reason in reasons.items()
                if write_reason(self.database, run, reason, self._hiding, self._now())
            }

    def _pending(self, snapshot: Snapshot, *, whole: bool) -> Iterator[tuple[str, ThreadState]]:
        written = self._written
        for key, state in snapshot.threads.items():
            known = written.get(key)
            if known is state:
                continue
            if state.restored is not None:  # it comes from here
                if known is None:
                    written[key] = state
                continue
            if not state.read and state.thread is None:
                continue
            if not whole and same_content(known, state):
                continue
            yield key, state

    def _transaction(
        self,
        pending: list[tuple[str, ThreadState]],
        agents: dict[str, tuple[str | None, float | None]],
        watched: int,
    ) -> int:
        """Write some of the pending threads and the rest; return how many threads were written."""
        now = self._now()
        done = rows = 0
        with self._writing() as (rev, alone):
            forgotten = self._forgotten()
            for key, state in pending:
                old = self._written.get(key)
                moment = Moment(rev, now, forgotten, follows=alone and old is not None)
                rows += self._threads.write(old or self._baseline(key, len(state.runs)), state, moment)
                done += 1
                if rows >= MOST_ROWS:
                    break
            self._threads.finish()
            for agent, (name, deployed) in agents.items():
                self.database.run(_AGENT, (self._threads.words.id(agent), name, deployed, now))
            # Not before all threads are written: of time that counts as watched, no run may be missing.
            spans = (
                write_spans(self.database, self._watching.spans(), watched, forgotten)
                if done == len(pending)
                else []
            )
        self._watching.written(spans)
        self._written.update(pending[:done])
        self._agents.update(agents)
        return done

    @contextmanager
    def _writing(self) -> Iterator[tuple[int, bool]]:
        """Hold a transaction; give the number of this write, and whether nobody else has written since the last one."""
        try:
            with self.database.writing():
                (version,) = self.database.row("PRAGMA data_version") or (None,)
                alone = version == self._version
                if not alone:  # another program's numbers count
                    self._version = version
                    self._threads.forget()
                row = self.database.row("UPDATE leader SET rev=rev+1 RETURNING rev")
                yield (int(row[0]) if row is not None else 0), alone
        except BaseException:
            self._threads.forget()
            self._texts = Texts(self.database)
            raise

    def _baseline(self, key: str, runs: int) -> ThreadState | None:
        """Return a thread as an earlier start, or another program, has stored it; None if it is new."""
        number = self._threads.number(key)
        if number is None:
            return None
        found = thread_states(self.database, self._texts, [number], most=2 * runs + _MORE)
        return found[0] if found else None

    def _forgotten(self) -> float | None:
        row = self.database.row("SELECT forgotten FROM scope")
        return None if row is None else row[0]

    def _changed_agents(self, snapshot: Snapshot) -> dict[str, tuple[str | None, float | None]]:
        deployed = {each.agent_id: each.at for each in snapshot.deployments}
        found = {
            agent: (snapshot.agents.get(agent), deployed.get(agent))
            for agent in (*snapshot.agents, *deployed)
        }
        return {
            agent: facts
            for agent, facts in found.items()
            if self._agents.get(agent) != facts and storable((agent, *facts))
        }
