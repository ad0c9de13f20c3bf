"""`flowtui mark` and `flowtui marks`: set, delete and list marks; the list includes deployments of agents."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowtui import formatting
from flowtui.config.memory.marks import (
    AGENT,
    UNKNOWN,
    Mark,
    MarkChange,
    Owner,
    delete_mark,
    marks_of_other_addresses,
    other_addresses_hint,
    set_mark,
)
from flowtui.errors import UsageError
from flowtui.headless.retry import Found, Requester
from flowtui.headless.tables import formatted
from flowtui.model.export.tables import TableColumn
from flowtui.model.state.marks import Deployment, parse_deployments
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.source.http.client import Client

OWN: Final = "mark"
"""The source of a row that the user has set with `flowtui mark`."""
OF_AGENT: Final = "agent"
"""The source of a row that the API knows: when an agent was last deployed."""
_DIM: Final = "2"
_SHOWN: Final = 5  # addresses that one note names


class Item(NamedTuple):
    """A row of the list: a mark (`source` is `mark`, `agent_id` is None) or a deployment (`source` is `agent`).

    `at` is UTC epoch seconds.
    """

    name: str
    at: float
    source: str
    agent_id: str | None = None


def set_and_print(owner: Owner, name: str, at: float, now: float, zone: tzinfo | None) -> None:
    """Set a mark at `at` and print it. Times are UTC epoch seconds. Raises UsageError or ConfigError as `set_mark` does."""
    written = set_mark(owner, name, at, made=now)
    _print_repairs(written)
    before = ""
    if written.previous is not None:
        before = f"   before: {formatting.timestamp(written.previous.at, zone)}"
    sys.stdout.write(f"{safe_text(name)}   {formatting.timestamp(at, zone)}{before}\n")


def delete_and_print(owner: Owner, name: str, zone: tzinfo | None) -> None:
    """Delete a mark and print its time.

    Raises:
        UsageError: there is no mark of this name.
        ConfigError: see `delete_mark`.
    """
    before = delete_mark(owner, name).previous
    if before is None:
        raise UsageError(
            f"There is no mark {safe_text(name)[:40]!r} for {safe_text(owner.address)}",
            hint=other_addresses_hint(owner, name) or "`flowtui marks` lists them",
        )
    sys.stdout.write(f"{safe_text(name)}   deleted, was {formatting.timestamp(before.at, zone)}\n")


def marks_elsewhere_note(owner: Owner) -> str:
    """Return a note about marks of other base URLs, which are not listed; "" if there are none. Raises ConfigError."""
    counts = [
        f"{len(marks)} for {safe_text(address or UNKNOWN)}"
        for address, marks in marks_of_other_addresses(owner).items()
    ]
    if not counts:
        return ""
    shown = ", ".join(counts[:_SHOWN]) + (f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else "")
    return f"these are the marks for {safe_text(owner.address)}; not listed: {shown}"


def _print_repairs(written: MarkChange) -> None:
    if written.set_aside is not None:
        said = f"the file of marks was broken; it is kept as {written.set_aside}, and what it held is not known any more"
        sys.stderr.write(f"flowtui: {safe_text(said)}\n")
    if written.dropped:
        sys.stderr.write(f"flowtui: the oldest {written.dropped} marks had to go: there were too many\n")


async def ask_deployments(source: Client, requester: Requester) -> Found:
    """Return the last deployment of each agent, the latest last. `Found.error`: why the answer is missing or incomplete."""
    return await requester.ask(source.agents, parse_deployments, [])


def all_marks(marks: dict[str, Mark], deployments: list[Deployment]) -> list[Item]:
    """Return marks (by name) and deployments in one list, the latest first."""
    items = [Item(mark.name, mark.at, OWN) for mark in marks.values()]
    items += [Item(f"{AGENT}{each.label}", each.at, OF_AGENT, each.agent_id) for each in deployments]
    return sorted(items, key=lambda item: item.at, reverse=True)


def marks_text(items: list[Item], output: str, *, now: float, zone: tzinfo | None, color: bool) -> str:
    """Return the list of marks as `table`, `json`, `jsonl` or `csv`; `now`: UTC epoch seconds, for the ages."""
    if output == "table" and not items:
        return "No mark yet. `flowtui mark NAME` sets one.\n"
    objects = ({**item._asdict(), "at": formatting.iso_time(item.at)} for item in items)
    return "".join(formatted(output, "marks", objects, _columns(now, zone), items, color=color))


def _columns(now: float, zone: tzinfo | None) -> list[TableColumn[Item]]:
    def age(item: Item) -> float:
        return max(0.0, now - item.at)

    def column(
        name: str, text: Callable[[Item], str], value: Callable[[Item], Any], *, right: bool = False
    ) -> TableColumn[Item]:
        return TableColumn(
            name=name,
            title=name.upper(),
            text=text,
            value=value,
            right=right,
            paint=lambda item: _DIM if item.source == OF_AGENT else "",
        )

    return [
        column("mark", lambda item: safe_text(item.name), lambda item: item.name),
        column(
            "at", lambda item: formatting.timestamp(item.at, zone), lambda item: formatting.iso_time(item.at)
        ),
        column("age", lambda item: formatting.age(age(item)), age, right=True),
        column("source", lambda item: item.source, lambda item: item.source),
    ]
