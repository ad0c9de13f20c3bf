"""What happens in the soak's day, drawn from a seed: faults that come and go, outages, cancels, and tasks that die.

Each fault of the simulator but one comes twice, in a day of six hours or more. Pure: a list of what is to be done when.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from flowtui.simulator.faults import FAULTS

HOUR: Final = 3600.0
RECOVERY: Final = 900.0
"""Seconds after the last fault in which the world goes on; fewer after a day of minutes."""

STILL: Final = 300.0
"""Seconds after that in which it stands still, so that one can say of every run how it ended."""

STOPPERS: Final = frozenset({"unauthorized", "forbidden", "bearer"})
FINAL: Final = frozenset({"not-found", "rejected", "redirect"})
"""Faults that are final, the second kind where it hits the list of threads: a watch ends with them, as it should, and a
dashboard asks again when somebody presses a key."""

SLOW: Final = {"drip": 4, "slow": 4, "endless": 3, "gzip-bomb": 3, "cancel-timeout": 1, "cancel-reset": 3}
"""Faults that cost real time, and how many answers they may spoil."""

LONG: Final = {"shifting": 12, "unstable-order": 12, "ignore-limit": 6}
"""Faults that read all of a list at each request, and how often they may."""

_APART: Final = frozenset({"text-everywhere"})
"""Faults without a day: this one gives every run and thread another id, so that nothing can be held against the truth."""

_NEWEST: Final = frozenset({"text-id", "text-zero-width", "numeric-id", "null-id", "missing-id"})
"""Faults that make ids up: in all rows, each would double the number of runs."""

BUSY: Final = 40.0
QUIET: Final = 120.0
"""Seconds between two looks at what moves, by day and by night: so many fewer requests fit into minutes."""

SOON: Final = 0.35  # of a server's answer; real seconds that a client waits while answers may be slow
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


class Window(NamedTuple):
    """A fault between two moments, in seconds of the day."""

    begin: float
    end: float
    fault: str


class Deed(NamedTuple):
    """Something that is done at a moment: stop, start, cancel, kill, crash. `place`: which one, where there are several."""

    at: float
    what: str
    place: int = 0


class Day(NamedTuple):
    """The plan. `end` is when the last fault is over, `still` when the world stands still, `over` the end of all."""

    windows: tuple[Window, ...]
    deeds: tuple[Deed, ...]
    end: float

    @property
    def still(self) -> float:
        return self.end + min(RECOVERY, 240.0 + self.end / 6)

    @property
    def over(self) -> float:
        return self.reduced_motion + STILL

    def moments(self) -> list[float]:
        """Return every moment at which something is to be done."""
        times = {deed.at for deed in self.deeds} | {each for one in self.windows for each in one[:2]}
        return sorted({*times, self.end, self.reduced_motion, self.over})

    def pace(self, now: float) -> float:
        """Return the seconds between two looks: the first quarter of the day and the end of it are night."""
        return BUSY if self.end / 4 <= now < self.end * 0.9 or now >= self.end else QUIET

    def faults(self, now: float) -> list[str]:
        return [one.fault for one in self.windows if one.begin <= now < one.end]

    def done(self, since: float, now: float) -> list[Deed]:
        return [deed for deed in self.deeds if since < deed.at <= now]


def plan(seed: int, hours: float, *, final: bool) -> Day:
    """Return the day of a seed. `final`: there may be faults after which nothing is asked before somebody wants it."""
    chance = random.Random(f"day {seed}")
    end = hours * HOUR
    quiet = min(600.0, end / 10)
    outages = list(_outages(chance, quiet, end))
    windows = []
    for _ in range(2):
        names = [name for name in FAULTS if name not in _APART and (final or name not in STOPPERS)]
        chance.shuffle(names)
        del names[max(6, math.ceil(len(names) * hours / 6)) :]  # a day of minutes has room for a few
        for place, name in enumerate(names):
            begin = quiet + (end - quiet) * (place + chance.random()) / len(names)
            last = min(end, begin + chance.uniform(30.0, 240.0))
            windows.append(Window(begin, last, _written(name, chance, final=final)))
    deeds = [Deed(at, what) for begin, last in outages for at, what in ((begin, "stop"), (last, "start"))]
    many = max(2, round(hours))
    for what, times in (("cancel", 4 * many), ("kill", many // 2 + 1), ("crash", many // 3 + 1)):
        deeds += [Deed(chance.uniform(quiet, end), what, chance.randrange(1000)) for _ in range(times)]
    return Day(tuple(sorted(windows)), tuple(sorted(deeds)), end)


def _outages(chance: random.Random, quiet: float, end: float) -> Iterator[tuple[float, float]]:
    """One long outage about noon, short ones before and after it."""
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
