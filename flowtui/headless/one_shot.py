"""Shared by the commands that print once and end, such as `flowtui runs`: options, exit codes, and notes on stderr."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from flowtui.errors import ApiError, AuthError, ForbiddenError
from flowtui.headless.pages import Listing, ListRange
from flowtui.headless.retry import Requester
from flowtui.model.history.clocks import since_warning
from flowtui.model.run.parsing import parse_agents
from flowtui.model.state.agent_statuses import UNREAD, AgentStatuses, parse_agent_statuses
from flowtui.source.clock import Clock
from flowtui.source.http.reply import Reply
from flowtui.source.poll.schedule import Budget
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.values.prices import Prices
    from flowtui.model.query.query import Query
    from flowtui.model.state.marks import Mark

UNANSWERED: Final = 3
"""Exit code of a command if any answer is missing or incomplete."""


class TimeSpan(NamedTuple):
    """A span of time in UTC epoch seconds. `since` belongs to it, `until` does not; without `until` (None) it has no end."""

    since: float
    until: float | None = None

    @property
    def end(self) -> float:
        """The end; infinite if there is none."""
        return math.inf if self.until is None else self.until

    def has(self, at: float) -> bool:
        """Whether a time lies in the span."""
        return self.since <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """What to read and how to print it.

    `output`: table, json, jsonl, csv or markdown.
    `list_range`: which part of each list to read.
    `columns`, `sort`: the values of these options on the command line; None if not given.
    `color`: whether a table has colours.
    `zone`: the time zone for shown times; None: the local one.
    `filter`: selects among the rows of `list_range`; None: all rows.
    `prices`, `marks`: what the columns for costs and releases are computed from.
    `redact`: whether to hide private fields (see `model/messages/redaction.py`).
    `span`: only runs that were created in this time; None: of any time.
    """

    output: str
    list_range: ListRange = field(default_factory=ListRange)
    columns: str | None = None
    sort: str | None = None
    color: bool = False
    zone: tzinfo | None = None
    filter: Query | None = None
    prices: Prices | None = None
    marks: Sequence[Mark] = ()
    redact: bool = False
    span: TimeSpan | None = None


def new_requester(clock: Clock, budget: int) -> Requester:
    """Return the requester of one command, with a budget of `budget` requests a minute."""
    return Requester(clock, Budget(budget), random.Random())  # noqa: S311  jitter is no secret


def say_clock(requester: Requester) -> None:
    """Say on stderr if times that the user named are by a clock far from the server's, which dates the runs."""
    told = since_warning(requester.now - requester.clock.now())
    if told:
        print_note(told)


class Agents(NamedTuple):
    """What is known of the agents.

    `names`: agent id → name.
    `statuses`: their deployments, read at a time by the server's clock if that is known.
    """

    names: dict[str, str]
    statuses: AgentStatuses


NO_AGENTS: Final = Agents({}, UNREAD)


async def read_agents(call: Callable[[], Awaitable[Reply]], clock: Clock) -> Agents:
    """Return the agents; `NO_AGENTS` if they cannot be read, as ids can be shown instead of names."""
    at = clock.now()
    try:
        reply = await call()
    except ApiError:
        return NO_AGENTS
    at = at if reply.server_time is None else reply.server_time
    return Agents(parse_agents(reply.body), parse_agent_statuses(reply.body, at))


def stops_all(error: ApiError | None) -> bool:
    """Whether further requests make no sense, because the server refused the key."""
    return isinstance(error, AuthError | ForbiddenError)


def print_error(error: ApiError, name: str = "") -> None:
    """Print an error on one line of stderr; `name` is the list or run that could not be read."""
    sys.stderr.write(f"flowtui: {f'{safe_text(name)}: ' if name else ''}{safe_text(str(error))}\n")


def print_note(text: str) -> None:
    """Print a remark on one line of stderr."""
    sys.stderr.write(f"flowtui: {safe_text(text)}\n")


def report_failures(listings: Sequence[Listing]) -> int:
    """Print the error of each incomplete list on stderr, but only one error if the key was refused; return the exit code."""
    failed = [(each.name, each.error) for each in listings if each.error is not None]
    refused = [("", error) for _, error in failed if stops_all(error)]
    for name, error in refused[:1] or failed:
        print_error(error, name)
    return UNANSWERED if failed else 0


def print_ignored_columns(options: OutputOptions) -> None:
    """Print on stderr that `--columns` has no effect on JSON, which always has every field."""
    if options.columns is not None and options.output in ("json", "jsonl"):
        sys.stderr.write(f"flowtui: --columns is for -o table and -o csv; {options.output} has every field\n")
