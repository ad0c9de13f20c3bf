"""`flowtui completion bash|zsh|fish`: prints the completion script of a shell."""

from __future__ import annotations

import argparse
import sys

from flowtui.cli.command import Call
from flowtui.errors import UsageError

SHELLS = ("bash", "zsh", "fish")


def check(options: argparse.Namespace, words: list[str]) -> None:
    """Raise UsageError if the words do not name exactly one known shell."""
    del options
    if len(words) != 1 or words[0] not in SHELLS:
        raise UsageError(f"`flowtui completion` takes one of {', '.join(SHELLS)}")


def completion(call: Call) -> int:
    """Print the script that completes all commands; return the exit code.

    The script contains no names of profiles: it reads these from the config file, with sed, whenever it completes one.
    """
    from flowtui.cli.completion import bash, fish, zsh  # noqa: PLC0415  only for this command
    from flowtui.cli.completion.words import Words  # noqa: PLC0415
    from flowtui.config.files.config_file import locate  # noqa: PLC0415

    path, _ = locate(call.config_file, {})
    write = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}[call.words[0]]
    sys.stdout.write(write(Words(call.commands, str(path.absolute()))))
    return 0
