"""A day of faults in minutes: the dashboard and `watch` against a simulator that misbehaves in every way it knows.

    python -m benchmarks.soak [--hours 24] [--seed 1] [--only dashboard|watch] [--verbose]

Real HTTP on loopback, simulated time: it stands still while anybody has something to do. Each front end has a server
of its own, with the same runs and the same kind of day: every fault twice, for half a minute to four, seven outages,
one of an hour, runs that are cancelled, tasks that are killed, and somebody at the keys. Then all faults are gone, a
quarter of an hour passes, the world stands still, and everything is held against the truth. Exits with 1 where
something is wrong. By night what moves is looked at every two minutes, by day every 40 s: so a day fits into minutes.
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
SPEED = 0.5  # of the simulator: some 10,000 runs a day


def run(front: str, hours: float, seed: int) -> tuple[list[Check], dict]:
    """Run one front end's day, in this process."""
    world = {"seed": seed, "threads": THREADS, "runs": RUNS, "speed": SPEED}
    return import_module(f"benchmarks.soaking.{front}").soak(hours, seed, world)


def table(checks: list[Check]) -> str:
    """Return the checks as a table, a row for both front ends where they have the same check."""
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
