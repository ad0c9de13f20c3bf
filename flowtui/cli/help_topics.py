"""`flowtui help TOPIC`: one text each, imported when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from flowtui.errors import UsageError

if TYPE_CHECKING:
    from flowtui.cli.arguments import Call


def _exit_codes() -> str:
    from flowtui.watch.exits import help_text  # noqa: PLC0415

    return help_text()


def _filter() -> str:
    from flowtui.model.query import HELP  # noqa: PLC0415

    return HELP


TOPICS: Final[dict[str, Callable[[], str]]] = {"exit-codes": _exit_codes, "filter": _filter}
"""Topic → what makes its text."""


def check(options: argparse.Namespace, words: list[str]) -> None:
    """Raise UsageError where it is not one topic that there is."""
    del options
    if len(words) != 1 or words[0] not in TOPICS:
        raise UsageError("`flowtui help` takes one topic", hint=f"There are {', '.join(TOPICS)}")


def help_topic(call: Call) -> int:
    """Print the text of a topic."""
    sys.stdout.write(TOPICS[call.words[0]]())
    return 0
