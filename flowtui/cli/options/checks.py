"""Which words and options of a command cannot be, as far as the command line alone tells. Each raises UsageError."""

from __future__ import annotations

import argparse
from typing import Final

from flowtui.errors import UsageError

_PORT_MAX: Final = 65535
_ID_MAX: Final = 1024  # bytes of a percent-encoded id: what the client takes


def any_words(options: argparse.Namespace, words: list[str]) -> None:
    """Ids: opaque, but not empty, not what would change the path of a request, and no longer than a URL should be."""
    from urllib.parse import quote  # noqa: PLC0415  help and version need not pay for it

    del options
    for word in words:
        if word in ("", ".", ".."):
            raise UsageError(f"{word!r} is no id", hint="`flowtui threads` and `flowtui runs` list them")
        try:
            size = len(quote(word, safe=""))
        except UnicodeEncodeError:
            raise UsageError("An id is not valid text in this locale's encoding") from None
        if size > _ID_MAX:
            raise UsageError(f"An id of {len(word)} characters is too long: {word[:40]!r}...")


def no_words(options: argparse.Namespace, words: list[str]) -> None:
    """Raise UsageError where there are words."""
    del options
    if words:
        raise UsageError(f"This command takes no words, but was given {len(words)}")


def pages(options: argparse.Namespace, words: list[str]) -> None:
    """Threads, or none for all; `--all` and `--limit` exclude each other."""
    any_words(options, words)
    if options.all and options.limit is not None:
        raise UsageError("--all and --limit exclude each other")


def pages_only(options: argparse.Namespace, words: list[str]) -> None:
    """No words; `--all` and `--limit` exclude each other."""
    no_words(options, words)
    pages(options, words)


def one_run(options: argparse.Namespace, words: list[str]) -> None:
    """One run and its thread."""
    if len(words) != 1 or options.thread is None:
        raise UsageError("One run is named by its id and its thread", hint="flowtui run RUN_ID -t THREAD")
    any_words(options, [*words, options.thread])


def one_mark(options: argparse.Namespace, words: list[str]) -> None:
    """One name that a mark can have; one that is deleted may be any."""
    from flowtui.config.memory.marks import mark_name  # noqa: PLC0415  the other commands need not pay for it

    if len(words) != 1:
        raise UsageError("A mark has one name", hint="flowtui mark release-42")
    if options.delete and options.at is not None:
        raise UsageError("--delete and --at exclude each other")
    if not options.delete:
        mark_name(words[0])


def one_of_config(options: argparse.Namespace, words: list[str]) -> None:
    """One of the three things that `config` does."""
    if len(words) != 1 or words[0] not in ("path", "show", "init"):
        raise UsageError("`flowtui config` takes one of path, show, init")
    if options.output is not None and words[0] != "show":
        raise UsageError("-o is for `flowtui config show` only")


def port(options: argparse.Namespace, words: list[str]) -> None:
    """No words, and a port that can be."""
    no_words(options, words)
    port_number(options.port)
    if options.key is not None and not options.key.strip():
        raise UsageError("--key: it is empty")


def port_number(number: int) -> None:
    """Raise UsageError where a number is no port; 0 means any."""
    if number > _PORT_MAX:
        raise UsageError(f"--port: {number} is no port: 0 to {_PORT_MAX}")


def watched(options: argparse.Namespace, words: list[str]) -> None:
    """Threads, or none for all; ids of runs as anywhere."""
    any_words(options, [*words, *options.run])
