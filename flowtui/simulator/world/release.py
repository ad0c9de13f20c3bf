"""A bad release: from a given time on, runs of one agent or of all fail more often, take longer or use more tokens.

Pure and seeded: the bits of a run decide whether it fails. All times of a run stay within the timeline's `REACH`.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple
from zlib import crc32

from flowtui.errors import UsageError
from flowtui.simulator.world.catalogue import AGENTS, RELEASE_ERROR
from flowtui.simulator.world.random_choices import Choices

LONGEST: Final = 95.0
"""The longest duration in seconds that a release gives a run, so that all its times are within `REACH`."""

HINT: Final = "Such as 30s, or 30s:failures=20%,durations=x2,tokens=x2,agent=checkout"
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_MOST_TIMES: Final = 100.0
_ROLLS: Final = 10_000


class Release(NamedTuple):
    """The effects of a release on runs created from `at` until before `until` (world seconds), when it is taken back.

    `failures`: the share of completed runs that fail instead, 0 to 1.
    `durations`, `tokens`: factors for durations and token counts.
    `agent`: the index of the only agent with this release; None: all agents have it.
    """

    at: float
    failures: float = 0.0
    durations: float = 1.0
    tokens: float = 1.0
    agent: int | None = None
    until: float = math.inf

    def applies_to(self, agent: int, created: float) -> bool:
        """Return whether the release applies to a run of this agent created at `created` (world seconds)."""
        return self.at <= created < self.until and self.agent in (None, agent)

    def apply(self, choices: Choices) -> Choices:
        """Return the choices for a run with the effects of the release."""
        prompt, completion = (int(count * self.tokens) for count in (choices.prompt, choices.completion))
        # The bound must not make a run faster than it was.
        seconds = min(choices.seconds * self.durations, max(LONGEST, choices.seconds))
        choices = choices._replace(seconds=seconds, prompt=prompt, completion=completion)
        fails = crc32(f"release:{choices.bits}".encode()) % _ROLLS < self.failures * _ROLLS
        if choices.outcome == "completed" and fails:
            return choices._replace(outcome="failed", error=RELEASE_ERROR)
        return choices


def parse_release(text: str) -> Release:
    """Parse T[:EFFECT], such as `30s` or `10m:failures=20%,durations=x2,tokens=x1.5,agent=checkout`.

    Without an effect a fifth of the runs fails.

    Raises:
        UsageError: the syntax is wrong, or the agent is unknown.
    """
    when, colon, effects = text.partition(":")
    found = re.fullmatch(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)\s*(s|m|h|)", when.strip(), re.ASCII)
    if found is None:
        raise UsageError(f"--deploy-at: {when[:40]!r} is not a time after the start", hint=HINT)
    at = float(found[1]) * _UNITS[found[2]]
    if not colon:
        return Release(at, failures=0.2)
    values: dict[str, float] = {}
    agent: int | None = None
    for part in effects.split(","):
        name, _, value = (side.strip() for side in part.partition("="))
        if name == "failures":
            values[name] = _share(value)
        elif name in ("durations", "tokens"):
            values[name] = _times(name, value)
        elif name == "agent":
            agent = _agent(value)
        else:
            raise UsageError(f"--deploy-at: there is no effect {name[:40]!r}", hint=HINT)
    return Release(at, agent=agent, **values)


def _share(value: str) -> float:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)\s*%", value, re.ASCII)
    if found is None or float(found[1]) > 100:
        raise UsageError(f"--deploy-at: failures={value[:40]!r} is not a share such as 20%", hint=HINT)
    return float(found[1]) / 100


def _times(name: str, value: str) -> float:
    found = re.fullmatch(r"x([0-9]{1,3}(?:\.[0-9]{1,3})?)", value, re.ASCII)
    if found is None or not 0 < float(found[1]) <= _MOST_TIMES:
        raise UsageError(f"--deploy-at: {name}={value[:40]!r} is not a factor such as x2", hint=HINT)
    return float(found[1])


def _agent(value: str) -> int:
    names = [agent.name for agent in AGENTS]
    if value not in names:
        raise UsageError(
            f"--deploy-at: there is no agent {value[:40]!r}", hint=f"There are {', '.join(names)}"
        )
    return names.index(value)
