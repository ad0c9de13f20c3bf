"""The soak's server: a simulator in another process that records which runs it listed and which of them faults changed.

Uses nothing of flowtui's client: the expected runs come from the simulator alone.
"""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote

from flowtui.simulator.endpoints import ApiRequest
from flowtui.simulator.server import Simulator

Key = tuple[str, str]
"""(thread id, run id)."""

_RUNS: Final = re.compile(r"/threads/([^/]+)/runs$")
_SPAWN = multiprocessing.get_context("spawn")


class Fact(NamedTuple):
    """The true state of a run: the API's status, its tokens (None before the first), its end in epoch seconds (None: active)."""

    status: str
    tokens: int | None
    ended: float | None


@dataclass
class Truth:
    """The expected state. `runs` are all runs; `listed` are those in any readable answer, also ids that a fault invented.

    `bent` are runs that were wrong in their last answer: a fault had changed the row or the whole answer.
    """

    runs: dict[Key, Fact] = field(default_factory=dict)
    listed: set[Key] = field(default_factory=set)
    bent: set[Key] = field(default_factory=set)
    last: dict[tuple[str, str], set[Key]] = field(default_factory=dict)
    """(thread, offset) -> runs in its last answer. They become `bent` if the client could not use that answer."""
    seconds: float = 0.0
    """CPU time of the server."""


class World:
    """The server, controlled from another process. `now` is its clock in UTC epoch seconds, set by the caller."""

    def __init__(self, begin: float, **options: Any) -> None:
        self._clock = _SPAWN.Value("d", begin, lock=False)
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, self._clock, options), daemon=True)
        self._process.start()
        theirs.close()
        self.url: str = self._pipe.recv()

    @property
    def now(self) -> float:
        return self._clock.value

    @now.setter
    def now(self, at: float) -> None:
        self._clock.value = at

    def set_faults(self, faults: Sequence[str]) -> None:
        """Make these the active faults. A fault that is active already keeps its state."""
        self._ask("set_faults", list(faults))

    def serve(self, *, up: bool) -> None:
        """Start (`up`) or stop the server."""
        self._ask("start" if up else "stop")

    def cancel(self, place: int) -> None:
        """Cancel one of the active runs directly in the simulator, without a request."""
        self._ask("cancel", place)

    def lost(self, path: str, query: str) -> None:
        """Note that the client could not use the answer to a request, such as after a timeout."""
        thread, offset = _RUNS.search(path), parse_qs(query[1:]).get("offset", ["0"])[0]
        if thread:
            self._ask("lost", unquote(thread[1]), offset)

    def truth(self) -> Truth:
        return self._ask("truth")

    def close(self) -> None:
        self._ask("quit")
        self._process.join()

    def _ask(self, *words: Any) -> Any:
        self._pipe.send(words)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(pipe: Connection, clock: Synchronized, options: dict[str, Any]) -> None:
    truth = Truth()
    _remember(truth)
    simulator = Simulator(clock=lambda: clock.value, **options)
    pipe.send(simulator.start())
    while True:
        word, *rest = pipe.recv()
        try:
            answer = _do(simulator, truth, word, rest)
        except Exception as error:  # noqa: BLE001  `_ask` raises it in the other process
            answer = error
        pipe.send(answer)
        if word == "quit":
            return


def _do(simulator: Simulator, truth: Truth, word: str, rest: list[Any]) -> Any:
    if word == "set_faults":
        _set_faults(simulator, rest[0])
    elif word == "truth":
        truth.runs, truth.seconds = dict(_facts(simulator)), time.process_time()
        return truth
    elif word == "lost":
        truth.bent |= truth.last.pop((rest[0], rest[1]), set())
    elif word == "cancel":
        _cancel_one(simulator, rest[0])
    elif word == "start":
        simulator.start()
    else:
        simulator.stop()
    return None


def _set_faults(simulator: Simulator, wanted: list[str]) -> None:
    app = simulator._app  # `clear_faults` would also remove the faults that stay, with their state
    texts = app.__dict__.setdefault("soaked", {})
    for text in [text for text in texts if text not in wanted]:
        gone = texts.pop(text)
        app._active = [one for one in app._active if one[0] is not gone]
    for text in wanted:
        if text not in texts:
            app.add_fault(text)
            texts[text] = app._active[-1][0]


def _cancel_one(simulator: Simulator, place: int) -> None:
    world, now = simulator.world, simulator.calendar.now()
    active = [
        (thread, number)
        for thread in world.live
        for number in world.timeline(thread).since(now - 140.0, now)
        if world.timeline(thread)[number].active(now)
    ]
    if active:
        world.cancel(*active[place % len(active)], now)


def _facts(simulator: Simulator):
    world, calendar = simulator.world, simulator.calendar
    now = calendar.now()
    for thread in range(world.threads):
        for number in range(world.timeline(thread).count(now)):
            plan = world.timeline(thread)[number]
            used = plan.usage(now)
            ended = calendar.epoch(plan.ended) if plan.ended <= now else None
            fact = Fact(plan.status(now), None if used is None else sum(used), ended)
            yield (world.thread_id(thread), world.run_id(thread, number)), fact


def _remember(truth: Truth) -> None:
    """Patch `ApiRequest` to record each answer about runs after its faults were applied."""
    honest_rows, honest_one = ApiRequest.rows, ApiRequest.one

    def rows(request: ApiRequest, read: Any) -> list[Any]:
        if not request.template.endswith("/runs"):
            return honest_rows(request, read)
        honest: dict[str, Any] = {}

        def noting(page: Any) -> list[Any]:
            found = read(page)
            honest.update((row["id"], row) for row in found)
            return found

        shown = honest_rows(request, noting)
        _note(truth, request, honest, shown, listing=True)
        return shown

    def one(request: ApiRequest, record: Any) -> Any:
        shown = honest_one(request, record)
        if request.template.endswith("/runs/{run_id}"):
            _note(truth, request, {record["id"]: record}, [shown], listing=False)
        return shown

    ApiRequest.rows, ApiRequest.one = rows, one


def _note(
    truth: Truth, request: ApiRequest, honest: dict[str, Any], shown: list[Any], *, listing: bool
) -> None:
    """Record which runs of an answer were correct and which were changed by faults."""
    whole = listing and not any(fault.reply is not None for fault, _ in request.uses)
    page = truth.last[request.path["thread_id"], str(request.query.get("offset", 0))] = set()
    for row in shown:
        name = row.get("id") if isinstance(row, dict) else None
        if not isinstance(name, str):
            continue
        key = (request.path["thread_id"], name)
        page.add(key)
        if honest.get(name) is not row:
            truth.bent.add(key)
        elif whole:
            truth.bent.discard(key)
        if whole:
            truth.listed.add(key)
