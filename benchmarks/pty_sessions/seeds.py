"""The options that seeded benchmarks share, and their sessions run as processes, a few in parallel.

With `--seed N` a command plays that one session in its own process; without it, it starts itself once for each seed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial


def parser(description: str | None, *, sessions: int, seconds: float) -> argparse.ArgumentParser:
    """Return a parser with `--seed`, `--sessions`, `--seconds` and `--at-once`; the arguments are the defaults."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seed", type=int, help="only the session of this seed, in this process")
    made.add_argument(
        "--sessions", type=int, default=sessions, help=f"how many, with the seeds from 1 on ({sessions})"
    )
    made.add_argument("--seconds", type=float, default=seconds, help=f"length of each session ({seconds:g})")
    made.add_argument("--at-once", type=int, default=3, help="sessions that run in parallel (3)")
    return made


def run_all(module: str, options: argparse.Namespace, words: Sequence[str], good: str) -> int:
    """Run `python -m MODULE --seed N --seconds S WORDS` for each seed; return 0, or 1 where a session failed.

    Prints the output of each session in one piece, and at the end how many were `good`, such as "without a fault".
    """
    seeds = range(1, options.sessions + 1)
    failed = _failed(module, seeds, ["--seconds", str(options.seconds), *words], options.at_once)
    print(f"{options.sessions - failed} of {options.sessions} sessions {good}")
    return 1 if failed else 0


def _failed(module: str, seeds: Iterable[int], words: Sequence[str], at_once: int) -> int:
    failed = 0
    with ThreadPoolExecutor(at_once) as pool:
        for code, output in pool.map(partial(_session, module, words), seeds):
            print(output, end="" if output.endswith("\n") else "\n", flush=True)
            failed += bool(code)
    return failed


def _session(module: str, words: Sequence[str], seed: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", module, "--seed", str(seed), *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr
