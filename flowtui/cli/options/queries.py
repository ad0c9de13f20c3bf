"""Filters given as options: read once, and what is wrong with one names its option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtui.errors import QueryError, UsageError

if TYPE_CHECKING:
    from flowtui.model.query.query import Query


def query_of(option: str, text: str) -> Query:
    """Return what a filter means.

    Raises:
        UsageError: it is empty.
        QueryError: it cannot be read; names the option, points at the column.
    """
    from flowtui.model.query.query import parse  # noqa: PLC0415  few commands need it

    if not text.strip():
        raise UsageError(f"{option}: it is empty", hint="See `flowtui help filter`")
    try:
        return parse(text)
    except QueryError as error:
        error.message = f"{option}: {error.message}"
        raise
