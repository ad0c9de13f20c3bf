"""Measures the time from the start of a program on a pseudo-terminal of 120x36 until it writes a text. POSIX only."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

COLUMNS, LINES = 120, 36
PATIENCE = 30.0  # seconds


class Spent(NamedTuple):
    """Milliseconds from the start until the text was written: wall time, and CPU time (None outside Linux)."""

    wall: float
    cpu: float | None


@contextmanager
def clean_environ() -> Iterator[dict[str, str]]:
    """Yield the environment of a new user without any configuration."""
    with tempfile.TemporaryDirectory() as home:
        yield {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        }


def until(words: Sequence[str], text: str, environ: Mapping[str, str], patience: float = PATIENCE) -> Spent:
    """Start Python with `words`, wait until it writes `text`, and kill it.

    Raises:
        RuntimeError: the program ended, or did not write the text within `patience` seconds.
    """
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execve(sys.executable, [sys.executable, *words], dict(environ))
    try:
        written = b""
        wanted = text.encode()
        while wanted not in written:
            if not select.select([terminal], [], [], max(0.0, start + patience - time.perf_counter()))[0]:
                raise RuntimeError(f"{text!r} did not come: {written[-2000:]!r}")
            try:
                written += os.read(terminal, 65536)
            except OSError:
                raise RuntimeError(f"It ended without {text!r}: {written[-2000:]!r}") from None
        return Spent(1000 * (time.perf_counter() - start), _cpu(pid))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _cpu(pid: int) -> float | None:
    """Return the milliseconds of CPU of a running process, with those threads and child processes that have ended.

    None outside Linux.
    """
    if not sys.platform.startswith("linux"):
        return None
    own = time.clock_gettime(
        (~pid << 3) | 2
    )  # the clock of another process, as `clock_getcpuclockid` names it
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = sum(map(int, after_name[13:15])) / os.sysconf("SC_CLK_TCK")
    return 1000 * (own + children)
