"""CPU time of `flowtui --version`, installed by pip into a new environment, against `python -c pass` there.

python -m benchmarks.version [--rounds 25]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.pairs import Pair, pair, run_benchmark

ROOT = Path(__file__).resolve().parents[1]


def _spent(words: list[str]) -> float:
    """Return the milliseconds of CPU of one run of a program."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        pid = os.posix_spawn(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
    finally:
        os.close(nowhere)
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, words
    return 1000 * (usage.ru_utime + usage.ru_stime)


def measure(rounds: int) -> list[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder) / "bin"
        python, flowtui = str(programs / "python"), str(programs / "flowtui")
        pip = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            str(ROOT),
        ]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        for _ in range(3):  # bytecode, disk
            _spent([flowtui, "--version"])
            _spent([python, "-c", "pass"])
        turns = [(_spent([flowtui, "--version"]), _spent([python, "-c", "pass"])) for _ in range(rounds)]
    return [pair("`flowtui --version`", "`python -c pass`", "ms CPU", turns, 1.8)]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=25)
