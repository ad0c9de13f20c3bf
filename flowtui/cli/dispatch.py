"""`main`: runs one command and returns its exit code. Results go to stdout, messages to stderr.

Imports no front end itself, so that `--version` and `--help` are fast. An expected error is printed on stderr and has its
own exit code; an unexpected error is written to a crash report without data.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress

from flowtui import __version__
from flowtui.cli import streams
from flowtui.errors import FlowtuiError, QueryError

TYPE_CHECKING = False  # to import typing would cost `--version` a fifth of its time
if TYPE_CHECKING:
    from typing import Final

    from flowtui.source.clock import Clock

INTERRUPTED: Final = 130
"""Exit code after SIGINT, as in shells: 128 plus the signal's number."""

CRASHED: Final = 1
"""Exit code after an unexpected error."""

BROKEN_PIPE: Final = 141
"""Exit code if the program that reads stdout has closed it: 128 plus SIGPIPE, as shells report it."""

DEVELOPER: Final = "FLOWTUI_DEV"
"""If this environment variable is `1`, crashes are shown with local variables, for developers. See CONTRIBUTING.md."""

_STDOUT_ERRORS: Final = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.ENXIO)
"""Numbers of errors that a write to stdout may raise. The same errors of other files have a file name, these have none."""


def main(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> int:
    """Run one command and return its exit code.

    `argv` are the words after the program's name. Tests pass `argv`, `environ` and `clock`; None means the real ones.
    """
    streams.make_usable()
    words = sys.argv[1:] if argv is None else list(argv)
    with _crashes_with_locals(os.environ if environ is None else environ):
        code = _exit_code(words, environ, clock)
    if argv is None:
        _ignore_sigint()
    return code


def _exit_code(words: list[str], environ: Mapping[str, str] | None, clock: Clock | None) -> int:
    """Run one command and return its exit code. Every exception becomes a message on stderr and an exit code."""
    try:
        code = _run(words, environ, clock)
        sys.stdout.flush()
    except FlowtuiError as error:
        code = _report(error)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        streams.discard(sys.stdout)
        code = BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  Python would print its message, which may hold data
        if isinstance(error, OSError) and error.errno in _STDOUT_ERRORS and error.filename is None:
            streams.discard(sys.stdout)
            code = _report(FlowtuiError(f"Cannot write to stdout: {error.strerror}"))
        else:
            code = _crashed(error)
    _end_log(code)
    return code


def _crashes_with_locals(environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context. If FLOWTUI_DEV is 1, it shows at its end all crashes inside it, with their local variables."""
    if environ.get(DEVELOPER) != "1":
        return nullcontext()
    from flowtui.cli.crash_locals import shown_afterwards  # noqa: PLC0415  for developers alone

    return shown_afterwards(environ, _write_stderr)


def _ignore_sigint() -> None:
    """Ignore ctrl+c from now on: another ctrl+c while Python ends would print a traceback and change the exit code."""
    signal = sys.modules.get("signal")  # not loaded for `--version`, which ends before a user can press a key
    if signal is not None:
        with suppress(ValueError):  # this is not the main thread, and only that may set signal handlers
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_log(code: int) -> None:
    """Write the last lines of the log, if a log was started."""
    log = sys.modules.get("flowtui.cli.log")
    if log is not None:
        with suppress(KeyboardInterrupt):  # the thread of the log may still write the lines
            log.end_log(code)


def _run(words: list[str], environ: Mapping[str, str] | None, clock: Clock | None) -> int:
    if words == ["--version"]:
        sys.stdout.write(f"flowtui {__version__}\n")
        return 0
    from flowtui.cli.arguments import parse  # noqa: PLC0415  argparse costs more than all of `--version`
    from flowtui.cli.commands import COMMANDS  # noqa: PLC0415  its options import argparse
    from flowtui.config.key.environ import Environment  # noqa: PLC0415

    if environ is None:
        _catch_stray_errors()
    try:
        call = parse(words, COMMANDS, Environment(os.environ if environ is None else environ), clock)
    except SystemExit as done:  # argparse has printed help or the version
        return int(done.code or 0)
    return int(call.command.run(call))


def _report(error: FlowtuiError) -> int:
    from flowtui.text import safe_text  # noqa: PLC0415  `--version` has nothing to make safe

    lines = [f"flowtui: error: {safe_text(error.message)}"]
    if isinstance(error, QueryError):
        lines += [f"  {safe_text(line)}" for line in error.pointer().splitlines()]
    if error.hint:
        lines.append(f"  {safe_text(error.hint)}")
    _write_stderr("".join(f"{line}\n" for line in lines))
    return error.exit_code


def _crashed(error: Exception) -> int:
    """Write a crash report, print its path on stderr, and return the exit code."""
    from flowtui.config import crash  # noqa: PLC0415  only for a crash

    _write_stderr(crash.message(crash.write_report(error)))
    return CRASHED


def _catch_stray_errors() -> None:
    """Make errors of threads and finalisers go to a crash report and the log. Python would print them with their data."""
    import threading  # noqa: PLC0415  `--version` has none

    threading.excepthook = lambda lost: _report_stray(lost.exc_value)
    sys.unraisablehook = lambda lost: _report_stray(lost.exc_value)


def _report_stray(error: BaseException | None) -> None:
    if isinstance(error, SystemExit):
        return  # a thread may end itself this way
    try:
        import logging  # noqa: PLC0415

        log, name = logging.getLogger("flowtui"), type(error).__name__
        if isinstance(error, Warning):  # of Python, with `-W error`, such as of a file that is not closed
            log.warning("%s in a thread or a finaliser", name)
            return
        from flowtui.config import crash  # noqa: PLC0415

        log.error("%s in a thread or a finaliser: %s", name, crash.write_report(error))
    except (Exception, KeyboardInterrupt):  # noqa: BLE001, S110  the interpreter may be shutting down
        pass


def _write_stderr(text: str) -> None:
    """Write to stderr; do nothing if it is closed or broken."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()
