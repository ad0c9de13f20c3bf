"""Data of the simulated world, from `catalogue.toml`: agents, tools, errors, customers, questions and answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple


class Agent(NamedTuple):
    """An agent.

    `tools`: kinds of tools, keys of `TOOLS`.
    `effort`: the reasoning effort, as the API names it.
    `deployed`: how many hours before the start of the world the agent was last deployed.
    """

    name: str
    model: str
    tools: Sequence[str]
    effort: str
    deployed: float


class Error(NamedTuple):
    """An error that ends a run: the tool that raised the error ("" if the model did), the exception type and its text."""

    tool: str
    type: str
    text: str


_DATA: Final = tomllib.loads((files(__package__) / "catalogue.toml").read_text(encoding="utf-8"))

AGENTS: Final = tuple(Agent(**each) for each in _DATA["agents"])

TRIAGE: Final = 0
"""The agent of the one thread that always has an active run."""

ERRORS: Final = tuple(Error(**each) for each in _DATA["errors"])

RELEASE_ERROR: Final = len(ERRORS)
"""Index in `ALL_ERRORS` of the error that only a bad release causes."""

ALL_ERRORS: Final = (*ERRORS, Error(**_DATA["release_error"]))

TOOLS: Final[Mapping[str, Mapping[str, Any]]] = _DATA["tools"]
"""Kind of tool -> its name, description, config, and the JSON schemas of its arguments, of which the first is required."""

CUSTOMERS: Final[Sequence[str]] = _DATA["customers"]
REGIONS: Final[Sequence[str]] = _DATA["regions"]
ENVIRONMENTS: Final[Sequence[str]] = _DATA["environments"]
RELEASES: Final[Sequence[str]] = _DATA["releases"]
QUESTIONS: Final[Sequence[str]] = _DATA["questions"]
ANSWERS: Final[Sequence[str]] = _DATA["answers"]
THOUGHTS: Final[Sequence[str]] = _DATA["thoughts"]
ANNOUNCEMENTS: Final[Sequence[str]] = _DATA["announcements"]
POLICY: Final[Sequence[str]] = _DATA["policy"]
