"""`flowtui help [TOPIC [PAGE]]`: prints the text of a topic or of a page of it, or without TOPIC the list of topics.

For example, the topic `findings` has a page `stalled`. Texts are read or imported only when needed; those without data
of the program are files in `help`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui.cli.command import Call
from flowtui.errors import UsageError
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.model.findings.kinds import FindingKind

_WIDTH: Final = 100  # most characters of a line of prose


class Topic(NamedTuple):
    """One topic. `text` returns its text. `pages` returns name -> text of its pages, if it has any."""

    summary: str
    text: Callable[[], str]
    pages: Callable[[], Mapping[str, str]] = dict


def _from_file(name: str) -> str:
    return (Path(__file__).with_name("help") / f"{name}.txt").read_text(encoding="utf-8")


def _filter() -> str:
    from flowtui.model.query.query import HELP  # noqa: PLC0415

    return HELP


def _keys() -> str:
    from flowtui.ui.keys.bindings import KEYS, TITLES  # noqa: PLC0415  imports Textual, whose bindings they are

    shown = max(len(key.shown) for key in KEYS)
    description = max(len(key.help) for key in KEYS)
    lines = [f"  {'KEY':<{shown}}  {'WHAT IT DOES':<{description}}  ID"]
    for where, title in TITLES.items():
        lines += ["", f"{title}:"]
        lines += [
            f"  {key.shown:<{shown}}  {key.help:<{description}}  {key.id}"
            for key in KEYS
            if key.where == where
        ]
    ids = 'To change a key, put its id into [keys] in the config file, such as pause = "f5". On a screen, `?` shows its keys.'
    return "\n".join([*lines, "", ids]) + "\n"


def _findings() -> str:
    from flowtui.model.findings.kinds import FINDINGS  # noqa: PLC0415

    width = max(map(len, FINDINGS))
    lines = [f"  {kind.name:<{width}}  {kind.title}" for kind in FINDINGS.values()]
    ends = (
        "A finding is a suspicion with its evidence, never a verdict; flowtui does nothing about it. The most serious come",
        "first. The column NOTE shows the most serious finding of a run, the column FINDINGS the names of all. Filter with",
        "has:finding, has:stalled or findings:stalled; `flowtui watch --fail-on finding` fails on any finding.",
        "`flowtui help findings NAME` says what a finding means, its evidence, and what to do next.",
    )
    return "\n".join(["Findings:", "", *lines, "", *ends]) + "\n"


def _finding_pages() -> dict[str, str]:
    from textwrap import fill  # noqa: PLC0415

    from flowtui.model.findings.kinds import FINDINGS  # noqa: PLC0415

    def page(kind: FindingKind) -> str:
        parts = {
            "What it means": kind.meaning,
            "Evidence": kind.evidence,
            "What to do next": kind.next_step,
        }
        description = "\n".join(
            f"\n{title}:\n{fill(text, _WIDTH, initial_indent='  ', subsequent_indent='  ', break_on_hyphens=False)}"
            for title, text in parts.items()
        )
        return f"{kind.name}: {kind.title}\n{description}\n"

    return {kind.name: page(kind) for kind in FINDINGS.values()}


TOPICS: Final[dict[str, Topic]] = {
    "exit-codes": Topic("what each exit code means", partial(_from_file, "exit-codes")),
    "environment": Topic("the environment variables that are read", partial(_from_file, "environment")),
    "filter": Topic("the language of --filter and --for, and of the dashboard's filter", _filter),
    "findings": Topic(
        "what looks wrong although the status does not say so; `findings NAME` for one of them",
        _findings,
        _finding_pages,
    ),
    "gate": Topic(
        "compare a release with the runs before it: `flowtui watch --gate`",
        partial(_from_file, "gate"),
    ),
    "notices": Topic(
        "watches, rules such as `failed share of agent X over 10 %`, quiet hours, the webhook",
        partial(_from_file, "notices"),
    ),
    "time": Topic("how to write a time: --since, --until, --before, --at", partial(_from_file, "time")),
    "keys": Topic("the keys of the dashboard", _keys),
}
"""Name -> topic, in the order in which `flowtui help` lists them."""


def check(options: argparse.Namespace, words: list[str]) -> None:
    """Raise UsageError if the words name an unknown topic or page. Without words nothing is raised."""
    del options
    if not words:
        return
    topic = TOPICS.get(words[0])
    if topic is None or len(words) > (2 if topic.pages() else 1):
        raise UsageError("`flowtui help` takes one topic", hint=f"There are {', '.join(TOPICS)}")
    if len(words) > 1 and words[1] not in (pages := topic.pages()):
        raise UsageError(
            f"`flowtui help {words[0]}` has no page {safe_text(words[1])[:40]!r}",
            hint=did_you_mean(words[1], pages, rest=f"There are {', '.join(pages)}"),
        )


def help_topic(call: Call) -> int:
    """Print a topic, one of its pages, or the list of topics; return the exit code."""
    if not call.words:
        text = _listed()
    elif len(call.words) == 1:
        text = TOPICS[call.words[0]].text()
    else:
        text = TOPICS[call.words[0]].pages()[call.words[1]]
    sys.stdout.write(text)
    return 0


def _listed() -> str:
    width = max(map(len, TOPICS))
    lines = [f"  {name:<{width}}  {topic.summary}" for name, topic in TOPICS.items()]
    ends = [
        "",
        "`flowtui help TOPIC` prints one; `flowtui -h` and `flowtui COMMAND -h` describe commands and options.",
    ]
    return "\n".join(["Topics:", "", *lines, *ends]) + "\n"
