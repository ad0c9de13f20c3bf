"""Crash reports of all front ends: where flowtui failed, as names of exception types, files and functions.

Local variables and messages are left out: either may hold data or the key.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from flowtui import __version__
from flowtui.config.files.private_files import create_private, make_folder
from flowtui.config.files.user_dirs import state_folder

_MAX_EXCEPTIONS: Final = 20  # exceptions in one report
_MAX_FRAMES: Final = 100  # places in the code for each exception: the innermost ones
_TRIES: Final = 20  # file names to try: one process may write several reports in the same second
_LISTENERS: Final[list[Callable[[BaseException], None]]] = []


@contextmanager
def report_listener(listener: Callable[[BaseException], None]) -> Iterator[None]:
    """Call `listener` with every error that is reported inside the context, in the thread that reports it."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def write_report(error: BaseException | None) -> str:
    """Write a crash report to a file in the state directory. Returns its path; the report itself if writing fails.

    Calls the listeners of `report_listener` first.
    """
    if error is not None:
        for listener in tuple(_LISTENERS):
            listener(error)
    now = datetime.now(UTC)
    report = "\n".join(
        [
            f"flowtui {__version__}, Python {sys.version.split()[0]}, {now:%Y-%m-%d %H:%M:%S} UTC",
            "",
            *_report_lines(error),
            "",
        ]
    )
    folder = state_folder()
    try:
        make_folder(folder, own=True)
        for number in range(_TRIES):
            path = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}{f'-{number}' if number else ''}.txt"
            try:
                descriptor = create_private(path)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(report)
            return str(path)
    except (OSError, ValueError):
        pass
    return report


def _report_lines(error: BaseException | None) -> Iterator[str]:
    """Yield for each exception its type, then the places in the code of its traceback, the innermost last."""
    if error is None:
        return
    for one in exception_chain(error):
        yield type(one).__name__
        for frame in traceback.extract_tb(one.__traceback__, limit=-_MAX_FRAMES):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def exception_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, each once: causes or contexts, members of a group, errors of workers."""
    waiting: list[BaseException | None] = [error]
    seen = set[int]()
    while waiting and len(seen) < _MAX_EXCEPTIONS:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        waiting.append(one.__cause__ or one.__context__)
        held = getattr(one, "error", None)  # Textual's WorkerFailed holds the worker's exception here
        if isinstance(held, BaseException):
            waiting.append(held)


def message(report: str) -> str:
    """Return the message that flowtui crashed. `report`: the path or the text of the report."""
    return f"flowtui: error: flowtui crashed. The report, without your data: {report}\n"


def print_message(report: str) -> None:
    """Print the message that flowtui crashed on stderr. `report`: the path or the text of the report."""
    sys.stderr.write(message(report))
