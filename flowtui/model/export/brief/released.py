"""What is listed as released or changed in the range. Pure."""

from __future__ import annotations

from typing import NamedTuple

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.release_verdicts import Verdict
from flowtui.model.run.row import RunKey


class Released(NamedTuple):
    """A release, or a change of an agent's configuration."""

    at: float
    name: str
    """The name of the release; of a change `config`, and the agent."""
    agent: str = ""
    """Of a change the name of the agent; "" of a release."""
    run: RunKey | None = None
    """Of a change the first run with the new configuration."""
    verdict: Verdict | None = None
    """Of a release what the gate says; None if unknown."""


def released(brief: Brief, most: int) -> list[Released]:
    """Return the newest releases and changes, at most `most`, in order. Changes, which are many, take what releases leave."""
    pairs = zip(brief.releases, brief.verdicts, strict=True)
    marks = [Released(one.at, one.name, verdict=verdict) for one, verdict in pairs][-most:]
    left = most - len(marks)
    changes = [
        Released(one.at, f"config of {name}", name, one.run)
        for one in brief.changes or ()
        for name in (brief.data.name(one.agent_id),)
    ]
    return sorted([*marks, *(changes[-left:] if left else [])], key=lambda one: one.at)
