"""Which agents cannot start runs, by the last reading of the list of agents. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowtui.model.run.json_body import parse_elements
from flowtui.text import safe_name

_NOT_ACTIVE: Final = frozenset({"inactive", "pending", "failed"})
"""The documented statuses other than Active: "an agent must be active before it can process requests"."""


@dataclass(frozen=True, slots=True)
class AgentStatuses:
    """What one reading of the agents showed."""

    not_active: Mapping[str, str] = field(default_factory=dict)
    """Display-safe agent id → status, for agents with a documented status other than Active.

    Nothing is claimed of an agent with another status or none: it is not here.
    """
    read_at: float = float("-inf")
    """When the agents were asked for, in UTC epoch seconds of the local clock."""


UNREAD: Final = AgentStatuses()
"""The agents were not read yet."""


def parse_agent_statuses(body: bytes, read_at: float) -> AgentStatuses:
    """Return what a list of agents says. `read_at`: see `AgentStatuses`."""
    found: dict[str, str] = {}
    for value in parse_elements(body).values:
        agent, status = (value.get("id"), value.get("status")) if isinstance(value, dict) else (None, None)
        if isinstance(agent, str) and isinstance(status, str) and status.lower() in _NOT_ACTIVE:
            found[safe_name(agent)] = status
    return AgentStatuses(found, read_at)
