"""A history for tests, in a folder of their own: what a dashboard does with it, with a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.run.row import Run, classify
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import History, open_history
from flowtui.text import safe_name

BEGIN = 1_794_000_000.0
KEY = SecretStr("sk-the-key-of-the-test")


def run(raw_id: str, status: str = "completed", *, thread: str = "thread-1", **fields: Any) -> Run:
    """Return a run that was created at BEGIN, unless `fields` say otherwise; an ended one took 10 s."""
    active = status in ("queued", "running")
    created = fields.pop("created", BEGIN)
    times = dict.fromkeys(("failed", "cancelled", "completed"))
    if status in times and created is not None:
        times[status] = created + 11.5
    row = Run(
        thread,
        raw_id,
        safe_name(raw_id),
        "agent-1",
        status,
        classify(status, is_active=active, **times),
        "maker/model",
        active,
        created,
        None if status == "queued" or created is None else created + 1.5,
        None,
        times["cancelled"],
        times["failed"],
        times["completed"],
        *((100, 20, 120) if not active else (None, None, None)),
        None,
    )
    return row._replace(**fields)


def state(
    *runs: Run, at: float = BEGIN, key: str = "thread-1", known: ThreadState | None = None
) -> ThreadState:
    """Return a thread after an observation that showed these runs, all that it has."""
    before = known or ThreadState(key, 2.0, Thread(key, safe_name(key), "available", None, BEGIN, None), at)
    return apply_runs(before, runs, at=at, whole=True)[0]


@dataclass
class Remembering:
    """A dashboard, as far as the history sees it."""

    folder: Path
    key: SecretStr = KEY
    now: float = BEGIN
    options: dict[str, Any] = field(default_factory=dict)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = open_history(self.settings, self.key, lambda: self.now)

    @property
    def settings(self) -> Settings:
        return Settings(**{"remember_path": str(self.folder), **self.options})

    def hand_on(self, *states: ThreadState, **fields: Any) -> None:
        """Record a snapshot with these threads."""
        known = {each.key: each for each in states}
        self.history.recorder.record(Update(Snapshot(self.now, known, **{"listed": True, **fields})))

    def record(self, *states: ThreadState, **fields: Any) -> None:
        """Record a snapshot with these threads, and wait until it is written."""
        self.hand_on(*states, **fields)
        self.history.recorder.flush()

    def restored(self) -> list[ThreadState]:
        """Return all threads that are remembered."""
        assert self.history.past is not None
        return list(chain.from_iterable(self.history.past.threads()))

    def again(self) -> Remembering:
        """End this start and return the next one."""
        self.history.close()
        return replace(self, now=self.now)

    @property
    def trouble(self) -> str:
        return self.history.recorder.trouble

    @property
    def files(self) -> list[str]:
        """What is in the folder: the ends of the names."""
        return sorted(path.name[33:] for path in self.folder.iterdir())

    @property
    def file(self) -> Path:
        """The file of the history, the only one."""
        (path,) = self.folder.glob("*.db")
        return path
