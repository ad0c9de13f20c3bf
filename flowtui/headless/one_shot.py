"""What `runs`, `threads` and `run` share: how the answer is wanted, where it goes, and what is said beside it."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from flowtui.errors import ApiError, AuthError, ForbiddenError
from flowtui.headless.pages import Listing, ListRange
from flowtui.headless.retry import Requester
from flowtui.source.clock import Clock
from flowtui.source.poll.schedule import Budget
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.values.prices import Prices
    from flowtui.model.query.query import Query
    from flowtui.model.state.marks import Mark

UNANSWERED: Final = 3
"""Exit code where not all that was asked for was answered whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """How the answer is wanted. `columns` and `sort` are as given on the command line, None where not.

    `filter` chooses among the runs that the window lets in; `redact` hides what `privacy` calls private.
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


def new_requester(clock: Clock, budget: int) -> Requester:
    """Return what asks for one command: `budget` requests in any minute."""
    return Requester(clock, Budget(budget), random.Random())  # noqa: S311  jitter is no secret


def stops_all(error: ApiError | None) -> bool:
    """Whether no other question has to be asked: the key itself was refused."""
    return isinstance(error, AuthError | ForbiddenError)


def print_error(error: ApiError, name: str = "") -> None:
    """Say on stderr, on one line, why something is missing."""
    sys.stderr.write(f"flowtui: {f'{safe_text(name)}: ' if name else ''}{safe_text(str(error))}\n")


def report_failures(listings: Sequence[Listing]) -> int:
    """Say what failed, one line each, or one for all where the key was refused; return the exit code."""
    failed = [listing for listing in listings if listing.error is not None]
    for listing in failed:
        if listing.error is not None and stops_all(listing.error):
            print_error(listing.error)
            return UNANSWERED
    for listing in failed:
        if listing.error is not None:
            print_error(listing.error, listing.name)
    return UNANSWERED if failed else 0


def print_ignored_columns(options: OutputOptions) -> None:
    """Say that `--columns` changes nothing in JSON, which always has every field."""
    if options.columns is not None and options.output in ("json", "jsonl"):
        sys.stderr.write(f"flowtui: --columns is for -o table and -o csv; {options.output} has every field\n")
