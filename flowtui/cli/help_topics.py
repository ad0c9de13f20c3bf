"""`flowtui help TOPIC`: one text each, imported when it is asked for. Without a topic: which there are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui.errors import UsageError

if TYPE_CHECKING:
    from flowtui.cli.arguments import Call


class Topic(NamedTuple):
    """One topic: what it is about, and what makes its text."""

    summary: str
    text: Callable[[], str]


def _exit_codes() -> str:
    from flowtui.watch.exits import help_text  # noqa: PLC0415

    return help_text()


def _environment() -> str:
    from flowtui.config.environment import help_text  # noqa: PLC0415

    return help_text()


def _filter() -> str:
    from flowtui.model.query import HELP  # noqa: PLC0415

    return HELP


def _keys() -> str:
    from flowtui.ui.keys import KEYS, TITLES  # noqa: PLC0415  imports Textual: the definitions are its bindings

    shown = max(len(key.shown) for key in KEYS)
    told = max(len(key.help) for key in KEYS)
    lines = [f"  {'KEY':<{shown}}  {'WHAT IT DOES':<{told}}  ID"]
    for where, title in TITLES.items():
        lines += ["", f"{title}:"]
        lines += [
            f"  {key.shown:<{shown}}  {key.help:<{told}}  {key.id}" for key in KEYS if key.where == where
        ]
    ids = (
        "Ids are for [keys] in the config file, which gives a key another place; `?` shows those of a screen."
    )
    return "\n".join([*lines, "", ids]) + "\n"


TOPICS: Final[dict[str, Topic]] = {
    "exit-codes": Topic("what each exit code means", _exit_codes),
    "environment": Topic("the environment variables that are read", _environment),
    "filter": Topic("the language of --filter and --for, and of the dashboard's filter", _filter),
    "keys": Topic("the keys of the dashboard", _keys),
}
"""Topic → its text, in the order in which they are listed."""


def check(options: argparse.Namespace, words: list[str]) -> None:
    """Raise UsageError where it is neither no topic nor one that there is."""
    del options
    if len(words) > 1 or (words and words[0] not in TOPICS):
        raise UsageError("`flowtui help` takes one topic", hint=f"There are {', '.join(TOPICS)}")


def help_topic(call: Call) -> int:
    """Print the text of a topic, or a line for each."""
    sys.stdout.write(TOPICS[call.words[0]].text() if call.words else _listed())
    return 0


def _listed() -> str:
    width = max(map(len, TOPICS))
    lines = [f"  {name:<{width}}  {topic.summary}" for name, topic in TOPICS.items()]
    ends = [
        "",
        "`flowtui help TOPIC` prints one; `flowtui -h` and `flowtui COMMAND -h` tell of commands and options.",
    ]
    return "\n".join(["Topics:", "", *lines, *ends]) + "\n"
