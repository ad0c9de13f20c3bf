"""A release: from a moment on, runs of an agent or of all turn out worse. How it is written, and what it does to a run.

Pure, and as seeded as the world: which runs fail is in their own dice. Everything about a run stays within the
timeline's reach.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from flowtui.errors import UsageError
from flowtui.simulator.world.catalogue import AGENTS, RELEASE_ERROR

if TYPE_CHECKING:
    from flowtui.simulator.world.draws import Draw

LONGEST: Final = 95.0
"""Seconds that a run takes at the most, whatever a release does to it: then all about it is within reach."""

HINT: Final = "Such as 30s, or 30s:failures=20%,durations=x2,tokens=x2,agent=checkout"
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_MOST_TIMES: Final = 100.0
_ROLLS: Final = 10_000


class Release(NamedTuple):
    """What is worse from `at` (world seconds) on: `failures` is the share of the good runs that fail then.

    `durations` and `tokens` are factors, `agent` the index of the only agent it is about, None for all.
    """

    at: float
    failures: float = 0.0
    durations: float = 1.0
    tokens: float = 1.0
    agent: int | None = None

    def concerns(self, agent: int, created: float) -> bool:
        """Whether a run of this agent, created then, is made by the new release."""
        return created >= self.at and self.agent in (None, agent)

    def worsen(self, draw: Draw) -> Draw:
        """Return how a run turns out with the new release."""
        prompt, completion = (int(count * self.tokens) for count in (draw.prompt, draw.completion))
        # As fast as it was, or as slow as it may get: never faster because of the bound.
        seconds = min(draw.seconds * self.durations, max(LONGEST, draw.seconds))
        draw = draw._replace(seconds=seconds, prompt=prompt, completion=completion)
        unlucky = crc32(f"release:{draw.throw}".encode()) % _ROLLS < self.failures * _ROLLS
        if draw.outcome == "completed" and unlucky:
            return draw._replace(outcome="failed", error=RELEASE_ERROR)
        return draw


def parse_release(text: str) -> Release:
    """Return what `T[:EFFECT]` means: `30s`, `10m:failures=20%,durations=x2,tokens=x1.5,agent=checkout`.

    Without an effect a fifth of the runs fails.

    Raises:
        UsageError: it is written otherwise, or there is no such agent.
    """
    when, colon, effects = text.partition(":")
    found = re.fullmatch(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)\s*(s|m|h|)", when.strip(), re.ASCII)
    if found is None:
        raise UsageError(f"--deploy-at: {when[:40]!r} is no time after the start", hint=HINT)
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
        raise UsageError(f"--deploy-at: failures={value[:40]!r} is no share such as 20%", hint=HINT)
    return float(found[1]) / 100


def _times(name: str, value: str) -> float:
    found = re.fullmatch(r"x([0-9]{1,3}(?:\.[0-9]{1,3})?)", value, re.ASCII)
    if found is None or not 0 < float(found[1]) <= _MOST_TIMES:
        raise UsageError(f"--deploy-at: {name}={value[:40]!r} is no factor such as x2", hint=HINT)
    return float(found[1])


def _agent(value: str) -> int:
    names = [agent.name for agent in AGENTS]
    if value not in names:
        raise UsageError(
            f"--deploy-at: there is no agent {value[:40]!r}", hint=f"There are {', '.join(names)}"
        )
    return names.index(value)
