"""What the history says of a gate: runs of both sides, and why runs failed. Reads a file; called in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flowtui.config.memory.installation_key import installation_key
from flowtui.model.gate.answer import Question
from flowtui.model.gate.past_base import LATE, SLACK, PastBase, past_base
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import explained_runs
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.snapshot import Snapshot


class GatePast(NamedTuple):
    """What the history says. Times are by the server's clock."""

    base: PastBase
    explained: Mapping[RunKey, Reason]
    """Why runs failed since the begin of the base."""
    begin: float | None
    """Since when runs are remembered; None if nothing is."""


def reading(question: Question, snapshot: Snapshot, *, redact: bool) -> Callable[[Past], GatePast]:
    """Return what reads it. `redact`: the texts of reasons are hidden."""
    at, offset = question.mark.at, snapshot.clock_offset
    since, now = at - question.compare, snapshot.server_time(snapshot.at)
    slack = LATE if snapshot.clock_known else SLACK

    def read(past: Past) -> GatePast:
        base = past_base(past, since, at, now, clock_offset=offset, slack=slack)
        hide = installation_key() if redact else None
        begin = past.begin
        explained = explained_runs(past, since, now, hide)
        return GatePast(base, explained, None if begin is None else begin + offset)

    return read
