"""A sentence of the brief, as data: what happened, when, to how many runs. `wording.py` has its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey

RELEASE: Final = "release"
"""Since a release more runs failed."""
REASON: Final = "reason"
"""A reason came, and perhaps went."""
AGENT: Final = "agent"
"""More runs of some agents failed than usual."""
OUTAGE: Final = "outage"
"""The API did not answer."""
GAP: Final = "gap"
"""flowtui did not watch."""
SLOW: Final = "slow"
"""Runs of some agents took longer than usual."""
WAITED: Final = "waited"
"""Runs of some agents waited longer than usual to be started."""
NEW_AGENT: Final = "new agent"
"""An agent had its first runs."""
MORE: Final = "more"
"""More runs failed than usual, but not of one agent, and not for one reason."""
QUIET: Final = "quiet"
"""No more runs fail than usual."""
EMPTY: Final = "empty"
"""No run has ended."""

Kind = Literal[
    "release", "reason", "agent", "outage", "gap", "slow", "waited", "new agent", "more", "quiet", "empty"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What happened. What does not apply to the kind has its default.

    `since`, `until`: when; `until` is None if it goes on, or may go on. For a release: from the release to the next one.
    `name`: the release; `following`: the release that ended it. `agents`: the names of the agents that it concerns.
    `count` of `runs` runs failed, or were slow, or ended in a gap or an outage. `share`: the share that failed before, or
    that fails usually; None if unknown.
    `reason`: the reason of most; `more`: how many other reasons. `model`: the only model of the failed runs.
    `apart`: how many more runs of these agents failed since the release, for `apart_reasons`, which came or went at another time;
    neither `count` nor `runs` has them.
    `after`, `after_count`: how many runs ended later, and how many of these failed for the reason.
    `parts`: how many outages or gaps; `seconds`: how long they were together; `read`: whether all of it was read afterwards.
    `why`: why the API did not answer. `median`, `usual`, `limit`: seconds of the runs, usually, and of 19 of 20 usually.
    `keys`: the runs it rests on, for lists of them. `trouble`: whether more than usual is wrong, and not over.
    """

    kind: Kind
    since: float
    until: float | None
    name: str = ""
    following: str = ""
    agents: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    count: int = 0
    runs: int = 0
    share: float | None = None
    reason: Reason | None = None
    more: int = 0
    apart: int = 0
    apart_reasons: tuple[Reason, ...] = ()
    model: str = ""
    after: int = 0
    after_count: int = 0
    parts: int = 0
    seconds: float = 0.0
    read: bool = False
    why: str = ""
    median: float = 0.0
    usual: float = 0.0
    limit: float = 0.0
    keys: tuple[RunKey, ...] = ()
    trouble: bool = False
