"""Marks: moments that the user named, such as deployments, and the deployments that the API knows. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.run.element import FieldReader
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.row import Run
from flowtui.text import safe_text

MIN_RUNS: Final = 20
"""By default, the deploy gate cannot pass with fewer judged runs than this on the new side of a mark."""


class Mark(NamedTuple):
    """A named moment that concerns all threads, such as a deployment."""

    at: float
    """UTC epoch seconds by the server's clock."""
    name: str
    """The name, display-safe."""


def release_of(run: Run, marks: Sequence[Mark]) -> str:
    """Return the name of the last mark at or before a run's creation.

    "" if there is no such mark, or if the time of creation is unknown. `marks` are sorted, the newest last.
    """
    place = 0 if run.created is None else bisect_right(marks, run.created, key=lambda mark: mark.at)
    return marks[place - 1].name if place else ""


class Deployment(NamedTuple):
    """An agent's last deployment. All text is display-safe."""

    agent_id: str
    agent: str
    """The agent's name; "" if it has none."""
    at: float
    """When the agent was deployed, in UTC epoch seconds by the server's clock."""

    @property
    def label(self) -> str:
        """The agent's name, or its id if it has none."""
        return self.agent or self.agent_id


def parse_deployments(body: bytes) -> tuple[list[Deployment], str | None]:
    """Return the deployments in a list of agents, and why the body could not be read whole; None if it was read whole.

    The latest deployment comes last. Agents without an id or a readable deployment time are left out.
    """
    found = parse_elements(body)
    deployments = []
    for value in found.values:
        if not isinstance(value, dict):
            continue
        read = FieldReader(value)
        key, name, at = read.text("id"), read.text("name"), read.time("last_deployed_at")
        if key and at is not None:
            deployments.append(Deployment(safe_text(key), safe_text(name), at))
    deployments.sort(key=lambda deployment: deployment.at)
    return deployments, found.error


def deployments_of(word: str, deployments: list[Deployment]) -> list[Deployment]:
    """Return the deployments of the agents with the id or name `word`.

    If no id or name matches exactly, names are compared without regard to case.
    """
    exact = [each for each in deployments if word in (each.agent_id, each.agent)]
    return exact or [each for each in deployments if each.agent.casefold() == word.casefold()]
