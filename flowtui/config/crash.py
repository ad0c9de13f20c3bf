"""Crash reports of all front ends. They show where flowtui failed: types of exceptions, files, lines and functions.

Local variables and messages are left out, because they may hold data or the key. An error that comes again needs no other
report, and the oldest reports are deleted: what fails each second must not fill the disk.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flowtui import __version__
from flowtui.config.files.private_files import create_private, make_folder
from flowtui.config.files.user_dirs import state_folder

_MAX_EXCEPTIONS: Final = 20  # most exceptions in one report
_MAX_FRAMES: Final = 100  # most places in the code for each exception; the innermost are kept
_TRIES: Final = 20  # file names to try: one process may write several reports in the same second
_MOST_FILES: Final = 20  # reports in the folder; the oldest beyond these are deleted
_FILES: Final = "crash-????????T??????-*.txt"
_WRITTEN: Final[dict[tuple[Path, str], Path]] = {}  # folder and lines of each report of this process → file
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

    An error for which this process has written one gets no other file. The listeners of `report_listener` are called first.
    """
    if error is not None:
        for listener in tuple(_LISTENERS):
            listener(error)
    folder, lines = state_folder(), "\n".join(_report_lines(error))
    path = _WRITTEN.get((folder, lines))
    if path is not None and path.exists():
        return str(path)
    now = datetime.now(UTC)
    about = f"flowtui {__version__}, Python {sys.version.split()[0]}, {now:%Y-%m-%d %H:%M:%S} UTC"
    report = f"{about}\n\n{lines}\n"
    try:
        path = _write(report, folder, f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}")
    except (OSError, ValueError):
        path = None
    if path is None:
        return report
    _WRITTEN[folder, lines] = path
    _delete_oldest(path)
    return str(path)


def _write(report: str, folder: Path, name: str) -> Path | None:
    """Write a report to a new file whose name begins with `name`; None if all such names are taken."""
    make_folder(folder, own=True)
    for number in range(_TRIES):
        path = folder / f"{name}{f'-{number}' if number else ''}.txt"
        with suppress(FileExistsError):
            descriptor = create_private(path)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(report)
            except OSError:
                path.unlink(missing_ok=True)  # a full disk leaves an empty file
                raise
            return path
    return None


def _delete_oldest(new: Path) -> None:
    """Delete the oldest reports beyond `_MOST_FILES`, but not the new one: the clock may have been set back."""
    with suppress(OSError):
        others = sorted(path for path in new.parent.glob(_FILES) if path != new)
        for path in others[: -(_MOST_FILES - 1)]:
            path.unlink(missing_ok=True)  # another process may delete it as well


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
