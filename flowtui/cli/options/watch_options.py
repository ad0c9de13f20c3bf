"""The options of `flowtui watch`. Scripts rely on their names. Imports nothing from `watch`, so that the help is fast."""

from __future__ import annotations

import argparse
import re
from typing import Final

from flowtui.cli.options.options import Option, option
from flowtui.config.values.kinds import parse_duration

_OUTPUTS: Final = ("auto", "tty", "plain", "jsonl", "json", "github", "none")


def duration(text: str) -> float:
    """Return a duration such as `30s` in seconds. Raises ArgumentTypeError; argparse adds the option's name."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_whole_number(text: str) -> int:
    """Return a whole number of at least 1. Raises ArgumentTypeError; argparse adds the option's name."""
    if not re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number of at least 1")
    return int(text)


def allowance(text: str) -> tuple[float, bool]:
    """Return the number in a text such as `3` or `5%`, and whether a percent sign follows. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%", text.strip(), re.ASCII)
    if found is None or (found[2] is not None and float(found[2]) > 100):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is neither a number of runs nor a share such as 5%")
    return (float(found[1]), False) if found[1] is not None else (float(found[2]), True)


SELECTION: Final = (
    option("--new", action="store_true", help="only runs created from now on"),
    option(
        "--since",
        metavar="10m|TIME|mark:NAME",
        help="only runs created since then; TIME is ISO 8601 or HH:MM; NAME is one that `flowtui marks` lists",
    ),
    option("--run", metavar="ID", action="append", default=[], help="only this run; may be repeated"),
    option(
        "--latest",
        action="store_true",
        help="only the newest run of each THREAD; without THREAD, the newest of all",
    ),
    option("--agent", metavar="ID|NAME", help="only runs of this agent, including runs created later"),
    option("--filter", metavar="EXPR", help="only runs that match (see `flowtui help filter`)"),
    option(
        "--follow",
        action="store_true",
        help="also watch runs created later; without it (or --new, --agent, --gate) only runs that exist at the first reading",
    ),
    option(
        "--wait-start",
        metavar="60s",
        type=duration,
        help="how long to wait for the first run (default 60s; with --gate until --timeout)",
    ),
    option("--expect", metavar="N", type=positive_whole_number, default=0, help="wait for at least N runs"),
)

END: Final = (
    option(
        "--for",
        dest="until",
        metavar="all|any|idle|EXPR",
        help="watch until all runs have ended, any has ended, none is active, or one matches EXPR (default all)",
    ),
    option(
        "--settle",
        metavar="10s",
        type=duration,
        default=10.0,
        help="how long the condition must stay true; applies to idle, --new, --follow, --agent and a gate that is met",
    ),
    option("--fail-fast", action="store_true", help="end at the first failure"),
    option(
        "--fail-on",
        metavar="NAMES",
        help="what counts as a failure: failed, overdue, cancelled, stalled, missing (no run appeared, or one vanished), "
        "finding; with commas between them (default failed,overdue; with --gate none)",
    ),
    option(
        "--allow-failures",
        metavar="N|N%",
        type=allowance,
        default=(0.0, False),
        help="allow this many failures",
    ),
    option("--timeout", metavar="30m", type=duration, help="end after this time"),
    option("--stall", metavar="10m", type=duration, help="end when no watched run has changed for this time"),
    option(
        "--max-tokens",
        metavar="N",
        type=positive_whole_number,
        help="end when the runs have used more than N tokens",
    ),
    option("--exit-zero", action="store_true", help="exit 0 instead of 1, 5 and 7"),
)

COMPARISON: Final = (
    option(
        "--gate",
        metavar="EXPR",
        help="watch until it is certain whether the runs since --since meet EXPR (see `flowtui help gate`)",
    ),
    option(
        "--compare", metavar="2h", type=duration, help="compare with the runs of this time before --since"
    ),
    option(
        "--min-runs",
        metavar="N",
        type=positive_whole_number,
        help="runs that a gate needs on each side (default 20)",
    ),
    option("--by", choices=("agent",), help="judge each agent on its own; one that fails is enough to fail"),
)

POLLING: Final = (
    option(
        "--give-up-after",
        metavar="2m",
        type=duration,
        default=120.0,
        help="how long to retry if the API does not answer",
    ),
    option("--once", action="store_true", help="read once and end; exit 8 if there is no verdict yet"),
)

OUTPUT: Final = (
    option(
        "-o",
        "--output",
        choices=_OUTPUTS,
        default="auto",
        help="auto: tty on a terminal, github in GitHub Actions, else plain",
    ),
    option(
        "--heartbeat",
        metavar="60s",
        type=duration,
        default=60.0,
        help="how often to print that the watch goes on",
    ),
    option("--quiet", action="store_true", help="print only failures and the summary"),
    option("--summary-file", metavar="F", help="write the summary and every run as JSON to F"),
    option(
        "--on",
        metavar="EVENT=COMMAND",
        action="append",
        default=[],
        help="run COMMAND (no shell) with the event as JSON on its stdin; may be repeated",
    ),
)

WATCH: Final[tuple[Option, ...]] = (*SELECTION, *END, *COMPARISON, *POLLING, *OUTPUT)
