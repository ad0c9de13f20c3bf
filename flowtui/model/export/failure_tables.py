"""Failed runs by reason as JSON, CSV, a table and Markdown. The field names of JSON are a public interface. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

from flowtui import formatting
from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.answers.failures import Count, Failures, FailuresBy, ReasonRuns
from flowtui.model.answers.reason_news import news_words, recent_words
from flowtui.model.export.markdown import markdown
from flowtui.model.export.tables import TableColumn, markdown_lines
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.cost import costs, waste
from flowtui.model.state.marks import Mark
from flowtui.text import safe_text, short_id

NO_REASON: Final = "no known reason yet"
"""Shown instead of the reason of runs without one."""

MOST: Final = 20
"""Most agents, threads, models, releases and ids of runs that a record lists, each; their number is always said."""

_SHARE: Final = 6  # digits of a share after the point
_NAMED: Final = 3  # agents that a cell of a table names


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNames:
    """What texts about failures need besides the counts.

    `agents`: agent id → name, display-safe. `marks`: named moments, the newest last. `begin`: since when runs are remembered;
    None if nothing is. `now`: UTC epoch seconds. `zone`: None for the local one.
    """

    agents: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    begin: float | None = None
    now: float = 0.0
    zone: tzinfo | None = None
    prices: Prices | None = None
    by: FailuresBy | None = None

    def agent(self, agent_id: str) -> str:
        """Return the name of an agent; without one its id as people see it, or a dash."""
        return self.agents.get(agent_id) or short_id(safe_text(agent_id)) or UNKNOWN

    def key(self, key: str) -> str:
        """Return the name of what rows are grouped by."""
        return self.agent(key) if self.by == "agent" else short_id(safe_text(key)) or UNKNOWN


def reason_text(one: ReasonRuns) -> str:
    """Return the reason for the user, on one line."""
    return NO_REASON if one.reason is None else one.reason.text


def counts_text(counts: Sequence[Count], names: FailureNames, most: int = _NAMED) -> str:
    """Return agents with their counts: `checkout 13, billing 9 and 2 more`."""
    said = ", ".join(f"{names.agent(each.key)} {formatting.count(each.runs)}" for each in counts[:most])
    more = len(counts) - most
    return f"{said} and {formatting.count(more)} more" if more > 0 else said


def failures_record(found: Failures, names: FailureNames) -> dict[str, Any]:
    """Return the whole answer for JSON."""
    outcomes = found.outcomes
    return {
        "since": formatting.iso_time(found.since),
        "until": formatting.iso_time(found.until),
        "by": names.by,
        "all": outcomes.all,
        **outcomes._asdict(),
        "ended": outcomes.ended,
        "failed_share": _share(outcomes.failed_share),
        "reason_count": found.known,
        "without_reason": found.unexplained,
        "reasons": [reason_record(one, names) for one in found.reasons],
    }


def reason_record(one: ReasonRuns, names: FailureNames) -> dict[str, Any]:
    """Return the runs of one reason for JSON. Without a reason, its fields are null."""
    seen, lost = one.news.seen, waste(one.runs)
    spent = costs(one.runs, names.prices).total if names.prices is not None else None
    threads, agents = one.by("thread"), one.by("agent")
    named = {} if names.by is None else {"key": one.key, "name": names.key(one.key or "")}
    return {
        **named,
        "reason": None if one.reason is None else one.reason.text,
        "reason_id": None if one.reason is None else reason_id(one.reason),
        "reason_source": None if one.reason is None else one.reason.source or None,
        "failed": len(one.runs),
        "share": _share(one.share),
        "ended_share": _share(one.ended_share),
        "first": formatting.iso_time(one.first),
        "last": formatting.iso_time(one.last),
        "news": one.news.kind or None,
        "new_since": None if one.news.mark is None else one.news.mark.name,
        "seen_before": None
        if seen is None
        else {
            "runs": seen.runs,
            "first": formatting.iso_time(seen.first),
            "last": formatting.iso_time(seen.last),
        },
        "agents": [
            {"id": each.key, "name": names.agents.get(each.key), "failed": each.runs}
            for each in agents[:MOST]
        ],
        "agent_count": len(agents),
        "threads": _counts(threads),
        "thread_count": len(threads),
        "models": _counts(one.by("model")),
        "releases": _counts(one.releases(names.marks)) if names.marks else [],
        "tokens": lost.tokens,
        "unreported": lost.unreported,
        "cost": None if spent is None or spent.amount is None else round(spent.amount, _SHARE),
        "cost_floor": None if spent is None else spent.floor,
        "runs": [{"thread": run.thread_key, "id": run.raw_id} for run in one.runs[:MOST]],
    }


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, _SHARE)


def _counts(counts: Sequence[Count]) -> list[dict[str, Any]]:
    return [{"id": each.key or None, "failed": each.runs} for each in counts[:MOST]]


def failure_columns(names: FailureNames) -> list[TableColumn[ReasonRuns]]:
    """Return the columns of a table and of CSV."""

    def when(at: float) -> str:
        return recent_words(at, names.now, names.zone)

    def text(column: str, title: str, read: Any, *, paint: Any = None) -> TableColumn[ReasonRuns]:
        return TableColumn(name=column, title=title, text=read, value=read, paint=paint)

    by = [] if names.by is None else [text(names.by, names.by.upper(), lambda one: names.key(one.key or ""))]
    return [
        *by,
        TableColumn(
            name="failed",
            title="FAILED",
            text=lambda one: formatting.count(len(one.runs)),
            value=lambda one: len(one.runs),
            right=True,
            paint=lambda one: "" if one.reason is None else "31",
        ),
        TableColumn(
            name="share",
            title="SHARE",
            text=lambda one: formatting.percent(one.share),
            value=lambda one: one.share,
            right=True,
        ),
        text("reason", "REASON", reason_text, paint=lambda one: "2" if one.reason is None else ""),
        text("source", "SOURCE", lambda one: "" if one.reason is None else one.reason.source),
        text("first", "FIRST", lambda one: when(one.first)),
        text("last", "LAST", lambda one: when(one.last)),
        text("agents", "AGENTS", lambda one: counts_text(one.by("agent"), names)),
        text("news", "NEWS", lambda one: news_words(one.news, names.begin, names.now, names.zone)),
    ]


def csv_columns(names: FailureNames) -> list[TableColumn[ReasonRuns]]:
    """Return the columns of CSV: those of a table with whole times, and ids."""

    def text(column: str, read: Any) -> TableColumn[ReasonRuns]:
        return TableColumn(name=column, title=column, text=read, value=read)

    shown = {column.name: column for column in failure_columns(names)}
    shown["first"] = text("first", lambda one: formatting.iso_time(one.first) or UNKNOWN)
    shown["last"] = text("last", lambda one: formatting.iso_time(one.last) or UNKNOWN)
    shown["reason"] = text("reason", lambda one: UNKNOWN if one.reason is None else one.reason.text)
    key = [] if names.by is None else [text("key", lambda one: safe_text(one.key or "") or UNKNOWN)]
    return [
        *key,
        *shown.values(),
        text("reason_id", lambda one: UNKNOWN if one.reason is None else reason_id(one.reason)),
        TableColumn(
            name="threads",
            title="threads",
            text=lambda one: str(len(one.by("thread"))),
            value=lambda one: len(one.by("thread")),
        ),
        TableColumn(
            name="tokens",
            title="tokens",
            text=lambda one: formatting.count(waste(one.runs).tokens),
            value=lambda one: waste(one.runs).tokens,
        ),
    ]


def sum_words(found: Failures) -> str:
    """Return what was counted: `44 of 378 ended runs failed (12%), for 6 reasons; 3 have no known reason yet`."""
    outcomes, unknown = found.outcomes, found.unexplained
    said = f"{formatting.count(outcomes.failed)} of {formatting.plural(outcomes.ended, 'ended run')} failed"
    if not outcomes.failed:
        return said
    said += f" ({formatting.percent(outcomes.failed_share)})"
    if found.known:
        said += f", for {formatting.plural(found.known, 'reason')}"
    return f"{said}; {unknown_words(found)}" if unknown else said


def unknown_words(found: Failures) -> str:
    """Return how many runs have no reason yet: `3 have no known reason yet`, `all 44 have a reason`."""
    unknown, failed = found.unexplained, found.outcomes.failed
    if unknown:
        every = "all " if unknown == failed > 1 else ""
        verb = "has" if unknown == 1 else "have"
        return f"{every}{formatting.count(unknown)} {verb} no known reason yet"
    return f"all {formatting.count(failed)} have a reason" if failed > 1 else ""


def failures_markdown(found: Failures, names: FailureNames, remarks: Iterable[str] = ()) -> Iterable[str]:
    """Return the answer as Markdown. `remarks`: what the numbers rest on."""
    since, until = (formatting.timestamp(at, names.zone) for at in (found.since, found.until))
    yield f"# {markdown(f'Failures since {since}')}\n\n"
    yield f"{markdown(sum_words(found))}\\. Until {markdown(until)}\\.\n"
    if found.reasons:
        yield "\n"
        yield from markdown_lines(failure_columns(names), found.reasons)
        yield "\nNumbers and ids in a reason are folded to `#`\\.\n"
    for remark in remarks:
        yield f"\n{markdown(remark)}\n"
