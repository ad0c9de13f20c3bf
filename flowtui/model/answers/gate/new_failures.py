"""The reasons of failures since a mark: those that the base does not have, whose runs they are, and which go on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowtui.model.gate.answer import Answer
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.text import safe_text


class NewFailure(NamedTuple):
    """A reason that no run of the base has."""

    reason: Reason
    runs: int
    agents: Sequence[tuple[str, int]]
    """Display-safe name of an agent, "" if it is unknown, and the number of its runs; most runs first."""
    times: Sequence[float | None]
    """When the runs failed."""


class FailuresSince(NamedTuple):
    """Why runs failed since a mark."""

    new: Sequence[NewFailure]
    """Most runs first."""
    known: Sequence[tuple[Reason, int]]
    """Reasons that the base has as well, with the number of their runs since the mark."""
    unexplained: int
    """How many failed runs since the mark have no known reason yet."""
    unexplained_base: int
    """The same of the base: the more there are, the less it means that a reason is new."""
    failed: int
    """How many runs failed since the mark."""


def failures_since(
    answer: Answer, reasons: Mapping[RunKey, Reason], agents: Mapping[str, str]
) -> FailuresSince:
    """Return why runs failed since the mark. `reasons`: run → why it failed, as far as known. `agents`: agent id → name."""
    groups: dict[Reason, list[Run]] = {}
    failed = _failed(answer.sides.new.runs)
    for run in failed:
        if (reason := reasons.get(run.key)) is not None:
            groups.setdefault(reason, []).append(run)
    before = _failed(answer.sides.base.runs)
    told = {reasons.get(run.key) for run in before}
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0].text))
    return FailuresSince(
        [_new(reason, runs, agents) for reason, runs in ordered if reason not in told],
        [(reason, len(runs)) for reason, runs in ordered if reason in told],
        len(failed) - sum(map(len, groups.values())),
        sum(run.key not in reasons for run in before),
        len(failed),
    )


def _failed(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.status_class == FAILED]


def _new(reason: Reason, runs: Sequence[Run], agents: Mapping[str, str]) -> NewFailure:
    counts = Counter(run.agent_id or "" for run in runs).most_common()
    names = [(safe_text(agents.get(agent, agent)), count) for agent, count in counts]
    return NewFailure(reason, len(runs), names, [moment_of(run) for run in runs])
