"""The history's file: bytes for a run, reading of a million runs, and what writing costs the writer and the event loop.

    python -m benchmarks.history_store [--json] [--rounds 7] [--runs 1000000]

Each figure stands beside another side that is measured in the same process: the same rows in a plain table, bare rows of
SQLite, the same question asked of the runs themselves, an event loop beside which nothing is written. Ids are UUIDs. Exits
with 1 if a figure is above its limit, except with `--json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.history_runs import BEGIN, SPAN, Change, Fleet, opened
from benchmarks.pairs import Pair, pair, text_of
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Update
from flowtui.store.files.location import belonging, size_of
from flowtui.store.keeper import FileHistory

DAY = 86_400.0
LIMITS = {
    "a stored run": 250.0,
    "a stored run with its moves": 480.0,
    "newest 200 rows": 1.0,
    "90-day trend by agent and day": 100.0,
    "a tick of 20 changes": 2.0,
    "a tick of 1,000 changes": 60.0,
}
LAG = 5.0  # milliseconds that writing may add to the 95th percentile of the loop's lag
_FEW = 40_000  # runs, where a million would tell no more
_LOOP = 12.0  # seconds for which the lag is measured on each side


def plain_file(folder: Path, runs: Sequence[Run]) -> int:
    """Write the same rows into a table as anybody would make it; return the bytes of the file."""
    path = folder / "plain.db"
    columns = ", ".join(Run._fields)
    with sqlite3.connect(path) as plain:
        plain.execute(f"CREATE TABLE run({columns}, UNIQUE(thread_key, raw_id))")
        plain.execute("CREATE INDEX created ON run(created)")
        plain.executemany(f"INSERT INTO run VALUES({','.join('?' * len(Run._fields))})", runs)
    plain.close()
    size = path.stat().st_size
    path.unlink()
    return size


def moving_runs(rounds: int) -> Pair:
    """Return the bytes of a run that was seen queued, running and ended."""
    sides = []
    for seed in range(max(1, rounds // 5)):
        with tempfile.TemporaryDirectory() as folder:
            fleet = Fleet(_FEW, per_thread=200, seed=seed)
            history = opened(Path(folder))
            fleet.fill(history, Change.SEEN_MOVING)
            history.close()
            (path,) = Path(folder).glob("*.db")
            sides.append((size_of(belonging(path)) / _FEW, plain_bytes(Path(folder), fleet)))
    return pair("a stored run with its moves", "a plain table", "B", sides)


def plain_bytes(folder: Path, fleet: Fleet) -> float:
    """Return the bytes of a run in a plain table."""
    rows = [row for state in fleet.states.values() for row in state.runs.values()][:_FEW]
    return plain_file(folder, rows) / len(rows)


def reading(history: FileHistory, path: Path, rounds: int) -> list[Pair]:
    """Return what reading takes in a history of many runs."""
    past = history.past
    plain = sqlite3.connect(path)

    def bare() -> object:
        return plain.execute("SELECT * FROM run ORDER BY created DESC LIMIT 200").fetchall()

    def grouped() -> object:
        return plain.execute(
            "SELECT CAST((ended - ?) / ? AS INTEGER), agent, class, count(*), sum(total), sum(ended - started) "
            "FROM run WHERE ended IS NOT NULL GROUP BY 1, 2, 3",
            (BEGIN - SPAN, DAY),
        ).fetchall()

    newest = [(took(lambda: past.newest(200)), took(bare)) for _ in range(5 * rounds)]
    trend = [(took(lambda: past.sums(BEGIN - SPAN, BEGIN + DAY, DAY)), took(grouped)) for _ in range(rounds)]
    plain.close()
    return [
        pair("newest 200 rows", "bare rows of SQLite", "ms CPU", newest),
        pair("90-day trend by agent and day", "the runs, grouped by SQLite", "ms CPU", trend),
    ]


def ticks(history: FileHistory, fleet: Fleet, rounds: int) -> list[Pair]:
    """Return what the writer takes for an update with so many changes."""
    found = []
    writer = history.recorder.writer
    for count in (20, 1_000):
        sides = []
        for _ in range(rounds):
            snapshot, rows = fleet.tick(count)
            ours = took(lambda snapshot=snapshot: writer.write(snapshot, {}, whole=False))
            sides.append((ours, took(lambda rows=rows: bare_write(rows))))
        found.append(pair(f"a tick of {count:,} changes", "bare rows into a plain table", "ms CPU", sides))
    return found


_bare: list[sqlite3.Connection] = []


def bare_write(rows: Sequence[Run]) -> None:
    """Write rows into a plain table in one transaction."""
    with _bare[0] as plain:
        plain.executemany(f"INSERT OR REPLACE INTO run VALUES({','.join('?' * len(Run._fields))})", rows)


async def lag(record: Callable[[Update], object], fleet: Fleet) -> float:
    """Return the 95th percentile of the loop's lag, in ms, while updates with 1,000 changes come."""
    late: list[float] = []
    end = time.perf_counter() + _LOOP
    following = 0.0
    updates = [Update(fleet.tick(1_000)[0]) for _ in range(int(_LOOP) + 1)]
    while (now := time.perf_counter()) < end:
        if now >= following:
            following = now + 1.0
            record(updates.pop(0))
        before = time.perf_counter()
        await asyncio.sleep(0.002)
        late.append(1000 * (time.perf_counter() - before - 0.002))
    return statistics.quantiles(late, n=20)[-1]


def took(work: Callable[[], object]) -> float:
    """Return the milliseconds of CPU that a call takes; the system's part for files is among them."""
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def measure(rounds: int, runs: int) -> list[Pair]:
    """Return all comparisons."""
    found = [moving_runs(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        history = opened(Path(folder))
        fleet = Fleet(runs, per_thread=1_000, seed=1)
        fleet.fill(history, Change.SEEN_ENDED)
        (path,) = Path(folder).glob("*.db")
        size = history.recorder.writer.database.row("PRAGMA page_count")[0] * 4096 / runs
        found.append(pair("a stored run", "a plain table", "B", [(size, plain_bytes(Path(folder), fleet))]))
        found += reading(history, path, rounds)
        plain = sqlite3.connect(Path(folder) / "plain.db")
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=NORMAL")
        plain.execute(f"CREATE TABLE run({', '.join(Run._fields)}, UNIQUE(thread_key, raw_id))")
        _bare[:] = [plain]
        fleet.keep(100, history=history)
        found += ticks(history, fleet, rounds)
        sides = [
            (
                asyncio.run(lag(history.recorder.record, fleet)),
                asyncio.run(lag(lambda _: None, fleet)),
            )
            for _ in range(max(1, rounds // 3))
        ]
        found.append(pair("95th percentile of the loop's lag", "nothing is written", "ms", sides))
        plain.close()
        history.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns (default 7)")
    parser.add_argument("--runs", type=int, default=1_000_000, help="of the history that is read")
    parser.add_argument("--json", action="store_true", help="for scripts")
    asked = parser.parse_args()
    found = measure(asked.rounds, asked.runs)
    missed = [one.what for one in found if one.ours > LIMITS.get(one.what, one.theirs + LAG)]
    if asked.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            limit = (
                f"at most {LIMITS[one.what]:g} {one.unit}"
                if one.what in LIMITS
                else f"at most {LAG:g} ms more"
            )
            print(f"{text_of(one)}, {limit}{': MISSED' if one.what in missed else ''}")
    return 1 if missed and not asked.json else 0


if __name__ == "__main__":
    sys.exit(main())
