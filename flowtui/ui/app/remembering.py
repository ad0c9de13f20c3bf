"""Remembers what the feed shows, and fills the feed with what was remembered: step by step, so that keys never wait.

A file that another key wrote is filled in once the API has listed one of its threads to this key.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowtui.errors import HistoryError
from flowtui.model.history.past import STEP, Past
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.app.blocking_steps import blocking_steps
from flowtui.ui.base.connection import Connection
from flowtui.ui.base.garbage import SEARCHES
from flowtui.ui.base.services import Services, Severity

if TYPE_CHECKING:  # without a history no database is imported
    from flowtui.store.facts import HistoryFacts
    from flowtui.store.history import History

GROUP: Final = "history"
"""The group of the workers that read the history."""

_FIRST, _RUNS = 200, 8_000
"""Runs that are drawn in the first step, so that it is soon there, and in each step after it, so that none takes long."""

_TURNS: Final = 8
"""Turns of the event loop between two steps: what a step set off, such as a redraw, comes before the next one."""

_LOOK_EVERY: Final = 10.0  # seconds
_NOTICE: Final = 12.0  # seconds that a line about the history stays on the screen

_LOG: Final = logging.getLogger(__name__)


class Remembering:
    """The history of a connection, from `connect` on.

    `facts`: what there is of it, as of the last `look`; `looked`: whether there was one. `restoring`: whether the feed is being filled.
    """

    def __init__(
        self, services: Services, restored: Callable[[], Awaitable[None]], grown: Callable[[], None]
    ) -> None:
        """`restored`: called once the feed is filled. `grown`: called when more of the past became readable."""
        self._services, self._restored, self._grown = services, restored, grown
        self._history: History | None = None
        self._feed: Any = None
        self._listed = (
            0  # how many threads the API had shown to this key at the last attempt to claim the file
        )
        self._claims = False
        self._most: int | None = None  # runs of a thread that memory keeps
        self._said: set[str] = set()
        self.facts: HistoryFacts | None = None
        self.looked = False
        self._read_facts: Callable[[], HistoryFacts | None] | None = None
        self._facts_at = float("-inf")
        self._drawn = asyncio.Event()
        self._start = services.now()
        self._fill: Callable[[], None] | None = None
        self._filling = False
        self.restoring = False

    @property
    def on(self) -> bool:
        """Whether there is a history."""
        return self._history is not None

    @property
    def trouble(self) -> str:
        """Why nothing is remembered any more; "" if all is well."""
        return self._history.recorder.trouble if self._history is not None else ""

    def look(self) -> None:
        """Read into `facts` what there is of the history, if that was not read within the last seconds."""
        now = self._services.now()
        if self._read_facts is not None and not 0 <= now - self._facts_at < _LOOK_EVERY:
            self._facts_at = now
            self._services.start(partial(self._look, self._read_facts), GROUP)

    async def _look(self, read: Callable[[], HistoryFacts | None]) -> None:
        self.facts = await asyncio.to_thread(read)
        self.looked = True

    def connect(self, connection: Connection) -> None:
        """Remember what this connection shows, and fill its feed."""
        self._history, self._feed = connection.history, connection.feed
        self._most = connection.settings.history
        self._read_facts, self._fill = connection.facts, connection.fill
        self._say(connection.notice, severity="warning")
        self._say_notice()
        if self._history is not None and self._history.past is not None:
            self._services.start(partial(self._restore, self._history.past), GROUP)

    def update(self, update: Update) -> None:
        """Remember what an update shows."""
        history = self._history
        self._drawn.set()
        if history is None:
            return
        if self._fill is not None and update.snapshot.coverage.complete and update.snapshot.listed:
            fill, self._fill, self._filling = self._fill, None, True
            self._services.start(partial(self._remember_before, fill), GROUP)
        if not self._filling:  # the next update has everything
            history.recorder.record(update)
        if history.past is None and update.snapshot.listed and not self._claims:
            listed = _listed(update.snapshot)
            if len(listed) > self._listed:
                self._listed, self._claims = len(listed), True
                self._services.start(partial(self._claim, history, listed), GROUP)

    async def _remember_before(self, fill: Callable[[], None]) -> None:
        """Remember what lies before the demo, once everything is on the screen."""
        try:
            with suppress(OSError, ValueError):
                await asyncio.to_thread(fill)
                self._grown()
        finally:
            self._filling = False

    def tick(self) -> None:
        """Say once if nothing is remembered any more. Called every second."""
        self._say_notice()
        self._say(self.trouble, severity="warning")

    def _say_notice(self) -> None:
        """Say that a history begins, or why there is none. A file may turn out to be damaged later."""
        if self._history is not None:
            severity: Severity = "information" if self._history.past is not None else "warning"
            self._say(self._history.notice, severity=severity)

    def _say(self, text: str, *, severity: Severity) -> None:
        if text and text not in self._said:
            self._said.add(text)
            if severity == "warning":
                _LOG.warning("%s", text)
            self._services.say(text, severity=severity, timeout=_NOTICE)

    async def _claim(self, history: History, listed: Sequence[str]) -> None:
        """Take over the file that an older key wrote, if one of these threads (raw ids) is in it."""
        try:
            claimed = await asyncio.to_thread(history.claim, listed)
        finally:
            self._claims = False
        if claimed and history.past is not None:
            self._grown()
            await self._restore(history.past)

    async def _restore(self, past: Past) -> None:
        """Fill the feed with the past. The next step is taken once the last one was drawn."""
        with SEARCHES.put_off():
            self.restoring = True
            try:
                await self._read(past)
            except HistoryError as error:
                self._say(f"What was remembered cannot be read: {error}", severity="warning")
            finally:
                self.restoring = False
            self._services.redraw()  # what was left out while the rows came in
            await self._restored()
            gc.freeze()  # later searches skip what exists now

    async def _read(self, past: Past) -> None:
        """Read the past, and hand it to the feed step by step. The next step is taken once the last one was drawn."""
        agents, until = await asyncio.to_thread(_beginning, past, self._start)
        async with aclosing(blocking_steps(partial(_steps, past, self._most))) as steps:
            async for states in steps:
                self._drawn.clear()
                self._feed.restore(states, agents, until)
                await self._drawn.wait()
                for _ in range(_TURNS):
                    await asyncio.sleep(0)


def _beginning(past: Past, start: float) -> tuple[Mapping[str, str], float | None]:
    """Return the names of agents, and until when it is known what happened on all threads before `start`. Blocks.

    That is in UTC epoch seconds; None if it is not known.
    """
    begin = past.begin
    spans = past.watched(begin, start) if begin is not None else ()
    known = [min(span.complete, start) for span in spans if span.complete is not None and span.since < start]
    return past.agents(), max(known, default=None)


def active_runs(past: Past) -> Mapping[str, list[Run]]:
    """Return raw thread id → its runs that were active when they were last seen, the newest first. Blocks."""
    found: dict[str, list[Run]] = {}
    for run in past.active():
        found.setdefault(run.thread_key, []).append(run)
    return found


def with_active(state: ThreadState, active: Mapping[str, list[Run]]) -> ThreadState:
    """Return a thread with all its active runs, also those that are older than the others that were read."""
    older = {run.raw_id: run for run in active.get(state.key, ()) if run.raw_id not in state.runs}
    return replace(state, runs={**state.runs, **older}) if older else state


def _steps(past: Past, most: int | None) -> Iterator[list[ThreadState]]:
    """Yield all threads, the first step with few runs. `most`: the runs of a thread that are read. Blocks."""
    active = active_runs(past)
    found: list[ThreadState] = []
    count, wanted = 0, _FIRST
    for states in past.threads(STEP, most):
        found += [with_active(state, active) for state in states]
        count += sum(len(state.runs) for state in states)
        if count >= wanted:
            yield found
            found, count, wanted = [], 0, _RUNS
    if found:
        yield found


def _listed(snapshot: Snapshot) -> list[str]:
    """Return the raw ids of the threads that the API has shown to this key since the start."""
    return [
        key
        for key, state in snapshot.threads.items()
        if state.restored is None and (state.thread_at is not None or state.observed is not None)
    ]
