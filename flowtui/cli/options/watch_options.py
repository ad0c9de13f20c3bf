"""The options of `flowtui watch`. Scripts rely on their names. Imports nothing from `watch`, so that the help is fast."""

from __future__ import annotations

import argparse
import re
from typing import Final

from flowtui.cli.options.options import PLAIN_SIGNS, option, output, switch, value
from flowtui.config.values.kinds import parse_duration

_LABEL_NAME: Final = 64  # characters; of longer names and values only so much is kept of a run
LABEL_VALUE: Final = 200
"""Most characters of the value of a label, and of a group."""


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


def label(text: str) -> tuple[str, str]:
    """Return name and value of a label in a text such as `release=42`. Raises ArgumentTypeError."""
    name, equals, wanted = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no NAME=VALUE, such as release=42")
    if len(name) > _LABEL_NAME or len(wanted) > LABEL_VALUE:
        raise argparse.ArgumentTypeError(f"{text[:40]!r}... is too long for a label")
    return name, wanted


WATCH: Final = (
    # which runs
    switch("--new", "only runs created from now on"),
    value(
        "--since",
        "10m|TIME|mark:NAME",
        "only runs created since then; TIME is ISO 8601, HH:MM or yesterday (see `flowtui help time`); NAME is one that "
        "`flowtui marks` lists",
    ),
    value("--run", "ID", "only this run; may be repeated", action="append", default=[]),
    switch("--latest", "only the newest run of each THREAD; without THREAD, the newest of all"),
    value("--agent", "ID|NAME", "only runs of this agent, including runs created later"),
    value(
        "--group",
        "G",
        "only runs of this group, including runs created later; without --since or --run no runs created before the start",
    ),
    value(
        "--label",
        "K=V",
        "as --group: only runs with this label (metadata), such as release=42; may be repeated: each label must match",
        type=label,
        action="append",
        default=[],
    ),
    value(
        "--filter",
        "EXPR",
        "only runs that match (see `flowtui help filter`); a run joins once it matches, and stays if it no longer does",
    ),
    switch(
        "--follow",
        "also watch runs created later; without it (or --new, --first, --agent, --group, --label, --gate) only runs that exist at "
        "the first reading",
    ),
    value(
        "--wait-start",
        "60s",
        "how long to wait for the first run, with --expect for all of them (default 60s; with --gate until --timeout)",
        type=duration,
    ),
    value(
        "--expect",
        "N",
        "wait for at least N runs; exit 6 if fewer appear within --wait-start",
        type=positive_whole_number,
        default=0,
    ),
    value(
        "--first",
        "N",
        "only the first N runs that appear after the start, or created since --since; those that appear at once in the order "
        "of creation. Then no run is added, so the watch ends although new runs keep coming. The first must appear within "
        "--wait-start, the others until --timeout (default 30m with --first)",
        type=positive_whole_number,
        default=0,
    ),
    # when the watch ends
    value(
        "--for",
        "all|any|idle|EXPR",
        "watch until all runs have ended, any has ended, none is active, or one matches EXPR (default all)",
        dest="until",
    ),
    value(
        "--settle",
        "10s",
        "how long the condition must stay true; applies to idle, --new, --follow, --agent, --group, --label and a gate that is "
        "met; not to --first, unless --for is idle",
        type=duration,
        default=10.0,
    ),
    switch("--fail-fast", "end at the first failure"),
    value(
        "--fail-on",
        "NAMES",
        "what counts as a failure: failed, overdue, cancelled, stalled, missing (no run appeared, or one vanished), "
        "finding; with commas between them (default failed,overdue; with --gate none)",
    ),
    value(
        "--allow-failures",
        "N|N%",
        "allow this many failures; a percentage is of the watched runs, or of N if --expect N or --first N is more",
        type=allowance,
        default=(0.0, False),
    ),
    value(
        "--allow-cancelled",
        "N|N%",
        "allow this many cancelled runs (default 0): more end in 5; a percentage as in --allow-failures",
        type=allowance,
        default=(0.0, False),
    ),
    value("--timeout", "30m", "end after this time (default: none; 30m with --first)", type=duration),
    value("--stall", "10m", "end when no watched run has changed for this time", type=duration),
    value("--max-tokens", "N", "end when the runs have used more than N tokens", type=positive_whole_number),
    switch("--exit-zero", "exit 0 instead of 1, 5 and 7"),
    # the deploy gate
    value(
        "--gate",
        "EXPR",
        "watch until it is certain whether the runs since --since meet EXPR (see `flowtui help gate`)",
    ),
    value("--compare", "2h", "compare with the runs of this time before --since", type=duration),
    value("--min-runs", "N", "runs that a gate needs on each side (default 20)", type=positive_whole_number),
    option("--by", choices=("agent",), help="judge each agent on its own; one that fails is enough to fail"),
    # polling
    value(
        "--give-up-after", "2m", "how long to retry if the API does not answer", type=duration, default=120.0
    ),
    switch("--once", "read once and end; exit 8 if there is no verdict yet"),
    # output
    output(
        ("auto", "tty", "plain", "jsonl", "json", "github", "none"),
        "auto: tty on a terminal, github in GitHub Actions, else plain",
        default="auto",
    ),
    PLAIN_SIGNS,
    value("--heartbeat", "60s", "how often to print that the watch goes on", type=duration, default=60.0),
    switch("--quiet", "print only failures and the summary"),
    value("--summary-file", "F", "write the summary and every run as JSON to F"),
    value(
        "--junit",
        "F",
        "write each run as a test case to F, as JUnit XML for GitLab, Jenkins and Azure DevOps",
    ),
    value(
        "--on",
        "EVENT=COMMAND",
        "run COMMAND (no shell) with the event as JSON on its stdin; may be repeated",
        action="append",
        default=[],
    ),
)
