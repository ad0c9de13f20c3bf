"""What changed for an agent in a time range: releases, and the configuration of its runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from flowtui.model.history.past import RunConfig
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Deployment, Mark

MANY: Final = 8
"""With more changes of configuration than this in a range, only those to a new configuration are listed."""

DEPLOYED: Final = "deployed"
"""The name of an agent's own deployment."""


class ConfigChange(NamedTuple):
    """The first run with another configuration than the run that the agent created just before."""

    at: float
    """When the run was created, in UTC epoch seconds by the server's clock."""
    run: RunKey
    before: RunKey
    """The run before it."""
    config: str
    """The fingerprint of its configuration."""
    old: str
    """The fingerprint of the configuration before."""


class AgentChanges(NamedTuple):
    """What changed in a time range."""

    releases: Sequence[Mark]
    """The user's marks, and the agent's deployment as `deployed`, the newest last."""
    configs: Sequence[ConfigChange]
    """The listed changes of configuration, the newest last."""
    more: int = 0
    """How many further changes of configuration there were: back to one that an earlier run had."""


class ConfigLine:
    """The configurations of an agent's runs, in the order in which these were created."""

    def __init__(self) -> None:
        self._known: dict[RunKey, RunConfig] = {}
        self._changes: Sequence[ConfigChange] | None = None

    def fill(self, found: Iterable[RunConfig]) -> None:
        """Take configurations of the history."""
        for each in found:
            self._known.setdefault((each.thread_key, each.raw_id), each)
        self._changes = None

    def take(self, run: Run, config: str | None) -> None:
        """Take the configuration of a run; None and "" are unknown."""
        if not config or run.created is None:
            return
        new = RunConfig(run.created, run.raw_id, run.thread_key, config)
        if self._known.get(run.key) != new:
            self._known[run.key] = new
            self._changes = None

    def changes(self) -> Sequence[ConfigChange]:
        """Return all changes from one run to the next, the newest last."""
        if self._changes is None:
            ordered = sorted(self._known.values())
            self._changes = [
                ConfigChange(run.created, (run[2], run[1]), (last[2], last[1]), run.config, last.config)
                for last, run in pairwise(ordered)
                if run.config != last.config
            ]
        return self._changes


def releases_of(agent_id: str, marks: Iterable[Mark], deployments: Iterable[Deployment]) -> list[Mark]:
    """Return the user's marks, and the last deployment of an agent as a mark; the newest last."""
    own = (Mark(each.at, DEPLOYED) for each in deployments if each.agent_id == agent_id)
    return sorted((*marks, *own))


def agent_changes(
    releases: Iterable[Mark], configs: Sequence[ConfigChange], since: float, until: float
) -> AgentChanges:
    """Return what changed from `since` until before `until`. `configs`: all changes of configuration, the newest last."""
    within = [change for change in configs if since <= change.at < until]
    listed: Sequence[ConfigChange] = within
    if len(within) > MANY:
        seen = {change.old for change in configs[:1]} | {
            change.config for change in configs if change.at < since
        }
        listed = _new(within, seen)[-MANY:]
    marks = [mark for mark in releases if since <= mark.at < until]
    return AgentChanges(marks, listed, len(within) - len(listed))


def _new(changes: Iterable[ConfigChange], seen: set[str]) -> list[ConfigChange]:
    """Return the changes to a configuration that no earlier run had. `seen`: the configurations of earlier runs."""
    found = []
    for change in changes:
        if change.config not in seen:
            seen.add(change.config)
            found.append(change)
    return found
