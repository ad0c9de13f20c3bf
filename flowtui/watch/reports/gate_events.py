"""Makes the events of a gate: one when a verdict changes, and one with each heartbeat. Scripts rely on their fields.

All text in the fields is display-safe, so formats print it unchanged. Pure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from flowtui import formatting
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.row import FAILED
from flowtui.text import safe_text
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.judge.gate import INCONCLUSIVE, reason
from flowtui.watch.options import Options

if TYPE_CHECKING:
    from flowtui.model.gate import ComparisonResult, Estimate, Side
    from flowtui.model.gate.answer import Answer
    from flowtui.model.gate.sides import Sides

_DIGITS: Final = 6
_SHOWN: Final = 12  # comparisons whose deciding interval is computed, which takes about 10 ms each


class GateEvents:
    """Makes the events of a gate. `fields`: the JSON fields of the last result; None before the first result."""

    def __init__(self, options: Options) -> None:
        self.fields: dict[str, Any] | None = None
        self._options = options
        self._view: Answer | None = None
        self._told: tuple[str, ...] = ()
        self._waited: float | None = None  # seconds since the mark at the first result

    def take(self, view: Answer | None, at: float) -> list[Event]:
        """Take the current result. Return an event if the verdict of the gate or of a comparison has changed, else nothing.

        `at`: the time of the event, in UTC epoch seconds of the local clock.
        """
        if view is None:
            return []
        if view is not self._view:
            new = view.sides.new
            self._waited = new.until - new.since if self._waited is None else self._waited
            self._view, self.fields = view, gate_fields(view, self._options, self._waited)
        verdicts = (view.verdict, *(row.verdict for row in view.judgement.rows))
        return [] if verdicts == self._told else self.again(at, verdicts)

    @property
    def warning(self) -> str:
        """Why an unchanged release can hardly pass, in a display-safe sentence; "" if it can, or if that is unknown."""
        if self.fields is None or self.fields["reach"] is None:
            return margin_warning(self._options)
        told: str | None = self.fields["reach"]["warning"]
        return told or ""

    def again(self, at: float, verdicts: tuple[str, ...] | None = None) -> list[Event]:
        """Return an event with the last result, even if nothing has changed; [] if there is no result yet."""
        self._told = self._told if verdicts is None else verdicts
        return [] if self.fields is None else [Event(events.GATE, at, self.fields)]


def plan_fields(options: Options) -> dict[str, Any]:
    """Return the fields that say what a gate asks for; none without a gate."""
    plan = options.gate
    if plan is None:
        return {}
    return {
        "gate": safe_text(plan.text),
        "mark": safe_text(options.mark) or None,
        "compare_s": plan.compare,
        "min_runs": plan.min_runs,
        "by": "agent" if plan.by_agent else None,
    }


def margin_warning(options: Options) -> str:
    """Return why an unchanged release can hardly pass, as far as the text of the gate tells; "" if it does not."""
    if options.gate is None:
        return ""
    from flowtui.model.gate.reach import without_margin  # noqa: PLC0415  few watches have a gate

    return safe_text(without_margin(options.gate.gate))


def gate_fields(view: Answer, options: Options, waited: float) -> dict[str, Any]:
    """Return the result of a gate as JSON fields. The summary has the same fields.

    `waited`: for how many seconds the new side had lasted at the first result.
    """
    sides, judgement = view.sides, view.judgement
    return {
        "verdict": view.verdict,
        "reason": reason(view),
        **plan_fields(options),
        "base": _side(sides.base),
        **_base_from(sides),
        "new": _side(sides.new),
        "undated": sides.undated,
        "silent": sides.silent,
        "missing": sides.missing or None,
        "rows": [_row(row, sides.missing, shown=at < _SHOWN) for at, row in enumerate(judgement.rows)],
        "needed": judgement.needed,
        "reach": None if sides.missing else _reach(view, options, waited),
        "new_signatures": [
            {"text": safe_text(found.text), "count": found.runs} for found in judgement.new_reasons
        ],
        "new_reasons": [
            {
                "reason_id": reason_id(found.reason),
                "text": safe_text(found.reason.text),
                "source": safe_text(found.reason.source),
                "count": found.runs,
            }
            for found in judgement.new_reasons
        ],
        "unexplained": judgement.unexplained,
    }


def _reach(view: Answer, options: Options, waited: float) -> dict[str, Any] | None:
    """Return how many runs a side an unchanged release needs, and how many there will be; None if that is unknown."""
    from flowtui.model.gate.reach import reach, reach_text  # noqa: PLC0415  few watches have a gate

    plan = options.gate
    if plan is None:
        return None
    timeout = 0.0 if options.once else options.timeout
    windows = 1.0 if timeout is None else (waited + timeout) / plan.compare
    found = reach(plan.gate, view.judgement.rows, plan.min_runs, windows)
    if found is None:
        return None
    limit = "" if timeout is None or options.once else formatting.span(timeout)
    told = margin_warning(options) or reach_text(found, f"--compare {formatting.span(plan.compare)}", limit)
    return {
        "needed": None if math.isinf(found.needed) else math.ceil(found.needed),
        "threads": None if found.threads is None or math.isinf(found.threads) else math.ceil(found.threads),
        "comparison": safe_text(found.text),
        "agent": None if found.agent is None else safe_text(found.agent),
        "base": found.base,
        "expected": round(found.expected),
        "within": found.within,
        "warning": safe_text(told) or None,
    }


def _base_from(sides: Sides) -> dict[str, Any]:
    """Return where the base comes from: `base_from` is `history` or `api`."""
    names = ("live_s", "read_s", "unanswered_s", "unwatched_s")
    covered = zip(names, (round(seconds, 3) for seconds in sides.past.watched), strict=True)
    return {
        "base_from": sides.base_from,
        "base_remembered": sides.remembered,
        "base_coverage": dict(covered) if sides.base_from == "history" and sides.past.floors else None,
        "base_note": sides.past.why or None,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "since": formatting.iso_time(side.since),
        "until": formatting.iso_time(side.until),
        "runs": len(side.runs),
        "failed": sum(run.status_class == FAILED for run in side.runs),
    }


def _row(row: ComparisonResult, missing: str, *, shown: bool) -> dict[str, Any]:
    return {
        "agent": None if row.agent is None else safe_text(row.agent),
        "metric": row.metric,
        "text": safe_text(row.text),
        "base": _estimate(row.base),
        "new": _estimate(row.new),
        "limit": _number(row.limit),
        "limit_low": _number(row.limit_low),
        "limit_high": _number(row.limit_high),
        "verdict": INCONCLUSIVE if missing else row.verdict,
        "reason": missing or safe_text(row.reason),
        "judged": row.judged,
        "deciding": None if row.deciding is None or not shown else _estimate(row.deciding()),
        "needed": row.needed,
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    value, low, high = map(_number, (found.value, found.low, found.high))
    worth = None if found.worth is None else round(found.worth, 1)
    return {"value": value, "low": low, "high": high, "n": found.n, "threads": found.threads, "worth": worth}


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
