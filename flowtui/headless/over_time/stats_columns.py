"""The columns of `flowtui stats`: one definition serves table, CSV and JSON, whose field names are a public interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.export.tables import TableColumn
from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.statistics import Group, Statistics
from flowtui.model.history.statistics_groups import By
from flowtui.model.run.cost import Total
from flowtui.text import short_id

Watched = Mapping[tuple[float, float], TimeCoverage]
"""Begin and end of a span of time → how it was watched."""

_MILLI: Final = 3  # digits of seconds after the point
_MONEY: Final = 6  # digits of an amount or a share after the point


class Number(NamedTuple):
    """One number of `flowtui stats`, as a field of JSON and as a column."""

    name: str
    """The name of the field in JSON and of the column in CSV."""
    value: Callable[[Statistics], Any]
    """Returns the value for programs; None if it is unknown."""
    title: str = ""
    """The title in a table; "": tables do not show it."""
    text: Callable[[Statistics], str] | None = None
    """Returns what a table shows."""
    paint: str = ""
    """The colour code of a value that is not 0, for a table on a terminal."""


def _count(name: str, paint: str = "") -> Number:
    return Number(
        name,
        lambda found: getattr(found, name),
        name.upper(),
        lambda found: formatting.count(getattr(found, name)),
        paint,
    )


def _seconds(name: str, of: str, title: str = "") -> Number:
    def value(found: Statistics) -> float | None:
        seconds = getattr(found, of)
        return None if seconds is None else round(seconds, _MILLI)

    return Number(name, value, title, lambda found: formatting.duration(getattr(found, of)))


def _amount(total: Total | None, *, runs: int) -> float | None:
    """Return a cost for programs; that of no runs is 0."""
    if total is None or (total.amount is None and runs):
        return None
    return round(total.amount or 0.0, _MONEY)


def _cost(found: Statistics) -> float | None:
    return _amount(None if found.costs is None else found.costs.total, runs=found.runs)


def _cost_text(found: Statistics) -> str:
    return UNKNOWN if found.costs is None else found.costs.total.text()


def _floor(found: Statistics) -> bool | None:
    return None if found.costs is None else found.costs.total.floor


def _wasted_cost(found: Statistics) -> float | None:
    return _amount(None if found.costs is None else found.costs.wasted, runs=found.failed + found.cancelled)


def _wasted_cost_text(found: Statistics) -> str:
    if found.costs is None:
        return UNKNOWN
    return found.costs.wasted.text() if found.failed + found.cancelled else "0"


def _wasted(found: Statistics) -> str:
    """Return the tokens of failed and cancelled runs, as the dashboard shows them: a lower bound has a `≥`."""
    tokens, unreported = found.waste
    return f"{'≥' if tokens is not None and unreported else ''}{formatting.count(tokens)}"


NUMBERS: Final = (
    _count("runs"),
    _count("completed"),
    _count("failed", paint="31"),
    _count("cancelled"),
    _count("active", paint="36"),
    _count("unknown"),
    Number(
        "failure_share",
        lambda found: None if found.failure_share is None else round(found.failure_share, _MONEY),
        "FAILED%",
        lambda found: formatting.percent(found.failure_share),
    ),
    _seconds("p50_s", "p50", "P50"),
    _seconds("p95_s", "p95", "P95"),
    _seconds("busy_s", "busy"),
    Number("timed", lambda found: found.timed),
    Number("prompt_tokens", lambda found: found.prompt),
    Number("completion_tokens", lambda found: found.completion),
    _count("tokens"),
    _count("reported"),
    Number("cost", _cost, "COST", _cost_text),
    Number("cost_is_at_least", _floor),
    Number("wasted_tokens", lambda found: found.waste.tokens, "WASTED", _wasted),
    Number("wasted_unreported", lambda found: found.waste.unreported),
    Number("wasted_cost", _wasted_cost, "WASTED COST", _wasted_cost_text),
    Number("only_sums", lambda found: found.gone),
)
"""All numbers, in the order of the fields."""

_PRICED: Final = ("cost", "wasted_cost")


def numbers(found: Statistics) -> dict[str, Any]:
    """Return the numbers for JSON; unknown ones are None."""
    return {number.name: number.value(found) for number in NUMBERS}


def table_columns(
    by: By | None, *, priced: bool, zone: tzinfo | None, watched: Watched
) -> list[TableColumn[Group]]:
    """Return the columns of a table. `watched`: how the times of the groups were watched; {}: no such column."""
    shown = [number for number in NUMBERS if number.title and (priced or number.name not in _PRICED)]
    last = [_watched(watched)] if watched else []
    return [*_names(by, zone), *map(_column, shown), *last]


def csv_columns(by: By | None, watched: Watched) -> list[TableColumn[Group]]:
    """Return the columns of a CSV file: what the group is, and all numbers."""
    named = (
        [("key", lambda group: group.key), ("name", lambda group: group.name)]
        if by not in (None, "hour", "day")
        else []
    )
    times: list[tuple[str, Callable[[Group], Any]]] = [
        ("since", lambda group: formatting.iso_time(group.since)),
        ("until", lambda group: formatting.iso_time(group.until)),
    ]
    first = [TableColumn(name=name, title=name, text=value, value=value) for name, value in (*named, *times)]
    return [*first, *map(_column, NUMBERS), _watched(watched)]


def _column(number: Number) -> TableColumn[Group]:
    def text(group: Group) -> str:
        if number.text is not None:
            return number.text(group.statistics)
        value = number.value(group.statistics)
        return UNKNOWN if value is None else str(value).lower()

    return TableColumn(
        name=number.name,
        title=number.title,
        text=text,
        value=lambda group: number.value(group.statistics),
        right=True,
        paint=lambda group: number.paint if number.paint and number.value(group.statistics) else "",
    )


def _watched(watched: Watched) -> TableColumn[Group]:
    def share(group: Group) -> float | None:
        found = watched.get((group.since, group.until))
        return None if found is None else found.share

    return TableColumn(
        name="watched",
        title="WATCHED",
        text=lambda group: formatting.percent(share(group)),
        value=lambda group: None if (known := share(group)) is None else round(known, _MONEY),
        right=True,
    )


def _names(by: By | None, zone: tzinfo | None) -> list[TableColumn[Group]]:
    if by is None:
        return []

    def text(group: Group) -> str:
        if by in ("hour", "day") and not group.name:
            return local_time(group.since, zone, dated=by == "day")
        return short_id(group.name) if by == "thread" else group.name

    return [TableColumn(name=by, title=by.upper(), text=text, value=text)]


def local_time(at: float, zone: tzinfo | None, *, dated: bool) -> str:
    """Return a day, or a day and a time of day, in `zone` (None: the local zone): `2026-11-28`, `2026-11-28 18:00`."""
    return (
        f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}"
        if dated
        else f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"
    )
