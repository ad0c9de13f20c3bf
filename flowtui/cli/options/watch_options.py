"""The options of `flowtui watch`. Scripts rely on the names. Imports nothing of `watch`, to keep the help light."""

from __future__ import annotations

import argparse
import re
from typing import Final

from flowtui.cli.options.options import Option, option
from flowtui.config.values.kinds import parse_duration

_OUTPUTS: Final = ("auto", "tty", "plain", "jsonl", "json", "github", "none")


def duration(text: str) -> float:
    """Return seconds. Raises ArgumentTypeError; argparse adds the option's name."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def above_zero(text: str) -> int:
    """Return a whole number of at least 1. Raises ArgumentTypeError; argparse adds the option's name."""
    if not re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number of at least 1")
    return int(text)


def allowance(text: str) -> tuple[float, bool]:
    """Return (number, whether it is a percentage) of `3` or `5%`. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%", text.strip(), re.ASCII)
    if found is None or (found[2] is not None and float(found[2]) > 100):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is neither a number of runs nor a share such as 5%")
    return (float(found[1]), False) if found[1] is not None else (float(found[2]), True)


SELECTION: Final = (
    option("--new", action="store_true", help="runs created from now on"),
    option(
        "--since",
        metavar="10m|TIME|mark:NAME",
        help="runs created since then; a time is ISO 8601 or HH:MM, a mark one of `flowtui marks`",
    ),
    option("--run", metavar="ID", action="append", default=[], help="this run; may be given several times"),
    option("--latest", action="store_true", help="the newest run: of each THREAD, or of all"),
    option("--agent", metavar="ID|NAME", help="runs of this agent, also those that come later"),
    option("--filter", metavar="EXPR", help="runs that match (see `flowtui help filter`)"),
    option(
        "--follow", action="store_true", help="runs that come later join; else the first answer fixes the set"
    ),
    option(
        "--wait-start",
        metavar="60s",
        type=duration,
        help="how long to wait for a first run (default 60s; with --gate as long as --timeout)",
    ),
    option("--expect", metavar="N", type=above_zero, default=0, help="wait for at least N runs"),
)

END: Final = (
    option(
        "--for",
        dest="until",
        metavar="all|any|idle|EXPR",
        help="until all have ended, one has, none is active, or one matches EXPR (default all)",
    ),
    option(
        "--settle",
        metavar="10s",
        type=duration,
        default=10.0,
        help="how long idle, all of an open set, or a gate that is met must hold",
    ),
    option("--fail-fast", action="store_true", help="end at the first failure"),
    option(
        "--fail-on",
        metavar="NAMES",
        help="of failed, overdue, cancelled, stalled, missing, finding (default failed,overdue; with --gate none)",
    ),
    option("--allow-failures", metavar="N|N%", type=allowance, default=(0.0, False), help="let so many pass"),
    option("--timeout", metavar="30m", type=duration, help="end after so long"),
    option("--stall", metavar="10m", type=duration, help="end when nothing has moved for so long"),
    option("--max-tokens", metavar="N", type=above_zero, help="end when the runs have used more"),
    option("--exit-zero", action="store_true", help="exit 0 instead of 1, 5 and 7"),
)

COMPARISON: Final = (
    option(
        "--gate",
        metavar="EXPR",
        help="until the runs since --since are surely better or worse than those before (see `flowtui help gate`)",
    ),
    option("--compare", metavar="2h", type=duration, help="how much of the time before --since is the base"),
    option("--min-runs", metavar="N", type=above_zero, help="runs a side that a gate needs (default 20)"),
    option("--by", choices=("agent",), help="judge each agent on its own; the worst one decides"),
)

POLLING: Final = (
    option(
        "--give-up-after", metavar="2m", type=duration, default=120.0, help="how long to ride out an outage"
    ),
    option("--once", action="store_true", help="one look, then the verdict; 8 where it is still open"),
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
        help="how often to say that it still watches",
    ),
    option("--quiet", action="store_true", help="only failures and the summary"),
    option("--summary-file", metavar="F", help="write the summary, with every run, as JSON to F"),
    option(
        "--on",
        metavar="EVENT=COMMAND",
        action="append",
        default=[],
        help="run COMMAND (no shell) with the event as JSON on its stdin; may be given several times",
    ),
)

WATCH: Final[tuple[Option, ...]] = (*SELECTION, *END, *COMPARISON, *POLLING, *OUTPUT)
