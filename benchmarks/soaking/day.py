"""The seeded plan of the soak's day: faults with their times, outages, cancel calls, and tasks to kill.

In a day of six hours or more each fault of the simulator but one comes twice. Pure.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.simulator.faults import FAULTS

HOUR: Final = 3600.0
RECOVERY: Final = 900.0
"""Seconds after the last fault in which runs still change; fewer after a day of minutes."""

STILL: Final = 300.0
"""Seconds after that in which nothing changes, so that the final state of each run is certain."""

STOPPERS: Final = frozenset({"unauthorized", "forbidden", "bearer"})
FINAL: Final = frozenset({"not-found", "rejected", "redirect"})
"""Faults after which polling stops (those of FINAL only on the list of threads): a watch ends, as it should, and a
dashboard continues when the user presses a key."""

SLOW: Final = {"drip": 4, "slow": 4, "endless": 3, "gzip-bomb": 3, "cancel-timeout": 1, "cancel-reset": 3}
"""For each fault that costs real time: how many answers it changes at most."""

LONG: Final = {"shifting": 12, "unstable-order": 12, "ignore-limit": 6}
"""For each fault that reads a whole list at each request: how many requests it changes at most."""

_APART: Final = frozenset({"text-everywhere"})
"""Faults that the day does not use: this one changes each id, so that no run could be compared."""

_NEWEST: Final = frozenset({"text-id", "text-zero-width", "numeric-id", "null-id", "missing-id"})
"""Faults that invent ids; they change the newest row only, since in all rows each would double the number of runs."""

BUSY: Final = 40.0
QUIET: Final = 120.0
"""Seconds between observations of active threads, by day and by night; long, so that a day takes minutes."""

SOON: Final = 0.35  # real seconds that the client waits for an answer during slow faults; PATIENT otherwise
PATIENT: Final = 20.0

_SCOPES: Final = ("threads", "agents", "messages", "spans")
_ARGUMENTS: Final = {
    "body": ("null", "[]", "7", '"x"', "[null]", '{"detail":"no"}'),
    "unknown-status": ("requires_action", "paused", "in_progress"),
    "not-found": ("", "0", "1"),
    "rate-limit": ("2", "30", "120"),
    "rate-limit-date": ("5", "60"),
    "server-error": ("3", "20"),
    "remaining": ("10", "40"),
    "cap-limit": ("1", "5", "19"),
    "clock-skew": ("300", "7"),
    "thread-id": ("../../admin", "x/y?z#", ".."),
    "cancel-late": ("30", "3600"),
    "cancel-refused": ("409", "404", "422"),
}


class FaultTime(NamedTuple):
    """A fault with its begin and end in seconds of the day."""

    begin: float
    end: float
    fault: str


class Action(NamedTuple):
    """An action at a second of the day: stop, start, cancel, kill or crash. `place` selects the run to cancel."""

    at: float
    what: str
    place: int = 0


class Day(NamedTuple):
    """The plan, in seconds of the day: `end` of the last fault, `still` when runs stop changing, `over` the end."""

    faults_at: tuple[FaultTime, ...]
    actions: tuple[Action, ...]
    end: float

    @property
    def still(self) -> float:
        return self.end + min(RECOVERY, 240.0 + self.end / 6)

    @property
    def over(self) -> float:
        return self.still + STILL

    def moments(self) -> list[float]:
        """Return each second at which the plan has something to do."""
        times = {action.at for action in self.actions} | {each for one in self.faults_at for each in one[:2]}
        return sorted({*times, self.end, self.still, self.over})

    def interval(self, now: float) -> float:
        """Return the seconds between observations at `now`; the first quarter and the last tenth of the day are night."""
        return BUSY if self.end / 4 <= now < self.end * 0.9 or now >= self.end else QUIET

    def faults(self, now: float) -> list[str]:
        return [one.fault for one in self.faults_at if one.begin <= now < one.end]

    def done(self, since: float, now: float) -> list[Action]:
        return [action for action in self.actions if since < action.at <= now]


def plan(seed: int, hours: float, *, final: bool) -> Day:
    """Return the plan of a seed. `final`: include faults after which polling stops until the user presses a key."""
    chance = random.Random(f"day {seed}")
    end = hours * HOUR
    quiet = min(600.0, end / 10)
    outages = list(_outages(chance, quiet, end))
    faults_at = []
    for _ in range(2):
        names = [name for name in FAULTS if name not in _APART and (final or name not in STOPPERS)]
        chance.shuffle(names)
        del names[max(6, math.ceil(len(names) * hours / 6)) :]  # a day of minutes has only some of them
        for place, name in enumerate(names):
            begin = quiet + (end - quiet) * (place + chance.random()) / len(names)
            last = min(end, begin + chance.uniform(30.0, 240.0))
            faults_at.append(FaultTime(begin, last, _written(name, chance, final=final)))
    actions = [Action(at, what) for begin, last in outages for at, what in ((begin, "stop"), (last, "start"))]
    many = max(2, round(hours))
    for what, times in (("cancel", 4 * many), ("kill", many // 2 + 1), ("crash", many // 3 + 1)):
        actions += [Action(chance.uniform(quiet, end), what, chance.randrange(1000)) for _ in range(times)]
    return Day(tuple(sorted(faults_at)), tuple(sorted(actions)), end)


def _outages(chance: random.Random, quiet: float, end: float) -> Iterator[tuple[float, float]]:
    """Yield (begin, end) of one long outage about noon, and of three short ones before and after it."""
    long = min(HOUR, end / 8)
    noon = end * chance.uniform(0.4, 0.5)
    yield noon, noon + long
    for low, high in ((quiet, noon), (noon + long, end)):
        for part in range(3):
            width = (high - low) / 3
            begin = low + width * (part + chance.uniform(0.1, 0.5))
            yield begin, begin + min(chance.uniform(60.0, 480.0), width / 3)


def _written(name: str, chance: random.Random, *, final: bool) -> str:
    fault = FAULTS[name]
    arguments = _ARGUMENTS.get(name)
    text = f"{name}:{chance.choice(arguments)}" if arguments else name
    if fault.argument == "ID" and (name in _NEWEST or chance.random() < 0.5):
        text += ":newest"
    elsewhere = fault.reply is not None or name.startswith("text-")
    if fault.scope == "runs" and elsewhere and name not in SLOW and chance.random() < 0.35:
        text += f"@{chance.choice(_SCOPES if final or name not in FINAL else _SCOPES[1:])}"
    times = SLOW.get(name) or LONG.get(name)
    return f"{text}*{times}" if times else text
