"""What was spent as JSON, CSV and Markdown. The field names of JSON are a public interface. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from flowtui import formatting
from flowtui.model.answers.spend.spend import Spend, Spender
from flowtui.model.answers.spend.spent import Spent
from flowtui.model.export.markdown import markdown
from flowtui.model.export.tables import TableColumn, markdown_lines

_DIGITS: Final = 6  # of an amount or a share after the point


def spend_record(found: Spend, rows: Sequence[Spender], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what was spent for JSON. `names`: key → name."""
    return {
        "by": found.by,
        "since": formatting.iso_time(found.since),
        "until": formatting.iso_time(found.until),
        "before_since": formatting.iso_time(found.before_since),
        "all": _record(found.whole),
        "spenders": [
            {"key": row.key, "name": names[row.key], "share": _round(found.share(row)), **_record(row)}
            for row in rows
        ],
    }


def _record(row: Spender) -> dict[str, Any]:
    return {
        **_spent(row.now),
        "before": None if row.before is None else _spent(row.before),
        "change": _round(row.change),
    }


def _spent(found: Spent) -> dict[str, Any]:
    return {
        "runs": found.runs,
        "reported": found.reported,
        "tokens": found.tokens,
        "tokens_by_outcome": dict(sorted(found.by_class.items())),
        "runs_by_outcome": dict(sorted(found.counts.items())),
        "cost": _round(found.cost.amount),
        "cost_floor": found.cost.floor,
        "unpriced_runs": found.cost.unpriced,
        "wasted_tokens": found.wasted,
        "wasted_share": _round(found.wasted_share),
        "wasted_cost": _round(found.wasted_cost.amount),
        "tokens_per_run": _round(found.per_run),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def spend_columns(found: Spend, names: Mapping[str, str]) -> list[TableColumn[Spender]]:
    """Return the columns of a table and of CSV. `names`: key → name."""

    def number(name: str, title: str, read: Callable[[Spender], float | None]) -> TableColumn[Spender]:
        def text(row: Spender) -> str:
            value = read(row)
            return formatting.count(value) if value is None or isinstance(value, int) else f"{value:.6g}"

        return TableColumn(name=name, title=title, text=text, value=read, right=True)

    return [
        TableColumn(
            name=found.by,
            title=found.by.upper(),
            text=lambda row: names[row.key],
            value=lambda row: names[row.key],
        ),
        number("tokens", "TOKENS", lambda row: row.now.tokens),
        number("share", "SHARE", lambda row: _round(found.share(row))),
        number("cost", "COST", lambda row: _round(row.now.cost.amount)),
        number("wasted_tokens", "WASTED", lambda row: row.now.wasted),
        number("wasted_share", "WASTED SHARE", lambda row: _round(row.now.wasted_share)),
        number("wasted_cost", "ITS COST", lambda row: _round(row.now.wasted_cost.amount)),
        number("runs", "RUNS", lambda row: row.now.runs),
        number("reported", "REPORTED", lambda row: row.now.reported),
        number("tokens_per_run", "PER RUN", lambda row: _round(row.now.per_run)),
        number("change", "CHANGE", lambda row: _round(row.change)),
    ]


def spend_markdown(
    found: Spend, rows: Sequence[Spender], names: Mapping[str, str], lines: Iterable[str]
) -> Iterable[str]:
    """Yield a Markdown document. `lines`: what is said above the table."""
    now = found.whole.now
    yield f"# Spend by {found.by}\n\n"
    said = f"{formatting.count(now.tokens)} tokens of {formatting.plural(now.runs, 'run')}"
    if now.cost.amount is not None:
        said += f", {now.cost.text()}"
    if now.wasted_share is not None:
        said += f", {formatting.percent(now.wasted_share)} wasted"
    yield f"{markdown(said)}\n\n"
    yield from (f"{markdown(line)}\n\n" for line in lines if line)
    yield from markdown_lines(spend_columns(found, names), rows)
