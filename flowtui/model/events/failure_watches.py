"""Watches of reasons and agents: the user is told when a run fails for the watched reason again, or a run of the agent fails.

A reason is often known only some seconds after the failure, so a watched reason waits for the reasons of runs that failed.
During an outage many runs fail: after a notice, those of the next minute are told as one. All text is display-safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from flowtui.model.columns.context import Context
from flowtui.model.events.news import is_news
from flowtui.model.events.notices import AGENT, REASON, Notice, named, outcome
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.model.state.snapshot import Snapshot

GAP: Final = 60.0
"""Least seconds between two notices of a watch."""

WAIT: Final = 900.0
"""Seconds for which the reason of a failed run is waited for; after that it counts as unknown."""

MOST_WAITING: Final = 500
"""Most failed runs whose reasons a watch waits for: the newest."""


class Waiting(NamedTuple):
    """A failed run whose reason is not known yet. `since`: when its failure was seen, in UTC epoch seconds (local clock)."""

    run: Run
    since: float


@dataclass(frozen=True, slots=True)
class FailureWatch:
    """A watched reason, or a watched agent."""

    began: float
    """When the watch began, in UTC epoch seconds of the local clock."""
    name: str
    """What is watched, in words."""
    reason: Reason | None = None
    """The watched reason; None: an agent is watched."""
    agent: str = ""
    """The id of the watched agent; "": a reason is watched."""
    waiting: tuple[Waiting, ...] = ()
    """Failed runs that may have the watched reason."""
    untold: tuple[Run, ...] = ()
    """Failed runs that the next notice tells of, the oldest first."""
    told_at: float | None = None
    """When the last notice was given (local clock); None: none was."""

    @property
    def id(self) -> str:
        """The id of the watched reason; "": an agent is watched."""
        return "" if self.reason is None else reason_id(self.reason)


class FailureResults(NamedTuple):
    """The watches as they go on, and the notices to show."""

    watches: tuple[FailureWatch, ...]
    notices: list[Notice]


def watch_reason(reason: Reason, at: float) -> FailureWatch:
    """Return a watch of a reason, begun at `at` (UTC epoch seconds of the local clock)."""
    return FailureWatch(at, reason.text, reason=reason)


def watch_agent(agent_id: str, name: str, at: float) -> FailureWatch:
    """Return a watch of an agent, begun at `at` (UTC epoch seconds of the local clock). `name`: how people call the agent."""
    return FailureWatch(at, name, agent=agent_id)


def check_failures(
    watches: Sequence[FailureWatch],
    changes: Iterable[Change],
    snapshot: Snapshot,
    context: Context,
    at: float,
) -> FailureResults:
    """Return the watches as they go on, and their notices.

    `changes` are those since the last call; they are empty if only time has passed or reasons came. `at`: now, in UTC epoch
    seconds of the local clock.
    """
    failed = [change for change in changes if _fails(change)]
    going, notices = [], []
    for watch in watches:
        fresh = [c.after for c in failed if is_news(c, watch.began, snapshot.clock_offset)]
        if not (fresh or watch.waiting or watch.untold):
            going.append(watch)
            continue
        kept = _of_agent(watch, fresh) if watch.reason is None else _of_reason(watch, fresh, context, at)
        if kept.untold and (kept.told_at is None or not 0 <= at - kept.told_at < GAP):
            notices.append(_notice(kept, at, context))
            kept = replace(kept, untold=(), told_at=at)
        going.append(kept)
    return FailureResults(tuple(going), notices)


def awaited(watches: Iterable[FailureWatch]) -> Mapping[RunKey, Run]:
    """Return the failed runs whose reasons the watches wait for."""
    return {each.run.key: each.run for each in chain.from_iterable(watch.waiting for watch in watches)}


def _fails(change: Change) -> bool:
    before = change.before
    if change.kind not in (APPEARED, CHANGED) or change.after.status_class != FAILED:
        return False
    return before is None or before.status_class != FAILED


def _of_agent(watch: FailureWatch, fresh: Sequence[Run]) -> FailureWatch:
    own = tuple(run for run in fresh if run.agent_id == watch.agent)
    return replace(watch, untold=watch.untold + own) if own else watch


def _of_reason(watch: FailureWatch, fresh: Sequence[Run], context: Context, at: float) -> FailureWatch:
    waiting, same = [], []
    for each in (*watch.waiting, *(Waiting(run, at) for run in fresh)):
        found = context.reasons.get(each.run.key)
        if found is not None:
            same += [each.run] if reason_id(found) == watch.id else []
        elif at - each.since < WAIT:
            waiting.append(each)
    return replace(watch, waiting=tuple(waiting[-MOST_WAITING:]), untold=(*watch.untold, *same))


def _notice(watch: FailureWatch, at: float, context: Context) -> Notice:
    kind, again = (AGENT, "") if watch.reason is None else (REASON, " again")
    sentences = tuple(f"{named(run, context)} {outcome(run, context, again)}" for run in watch.untold)
    return Notice(kind, at, watch.name, watch.untold, sentences, reason=watch.reason)
