"""Time from the start of the process to the first frame, with and without a history, and to the first rows over HTTP.

    python -m benchmarks.first_frame [--rounds 9]

Both are compared with a Textual application that shows one `Static` and is started in the same way, each on a
pseudo-terminal. The rows come from a simulator in another process, as from the API. In the last line `demo` also starts
its own simulator.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Mapping

from benchmarks.pairs import Pair, pair, run_benchmark
from benchmarks.terminal import Spent, clean_environ, until

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("all is drawn")

Bare().run()
"""
FLOWTUI = "import sys; from flowtui.cli import main; sys.exit(main())"  # what the installed script does
FRAME = "Threads"  # the title of the first frame
ROWS = "run_"
KEY = "benchmark"
STORED = 10_000  # runs of the history
STORED_ROW = "completed"  # in no part of the first frame but its rows

Turn = Callable[[], Spent]


def _turns(ours: Turn, theirs: Turn, rounds: int) -> list[tuple[Spent, Spent]]:
    ours(), theirs()  # writes bytecode, warms the disk
    return [(ours(), theirs()) for _ in range(rounds)]


def _pairs(what: str, turns: list[tuple[Spent, Spent]], limit: float | None) -> list[Pair]:
    """Return the pair of wall times, and of CPU times where they are known."""
    walls = [(mine.wall, other.wall) for mine, other in turns]
    pairs = [pair(what, "bare Textual app", "ms", walls, limit)]
    cpus = [(mine.cpu, other.cpu) for mine, other in turns if mine.cpu is not None and other.cpu is not None]
    if cpus:
        pairs.append(pair(f"{what}, CPU", "bare Textual app", "ms CPU", cpus))
    return pairs


def _rows_pairs(bare: Turn, environ: Mapping[str, str], rounds: int) -> list[Pair]:
    simulator = subprocess.Popen(
        [sys.executable, "-c", FLOWTUI, "simulate", "--port", "0"],
        env=dict(environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert simulator.stdout is not None
    with simulator:
        try:
            reached = {
                **environ,
                "SEEKR_API_KEY": KEY,
                "SEEKR_BASE_URL": simulator.stdout.readline().strip(),
            }
            turns = _turns(lambda: until(["-c", FLOWTUI], ROWS, reached), bare, rounds)
        finally:
            simulator.terminate()
    return _pairs("first rows over HTTP", turns, 3.0)


def _history_pairs(bare: Turn, environ: Mapping[str, str], rounds: int) -> list[Pair]:
    """Return the pairs of a first frame with an empty history, and of one with stored rows in it. Nothing answers there."""
    with socket.create_server(("127.0.0.1", 0)) as empty, socket.create_server(("127.0.0.1", 0)) as filled:
        addresses = [f"http://127.0.0.1:{server.getsockname()[1]}" for server in (empty, filled)]
        on, rows = ({**environ, "SEEKR_API_KEY": KEY, "SEEKR_BASE_URL": address} for address in addresses)
        writing = [sys.executable, "-m", "benchmarks.stored_runs", addresses[1], str(STORED)]
        subprocess.run(writing, env=rows, check=True)
        begun = _turns(lambda: until(["-c", FLOWTUI], FRAME, on), bare, rounds)
        shown = _turns(lambda: until(["-c", FLOWTUI], STORED_ROW, rows), bare, rounds)
    return [
        *_pairs("first frame, history on", begun, 1.25),
        *_pairs("first frame with stored rows", shown, 1.35),
    ]


def measure(rounds: int) -> list[Pair]:
    with clean_environ() as environ:

        def bare() -> Spent:
            return until(["-c", BARE], "all is drawn", environ)

        frames = _turns(lambda: until(["-c", FLOWTUI, "demo"], FRAME, environ), bare, rounds)
        demo = _turns(lambda: until(["-c", FLOWTUI, "demo"], ROWS, environ), bare, rounds)
        return [
            *_pairs("first frame", frames, 1.15),
            *_history_pairs(bare, environ, rounds),
            *_rows_pairs(bare, environ, rounds),
            *_pairs("first rows of `demo`, with its simulator", demo, None)[:1],
        ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=9)
