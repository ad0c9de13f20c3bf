"""Writes a history of many runs, as an earlier start of the dashboard would have left it.

    SEEKR_API_KEY=... python -m benchmarks.stored_runs ADDRESS RUNS

The folder is that of the environment.
"""

from __future__ import annotations

import os
import random
import sys
import time
from uuid import UUID

from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_history

RUNS_A_THREAD = 100
AGO = 600.0  # seconds since the earlier start ended
DAYS = 5
AGENTS = {f"agent_{name}": name for name in ("checkout", "billing", "triage", "support")}


def threads_of(runs: int, now: float) -> dict[str, ThreadState]:
    """Return the states of threads with so many runs in all; each thread has a run of the last minutes before `now`."""
    rng = random.Random(1)
    found = {}
    for _ in range(max(1, runs // RUNS_A_THREAD)):
        key = _uuid(rng)
        ages = sorted([rng.random() * 600, *(rng.random() * DAYS * 86_400 for _ in range(RUNS_A_THREAD - 1))])
        rows = {run.raw_id: run for run in (_run(key, now - age, rng) for age in ages)}
        row = Thread(key, key, "available", None, now - DAYS * 86_400, None)
        found[key] = ThreadState(key, 2.0, row, now, rows, now, whole=True)
    return found


def _run(thread: str, created: float, rng: random.Random) -> Run:
    run_id, failed, took = _uuid(rng), rng.random() < 0.1, 2.0 + rng.random() * 60
    word, end = ("failed" if failed else "completed"), created + 1 + took
    ends = (end, None) if failed else (None, end)
    times = (created, created + 1, created + 600, None, *ends)
    prompt = rng.randrange(100, 20_000)
    usage = (prompt, 500, prompt + 500)
    return Run(
        thread, run_id, run_id, rng.choice(list(AGENTS)), word, word, "llama", False, *times, *usage, None
    )


def _uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def write(base_url: str, key: str, runs: int) -> None:
    """Write the history of this address and key."""
    seen = time.time() - AGO
    history = open_history(Settings(base_url=base_url), SecretStr(key), lambda: seen)
    history.recorder.record(Update(Snapshot(seen, threads_of(runs, seen), AGENTS, listed=True)))
    history.recorder.flush()
    history.close()


if __name__ == "__main__":
    write(sys.argv[1], os.environ["SEEKR_API_KEY"], int(sys.argv[2]))
