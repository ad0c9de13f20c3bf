"""A start from a history of 100,000 runs, until all of them are rows of the table; and the longest stall on the way.

    python -m benchmarks.restored_rows [--rounds 3] [--runs 100000]

Whole processes on a pseudo-terminal, compared with a Textual application that shows one `Static`. The API accepts
connections and never answers, so that all that is shown comes from the history. A stall is how late a timer of 5 ms
fires, from the dashboard's first rows to the last. The CPU is that of both processes of the dashboard, of which one reads
the history.
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.first_frame import BARE, KEY
from benchmarks.pairs import Pair, pair, text_of
from benchmarks.stored_runs import write_in
from benchmarks.terminal import Spent, clean_environ, until

RUNS = 100_000
LIMIT = 7.0
STALL = 50.0  # ms
PATIENCE = 300.0  # seconds
DONE = "all rows are there"
PROBED = f"""
import asyncio, os, sys, time
from flowtui.ui.app.app import FlowtuiApp

async def probe(app):
    last, longest, wanted, rows = time.perf_counter(), 0.0, int(os.environ["WANTED"]), 0
    while rows < wanted:
        await asyncio.sleep(0.005)
        now = time.perf_counter()
        if rows:
            longest = max(longest, now - last - 0.005)
        last = now
        if app._session is not None and app.dashboard.is_mounted:
            rows = len(app.dashboard.table.rows)
    with open(os.environ["STALL"], "w") as file:
        file.write(str(1000 * longest))
    app.write_to_terminal({DONE!r})

mount = FlowtuiApp.on_mount

async def on_mount(self):
    await mount(self)
    self.probing = asyncio.create_task(probe(self))

FlowtuiApp.on_mount = on_mount
from flowtui.cli import main
sys.exit(main())
"""


def measure(rounds: int, runs: int) -> list[Pair]:
    with (
        clean_environ() as clean,
        socket.create_server(("127.0.0.1", 0)) as silent,
        tempfile.TemporaryDirectory() as folder,
    ):
        stall = Path(folder, "stall")
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environ: Mapping[str, str] = {
            **clean,
            "SEEKR_API_KEY": KEY,
            "SEEKR_BASE_URL": address,
            "WANTED": str(runs),
            "STALL": str(stall),
        }
        write_in(environ, address, KEY, runs)
        until(["-c", PROBED], DONE, environ, PATIENCE)  # writes bytecode, warms the disk
        turns: list[tuple[Spent, Spent]] = []
        stalls = []
        for _ in range(rounds):
            turns.append(
                (until(["-c", PROBED], DONE, environ, PATIENCE), until(["-c", BARE], "all is drawn", environ))
            )
            stalls.append((float(stall.read_text()), STALL))
    what = f"{runs:,} stored runs are rows of the table"
    walls = [(ours.wall, bare.wall) for ours, bare in turns]
    cpus = [(ours.cpu or 0.0, bare.cpu or 0.0) for ours, bare in turns]
    return [
        pair(what, "bare Textual app", "ms", walls, LIMIT),
        pair(f"{what}, CPU", "bare Textual app", "ms CPU", cpus),
        pair("the longest stall meanwhile", "allowed", "ms", stalls, 1.0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--json", action="store_true", help="for `all`")
    asked = parser.parse_args()
    pairs = measure(asked.rounds, asked.runs)
    if asked.json:
        print(json.dumps([asdict(one) for one in pairs]))
    else:
        print("\n".join(map(text_of, pairs)))


if __name__ == "__main__":
    main()
