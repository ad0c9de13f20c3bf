"""Parses the filter in the value of an option, so that an error names the option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowtui.errors import QueryError, UsageError

if TYPE_CHECKING:
    from flowtui.model.query.query import Query


def query_of(option: str, text: str) -> Query:
    """Return the parsed filter `text`, the value of `option`.

    Raises:
        UsageError: the filter is empty.
        QueryError: the filter has a syntax error. The message names the option.
    """
    from flowtui.model.query.query import parse  # noqa: PLC0415  only with a filter

    if not text.strip():
        raise UsageError(f"{option}: it is empty", hint="See `flowtui help filter`")
    try:
        return parse(text)
    except QueryError as error:
        error.message = f"{option}: {error.message}"
        raise
