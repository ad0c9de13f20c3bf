"""Crash reports of all front ends. They show where flowtui failed: types of exceptions, files, lines and functions.

Local variables and messages are left out, because they may hold data or the key.
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

_MAX_EXCEPTIONS: Final = 20  # most exceptions in one report
_MAX_FRAMES: Final = 100  # most places in the code for each exception; the innermost are kept
_TRIES: Final = 20  # file names to try: one process may write several reports in the same second
_LISTENERS: Final[list[Callable[[BaseException], None]]] = []


@contextmanager
def report_listener(listener: Callable[[BaseException], None]) -> Iterator[None]:
    """Call `listener` with every error for which a report is written inside the context, in the thread that writes it."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def write_report(error: BaseException | None) -> str:
    """Write a crash report to a file in the state directory, and return its path; if that fails, return the report itself.

    The listeners of `report_listener` are called first.
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
    """Yield for each exception a line with its type, then a line for each place in its traceback, the innermost last."""
    if error is None:
        return
    for one in exception_chain(error):
        yield type(one).__name__
        for frame in traceback.extract_tb(one.__traceback__, limit=-_MAX_FRAMES):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def exception_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and the exceptions that led to it: causes, contexts, members of groups, errors of workers."""
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
    """Return the message that flowtui has crashed. `report` is the path of the report, or its text if it has no file."""
    return f"flowtui: error: flowtui crashed. The report, without your data: {report}\n"


def print_message(report: str) -> None:
    """Print on stderr the message that flowtui has crashed. `report`: see `message`."""
    sys.stderr.write(message(report))
