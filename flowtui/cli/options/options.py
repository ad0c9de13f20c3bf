"""The options that all commands have (`COMMON`), and groups of options that some commands share. Scripts rely on them."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final, NamedTuple

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
    option("--base-url", metavar="URL", help="the API's address (SEEKR_BASE_URL)"),
    option(
        "--api-key-env",
        metavar="NAME",
        help="the environment variable that holds the key (default SEEKR_API_KEY); not the key itself",
    ),
    option("--team", metavar="ID", help="the team, sent as x-team-id (SEEKR_TEAM_ID)"),
    option("--profile", metavar="NAME", help="a [profiles.NAME] table of the config file"),
    option("--config", metavar="FILE", help="the config file (FLOWTUI_CONFIG; see `flowtui config path`)"),
    option("--interval", metavar="DURATION", help="how often to read threads with active runs, such as 5s"),
    option("--budget", metavar="N/min", help="at most N requests in any minute (default 300/min)"),
    option("--tz", metavar="ZONE", help="local, utc or a zone such as Europe/Berlin"),
    option(
        "--redact",
        action="store_true",
        default=None,
        help="replace instructions, messages and metadata by [redacted], on the screen and in all output",
    ),
    option("--no-color", action="store_true", default=None, help="no colours (NO_COLOR)"),
    option(
        "--verbose",
        action="store_true",
        default=None,
        help="log every request, to --log-file if given, else to stderr",
    ),
    option(
        "--log-file",
        metavar="F",
        help="append a log of problems to F, readable by you only; the key is never in it",
    ),
    option("--ca-bundle", metavar="F", help="certificates to trust instead of the system's"),
    option("--proxy", metavar="URL", help="an http or https proxy"),
    option(
        "--allow-http",
        action="store_true",
        default=None,
        help="allow http: addresses on other machines, although the key is then sent in plain text",
    ),
)

OUTPUT: Final = option(
    "-o",
    "--output",
    choices=("table", "json", "jsonl", "csv"),
    help="default: table on a terminal, jsonl otherwise",
)

RUN_OUTPUT: Final = option(
    "-o",
    "--output",
    choices=("table", "json", "jsonl", "csv", "markdown"),
    help="default: table on a terminal, jsonl otherwise; markdown: a report that says why the run ended as it did",
)


def _limit(what: str) -> Option:
    return option("--limit", metavar="N", type=whole_number, help=f"at most N {what} (default 20)")


_PAGING: Final = (
    option("--all", action="store_true", help="all of them, without a limit"),
    option(
        "--order",
        choices=("asc", "desc"),
        default="desc",
        help="the order in which the API lists them (default desc: newest first)",
    ),
    option("--offset", metavar="N", type=whole_number, default=0, help="skip the first N of the API's list"),
    option(
        "--sort",
        metavar="COLUMN",
        help="order by a column, smallest first (age: newest first); COLUMN:desc: largest or newest first; "
        "COLUMN:asc: smallest or oldest first",
    ),
    option("--columns", metavar="A,B,...", help="the columns of a table or csv"),
)

PAGES: Final = (OUTPUT, _limit("threads"), *_PAGING)

RUN_PAGES: Final = (
    OUTPUT,
    _limit("runs per thread"),
    *_PAGING,
    option("--filter", metavar="EXPR", help="only runs that match (see `flowtui help filter`)"),
)

SCREEN: Final = (
    option("--theme", metavar="NAME", help="the colours of the dashboard"),
    option("--ascii", action="store_true", default=None, help="plain ASCII instead of glyphs and lines"),
    option("--filter", metavar="EXPR", help="start with this filter (see `flowtui help filter`)"),
    option(
        "--allow-actions",
        action="store_true",
        default=None,
        help="allow keys that cancel runs; flowtui asks each time. Without this option flowtui only reads",
    ),
)


class _Faults(argparse.Action):
    """Collects faults; `--fault list` prints all of them and exits, as `-h` does."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        _option_string: str | None = None,
    ) -> None:
        from flowtui.simulator.faults.listing import LIST, listing  # noqa: PLC0415  only with a fault

        if values == LIST:
            sys.stdout.write(listing())
            parser.exit()
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), values])


SIMULATOR: Final = (
    option(
        "--seed",
        metavar="N",
        type=whole_number,
        default=1,
        help="the same seed gives the same runs (default 1)",
    ),
    option("--threads", metavar="N", type=whole_number, default=6, help="how many threads (default 6)"),
    option(
        "--runs",
        metavar="N",
        type=whole_number,
        default=60,
        help="how many runs exist at the start (default 60)",
    ),
    option(
        "--speed",
        metavar="X",
        type=positive_number,
        default=1.0,
        help="time passes X times as fast (default 1)",
    ),
    option(
        "--fault",
        metavar="NAME[:ARG]",
        action=_Faults,
        default=[],
        help="make the server misbehave; may be repeated; `--fault list` describes all faults",
    ),
)


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
