"""All processes that tests start: with default signals, in a session of their own, and never longer than their test."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from subprocess import DEVNULL, PIPE, CalledProcessError, CompletedProcess, TimeoutExpired
from typing import Any

__all__ = [
    "DEVNULL",
    "PATIENCE",
    "PIPE",
    "CalledProcessError",
    "Process",
    "TimeoutExpired",
    "alive",
    "calls",
    "default_signals",
    "end",
    "on_terminal",
    "run",
]

PATIENCE = 90.0
"""Seconds of real time that a process may take: far more than on an idle machine, less than pytest's own limit."""

_SIGNALS = (
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGTSTP,
    signal.SIGCONT,
    signal.SIGCHLD,
    signal.SIGWINCH,
    signal.SIGUSR1,
    signal.SIGUSR2,
)

_CONTROLLING = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""

_alive: set[Process] = set()


def default_signals() -> None:
    """Make this process one whose children start with default signals.

    An ignored signal stays ignored in a child: SIGHUP under `nohup`, SIGINT and SIGQUIT in a background job of a script.
    A signal that is handled is at its default in the child, so this process ignores them by a handler instead.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _ignore)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _ignore(*_arguments: object) -> None:
    pass


class Process(subprocess.Popen[Any]):
    """A process in a session of its own; as a context it is killed at the end, with all that it started there.

    Its standard input is empty unless it is given one. No wait is longer than `PATIENCE`.
    """

    def __init__(self, words: Sequence[str | os.PathLike[str]], **options: Any) -> None:
        default_signals()
        super().__init__(words, start_new_session=True, **{"stdin": DEVNULL, **options})
        _alive.add(self)

    def wait(self, timeout: float | None = PATIENCE) -> int:
        return super().wait(timeout)

    def communicate(self, input: Any = None, timeout: float | None = PATIENCE) -> tuple[Any, Any]:  # noqa: A002  the name of the standard library
        return super().communicate(input, timeout)

    def end(self) -> None:
        """Kill what is left of its session's first process group, and close its pipes."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(OSError):  # what was written and never read
                    stream.close()
        _alive.discard(self)

    def __exit__(self, *_error: object) -> None:
        self.end()


def run(
    words: Sequence[str | os.PathLike[str]],
    *,
    check: bool = False,
    capture_output: bool = False,
    timeout: float = PATIENCE,
    **options: Any,
) -> CompletedProcess[Any]:
    """Run a process to its end, as `subprocess.run` does.

    Raises:
        TimeoutExpired: It took longer than `timeout` seconds; it was killed.
        CalledProcessError: With `check`, its exit code is not 0.
    """
    if capture_output:
        options |= {"stdout": PIPE, "stderr": PIPE}
    with Process(words, **options) as process:
        out, err = process.communicate(timeout=timeout)
        code = process.wait()
    done = CompletedProcess(process.args, code, out, err)
    if check:
        done.check_returncode()
    return done


@contextmanager
def on_terminal(
    words: Sequence[str], *, controlling: bool = False, **options: Any
) -> Iterator[tuple[Process, int]]:
    """Start a process on a pseudo-terminal; yields it and the descriptor of the terminal's other end.

    With `controlling` the terminal's ctrl+c and ctrl+z are signals for it, and it can be a shell with jobs.
    """
    master, slave = os.openpty()
    try:
        ends = {"stdin": slave, "stdout": slave, "stderr": slave, **options}
        before = (sys.executable, "-c", _CONTROLLING) if controlling else ()
        process = Process([*before, *words], **ends)
        os.close(slave)
        with process:
            yield process, master
    finally:
        with suppress(OSError):  # a test may have closed it
            os.close(master)


def calls(*each: tuple[Callable[..., object], *tuple[Any, ...]]) -> list[int | None]:
    """Make these calls at once, each (function, arguments ...) in a new Python; returns their exit codes, None for one that did not end."""
    default_signals()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=call[0], args=call[1:]) for call in each]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(PATIENCE)
        return [worker.exitcode for worker in workers]
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.kill()


def alive() -> set[Process]:
    """Return the processes that were started and not ended yet."""
    return set(_alive)


def end(these: Iterable[Process]) -> None:
    """End processes that their tests left."""
    for process in these:
        process.end()


atexit.register(lambda: end(alive()))
