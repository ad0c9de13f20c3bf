"""The types of a command and of a call of a command. All of `cli` may import them: of `cli` they import only `options`.

Every command waits for this module, so the dataclasses have only what is used: a constructor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowtui.cli.options import checks
from flowtui.cli.options.options import COMMON, Option

if TYPE_CHECKING:
    from flowtui.source.clock import Clock

DASH: Final = "dash"
"""The command that runs if the command line names none."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Lazy:
    """A function that is imported only when it is called, so that help and version are fast."""

    module: str
    name: str

    def load(self) -> Any:
        """Import and return the function."""
        return getattr(import_module(self.module), self.name)

    def __call__(self, *arguments: object) -> Any:
        """Import the function, call it and return its result."""
        return self.load()(*arguments)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False, match_args=False)
class Command:
    """One command of the command line, with its help.

    `usage`: the positional words as the help shows them, followed by a space; "" if there are none.
    `examples`: (command line, what it does).
    `words`: the possible values of the first positional word, for completion in a shell; () if they are not limited.
    `more`: returns a text for the end of the help; None if there is no such text.
    `run`: takes a `Call`, runs the command and returns its exit code; raises FlowtuiError.
    `check`: takes the options and positional words; raises UsageError if they are not valid for this command.
    """

    name: str
    usage: str = ""
    summary: str
    examples: tuple[tuple[str, str], ...]
    options: tuple[Option, ...] = ()
    words: tuple[str, ...] = ()
    more: Callable[[], str] | None = None
    run: Lazy
    check: Callable[[argparse.Namespace, list[str]], None] = checks.any_words

    def epilog(self) -> str:
        """Return the end of the help: a line for each example, then the text of `more`."""
        width = max(len(line) for line, _ in self.examples)
        more = ["", self.more()] if self.more is not None else []
        return "\n".join(
            ["examples:", *(f"  {line:<{width}}  {what}" for line, what in self.examples), *more]
        )


Commands = Mapping[str, Command]
"""Command name -> command, in the order of the help."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Call:
    """One call of one of the `commands`. `words`: its positional words. `clock`: None is real time; tests pass another clock."""

    commands: Commands
    command: Command
    options: argparse.Namespace
    words: list[str]
    environ: Mapping[str, str]
    clock: Clock | None = None

    def now(self) -> float:
        """Return the time, in UTC epoch seconds."""
        return time.time() if self.clock is None else self.clock.now()

    @property
    def config_file(self) -> Path | None:
        """The value of `--config`; None if it is not given."""
        named = self.options.config
        return None if named is None else Path(named)


def all_options(commands: Commands) -> Iterator[Option]:
    """Yield every option of every command. If an option takes a value in one command, it does so in all that have it."""
    yield from COMMON
    for command in commands.values():
        yield from command.options
