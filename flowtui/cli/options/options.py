"""The options that all commands have (`COMMON`), and groups of options that some commands share. Scripts rely on them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flowtui import __version__
from flowtui.errors import UsageError


class Option(NamedTuple):
    """One option. `flags` are its names, `rest` are the other arguments for argparse's `add_argument`."""

    flags: tuple[str, ...]
    rest: dict[str, Any]

    @property
    def takes_value(self) -> bool:
        """Whether the option takes a value, which may be the next word on the command line."""
        return self.rest.get("action") in (None, "append", _Faults)


def option(*flags: str, **rest: Any) -> Option:
    """Return an option. Takes the arguments of argparse's `add_argument`."""
    return Option(flags, rest)


def value(flag: str, metavar: str, text: str, **rest: Any) -> Option:
    """Return an option with a value. `metavar` stands for the value in the help, `text` is the help."""
    return option(flag, metavar=metavar, help=text, **rest)


def switch(flag: str, text: str, *, default: bool | None = False) -> Option:
    """Return an option without a value. `text`: the help. `default` None: other sources of settings decide."""
    return option(flag, action="store_true", default=default, help=text)


def output(choices: tuple[str, ...], text: str, default: str | None = None) -> Option:
    """Return the option `-o` with these formats. `text`: the help."""
    return option("-o", "--output", choices=choices, default=default, help=text)


def whole_number(text: str) -> int:
    """Return a text as a whole number of at least 0. Raises ArgumentTypeError, to which argparse adds the option's name."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number of at least 0")
    return int(text)


def positive_number(text: str) -> float:
    """Return a text as a number above 0 and below a million. Raises ArgumentTypeError; argparse adds the option's name."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number above 0")
    return number


COMMON: Final = (
    value("--base-url", "URL", "the API's address (SEEKR_BASE_URL)"),
    value(
        "--api-key-env",
        "NAME",
        "the environment variable that holds the key (default SEEKR_API_KEY); not the key itself",
    ),
    value("--team", "ID", "the team, sent as x-team-id (SEEKR_TEAM_ID)"),
    value("--profile", "NAME", "a [profiles.NAME] table of the config file"),
    value("--config", "FILE", "the config file (FLOWTUI_CONFIG; see `flowtui config path`)"),
    value("--interval", "DURATION", "how often to read threads with active runs, such as 5s"),
    value("--budget", "N/min", "at most N requests in any minute (default 300/min)"),
    value("--tz", "ZONE", "local, utc or a zone such as Europe/Berlin"),
    switch(
        "--redact",
        "replace instructions, messages and metadata by [redacted], on the screen and in all output",
        default=None,
    ),
    switch("--no-color", "no colours (NO_COLOR)", default=None),
    switch("--verbose", "log every request, to --log-file if given, else to stderr", default=None),
    value("--log-file", "F", "append a log of problems to F, readable by you only; the key is never in it"),
    value("--ca-bundle", "F", "certificates to trust instead of the system's"),
    value("--proxy", "URL", "an http or https proxy"),
    switch(
        "--allow-http",
        "allow http: addresses on other machines, although the key is then sent in plain text",
        default=None,
    ),
)

EVERYWHERE: Final = (
    *COMMON,
    option("--version", action="version", version=f"flowtui {__version__}", help="show the version"),
    option("-h", "--help", action="help", help="show this help"),
)
"""The options of every command."""

OUTPUT: Final = output(("table", "json", "jsonl", "csv"), "default: table on a terminal, jsonl otherwise")

RUN_OUTPUT: Final = output(
    ("table", "json", "jsonl", "csv", "markdown"),
    "default: table on a terminal, jsonl otherwise; markdown: a report that says why the run ended as it did",
)

_PAGING: Final = (
    switch("--all", "all of them, without a limit"),
    option(
        "--order",
        choices=("asc", "desc"),
        default="desc",
        help="the order in which the API lists them (default desc: newest first)",
    ),
    value("--offset", "N", "skip the first N of the API's list", type=whole_number, default=0),
    value(
        "--sort",
        "COLUMN",
        "order by a column, smallest first (age: newest first); COLUMN:desc: largest or newest first; "
        "COLUMN:asc: smallest or oldest first",
    ),
    value("--columns", "A,B,...", "the columns of a table or csv"),
)

FILTER: Final = value("--filter", "EXPR", "only runs that match (see `flowtui help filter`)")

PAGES: Final = (OUTPUT, value("--limit", "N", "at most N threads (default 20)", type=whole_number), *_PAGING)

UNTIL: Final = value(
    "--until", "TIME", "the end of this time (default now); HH:MM is the first one after --since"
)

