"""The brief as JSON. Its field names are a public interface. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from flowtui.formatting import iso_time
from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.long_runs import LongRun
from flowtui.model.answers.brief.outcomes import AgentOutcomes
from flowtui.model.answers.brief.reason_rows import ReasonRow
from flowtui.model.answers.brief.remarks import Named
from flowtui.model.answers.brief.sentence import Sentence
from flowtui.model.answers.brief.spend import AgentSpend, Spend
from flowtui.model.answers.brief.wording import told
from flowtui.model.answers.release_verdicts import Verdict
from flowtui.model.gate.parser import USUAL_GATE
from flowtui.model.reasons.reason import Reason, reason_id

_SHARE: Final = 6  # digits of a share or an amount after the point
_MILLI: Final = 3


def brief_record(brief: Brief, named: Named) -> dict[str, Any]:
    """Return the brief for JSON. Times in the texts of sentences are UTC."""
    counts, data = brief.counts, brief.data
    return {
        "range": named.name,
        "since": iso_time(data.since),
        "until": iso_time(data.until),
        "sentences": [_sentence(one, brief) for one in brief.sentences],
        "outcomes": {
            "runs": counts.runs,
            "ended": counts.ended,
            **counts._asdict(),
            "failed_share": _round(counts.share),
            "usual_failed_share": _round(data.usual_share),
        },
        "usual_since": iso_time(data.usual_since),
        "agents": [_agent(one) for one in brief.agents],
        "reasons": [_reason_row(row) for row in brief.reasons],
        "unexplained": brief.unexplained,
        "spend": {
            **_spend(brief.spending.now),
            "before_since": iso_time(data.before_since),
            "before": None if brief.spending.before is None else _spend(brief.spending.before),
            "change": _round(brief.spending.change),
            "by_agent": [_agent_spend(one) for one in brief.spending.agents],
        },
        "slowest": [_long(one) for one in brief.slowest],
        "waited_longest": [_long(one) for one in brief.waited],
        "releases": [
            {"name": one.name, "at": iso_time(one.at), "gate": None if verdict is None else _verdict(verdict)}
            for one, verdict in zip(brief.releases, brief.verdicts, strict=True)
        ],
        "open": {
            "queued": brief.open.queued,
            "running": brief.open.running,
            "oldest": None if brief.open.oldest is None else _long(brief.open.oldest),
            "longer_than_usual": [_long(one) for one in brief.open.longer],
        },
        "rests_on": {
            "runs": counts.runs,
            "threads": brief.threads,
            "read_afterwards": brief.read,
            "unreported": brief.unreported,
        },
    }


def _verdict(one: Verdict) -> dict[str, Any]:
    return {
        "verdict": one.shown.lower(),
        "reason": one.reason,
        "gate": USUAL_GATE,
        "compare_s": one.compare,
        "base_runs": one.base,
        "new_runs": one.new,
    }


def _sentence(one: Sentence, brief: Brief) -> dict[str, Any]:
    return {
        "kind": one.kind.replace(" ", "_"),
        "text": told(one, brief.data, UTC).text,
        "since": iso_time(one.since),
        "until": iso_time(one.until),
        "name": one.name or None,
        "following": one.following or None,
        "agents": list(one.agents),
        "agent_ids": list(one.agent_ids),
        "count": one.count,
        "of": one.runs or None,
        "share_before": _round(one.share),
        "reason": None if one.reason is None else _reason(one.reason),
        "model": one.model or None,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"id": reason_id(reason), "text": reason.text, "source": reason.source or None}


def _agent(one: AgentOutcomes) -> dict[str, Any]:
    usual = one.usual
    return {
        "id": one.agent_id,
        "name": one.name,
        "ended": one.runs,
        "completed": one.completed,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "unknown": one.unknown,
        "failed_share": _round(one.share),
        "usual_failed_share": None if usual is None else _round(usual.share),
        "usual_runs": None if usual is None else usual.runs,
        "unusual": one.unusual,
    }


def _reason_row(row: ReasonRow) -> dict[str, Any]:
    seen = row.seen
    return {
        **_reason(row.reason),
        "runs": row.runs,
        "first": iso_time(row.times[0]),
        "last": iso_time(row.times[-1]),
        "agents": list(row.agents),
        "new": row.new,
        "over": row.over,
        "seen_before": None
        if seen is None
        else {"runs": seen.runs, "first": iso_time(seen.first), "last": iso_time(seen.last)},
    }


def _spend(spend: Spend) -> dict[str, Any]:
    costs = spend.costs
    return {
        "runs": spend.runs,
        "reported": spend.reported,
        "tokens": spend.tokens,
        "wasted_tokens": spend.waste.tokens,
        "wasted_share": _round(spend.wasted),
        "currency": None if costs is None else costs.total.currency,
        "cost": None if costs is None else _round(costs.total.amount),
        "cost_is_lower_bound": None if costs is None else costs.total.floor,
        "wasted_cost": None if costs is None else _round(costs.wasted.amount),
    }


def _agent_spend(one: AgentSpend) -> dict[str, Any]:
    return {
        "id": one.agent_id,
        "name": one.name,
        **_spend(one.now),
        "before": None if one.before is None else _spend(one.before),
        "change": _round(one.change),
    }


def _long(one: LongRun) -> dict[str, Any]:
    run, usual = one.run, one.usual
    return {
        "run": run.raw_id,
        "thread": run.thread_key,
        "agent_id": run.agent_id,
        "status_class": run.status_class,
        "ended": iso_time(run.ended),
        "seconds": round(one.seconds, _MILLI),
        "usual_s": None if usual is None else round(usual.median, _MILLI),
        "usual_most_s": None if usual is None else round(usual.slow, _MILLI),
    }


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, _SHARE)
