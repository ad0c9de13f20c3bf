"""A crash report: where flowtui failed, without local variables and without messages, either of which may hold a key.

For every front end. It holds names of types, files and functions, and no word of data.
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

_MOST: Final = 20  # exceptions of one chain
_FRAMES: Final = 100  # of each, the innermost
_TRIES: Final = 20  # reports of one process in one second
_LISTENERS: Final[list[Callable[[BaseException], None]]] = []


@contextmanager
def report_listener(listener: Callable[[BaseException], None]) -> Iterator[None]:
    """Call the listener with every error that is reported meanwhile, in the thread that reports it."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def write_report(error: BaseException | None) -> str:
    """Write a report to the state directory and return its path, or the report itself where it cannot be written."""
    if error is not None:
        for listener in tuple(_LISTENERS):
            listener(error)
    now = datetime.now(UTC)
    report = "\n".join(
        [
            f"flowtui {__version__}, Python {sys.version.split()[0]}, {now:%Y-%m-%d %H:%M:%S} UTC",
            "",
            *_trail(error),
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


def _trail(error: BaseException | None) -> Iterator[str]:
    """Yield what may be told of an exception and of those behind it: types, and the places they passed."""
    if error is None:
        return
    for one in exception_chain(error):
        yield type(one).__name__
        for frame in traceback.extract_tb(one.__traceback__, limit=-_FRAMES):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def exception_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those behind it: causes, members of a group, what a worker failed with; each once."""
    waiting: list[BaseException | None] = [error]
    seen = set[int]()
    while waiting and len(seen) < _MOST:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        waiting.append(one.__cause__ or one.__context__)
        held = getattr(one, "error", None)  # a failed worker's own exception is told by this attribute alone
        if isinstance(held, BaseException):
            waiting.append(held)


def message(report: str) -> str:
    """Return the line that says that flowtui crashed and where the report is."""
    return f"flowtui: error: flowtui crashed. The report, without your data: {report}\n"


def print_message(report: str) -> None:
    """Say on stderr that flowtui crashed and where the report is."""
    sys.stderr.write(message(report))