RUN_PAGES: Final = (
    OUTPUT,
    value("--since", "TIME", "only runs created since then, all of them (see `flowtui help time`)"),
    UNTIL,
    value("--limit", "N", "at most N runs per thread (default 20; with --since all)", type=whole_number),
    *_PAGING,
    FILTER,
)

STATS: Final = (
    value(
        "--since",
        "TIME",
        "count the runs that ended since then (default 24h; see `flowtui help time`), and those that are active now",
        default="24h",
    ),
    value(
        "--until",
        "TIME",
        "count the runs that ended before this time (default now); then no active run counts",
    ),
    option("--by", choices=("agent", "model", "thread", "hour", "day"), help="a row for each of these"),
    value("--agent", "ID|NAME", "only runs of this agent"),
    OUTPUT,
)

FAILURES: Final = (
    value(
        "--since",
        "TIME",
        "the failed runs that ended since then (default 24h; see `flowtui help time`)",
        default="24h",
    ),
    value("--until", "TIME", "only those that ended before this time (default now)"),
    option("--by", choices=("agent", "model", "thread"), help="a row for each of these and each reason"),
    value("--agent", "ID|NAME", "only runs of this agent"),
    output(("table", "json", "jsonl", "csv", "markdown"), "default: table on a terminal, jsonl otherwise"),
)

BRIEF: Final = (
    value("--since", "TIME", "what happened since then (default 12h; see `flowtui help time`)"),
    value("--until", "TIME", "what happened before this time (default now); then no active run counts"),
    output(("text", "markdown", "json"), "default text, also in a pipe"),
)

PLAIN_SIGNS: Final = switch("--ascii", "plain ASCII instead of glyphs and lines", default=None)

SCREEN: Final = (
    value("--theme", "NAME", "the colours of the dashboard"),
    PLAIN_SIGNS,
    value("--filter", "EXPR", "start with this filter (see `flowtui help filter`)"),
    option(
        "--no-history",
        dest="remember",
        action="store_const",
        const=False,
        help="remember nothing of this start, and show nothing of earlier ones (remember = false)",
    ),
    switch(
        "--allow-actions",
        "allow keys that cancel runs; flowtui asks each time. Without this option flowtui only reads",
        default=None,
    ),
)


class _Faults(argparse.Action):
    """Collects faults; `--fault list` prints all of them and exits, as `-h` does."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: object
    ) -> None:
        from flowtui.simulator.faults.listing import LIST, listing  # noqa: PLC0415  only with a fault

        if values == LIST:
            sys.stdout.write(listing())
            parser.exit()
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), values])


SIMULATOR: Final = (
    value("--seed", "N", "the same seed gives the same runs (default 1)", type=whole_number, default=1),
    value("--threads", "N", "how many threads (default 6)", type=whole_number, default=6),
    value("--runs", "N", "how many runs exist at the start (default 60)", type=whole_number, default=60),
    value("--speed", "X", "time passes X times as fast (default 1)", type=positive_number, default=1.0),
    option(
        "--ids",
        choices=("uuid", "short"),
        help="UUIDs, or ids such as run_5c1e07 (default: UUIDs with 100 threads or more)",
    ),
    value(
        "--fault",
        "NAME[:ARG]",
        "make the server misbehave; may be repeated; `--fault list` describes all faults",
        action=_Faults,
        default=[],
    ),
)


def given_words(entries: Sequence[Option], options: argparse.Namespace) -> list[str]:
    """Return those of `entries` that the user has set, as `--name=value`, so that no value is taken for an option."""
    words: list[str] = []
    for entry in entries:
        flag = entry.flags[-1]
        given = getattr(options, entry.rest.get("dest", flag.lstrip("-").replace("-", "_")))
        if (
            given == entry.rest.get("default")
            or given is None
            or (given is False and "const" not in entry.rest)
        ):
            continue
        if given is True or "const" in entry.rest:
            words.append(flag)
        else:
            words += [f"{flag}={item}" for item in (given if isinstance(given, list) else [given])]
    return words


def refuse_unknown(name: str, command: str) -> UsageError:
    """Return the error for the unknown option `name`. The message leaves out the text after its `=`, which may be a key."""
    bare = name.split("=", 1)[0]
    if bare in ("--api-key", "--key", "--token"):
        return UsageError(f"There is no option {bare}: a key is never an argument", hint="Set SEEKR_API_KEY")
    shown = bare if bare.startswith("--") and len(bare) <= 40 else bare[:2]
    return UsageError(
        f"There is no option {shown}",
        hint=f"See `flowtui {command} -h`; put an id that begins with - after --",
    )
