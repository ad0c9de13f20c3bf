"""Sessions as processes of their own, a few at a time, so that a command takes minutes and not an hour."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial


def run(module: str, seeds: Iterable[int], words: Sequence[str], at_once: int) -> list[int]:
    """Run `python -m MODULE --seed N WORDS` for each seed, print what each says in one piece, return what failed."""
    with ThreadPoolExecutor(at_once) as pool:
        done = pool.map(partial(_session, module, words), seeds)
        failed = []
        for seed, code, said in done:
            print(said, end="" if said.endswith("\n") else "\n", flush=True)
            if code:
                failed.append(seed)
    return failed


def _session(module: str, words: Sequence[str], seed: int) -> tuple[int, int, str]:
    made = subprocess.run(
        [sys.executable, "-m", module, "--seed", str(seed), *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return seed, made.returncode, made.stdout + made.stderr
