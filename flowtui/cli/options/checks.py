"""Checks of a command's options and positional words. Each raises UsageError, and reads neither files nor environment."""

from __future__ import annotations

import argparse
from typing import Final

from flowtui.cli.options.options import SIMULATOR, given_words
from flowtui.errors import UsageError

_PORT_MAX: Final = 65535
_ID_MAX: Final = 1024  # most bytes of a percent-encoded id that the client accepts


def any_words(options: argparse.Namespace, words: list[str]) -> None:
    """Allow any number of ids. Refuse empty and too long ids, and `.` and `..`, which would change the path of a request."""
    from urllib.parse import quote  # noqa: PLC0415  not for help and version

    del options
    for word in words:
        if word in ("", ".", ".."):
            raise UsageError(f"{word!r} is no id", hint="`flowtui threads` and `flowtui runs` list ids")
        try:
            size = len(quote(word, safe=""))
        except UnicodeEncodeError:
            raise UsageError("An id is not valid text in this locale's encoding") from None
        if size > _ID_MAX:
            raise UsageError(f"An id of {len(word)} characters is too long: {word[:40]!r}...")


def no_words(options: argparse.Namespace, words: list[str]) -> None:
    """Allow no positional words."""
    del options
    if words:
        raise UsageError(f"This command takes no arguments, but was given {len(words)}")


def pages(options: argparse.Namespace, words: list[str]) -> None:
    """Allow ids of threads, or no words, which means all threads. Refuse `--all` with `--limit`."""
    any_words(options, words)
    if options.all and options.limit is not None:
        raise UsageError("--all and --limit exclude each other")


def runs(options: argparse.Namespace, words: list[str]) -> None:
    """As `pages`. Refuse `--until` without `--since`, and `--offset` with it."""
    pages(options, words)
    if options.until is not None and options.since is None:
        raise UsageError("--until needs --since", hint="Such as --since yesterday --until 07:00")
    if options.since is not None and options.offset:
        raise UsageError("--offset and --since exclude each other")


def pages_only(options: argparse.Namespace, words: list[str]) -> None:
    """Allow no positional words; refuse `--all` with `--limit`."""
    no_words(options, words)
    pages(options, words)


def one_run(options: argparse.Namespace, words: list[str]) -> None:
    """Require one run id, whole or a part of it; the same for `--thread`, which may be missing."""
    if len(words) != 1:
        raise UsageError(
            "`flowtui run` needs one run id", hint="flowtui run RUN_ID, or a part such as …8f2c41d0"
        )
    any_words(options, [*words, *([] if options.thread is None else [options.thread])])


def one_mark(options: argparse.Namespace, words: list[str]) -> None:
    """Require one name; refuse `--at` with `--delete`. With `--delete` any name is allowed, as such a mark may exist."""
    from flowtui.config.memory.marks import mark_name  # noqa: PLC0415  only for this command

    if len(words) != 1:
        raise UsageError("`flowtui mark` needs one name", hint="flowtui mark release-42")
    if options.delete and options.at is not None:
        raise UsageError("--delete and --at exclude each other")
    if not options.delete:
        mark_name(words[0])


def one_of_config(options: argparse.Namespace, words: list[str]) -> None:
    """Require one of path, show and init; refuse `-o` without show."""
    if len(words) != 1 or words[0] not in ("path", "show", "init"):
        raise UsageError("`flowtui config` takes one of path, show, init")
    if options.output is not None and words[0] != "show":
        raise UsageError("-o is for `flowtui config show` only")


def history(options: argparse.Namespace, words: list[str]) -> None:
    """Allow no positional word, or `forget`, which needs one of `--before` and `--all`; without it refuse its options."""
    if words not in ([], ["forget"]):
        raise UsageError("`flowtui history` takes no words but `forget`")
    asked = [flag for flag, given in (("--before", options.before), ("--all", options.all)) if given]
    if words and len(asked) != 1:
        raise UsageError(
            "`flowtui history forget` needs one of --before TIME and --all", hint="See `flowtui history -h`"
        )
    if words and options.output is not None:
        raise UsageError("-o is for `flowtui history` without `forget`")
    if not words and (asked or options.yes):
        raise UsageError(f"{(*asked, '--yes')[0]} is for `flowtui history forget` only")


def port(options: argparse.Namespace, words: list[str]) -> None:
    """Allow no positional words; require a valid `--port` and, if given, a `--key` that is not empty."""
    no_words(options, words)
    port_number(options.port)
    if options.key is not None and not options.key.strip():
        raise UsageError("--key: it is empty")


def port_number(number: int) -> None:
    """Raise UsageError if a number is not a port. 0 is valid: any free port."""
    if number > _PORT_MAX:
        raise UsageError(f"--port: {number} is no port; a port is 0 to {_PORT_MAX}")


def watched(options: argparse.Namespace, words: list[str]) -> None:
    """Allow ids of threads, or no words, which means all threads. Require valid ids in `--run`."""
    any_words(options, [*words, *options.run])


def served(options: argparse.Namespace, words: list[str]) -> None:
    """Allow `demo` alone or ids of threads; require a valid `--port`. Without `demo`, refuse options of the simulator."""
    if words[:1] == ["demo"] and len(words) > 1:
        raise UsageError(
            "`flowtui serve demo` takes no threads", hint="A thread called demo: flowtui serve dash demo"
        )
    any_words(options, words)
    port_number(options.port)
    given = given_words(SIMULATOR, options)
    if given and words != ["demo"]:
        raise UsageError(f"{given[0].partition('=')[0]} is for `flowtui serve demo` only")
