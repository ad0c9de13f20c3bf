"""A feed without a server: its updates are those that a test makes. It drives front ends without HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowtui.errors import ApiError
from flowtui.formatting import iso_time
from flowtui.model.events.cancellation import ASKED, NOT_SENT, CancelReply
from flowtui.model.feed import CANCEL, FETCH, Traffic
from flowtui.model.messages.live_text import LiveReader
from flowtui.model.run.parsing import parse_runs, parse_thread
from flowtui.model.run.row import RunKey
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.changes import Change
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_request,
    apply_runs,
    apply_span_facts,
    apply_thread,
)
from flowtui.model.state.label_reading import LabelWish
from flowtui.model.state.letting_go import Hold, apply_limit, no_run
from flowtui.model.state.restoring import put_back
from flowtui.model.state.snapshot import Snapshot, Update

from .clocks import BEGIN, JumpingClock

_ENDS = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}


def raw_run(
    run_id: str = "run_1", status: str = "completed", *, at: float = BEGIN - 60, **fields: Any
) -> dict[str, Any]:
    """Return a run as the API sends it. `at`: when it was created, in UTC epoch seconds; it began and ended within seconds."""
    raw = {
        "id": run_id,
        "status": status,
        "created_at": iso_time(at),
        "agent_id": "agent_a",
        "model": "llama",
    }
    if status != "queued":
        raw["started_at"] = iso_time(at + 1)
    if status in _ENDS:
        raw[_ENDS[status]] = iso_time(at + 5)
    return {**raw, "is_active": status in ("queued", "running"), **fields}


class ListFeed:
    """A list of updates. Each method of the first part makes one, and all subscribers get it.

    `can`: what the feed is able to do; nothing by default, as a recording. `kept`: how many runs of a thread stay in memory;
    None: all do.
    `latest`: the snapshot of the last update.
    `asked`: what front ends asked for, such as ("refresh", None) or ("cancel_run", ("thr_1", "run_1")).
    `spans`, `messages`: what is fetched with FETCH in `can`, by run and by raw thread id. Runs are fetched as `read` got them.
    """

    def __init__(
        self, clock: Any = None, *, can: Iterable[str] = (), interval: float = 2.0, budget: int = 300
    ) -> None:
        self.clock = JumpingClock() if clock is None else clock
        self.can = frozenset(can)
        self.interval = interval
        self.paths: Sequence[str] = ()
        self.hold: Hold = no_run
        self.kept: int | None = None
        self.latest = Snapshot(self.clock.now(), interval=interval, budget=budget)
        self.asked: list[tuple[str, Any]] = []
        self.spans: dict[RunKey, list[Any]] = {}
        self.messages: dict[str, list[Any]] = {}
        self._raw: dict[RunKey, dict[str, Any]] = {}
        self._queues: list[asyncio.Queue[Update]] = []

    # -- what a test calls

    def read(self, thread: str, *raws: dict[str, Any], whole: bool = True) -> None:
        """Make an update: the server answered with these runs of a thread, newest first. `whole`: they are all of its runs."""
        at, state = self.clock.now(), self._state(thread)
        raws = tuple({"thread_id": thread, **raw} for raw in raws)
        self._raw.update({(thread, raw["id"]): raw for raw in raws})
        held = next((raw["id"] for raw in raws if raw["is_active"]), None)
        listed = {"id": thread, "status": "locked" if held else "available", "active_run_id": held}
        state, changes = apply_runs(
            state, parse_runs(json.dumps(raws).encode(), thread).rows, at=at, whole=whole
        )
        state = apply_thread(state, parse_thread(listed), at=at)
        if self.kept is not None:
            state, changes = apply_limit(
                state, self.kept, self.hold(), at=at, before=self._state(thread).runs, changes=changes
            )
        self.push(self._with(state), changes)

    def fail(self, thread: str, error: ApiError, retry_in: float | None = 2.0) -> None:
        """Make an update: a thread cannot be read. `retry_in`: seconds until the next try; None: there is none."""
        at = self.clock.now()
        failure = Failure(error.kind, str(error), at, retry_at=None if retry_in is None else at + retry_in)
        self.push(self._with(apply_failure(apply_request(self._state(thread), at), failure)))

    def label(self, thread: str, run: str, group: str = "", **labels: str) -> None:
        """Make an update: spans name a run, with these labels."""
        facts = SpanFacts(group, tuple(sorted(labels.items())))
        self.push(self._with(apply_span_facts(self._state(thread), {run: facts})))

    def restore(self, *states: ThreadState, agents: Mapping[str, str] | None = None) -> None:
        """Make an update: these threads come from the history. Give them with `observed`, in UTC epoch seconds."""
        put = [
            put_back(state, self.latest.threads.get(state.key), at=self.clock.now(), interval=self.interval)
            for state in states
        ]
        new = {state.key: state for state in put if state is not None}
        self.push(
            replace(
                self.latest,
                at=self.clock.now(),
                threads={**self.latest.threads, **new},
                agents={**(agents or {}), **self.latest.agents},
            ),
            restored=new,
        )

    def change(self, **fields: Any) -> None:
        """Make an update with other fields of the snapshot, such as `agents`, `outage` or `stopped`."""
        self.push(replace(self.latest, at=self.clock.now(), **fields))

    def push(self, snapshot: Snapshot, changes: Iterable[Change] = (), restored: Iterable[str] = ()) -> None:
        """Make an update of a snapshot, its changes, and the threads that are restored."""
        self.latest = snapshot
        for queue in self._queues:
            queue.put_nowait(Update(snapshot, tuple(changes), restored=tuple(restored)))

    async def handled(self) -> None:
        """Wait until every subscriber has handled all updates."""
        await asyncio.gather(*(queue.join() for queue in self._queues))

    def _state(self, thread: str) -> ThreadState:
        return self.latest.threads.get(thread) or ThreadState(thread, interval=self.interval)

    def _with(self, state: ThreadState) -> Snapshot:
        threads = {**self.latest.threads, state.key: state}
        return replace(self.latest, at=self.clock.now(), threads=threads, listed=True)

    # -- what front ends call

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def updates(self) -> AsyncGenerator[Update, None]:
        queue: asyncio.Queue[Update] = asyncio.Queue()
        queue.put_nowait(Update(self.snapshot()))
        self._queues.append(queue)
        try:
            while True:
                update = await queue.get()
                try:
                    yield update
                finally:
                    queue.task_done()
        finally:
            self._queues.remove(queue)
            while not queue.empty():  # nobody handles these any more
                queue.get_nowait()
                queue.task_done()

    def snapshot(self) -> Snapshot:
        return replace(self.latest, at=self.clock.now())

    def traffic(self) -> Traffic:
        return Traffic(self.latest.requests, 0, self.latest.budget, self.latest.coverage)

    def refresh(self, thread: str | None = None) -> None:
        self.asked.append(("refresh", thread))

    def read_whole(self, threads: Iterable[str]) -> None:
        self.asked.append(("read_whole", tuple(threads)))

    def read_labels(self, wish: LabelWish) -> None:
        self.asked.append(("read_labels", wish))

    def look_at_agents(self) -> None:
        self.asked.append(("look_at_agents", None))

    async def fetch_run(self, key: RunKey) -> dict[str, Any]:
        return self._fetched("fetch_run", key, self._raw.get(key))

    async def fetch_spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        spans = self.spans.get(key, [])
        return self._fetched("fetch_spans", key, spans[::-1][:100] if oldest_first else spans[offset:][:100])

    async def fetch_messages(self, key: RunKey) -> list[Any]:
        return self._fetched("fetch_messages", key, self.messages.get(key[0], []))

    async def fetch_message_page(self, thread_key: str, limit: int, offset: int) -> list[Any]:
        found = self._fetched("fetch_message_page", thread_key, self.messages.get(thread_key, []))
        return found[offset:][:limit]

    async def attach(self, key: RunKey) -> AsyncGenerator[LiveReader, None]:
        self.asked.append(("attach", key))
        raise ApiError("a recording has no live text")
        yield

    async def cancel_run(self, key: RunKey) -> CancelReply:
        self.asked.append(("cancel_run", key))
        if CANCEL in self.can:
            return CancelReply(ASKED, self.clock.now())
        return CancelReply(NOT_SENT, self.clock.now(), "a recording cannot cancel runs")

    def _fetched(self, what: str, key: Any, found: Any) -> Any:
        self.asked.append((what, key))
        if FETCH not in self.can or found is None:
            raise ApiError("a recording has no details of runs")
        return found
