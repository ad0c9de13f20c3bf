"""When agents were last deployed, as the list of agents says it: marks that nobody had to set. Pure and tolerant."""

from __future__ import annotations

from typing import NamedTuple

from flowtui.model.run.element import Reader
from flowtui.model.run.json_body import parse_elements
from flowtui.text import safe_text


class Deployment(NamedTuple):
    """An agent's last deployment: `at` is UTC epoch seconds by the server's clock. Both texts are display-safe."""

    agent_id: str
    agent: str
    at: float

    @property
    def word(self) -> str:
        """What names the agent: its name, else its id."""
        return self.agent or self.agent_id


def parse_deployments(body: bytes) -> tuple[list[Deployment], str | None]:
    """Return the deployments in the list of agents, the latest last, and why it is not whole (None: it is).

    Agents without an id, or that were never deployed as far as one can read, are left out.
    """
    found = parse_elements(body)
    deployments = []
    for value in found.values:
        if not isinstance(value, dict):
            continue
        read = Reader(value)
        key, name, at = read.text("id"), read.text("name"), read.time("last_deployed_at")
        if key and at is not None:
            deployments.append(Deployment(safe_text(key), safe_text(name), at))
    deployments.sort(key=lambda deployment: deployment.at)
    return deployments, found.error


def deployments_of(word: str, deployments: list[Deployment]) -> list[Deployment]:
    """Return those of the agent with this id or name: exact ones, else those that differ in case alone."""
    exact = [each for each in deployments if word in (each.agent_id, each.agent)]
    return exact or [each for each in deployments if each.agent.casefold() == word.casefold()]
