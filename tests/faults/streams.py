"""Runs commands in forks of one process, with streams closed or full: `python streams.py CASES RESULTS`, both JSON files.

A fork takes a tenth of the time of a new Python. As in a new process, a closed stream is `None` in `sys`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import anyio._backends._asyncio
import anyio._core._synchronization  # noqa: F401

import flowtui.cli.handlers.one_shot
import flowtui.cli.handlers.watch
import flowtui.source.poll.poller
import flowtui.watch.output.formats
import flowtui.watch.runner  # noqa: F401  what every fork needs
from flowtui.cli import main

NAMES = ("stdin", "stdout", "stderr")


def become(case: dict[str, Any], out: int, err: int) -> None:
    """Replace the streams of this process by those of the case."""
    for number, descriptor in enumerate((os.open(os.devnull, os.O_RDONLY), out, err)):
        os.dup2(descriptor, number)
    for number, how in enumerate(case["streams"]):
        if how == "full":
            os.dup2(os.open("/dev/full", os.O_WRONLY), number)
    os.closerange(3, 64)
    for number, how in enumerate(case["streams"]):
        if how == "closed":
            os.close(number)
            setattr(sys, NAMES[number], None)
            setattr(sys, f"__{NAMES[number]}__", None)
    os.environ.update(case["environ"])


def run(case: dict[str, Any]) -> dict[str, Any]:
    """Run a case in a fork; return its exit code and output."""
    files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115  closed below
    if os.fork() == 0:
        become(case, *(file.fileno() for file in files))
        os._exit(ended(case["words"]))
    code = os.waitstatus_to_exitcode(os.wait()[1])
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read().decode())
        file.close()
    return {"code": code, "out": texts[0], "err": texts[1]}


def ended(words: list[str]) -> int:
    """Run a command; return the exit code of the process, after flushing both streams as Python does at the end."""
    try:
        code = main(words)
    except BaseException:  # noqa: BLE001  Python would print it
        if sys.stderr is not None:
            traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            return 120
    return code


gc.freeze()
cases, results = map(Path, sys.argv[1:])
said = [run(case) for case in json.loads(cases.read_text())]
results.write_text(json.dumps(said))
