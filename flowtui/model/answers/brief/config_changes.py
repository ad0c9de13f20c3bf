"""Changes of configuration of some agents in a time range. Reads the history."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from flowtui.model.answers.brief.inputs import ConfigChange
from flowtui.model.history.past import Past

MOST: Final = 20
"""Most agents whose configurations are read, and most changes that are returned: the newest."""


def config_changes(past: Past, agents: Iterable[str], since: float, until: float) -> list[ConfigChange]:
    """Return the first runs with a configuration that no earlier run of the range had, in order. Raises HistoryError.

    An agent that goes back and forth between two configurations is listed once.
    """
    found: list[ConfigChange] = []
    for agent in sorted(agents)[:MOST]:
        ordered = sorted(past.configs(since, until, agent))
        known = {each.config for each in ordered[:1]}
        for last, each in pairwise(ordered):
            if each.config != last.config and each.config not in known and each.created >= since:
                known.add(each.config)
                found.append(ConfigChange(each.created, agent, (each.thread_key, each.raw_id)))
    return sorted(found)[-MOST:]
