"""Runs of many threads, twenty each, as response bodies and as the poller's state: the data of `growth`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from benchmarks.hosts import NOW, rows, with_tokens
from flowtui.model.run import parsing
from flowtui.model.run.fingerprint import fingerprints
from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update

IN_THREAD = 20
ACTIVE = 0.02  # share of the threads with an active run
_TEXT = "You answer questions of customers. " * 12
_RUN = {
    "object": "thread.run",
    "status": "completed",
    "is_active": False,
    "created_at": "2026-11-24T20:00:00Z",
    "started_at": "2026-11-24T20:00:02Z",
    "completed_at": "2026-11-24T20:00:22Z",
    "expires_at": None,
    "failed_at": None,
    "cancelled_at": None,
    "model": "meta-llama/Llama-3.3-70B-Instruct",
    "instructions": _TEXT,
    "tools": [{"type": "file_search", "name": "search", "config": {"top_k": 5}}],
    "meta_data": {"customer": "acme", "stage": "production"},
    "usage": {"prompt_tokens": 1000, "completion_tokens": 9, "total_tokens": 1009},
    "temperature": 1.0,
    "top_p": 1.0,
}


def pages(runs: int, size: int) -> list[tuple[str, bytes]]:
    """Return (thread id, body) of pages of `size` runs, `runs` in all, one page per thread."""
    return [
        (
            f"thread_{first // size}",
            json.dumps(
                [
                    {**_RUN, "id": f"run_{number:08}", "agent_id": f"agent_{number % 7}"}
                    for number in range(first, min(first + size, runs))
                ]
            ).encode(),
        )
        for first in range(0, runs, size)
    ]


def store(bodies: Sequence[tuple[str, bytes]]) -> list[ThreadState]:
    """Return the poller's state of these bodies, each of which has all runs of a thread."""
    states = []
    for key, body in bodies:
        found = parsing.parse_runs(body, key).rows
        configs = fingerprints(body, {row.raw_id for row in found})
        states.append(apply_runs(ThreadState(key, 2.0), found, at=0.0, whole=True, configs=configs)[0])
    return states


class Company:
    """The state of `runs` runs. Each `turn` changes one of them, as a poll does, each time in another thread."""

    def __init__(self, runs: int) -> None:
        self.size = max(1, runs // IN_THREAD)
        found = rows(runs, running=max(1, int(self.size * ACTIVE)))
        self.by_thread: dict[str, list[Run]] = {}
        for number, run in enumerate(found):
            key = f"thread_{number % self.size}"
            self.by_thread.setdefault(key, []).append(run._replace(thread_key=key))
        self.states = {key: self._known(key, own) for key, own in self.by_thread.items()}
        self._agents = {f"agent_{number}": f"agent {number}" for number in range(7)}
        self._turns = self._changes()

    def _known(self, key: str, own: list[Run]) -> ThreadState:
        active = next((run.raw_id for run in own if run.active), None)
        thread = Thread(key, key, "locked" if active else "available", active, NOW, None)
        first = ThreadState(key, 2.0, thread=thread, thread_at=NOW - 2)
        return apply_runs(first, own, at=NOW - 1, whole=True)[0]

    def snapshot(self) -> Snapshot:
        # The same dict of agents each time, as from a poller that has not read them again.
        return Snapshot(NOW, threads=dict(self.states), agents=self._agents, interval=2.0, listed=True)

    def turn(self) -> Update:
        """Return the next update: the newest run of a thread has other tokens."""
        return next(self._turns)

    def _changes(self) -> Iterator[Update]:
        number = 0
        while True:
            for key, own in self.by_thread.items():
                number += 1
                own[0] = with_tokens(own[0], number)
                self.states[key], changes = apply_runs(self.states[key], own, at=NOW, whole=True)
                yield Update(self.snapshot(), tuple(changes))
