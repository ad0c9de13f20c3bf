"""`main`: from arguments to an exit code. stdout is data, stderr is talk, the exit code is an answer.

Imports no front end itself, so that `--version` and `--help` are there at once. Turns every expected error into one
line on stderr and its code; nothing of a command's own work happens here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from flowtui import __version__
from flowtui.errors import FlowtuiError, QueryError

TYPE_CHECKING = False  # to import typing would cost `--version` a fifth of its time
if TYPE_CHECKING:
    from typing import Final

    from flowtui.source.clock import Clock

INTERRUPTED: Final = 130
"""Exit code after SIGINT, as shells count: 128 and the signal's number."""

BROKEN_PIPE: Final = 141
"""Exit code when the reader of stdout has gone, the same as coreutils' under a shell: 128 and SIGPIPE."""


def main(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> int:
    """Run one command and return its exit code.

    `argv` is without the program's name. Tests hand in the three that stand for the world: arguments, environment
    and time; None means the real ones.
    """
    _repair_streams()
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        code = _run(words, os.environ if environ is None else environ, clock)
        sys.stdout.flush()
    except FlowtuiError as error:
        return _report(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except OSError as error:
        # Files and the network have errors of their own: this is stdout, on a full disk for instance.
        _abandon_stdout()
        return _report(FlowtuiError(f"Cannot write to stdout: {error.strerror or error}"))
    return code


def _run(words: list[str], environ: Mapping[str, str], clock: Clock | None) -> int:
    if words == ["--version"]:
        sys.stdout.write(f"flowtui {__version__}\n")
        return 0
    from flowtui.cli.arguments import parse  # noqa: PLC0415  argparse costs more than all of `--version`

    try:
        call = parse(words, environ, clock)
    except SystemExit as done:  # argparse has printed help or the version
        return int(done.code or 0)
    return call.command.run(call)


def _report(error: FlowtuiError) -> int:
    from flowtui.text import safe_text  # noqa: PLC0415  `--version` has nothing to make safe

    sys.stderr.write(f"flowtui: error: {safe_text(error.message)}\n")
    if isinstance(error, QueryError):
        sys.stderr.writelines(f"  {safe_text(line)}\n" for line in error.pointer().splitlines())
    if error.hint:
        sys.stderr.write(f"  {safe_text(error.hint)}\n")
    return error.exit_code


def _repair_streams() -> None:
    """Make stdout and stderr usable: closed ones go nowhere, and a glyph that the locale lacks is no crash."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until the process ends
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _abandon_stdout() -> None:
    """Point stdout at nothing, or Python would complain about the same pipe once more when it exits."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
