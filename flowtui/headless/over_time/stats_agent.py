"""What `flowtui stats --agent X -o json` adds to the numbers: why the agent's runs failed, and what changed for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.errors import ApiError, HistoryError
from flowtui.headless.one_shot import print_note
from flowtui.model.answers.agent.changes import AgentChanges, ConfigChange, ConfigLine, agent_changes
from flowtui.model.answers.agent.reasons import ReasonUse, reasons_of_range
from flowtui.model.answers.agent.time_ranges import Grid
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import remembered_reasons
from flowtui.model.history.statistics import Period, moment_of
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Deployment, Mark, deployments_of, parse_deployments
from flowtui.source.http.client import Client
from flowtui.text import safe_text

_LATER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead


async def read_deployments(source: Client, agent: str) -> Sequence[Deployment] | None:
    """Return the last deployment of an agent, given by its id or name; None if the API does not say. It is asked once."""
    try:
        reply = await source.agents()
    except ApiError:
        return None
    found, error = parse_deployments(reply.body)
    return None if error is not None else deployments_of(safe_text(agent), found)


def agent_record(
    past: Past | None,
    runs: Iterable[Run],
    period: Period,
    marks: Sequence[Mark],
    hide: bytes | None,
    *,
    deployments: Sequence[Deployment] | None = None,
) -> dict[str, Any]:
    """Return reasons and changes for JSON.

    `runs`: those that count in the period, of one agent. `marks`: the newest last. `hide`: the installation's key, if the
    texts of reasons are to be hidden. `deployments`: of the agent; None: unknown.
    """
    since, until = period.since, period.until
    rows = sorted(
        (run for run in runs if not run.active), key=lambda run: moment_of(run) or 0.0, reverse=True
    )
    failed = [run for run in rows if run.status_class == FAILED]
    recalled = _NOTHING
    if past is not None:
        try:
            recalled = _recall(past, rows, period, hide)
        except HistoryError as error:
            print_note(f"the history cannot be read: {error}")
    found = reasons_of_range(
        failed,
        recalled.reasons,
        Grid(since, max(1.0, until - since), 1, since),
        until,
        oldest=min((run.created for run in rows if run.created is not None), default=None),
        releases=marks,
        before=recalled.before,
    )
    return {
        "reasons": [_reason(use) for use in found.uses],
        "without_reason": len(found.unexplained),
        "changes": _changes(
            agent_changes(marks, recalled.changes, since, until),
            [each for each in deployments or () if since <= each.at < until],
        ),
        "deployment_known": deployments is not None,
    }


class _Recalled(NamedTuple):
    """What the history knows of an agent."""

    reasons: Mapping[RunKey, Reason]
    before: Container[Reason]
    """The reasons for which runs failed before the period."""
    changes: Sequence[ConfigChange]


_NOTHING: Final = _Recalled({}, (), ())


def _recall(past: Past, rows: Sequence[Run], period: Period, hide: bytes | None) -> _Recalled:
    """Return what the history knows. Reads a file. Raises HistoryError."""
    since, until = period.since, period.until
    known = remembered_reasons(past, [run.key for run in rows if run.status_class == FAILED], hide)
    line = ConfigLine()
    for agent in {run.agent_id for run in rows}:
        line.fill(past.configs(2 * since - until, until + _LATER, agent))  # also some from before the period
    return _Recalled(known, past.seen(set(known.values()), since), line.changes())


def _reason(use: ReasonUse) -> dict[str, Any]:
    return {
        "reason": use.reason.text,
        "reason_id": reason_id(use.reason),
        "reason_source": use.reason.source or None,
        "failed": len(use.runs),
        "first": formatting.iso_time(use.first),
        "last": formatting.iso_time(use.last),
        "since_release": use.release or None,
    }


def _changes(found: AgentChanges, deployments: Iterable[Deployment]) -> list[dict[str, Any]]:
    """Return releases, deployments and changes of configuration, the oldest first."""
    made: list[tuple[float, dict[str, Any]]] = [
        (mark.at, {"kind": "release", "name": mark.name}) for mark in found.releases
    ]
    made += [
        (each.at, {"kind": "deployment", "agent_id": each.agent_id, "agent": each.agent or None})
        for each in deployments
    ]
    for each in found.configs:
        thread, run = each.run
        fields = {"thread_id": thread, "run_id": run, "config": each.config, "config_before": each.old}
        made.append((each.at, {"kind": "config", **fields}))
    return [
        {"at": formatting.iso_time(at), **fields} for at, fields in sorted(made, key=lambda each: each[0])
    ]
