"""The fields of the summary that tell a person what to do next: reasons, first failed run, outages, next command. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowtui import formatting
from flowtui.model.messages.why import Why, show_command
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.row import CANCELLED, FAILED, Run, RunKey
from flowtui.watch import events, exits
from flowtui.watch.events import Event
from flowtui.watch.judge.gate import INCONCLUSIVE
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import GATE, Options
from flowtui.watch.reason_numbers import Groups, ReasonGroup, ReasonNumbers


@dataclass(slots=True)
class OutageCount:
    """Counts the outages of a watch by its events. `seconds`: how long those took that are over."""

    count: int = 0
    seconds: float = 0.0
    _open: bool = False

    def take(self, told: Iterable[Event]) -> None:
        """Note the events of the same moment."""
        for event in told:
            if event.name == events.POLL_ERROR and not self._open:
                self.count += 1
                self._open = True
            elif event.name == events.POLL_RECOVERED:
                self._open = False
                self.seconds += event.fields.get("after_s") or 0.0


def closing_fields(
    ledger: Ledger,
    options: Options,
    code: int,
    groups: Groups,
    numbers: ReasonNumbers,
    agents: Mapping[str, str],
    *,
    outages: OutageCount,
    gate: Mapping[str, Any] | None,
    because: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the fields.

    `code`: the exit code without `--exit-zero`. `agents`: agent id -> name. `gate`: the fields of the gate's result; None
    without one. `because`: the failures that count, as the summary has them.
    """
    first = first_failed(ledger)
    command, advice = next_step(ledger, options, code, first, gate, because)
    return {
        "reasons": [_reason(group, agents) for group in groups.known],
        "reasons_unknown": groups.unknown,
        "first_failed": None if first is None else _first(first, options, numbers, agents),
        "outages": {"count": outages.count, "seconds": round(outages.seconds, 3)},
        "next": command,
        "advice": advice,
    }


def with_reasons(
    document: dict[str, Any], numbers: ReasonNumbers, known: Mapping[RunKey, Why]
) -> dict[str, Any]:
    """Return the summary with every run, with the numbers of reasons at each failed run."""
    runs = []
    for run in document["runs"]:
        key = (run["thread_id"], run["run_id"])
        why = known.get(key)
        text = None if why is None else why.folded.text
        runs.append({**run, "failure_reason": text, "reason_number": numbers.number_of(key)})
    return {**document, "runs": runs}


def _reason(group: ReasonGroup, agents: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": reason_id(group.reason),
        "number": group.number,
        "text": group.reason.text,
        "source": group.reason.source,
        "count": group.count,
        "agents": [
            {"agent_id": agent_id, "agent": agents.get(agent_id), "count": count}
            for agent_id, count in group.agents
        ],
        "new": group.new,
    }


def first_failed(ledger: Ledger) -> Run | None:
    """Return the watched run that failed first; None if none failed."""
    if not ledger.counts.by_class.get(FAILED):
        return None
    failed = (run for run in ledger.runs.values() if run.status_class == FAILED)
    return min(failed, key=lambda run: (_moment(run) is None, _moment(run) or 0.0, run.raw_id))


def _moment(run: Run) -> float | None:
    return run.created if run.ended is None else run.ended


def _first(run: Run, options: Options, numbers: ReasonNumbers, agents: Mapping[str, str]) -> dict[str, Any]:
    at, since = _moment(run), options.since
    number = numbers.number_of(run.key)
    return {
        "thread_id": run.thread_key,
        "run_id": run.raw_id,
        "agent_id": run.agent_id,
        "agent": agents.get(run.agent_id),
        "at": formatting.iso_time(at),
        "after_s": None if at is None or since is None else round(at - since, 3),
        "mark": options.mark or None,
        "reason_number": number,
        "see": show_command(run),
    }


def next_step(
    ledger: Ledger,
    options: Options,
    code: int,
    first: Run | None,
    gate: Mapping[str, Any] | None,
    because: Iterable[Mapping[str, Any]],
) -> tuple[str | None, str | None]:
    """Return a command that says why the watch ended as it did, and advice in words; None where there is none."""
    if code == exits.UNANSWERED:
        return "flowtui doctor", None
    if code in (exits.FAILED, *exits.SIGNALS) and first is not None:
        return show_command(first), None
    counted = next((each["see"] for each in because), None)
    if code == exits.FAILED:
        return counted, None
    if code == exits.CANCELLED:
        cancelled = (run for run in ledger.runs.values() if run.status_class == CANCELLED)
        return next((show_command(run) for run in cancelled), None), None
    if code == exits.NOTHING:
        return _nothing(options)
    waiting = next((show_command(run) for run in (*ledger.active, *ledger.unknown)), None)
    if code == exits.GUARD:
        return waiting, None
    if code in (exits.TIMED_OUT, exits.PENDING):
        return waiting, _longer(options, code, gate)
    return None, None


def _nothing(options: Options) -> tuple[str, str]:
    named = [
        name
        for name, given in (
            ("--agent", options.agent),
            ("--filter", options.filter),
            ("--group or --label", options.labels.given),
            ("--run", options.runs),
        )
        if given
    ]
    check = f"check {', '.join(named)}, or give a longer --wait-start" if named else "give a longer --wait-start"
    return "flowtui runs", check


def _longer(options: Options, code: int, gate: Mapping[str, Any] | None) -> str:
    """Return what helps a watch that ended too soon."""
    longer = "without --once flowtui waits" if code == exits.PENDING else "give a longer --timeout"
    if options.until != GATE or gate is None or gate["verdict"] != INCONCLUSIVE:
        return longer
    needed, runs = gate["needed"], gate["new"]["runs"]
    if gate["missing"]:
        return gate["missing"]
    if needed is None:
        return "more runs would hardly decide the gate: give it a wider limit"
    return f"{longer}: the gate takes about {formatting.count(needed)} runs, and {formatting.count(runs)} came"
