"""The fields of the summary that tell a person what to do next: reasons, first failed run, outages, next command. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.messages.why import Why, show_command
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.row import CANCELLED, FAILED, Run, RunKey
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text
from flowtui.watch import events, exits
from flowtui.watch.events import Event, reason_fields
from flowtui.watch.judge.gate import INCONCLUSIVE
from flowtui.watch.judge.outcome import NONE_CAN_MATCH, ONCE, STALL, WAIT_START, Verdict
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
            # What is not asked again, such as a thread that does not exist, is no outage.
            passing = event.name == events.POLL_ERROR and event.fields.get("retry_in_s") is not None
            if passing and not self._open:
                self.count += 1
                self._open = True
            elif event.name == events.POLL_RECOVERED:
                self._open = False
                self.seconds += event.fields.get("after_s") or 0.0


class Ending(NamedTuple):
    """How a watch ended."""

    ledger: Ledger
    options: Options
    verdict: Verdict
    gate: Mapping[str, Any] | None
    """The fields of the gate's result; None without one."""
    because: Sequence[Mapping[str, Any]]
    """The failures that count, as the summary has them."""

    @property
    def code(self) -> int:
        """The exit code without `--exit-zero`."""
        return self.verdict.code

    @property
    def too_few(self) -> bool:
        """Whether the exit code says that runs are missing: 6, or 1 if `--fail-on missing` makes a failure of it."""
        missing = (
            self.code == exits.FAILED and not self.because and self.verdict.ended_by in (WAIT_START, ONCE)
        )
        return self.code == exits.NOTHING or missing


def closing_fields(
    end: Ending,
    groups: Groups,
    numbers: ReasonNumbers,
    agents: Mapping[str, str],
    *,
    outages: OutageCount,
) -> dict[str, Any]:
    """Return the fields. `agents`: agent id -> name."""
    first = first_failed(end.ledger)
    command = next_command(end, first)
    return {
        "failed": [
            {**each, "reason_number": numbers.number_of((each["thread_id"], each["run_id"] or ""))}
            for each in end.because
        ],
        "reasons": [_reason(group, agents) for group in groups.known],
        "reasons_unknown": groups.unknown,
        "first_failed": None if first is None else _first(first, end.options, numbers, agents),
        "outages": {"count": outages.count, "seconds": round(outages.seconds, 3)},
        "next": command,
        "advice": advice(end, agents),
    }


def with_reasons(
    document: dict[str, Any], numbers: ReasonNumbers, known: Mapping[RunKey, Why]
) -> dict[str, Any]:
    """Return the summary with every run, with the numbers of reasons at each failed run."""
    runs = []
    for run in document["runs"]:
        key = (run["thread_id"], run["run_id"])
        why = known.get(key)
        fields = reason_fields(why, None)
        del fields["reason_count"]
        runs.append({**run, **fields, "reason_number": numbers.number_of(key)})
    return {**document, "runs": runs}


def _reason(group: ReasonGroup, agents: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": reason_id(group.reason),
        "number": group.number,
        "text": group.reason.text,
        "source": group.reason.source,
        "count": group.runs,
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
    failed = [run for run in ledger.runs.values() if run.status_class == FAILED]
    failed += [] if ledger.first_folded is None else [ledger.first_folded]
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


_WITHOUT_ONCE: Final = "without --once flowtui waits"
_LONGEST: Final = 40  # characters of a name that the user typed
_COMMANDS: Final = {exits.UNANSWERED: "flowtui doctor", exits.NOTHING: "flowtui runs"}


def next_command(end: Ending, first: Run | None) -> str | None:
    """Return a command that says why the watch ended as it did; None after a success. `first`: the first failed run."""
    ledger, code = end.ledger, exits.NOTHING if end.too_few and first is None else end.code
    if code in (exits.TIMED_OUT, exits.PENDING) and not ledger.counts.known:
        code = exits.UNANSWERED  # nothing was read: more time may not help
    if code in _COMMANDS:
        return _COMMANDS[code]
    if code in (exits.FAILED, *exits.SIGNALS) and first is not None:
        return show_command(first)
    if code == exits.FAILED and (end.because or end.verdict.ended_by != STALL):
        return next((each["see"] for each in end.because), None)
    if code == exits.CANCELLED:
        cancelled = (run for run in ledger.runs.values() if run.status_class == CANCELLED)
        return next((show_command(run) for run in cancelled), None)
    if code in (exits.FAILED, exits.GUARD, exits.TIMED_OUT, exits.PENDING):
        return _waited_for((*ledger.active, *ledger.unknown))
    return None


def _waited_for(runs: Sequence[Run]) -> str | None:
    """Return a command that shows one of these runs; of elements that cannot be read, one that lists them."""
    shown = (show_command(run) for run in runs if not run.placeholder)
    return next(shown, _COMMANDS[exits.NOTHING] if runs else None)


def unlisted_agent(options: Options, agents: Mapping[str, str]) -> str:
    """Return that the API lists no agent called as `--agent` says; "" if it does, or if it is not known.

    `agents`: agent id -> name; empty: unknown.
    """
    wanted = safe_text(options.agent or "")
    known = {name.casefold() for name in agents.values()} | agents.keys()
    if not wanted or not agents or wanted in known or wanted.casefold() in known:
        return ""
    hint = did_you_mean(wanted, map(safe_text, agents.values()))
    return f"the API lists no agent called {wanted[:_LONGEST]!r}{f'. {hint}' if hint else ''}"


def advice(end: Ending, agents: Mapping[str, str]) -> str | None:
    """Return in words what helps a watch that saw too little; None where nothing does. `agents`: agent id -> name."""
    if end.too_few:
        wrong = "" if end.ledger.total else unlisted_agent(end.options, agents)
        return f"check --agent: {wrong}" if wrong else _nothing(end.options, end.verdict.ended_by)
    return _longer(end) if end.code in (exits.TIMED_OUT, exits.PENDING) else None


def _nothing(options: Options, ended_by: str) -> str:
    if ended_by == NONE_CAN_MATCH:  # however long it would have waited
        return "check --for, or give --follow to watch later runs too"
    named = [
        name
        for name, given in (
            ("--agent", options.agent),
            ("--filter", options.filter),
            ("--group and --label", options.labels.given),
            ("--run", options.runs),
        )
        if given
    ]
    check = f"check {', '.join(named)}, or " if named else ""
    return f"{check}{_WITHOUT_ONCE if options.once else 'give a longer --wait-start'}"


def _longer(end: Ending) -> str:
    """Return what helps a watch that ended too soon."""
    longer = _WITHOUT_ONCE if end.code == exits.PENDING else "give a longer --timeout"
    gate = end.gate
    if end.options.until != GATE or gate is None or gate["verdict"] != INCONCLUSIVE:
        return longer
    if gate["missing"]:
        return f"{longer}, or a shorter --compare, so that all its runs can be read"
    needed, runs = gate["needed"], gate["new"]["runs"]
    if needed is None:
        return "more runs would hardly decide the gate: give it a wider limit"
    return (
        f"{longer}: the gate takes about {formatting.count(needed)} runs, and {formatting.count(runs)} came"
    )
