"""`flowtui threads`: prints the threads of the key's owner."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from typing import Any, Final, NamedTuple
from zlib import crc32

from flowtui import formatting
from flowtui.headless.one_shot import OutputOptions, print_ignored_columns, report_failures
from flowtui.headless.pages import Listing, by_time, read_list
from flowtui.headless.retry import Requester
from flowtui.headless.tables import check_column, choose, formatted
from flowtui.model.export import records
from flowtui.model.export.tables import TableColumn
from flowtui.model.run.parsing import parse_thread
from flowtui.model.run.thread import Thread
from flowtui.model.view.sorting import check_direction, split_direction
from flowtui.source.http.client import Client
from flowtui.text import safe_text, short_id

COLUMNS: Final = ("thread", "status", "run", "age", "created", "note")
DEFAULT: Final = ("thread", "status", "run", "age", "note")


class Item(NamedTuple):
    """One thread: its raw JSON and its parsed row."""

    value: Any
    thread: Thread


def check(options: OutputOptions) -> None:
    """Raise UsageError if `--columns` or `--sort` cannot be used. Called before any request."""
    known = dict.fromkeys(COLUMNS)
    choose(options.columns, known, DEFAULT)
    if options.sort is not None:
        name, said = split_direction(options.sort.lower())
        if said is None:
            check_direction(name, known, "--sort")
        check_column("--sort", name, known)


def thread_identity(value: Any) -> str:
    """Return what identifies a raw thread: its id, or if it has none, a hash of its content."""
    return parse_thread(value).key or f"unreadable-{crc32(repr(value).encode('utf-8', 'replace')):08x}"


async def show_threads(source: Client, requester: Requester, options: OutputOptions) -> int:
    """Print the threads and return the exit code."""
    listing = Listing("threads")
    with requester.progress.reading("the list of threads", "thread"):
        await read_list(requester, source.threads, options.list_range, thread_identity, listing)
    items = _ordered(
        [Item(value, parse_thread(value)) for value in listing.rows.values()], options, requester.now
    )
    objects = (records.thread_record(item.value, item.thread, redact=options.redact) for item in items)
    by_name = {column.name: column for column in _columns(requester.now, options.zone)}
    columns = [by_name[name] for name in choose(options.columns, by_name, DEFAULT)]
    rows = [item.thread for item in items]
    sys.stdout.writelines(formatted(options.output, "threads", objects, columns, rows, color=options.color))
    print_ignored_columns(options)
    return report_failures([listing])


def _ordered(items: list[Item], options: OutputOptions, now: float) -> list[Item]:
    """Return the threads newest or oldest first, or sorted by the column of `--sort`; unknown values come last.

    Without a direction the smallest value comes first. For `age`, as in `flowtui runs`, `desc` means the newest thread first
    and `asc` the oldest.
    """
    items = by_time(items, lambda item: item.thread.created, options.list_range.order)
    if options.sort is None:
        return items
    name, said = split_direction(options.sort.lower())
    read = next(column.value for column in _columns(now, None) if column.name == name)
    natural = "desc" if name == "age" else "asc"
    known = [item for item in items if read(item.thread) is not None]
    known.sort(key=lambda item: read(item.thread), reverse=said is not None and said != natural)
    return [*known, *(item for item in items if read(item.thread) is None)]


def _columns(now: float, zone: tzinfo | None) -> list[TableColumn[Thread]]:
    def age(thread: Thread) -> float | None:
        return None if thread.created is None else max(0.0, now - thread.created)

    def run(thread: Thread) -> str | None:
        return None if thread.active_run is None else safe_text(thread.active_run)

    def note(thread: Thread) -> str | None:
        return None if thread.unreadable is None else f"unreadable: {thread.unreadable}"

    def column(
        name: str,
        value: Callable[[Thread], str | None],
        *,
        title: str = "",
        missing: str = formatting.UNKNOWN,
    ) -> TableColumn[Thread]:
        return TableColumn(
            name=name, title=title or name.upper(), text=lambda thread: value(thread) or missing, value=value
        )

    return [
        column("thread", lambda thread: thread.id or None),
        replace(
            column("status", lambda thread: thread.status or None),
            paint=lambda thread: "36" if thread.locked else "",
        ),
        replace(
            column("run", run, title="ACTIVE RUN"),
            text=lambda thread: short_id(run(thread) or formatting.UNKNOWN),
        ),
        TableColumn(name="age", title="AGE", right=True, text=lambda t: formatting.age(age(t)), value=age),
        TableColumn(
            name="created",
            title="CREATED",
            text=lambda thread: formatting.timestamp(thread.created, zone),
            value=lambda thread: thread.created,
        ),
        column("note", note, missing=""),
    ]
