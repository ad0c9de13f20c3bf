"""Parses the command line into a `Call`: the command, its options, its positional words.

First the command is found; then a parser made for this command reads the other words. Subcommands of argparse do not
fit, because the common options may stand before or after the command, and a first word that is no command is a THREAD.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from flowtui.cli.command import DASH, Call, Command, Commands, all_options
from flowtui.cli.general_help import general_help
from flowtui.cli.options.options import COMMON, EVERYWHERE, refuse_unknown
from flowtui.errors import UsageError

if TYPE_CHECKING:
    from flowtui.source.clock import Clock


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError instead of ending the process, so that `main` reports all errors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:], hint=f"See `{self.prog} -h`")


def parse(
    argv: list[str], commands: Commands, environ: Mapping[str, str], clock: Clock | None = None
) -> Call:
    """Return the call that the command line `argv` describes. `commands`: all that there are. `clock`: None for real time.

    Raises:
        UsageError: an option or a word is unknown, missing or invalid.
        SystemExit: `-h` or `--version` was given; its text has been printed.
    """
    head, tail = _split(argv)
    position = _find_word(head, commands)
    command = commands[DASH]
    named = False
    if position is not None:
        word = head[position]
        if word in commands:
            command, named = commands[word], True
            del head[position]
    _refuse_dashes(head, command)
    parser = _parser(command)
    if not named:
        parser.format_help = lambda: general_help(commands)  # type: ignore[method-assign]
    options, rest = parser.parse_known_args(head)
    for word in rest:
        if word.startswith("-") and word != "-":
            raise refuse_unknown(word, command.name)
    words = [*rest, *tail]
    command.check(options, words)
    return Call(commands, command, options, words, environ, clock)


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the words before the first `--`, and the words after it."""
    if "--" not in argv:
        return list(argv), []
    end = argv.index("--")
    return argv[:end], argv[end + 1 :]


def _find_word(words: list[str], commands: Commands) -> int | None:
    """Return the index of the first word that is neither an option nor an option's value; None if there is no such word."""
    with_value = {flag for entry in all_options(commands) if entry.takes_value for flag in entry.flags}
    position = 0
    while position < len(words):
        word = words[position]
        if not word.startswith("-") or word == "-":
            return position
        position += 2 if word in with_value else 1
    return None


def _refuse_dashes(words: list[str], command: Command) -> None:
    """Raise UsageError for `--option=--`: some versions of Python take the value for an empty list, others for `--`."""
    for entry in (*command.options, *COMMON):
        for flag in entry.flags if entry.takes_value else ():
            if f"{flag}=--" in words or (not flag.startswith("--") and f"{flag}--" in words):
                raise UsageError(
                    f"{flag} needs a value, and -- cannot be one", hint=f"See `flowtui {command.name} -h`"
                )


def _parser(command: Command) -> _Parser:
    parser = _Parser(
        prog=f"flowtui {command.name}",
        usage=f"flowtui {command.name} {command.usage}[options]",
        description=command.summary,
        epilog=command.epilog(),
        allow_abbrev=False,
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = parser.add_argument_group(f"options of {command.name}") if command.options else parser
    for entry in command.options:
        own.add_argument(*entry.flags, **entry.rest)
    common = parser.add_argument_group("common options")
    for entry in EVERYWHERE:
        common.add_argument(*entry.flags, **entry.rest)
    return parser
