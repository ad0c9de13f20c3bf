"""Simulates a day with all faults in minutes: the dashboard and `watch` against the simulator, over real HTTP.

    python -m benchmarks.soak [--hours 24] [--seed 1] [--only dashboard|watch] [--verbose]

Time is simulated: it stands still during requests and computations. Each front end has its own server, with the same
runs and the same kind of day: each fault twice, for half a minute to four; seven outages, one of an hour; runs that are
cancelled, tasks that are killed, and a simulated user. A quarter of an hour after the last fault the runs stop changing,
and the final state is compared with the simulator's. Exits with 1 where something is wrong. Active threads are observed
every two minutes by night and every 40 s by day, so that a day takes minutes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.soaking.checks import Check

FRONTS = ("dashboard", "watch")
THREADS, RUNS = 6, 60
SPEED = 0.5  # of the simulator, for some 10,000 runs a day


def run(front: str, hours: float, seed: int) -> tuple[list[Check], dict]:
    """Run one front end's day in this process; return its checks and further figures."""
    world = {"seed": seed, "threads": THREADS, "runs": RUNS, "speed": SPEED}
    return import_module(f"benchmarks.soaking.{front}").soak(hours, seed, world)


def table(checks: list[Check]) -> str:
    """Return the checks as a Markdown table, with one row per check and one column per front end."""
    names = list(dict.fromkeys(check.what for check in checks))
    fronts = list(dict.fromkeys(check.front for check in checks))
    lines = [f"| | {' | '.join(fronts)} |", f"| --- |{' --- |' * len(fronts)}"]
    for name in names:
        found = {check.front: check for check in checks if check.what == name}
        cells = [_cell(found.get(front)) for front in fronts]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(check: Check | None) -> str:
    if check is None:
        return ""
    text = check.found.strip().replace("|", "\\|")
    return f"**wrong:** {text}" if check.fine is False else text


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=FRONTS)
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args(argv)
    fronts = [asked.only] if asked.only else list(FRONTS)
    began = time.monotonic()
    with ProcessPoolExecutor(len(fronts), mp_context=multiprocessing.get_context("spawn")) as pool:
        days = [pool.submit(run, front, asked.hours, asked.seed) for front in fronts]
        results = [day.result() for day in days]
    checks = [check for found, _ in results for check in found]
    print(f"{asked.hours:g} simulated hours, seed {asked.seed}, in {time.monotonic() - began:,.0f} s.\n")
    print(table(checks))
    for front, (_, more) in zip(fronts, results, strict=True) if asked.verbose else ():
        print(f"\n{front}", *(f"{name}: {value}" for name, value in more.items()), sep="\n")
    wrong = [f"{check.front}: {check.what}" for check in checks if check.fine is False]
    if wrong:
        print(f"\nWrong: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
