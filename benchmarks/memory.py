"""Memory of each run that is held, and pauses of the garbage collector with 100,000 runs.

    python -m benchmarks.memory [--rounds 5]

flowtui's side are the rows of `parse_runs` alone, and the poller's state: 5,000 threads of 20 runs, with fingerprints. The
other side are pydantic models with every field. Each is loaded twice in its own process: once while memory is traced, once
while the collector's pauses are timed.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.company_runs import store
from benchmarks.full_runs import MODELS, bodies_of_threads
from benchmarks.pairs import Pair, run_benchmark
from flowtui.model.run import parsing

RUNS, THREADS = 100_000, 5_000
_RARELY = (50_000, 20, 20)  # thresholds of the collector; Python's own begin at some hundreds


def _rows(bodies: Sequence[tuple[str, bytes]]) -> object:
    return [parsing.parse_runs(body, key).rows for key, body in bodies]


def _loose_rows(bodies: Sequence[tuple[str, bytes]]) -> object:
    parsing.intern = str  # type: ignore[attr-defined]  measures without interning
    return _rows(bodies)


def _models(bodies: Sequence[tuple[str, bytes]]) -> object:
    return [MODELS.validate_python(json.loads(body)) for _, body in bodies]


SIDES: dict[str, Callable[[Sequence[tuple[str, bytes]]], object]] = {
    "rows": _rows,
    "loose rows": _loose_rows,
    "store": store,
    "models": _models,
}


class Pauses:
    """Times garbage collections, in milliseconds of CPU."""

    def __init__(self) -> None:
        self.spent: list[float] = []
        self._begun = 0.0

    def note(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.process_time()
        else:
            self.spent.append(1000 * (time.process_time() - self._begun))


def _loaded(load: Callable[[], object], thresholds: Sequence[int]) -> tuple[object, Pauses]:
    """Load as the application does: the objects of its start are frozen, then the collector runs."""
    pauses = Pauses()
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(*thresholds)
    gc.callbacks.append(pauses.note)
    held = load()
    gc.callbacks.remove(pauses.note)
    gc.set_threshold(*before)
    gc.unfreeze()
    return held, pauses


def _full(rounds: int) -> float:
    """Return the median milliseconds of a full collection."""
    turns = []
    for _ in range(rounds):
        before = time.process_time()
        gc.collect()
        turns.append(1000 * (time.process_time() - before))
    return median(turns)


def side(name: str, rounds: int) -> dict[str, float]:
    """Return the figures of one side: bytes a run, and for some sides the milliseconds of pauses."""
    bodies = bodies_of_threads(RUNS, THREADS)
    runs = sum(len(parsing.parse_runs(body, "").rows) for _, body in bodies)
    load = SIDES[name]
    load(bodies[:1])
    gc.collect()
    tracemalloc.start()
    held = load(bodies)
    gc.collect()
    found = {"bytes": tracemalloc.get_traced_memory()[0] / runs}
    tracemalloc.stop()
    del held
    if name in {"rows", "loose rows"}:
        return found
    for kind, thresholds in (("rarely", _RARELY), ("usual", gc.get_threshold())):
        held, pauses = _loaded(lambda: load(bodies), thresholds)
        found |= {f"{kind} longest": max(pauses.spent, default=0.0), f"{kind} sum": sum(pauses.spent)}
        if kind == "rarely":
            del held
    gc.collect()
    found["full"] = _full(rounds)
    gc.freeze()
    found["frozen"] = _full(rounds)
    return found


def _figures(name: str, rounds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.memory", "--side", name, "--rounds", str(rounds)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(rounds: int) -> list[Pair]:
    rows, loose, states, models = (_figures(name, rounds) for name in SIDES)
    theirs, held = "pydantic models of all fields", f"{RUNS:,} runs"

    def against_models(what: str, unit: str, kind: str) -> Pair:
        return Pair(what, theirs, unit, states[kind], models[kind])

    return [
        Pair("a run held, of 100,000", theirs, "bytes", rows["bytes"], models["bytes"], 0.05),
        Pair("the same in the store, with its fingerprint", theirs, "bytes", states["bytes"], models["bytes"]),
        Pair("a run held, of 100,000", "rows without interning", "bytes", rows["bytes"], loose["bytes"]),
        against_models(f"a full collection, {held} in the store", "ms CPU", "full"),
        against_models("longest pause while they are loaded", "ms CPU", "usual longest"),
        against_models("all pauses while they are loaded", "ms CPU", "usual sum"),
        Pair("the same with thresholds of 50,000, 20, 20", "usual ones", "ms CPU", states["rarely sum"], states["usual sum"]),
        Pair("a full collection after `gc.freeze`", "before it", "ms CPU", states["frozen"], states["full"]),
    ]  # fmt: skip


if __name__ == "__main__":
    if "--side" in sys.argv:
        parser = argparse.ArgumentParser()
        parser.add_argument("--side", choices=SIDES)
        parser.add_argument("--rounds", type=int)
        asked = parser.parse_args()
        print(json.dumps(side(asked.side, asked.rounds)))
    else:
        run_benchmark(measure, __doc__, rounds=5)
