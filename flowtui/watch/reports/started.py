"""The first event of a watch: what is watched, until when, and what counts as a failure. Pure."""

from __future__ import annotations

from typing import Any

from flowtui import formatting
from flowtui.text import safe_text
from flowtui.watch import events
from flowtui.watch.events import SINCE_THEN, Event
from flowtui.watch.options import MATCH, Options
from flowtui.watch.reports.gate_events import margin_warning, plan_fields


def started(options: Options, budget: int, at: float) -> Event:
    """Return the first event. `at`: its time, in UTC epoch seconds of the local clock. `budget`: requests per minute."""
    until = str(options.query) if options.until == MATCH else options.until
    fields: dict[str, Any] = {
        "threads": list(options.threads),
        "new": options.new,
        "since": formatting.iso_time(options.since),
        "runs": sorted(options.runs),
        "latest": options.latest,
        "agent": options.agent,
        "group": options.labels.group,
        "labels": dict(options.labels.labels),
        "filter": None if options.filter is None else str(options.filter),
        "expect": options.expect or None,
        "first": options.first or None,
        "open": options.open,
        "for": until,
        "fail_on": sorted(options.fail_on),
        "timeout_s": options.time_limit,
        "interval_s": options.interval,
        "budget": budget,
        **plan_fields(options),
        **({} if options.gate is None else {"gate_warning": margin_warning(options) or None}),
        "text": _text(options, until),
    }
    return Event(events.STARTED, at, fields)


def _text(options: Options, until: str) -> str:
    """Return a short text that says which runs are watched, and until when."""
    what = "new runs" if options.only_new else "runs"
    if options.first:
        noun = "new run" if options.only_new else "run"
        what = f"the first {noun if options.first == 1 else formatting.plural(options.first, noun)}"
        if options.since is not None:
            what += f" since mark {options.mark}" if options.mark else SINCE_THEN
    elif options.runs:
        what = ", ".join(sorted(options.runs)[:3]) + (" and more" if len(options.runs) > 3 else "")
    elif options.latest:
        what = "the latest run"
    elif options.since is not None:
        what = f"runs since mark {options.mark}" if options.mark else f"runs{SINCE_THEN}"
    if options.agent is not None:
        what += f" of {options.agent}"
    if options.labels.given:
        what += f" with {options.labels.text}"
    named = ", ".join(options.threads[:3]) + (
        f" and {len(options.threads) - 3} more" if len(options.threads) > 3 else ""
    )
    where = f"on {named}" if named else "on every thread"
    ends = [f"for {until}"]
    if options.gate is not None:
        ends = [f"gate {options.gate.text}, against {formatting.span(options.gate.compare)} before"]
    if options.time_limit is not None:
        default = " (the default of --first)" if options.timeout is None else ""
        ends.append(f"timeout {formatting.span(options.time_limit)}{default}")
    return safe_text(f"{what} {where}   {', '.join(ends)}")
