"""Moments that somebody named, such as deployments, and which runs came after which. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.run.element import FieldReader
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.row import FAILED, Run
from flowtui.text import safe_text

MIN_RUNS: Final = 20
"""Runs on each side of a mark that a passed gate takes, where nobody says otherwise."""


class Mark(NamedTuple):
    """Something that happened to all threads at once, as a deployment; `name` is display-safe."""

    at: float
    name: str


def release_of(run: Run, marks: Sequence[Mark]) -> str:
    """Return the name of the last mark (the newest last) before a run was created; "" where there is none or no date."""
    place = 0 if run.created is None else bisect_right(marks, run.created, key=lambda mark: mark.at)
    return marks[place - 1].name if place else ""


class RunsSinceMark(NamedTuple):
    """How many of some runs were created from a mark on, and how many of those failed."""

    mark: Mark
    runs: int
    failed: int


def since_mark(runs: Iterable[Run], mark: Mark) -> RunsSinceMark:
    """Return what came from a mark on."""
    new = [run for run in runs if run.created is not None and run.created >= mark.at]
    return RunsSinceMark(mark, len(new), sum(run.status_class == FAILED for run in new))


class Deployment(NamedTuple):
    """An agent's last deployment: `at` is UTC epoch seconds by the server's clock. Both texts are display-safe."""

    agent_id: str
    agent: str
    at: float

    @property
    def label(self) -> str:
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
        read = FieldReader(value)
        key, name, at = read.text("id"), read.text("name"), read.time("last_deployed_at")
        if key and at is not None:
            deployments.append(Deployment(safe_text(key), safe_text(name), at))
    deployments.sort(key=lambda deployment: deployment.at)
    return deployments, found.error


def deployments_of(word: str, deployments: list[Deployment]) -> list[Deployment]:
    """Return those of the agent with this id or name: exact ones, else those that differ in case alone."""
    exact = [each for each in deployments if word in (each.agent_id, each.agent)]
    return exact or [each for each in deployments if each.agent.casefold() == word.casefold()]
