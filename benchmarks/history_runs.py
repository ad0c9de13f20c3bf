"""Many runs of many threads, put into a history as a dashboard would."""

from __future__ import annotations

import enum
import itertools
from pathlib import Path
from random import Random
from uuid import UUID

from flowtui.config.settings import Settings
from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.files.location import Place
from flowtui.store.keeper import FileHistory

BEGIN = 1_794_000_000.0
SPAN = 90 * 86_400.0
AGENTS = 10
_MODEL = "meta-llama/Llama-3.3-70B-Instruct"
_STEP = 20  # threads that are recorded together
_BUSY = 5  # runs that begin on a thread with each tick, while as many end
_SHOWN = 3  # runs of a thread that an answer shows while they move


class Change(enum.Enum):
    """How runs were seen."""

    SEEN_ENDED = enum.auto()
    """They had ended when flowtui first looked."""
    SEEN_MOVING = enum.auto()
    """Each was seen queued, running and ended."""


def opened(folder: Path) -> FileHistory:
    """Return an open history in a folder, without bounds."""
    settings = Settings(remember_mb=1e6, remember_for=1e9)
    place = Place(folder, "scope", "key", "default", "", b"salt", own=False)
    history = FileHistory(settings, place, lambda: BEGIN, lambda _: None)
    history.open()
    return history


class Fleet:
    """Threads with so many runs, spread over ninety days."""

    def __init__(self, runs: int, *, per_thread: int, seed: int) -> None:
        self.random = Random(seed)
        self.states: dict[str, ThreadState] = {}
        self._agents = [self._id() for _ in range(AGENTS)]
        self._shape = (runs // per_thread, per_thread)
        self._turn: itertools.cycle[str] | None = None
        self._at = BEGIN

    def fill(self, history: FileHistory, change: Change) -> None:
        """Make all runs, and record them."""
        threads, _ = self._shape
        for number in range(threads):
            self.add(number, change)
            if number % _STEP == _STEP - 1 or number == threads - 1:
                self._record(history)
        assert history.recorder.trouble == "", history.recorder.trouble

    def add(self, number: int, change: Change) -> None:
        """Make the runs of the next thread, which is the one with this number."""
        state = self._thread(self._shape[1], self._agents[number % AGENTS], change)
        self.states[state.key] = state

    def keep(self, most: int, threads: int | None = None, history: FileHistory | None = None) -> None:
        """Keep at most so many runs of each thread in memory, and of so many threads, the first ones; None: of all.

        `history`: what gets to know it; None: nothing does.
        """
        self.states = dict(itertools.islice(self.states.items(), threads))
        for key, state in self.states.items():
            runs = dict(itertools.islice(state.runs.items(), most))
            self.states[key] = ThreadState(key, 2.0, state.thread, state.thread_at, runs, state.observed)
        if history is not None:
            self._record(history)

    def begin(self, history: FileHistory) -> None:
        """Begin runs on each thread, and record them: they end with the next tick, beside as many new ones."""
        self.tick(_BUSY * len(self.states))
        self._record(history)

    def tick(self, changes: int) -> tuple[Snapshot, list[Run]]:
        """Return a snapshot after so many runs have changed, a few on each thread, and their rows."""
        self._turn = self._turn or itertools.cycle(list(self.states))
        self._at += 2.0
        rows: list[Run] = []
        while len(rows) < changes:
            state = self.states[next(self._turn)]
            known = list(itertools.islice(state.runs.values(), _BUSY))
            ended = [self._ended(row) for row in known if row.active]
            begun = [self._begun(state.key, known[0].agent_id) for _ in range(_BUSY)]
            # The answer shows the others too: else they would count as not seen, which is one more change of each.
            before = [row for row in known if not row.active]
            older = itertools.islice(state.runs.values(), _BUSY, _BUSY + _SHOWN)
            shown = [*begun, *ended, *before, *older]
            self.states[state.key], _ = apply_runs(state, shown, at=self._at, whole=False)
            rows += [*begun, *ended]
        return self._snapshot(), rows

    def _begun(self, thread: str, agent: str) -> Run:
        row = self._run(thread, agent, self._at)
        return row._replace(status="running", status_class="running", is_active=True, failed=None, completed=None,
                            prompt_tokens=None, completion_tokens=None, total_tokens=None)  # fmt: skip

    def _ended(self, row: Run) -> Run:
        return row._replace(status="completed", status_class="completed", is_active=False, completed=self._at,
                            prompt_tokens=900, completion_tokens=80, total_tokens=980)  # fmt: skip

    def _thread(self, count: int, agent: str, change: Change) -> ThreadState:
        key = self._id()
        created = sorted(BEGIN - self.random.random() * SPAN for _ in range(count))
        rows = [self._run(key, agent, at) for at in created]
        state = ThreadState(key, 2.0)
        state = apply_thread(state, Thread(key, key, "available", None, created[0], None), at=BEGIN)
        if change is Change.SEEN_ENDED:
            return apply_runs(state, rows[::-1], at=BEGIN, whole=True)[0]
        for number, row in enumerate(rows):
            before = rows[max(0, number - _SHOWN) : number][::-1]
            queued = row._replace(
                status="queued", status_class="queued", is_active=True, started=None, completed=None,
                prompt_tokens=None, completion_tokens=None, total_tokens=None,
            )  # fmt: skip
            running = queued._replace(status="running", status_class="running", started=row.started)
            for after, shown in ((0.5, queued), (2.5, running), (60.5, row)):
                state, _ = apply_runs(state, [shown, *before], at=row.created + after, whole=False)
        return state

    def _run(self, thread: str, agent: str, created: float) -> Run:
        raw_id = self._id()
        started = round(created + 3 * self.random.random(), 6)
        done = round(started + 60 * self.random.random(), 6)
        status = "completed" if self.random.random() < 0.9 else "failed"
        used = self.random.randrange(6000), self.random.randrange(900)
        return Run(
            *(thread, raw_id, raw_id, agent, status, status, _MODEL, False),
            *(round(created, 6), started, round(created + 600, 6), None),
            *(done if status == "failed" else None, done if status == "completed" else None),
            *(*used, sum(used), None),
        )

    def _record(self, history: FileHistory) -> None:
        history.recorder.record(Update(self._snapshot()))
        history.recorder.flush()

    def _snapshot(self) -> Snapshot:
        return Snapshot(self._at, dict(self.states), listed=True, clock_known=False)

    def _id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))
