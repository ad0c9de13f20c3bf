"""`main`: from arguments to an exit code. stdout is data, stderr is talk, the exit code is an answer.

Imports no front end itself, so that `--version` and `--help` are there at once. Turns every expected error into one
line on stderr and its code, and every other one into a report without data; nothing of a command's own work happens
here.
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
"""Exit code after SIGINT, as shells count: 128 and the signal's number."""

CRASHED: Final = 1
"""Exit code after an error that nobody foresaw."""

BROKEN_PIPE: Final = 141
"""Exit code when the reader of stdout has gone, the same as coreutils' under a shell: 128 and SIGPIPE."""

DEVELOPER: Final = "FLOWTUI_DEV"
"""The environment variable that shows a developer a crash with its locals, where it is `1`. See CONTRIBUTING.md."""

_OF_STDOUT: Final = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.ENXIO)
"""What a write to stdout fails with where its disk, file or terminal is the matter. Our own files tell for themselves."""


def main(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> int:
    """Run one command and return its exit code.

    `argv` is without the program's name. Tests hand in the three that stand for the world: arguments, environment
    and time; None means the real ones.
    """
    streams.repair()
    words = sys.argv[1:] if argv is None else list(argv)
    with _locals_shown(os.environ if environ is None else environ):
        code = _exit_code(words, environ, clock)
    if argv is None:
        _let_nothing_interrupt()
    return code


def _exit_code(words: list[str], environ: Mapping[str, str] | None, clock: Clock | None) -> int:
    """Run one command; turn whatever it raises into talk on stderr and an exit code."""
    try:
        code = _run(words, environ, clock)
        sys.stdout.flush()
    except FlowtuiError as error:
        code = _report(error)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        streams.abandon(sys.stdout)
        code = BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  Python would print what it holds, and that may be data
        if isinstance(error, OSError) and error.errno in _OF_STDOUT and error.filename is None:
            streams.abandon(sys.stdout)
            code = _report(FlowtuiError(f"Cannot write to stdout: {error.strerror}"))
        else:
            code = _crashed(error)
    _end_log(code)
    return code


def _locals_shown(environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return what shows a developer who asked for it the crashes of a command, once that is over and the screen is back."""
    if environ.get(DEVELOPER) != "1":
        return nullcontext()
    from flowtui.cli.crash_locals import shown_afterwards  # noqa: PLC0415  for developers alone

    return shown_afterwards(environ, _say)


def _let_nothing_interrupt() -> None:
    """Take no ctrl+c from here on: all is done, and who holds the key down would get a traceback for an exit code."""
    signal = sys.modules.get("signal")  # nobody has loaded it: `--version`, which is done before a key comes
    if signal is not None:
        with suppress(ValueError):  # not the main thread: its signals are somebody else's
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_log(code: int) -> None:
    """Write the last lines of the log, where there is one."""
    log = sys.modules.get("flowtui.cli.log")
    if log is not None:
        with suppress(KeyboardInterrupt):  # its lines are in the file a moment later anyway
            log.end_log(code)


def _run(words: list[str], environ: Mapping[str, str] | None, clock: Clock | None) -> int:
    if words == ["--version"]:
        sys.stdout.write(f"flowtui {__version__}\n")
        return 0
    from flowtui.cli.arguments import parse  # noqa: PLC0415  argparse costs more than all of `--version`
    from flowtui.cli.commands import COMMANDS  # noqa: PLC0415  its options import argparse
    from flowtui.config.key.keyless import Environment  # noqa: PLC0415

    if environ is None:
        _take_lost_errors()
    try:
        call = parse(words, COMMANDS, Environment(os.environ if environ is None else environ), clock)
    except SystemExit as done:  # argparse has printed help or the version
        return int(done.code or 0)
    return call.command.run(call)


def _report(error: FlowtuiError) -> int:
    from flowtui.text import safe_text  # noqa: PLC0415  `--version` has nothing to make safe

    lines = [f"flowtui: error: {safe_text(error.message)}"]
    if isinstance(error, QueryError):
        lines += [f"  {safe_text(line)}" for line in error.pointer().splitlines()]
    if error.hint:
        lines.append(f"  {safe_text(error.hint)}")
    _say("".join(f"{line}\n" for line in lines))
    return error.exit_code


def _crashed(error: Exception) -> int:
    """Write a report of an error that nobody foresaw, and say where it is; return the exit code."""
    from flowtui.config import crash  # noqa: PLC0415  nobody needs it otherwise

    _say(crash.told(crash.write_report(error)))
    return CRASHED


def _take_lost_errors() -> None:
    """Let what threads and finalisers die of be a report and a line of the log: Python would print it, data and all."""
    import threading  # noqa: PLC0415  `--version` has none

    threading.excepthook = lambda lost: _lost(lost.exc_value)
    sys.unraisablehook = lambda lost: _lost(lost.exc_value)


def _lost(error: BaseException | None) -> None:
    if isinstance(error, SystemExit):
        return  # how a thread may end itself
    try:
        import logging  # noqa: PLC0415

        from flowtui.config import crash  # noqa: PLC0415

        name, report = type(error).__name__, crash.write_report(error)
        logging.getLogger("flowtui").error("%s in a thread or at the end of something: %s", name, report)
    except (Exception, KeyboardInterrupt):  # noqa: BLE001, S110  the interpreter may be half gone, and there is nobody to tell
        pass


def _say(text: str) -> None:
    """Say something on stderr; where that is gone, nothing: there is nobody to tell."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
