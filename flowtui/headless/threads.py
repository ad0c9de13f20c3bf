"""`flowtui threads`: prints the threads of the key's owner."""

from __future__ import annotations

import sys
from datetime import tzinfo
from typing import Any, Final, NamedTuple, Protocol
from zlib import crc32

from flowtui import formatting
from flowtui.headless import tables
from flowtui.headless.one_shot import OutputOptions, print_ignored_columns, report_failures
from flowtui.headless.pages import Listing, by_time, read_list
from flowtui.headless.retry import Requester
from flowtui.headless.tables import check_column, choose
from flowtui.model.export import records
from flowtui.model.export.tables import TableColumn, to_csv
from flowtui.model.run.parsing import parse_thread
from flowtui.model.run.thread import Thread
from flowtui.model.view.sorting import check_direction, split_direction
from flowtui.source.http.reply import Reply
from flowtui.text import safe_text

COLUMNS: Final = ("thread", "status", "run", "age", "created", "note")
DEFAULT: Final = ("thread", "status", "run", "age", "note")


class ThreadsSource(Protocol):
    """The method of the client that `flowtui threads` calls."""

    async def threads(self, *, limit: int, order: str, offset: int) -> Reply:
        """List threads."""


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


async def show_threads(source: ThreadsSource, requester: Requester, options: OutputOptions) -> int:
    """Print the threads and return the exit code."""
    listing = Listing("threads")
    await read_list(requester, source.threads, options.list_range, thread_identity, listing)
    items = _ordered(
        [Item(value, parse_thread(value)) for value in listing.rows.values()], options, requester.now
    )
    sys.stdout.write(_format(options, items, requester.now))
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


def _format(options: OutputOptions, items: list[Item], now: float) -> str:
    if options.output in ("json", "jsonl"):
        objects = [records.thread_record(item.value, item.thread, redact=options.redact) for item in items]
        return (
            records.document("threads", objects) if options.output == "json" else records.json_lines(objects)
        )
    wanted = choose(options.columns, dict.fromkeys(COLUMNS), DEFAULT)
    by_name = {column.name: column for column in _columns(now, options.zone)}
    columns = [by_name[name] for name in wanted]
    threads = [item.thread for item in items]
    if options.output == "csv":
        return to_csv(columns, threads)
    return tables.table(columns, threads, color=options.color)


def _columns(now: float, zone: tzinfo | None) -> list[TableColumn[Thread]]:
    def age(thread: Thread) -> float | None:
        return None if thread.created is None else max(0.0, now - thread.created)

    def run(thread: Thread) -> str | None:
        return None if thread.active_run is None else safe_text(thread.active_run)

    def note(thread: Thread) -> str | None:
        return None if thread.unreadable is None else f"unreadable: {thread.unreadable}"

    unknown = formatting.UNKNOWN
    return [
        TableColumn(
            name="thread", title="THREAD", text=lambda t: t.id or unknown, value=lambda t: t.id or None
        ),
        TableColumn(
            name="status",
            title="STATUS",
            text=lambda t: t.status or unknown,
            value=lambda t: t.status or None,
            paint=lambda t: "36" if t.locked else "",
        ),
        TableColumn(name="run", title="ACTIVE RUN", text=lambda t: run(t) or unknown, value=run),
        TableColumn(name="age", title="AGE", right=True, text=lambda t: formatting.age(age(t)), value=age),
        TableColumn(
            name="created",
            title="CREATED",
            text=lambda t: formatting.timestamp(t.created, zone),
            value=lambda t: t.created,
        ),
        TableColumn(name="note", title="NOTE", text=lambda t: note(t) or "", value=note),
    ]
