"""Seeded choices of a session: the next keys or terminal size, the simulator's options, and an outage."""

from __future__ import annotations

import random
from typing import NamedTuple

from benchmarks.oracle.filters import FILTERS

SIZES = ((158, 38), (120, 36), (80, 24))
ESC = b"\x1b"

_MOVES = (b"j", b"j", b"j", b"k", b"g", b"G", b"\x04", b"\x15", b"\x1b[6~", b"\x1b[5~", b"\x1b[B", b"\x1b[A")
_ORDERS = (b"s", b"S")
_TABS = tuple(str(tab).encode() for tab in range(1, 10))
_OUTAGES = (("unavailable@all",), ("bad-gateway@all",), ("reset@all",), ("rate-limit:5@all",), ())
"""Faults with which no request is answered; no fault: the server stops."""


class Step(NamedTuple):
    """Bytes to send at once, or a new terminal size, or neither; then `rest` seconds without a key."""

    send: bytes = b""
    size: tuple[int, int] | None = None
    rest: float = 0.0


class Outage(NamedTuple):
    """An outage: its start in seconds of the session, its length, and its faults (none: the server stops)."""

    start: float
    seconds: float
    faults: tuple[str, ...]


def simulator_options(chance: random.Random) -> dict[str, int]:
    """Return the options of the simulator: threads, runs and speed."""
    threads = chance.choice((4, 6, 12, 24))
    return {
        "threads": threads,
        "runs": threads * chance.choice((6, 10, 16)),
        "speed": chance.choice((1, 1, 2, 4)),
    }


def outage_of(chance: random.Random, seconds: float) -> Outage | None:
    """Return the outage of a session of `seconds`; None for none."""
    if seconds < 120 or chance.random() < 0.4:
        return None
    long = chance.random() < 0.25
    lasts = min(130.0 if long else chance.uniform(8, 40), seconds / 2)
    return Outage(chance.uniform(40, seconds - lasts - 40), lasts, chance.choice(_OUTAGES))


def next_step(chance: random.Random, *, table: bool, opened: bool) -> Step:
    """Return the next step. `table`: whether the dashboard is shown; `opened`: whether the screen of a run is."""
    rest = chance.choice((0.1, 0.3, 0.6, 1.0, 1.0, 2.0, 3.0, 7.0, 12.0))
    if not table:
        keys = (*_TABS, b"J", b"K", b"j", ESC, ESC, ESC) if opened else (b"j", b"k", ESC, ESC, ESC)
        return Step(chance.choice(keys), rest=min(rest, 3.0))
    kind = chance.choices(
        (
            "move",
            "only",
            "all",
            "order",
            "filter",
            "view",
            "pause",
            "apply",
            "open",
            "tab",
            "thread",
            "screen",
            "size",
        ),
        (28, 12, 6, 14, 10, 3, 3, 5, 8, 5, 6, 3, 3),
    )[0]
    if kind == "size":
        return Step(size=chance.choice(SIZES), rest=rest)
    sent = {
        "move": lambda: b"".join(chance.choices(_MOVES, k=chance.choice((1, 1, 2, 5)))),
        "only": lambda: chance.choice((b"a", b"a", b"!")),
        "all": lambda: chance.choice((b"0", ESC)),
        "order": lambda: chance.choice(_ORDERS),
        "filter": lambda: b"/\x15" + chance.choice([*FILTERS]).encode() + b"\r",
        "view": lambda: b"F" + str(chance.randrange(1, 8)).encode(),
        "pause": lambda: b"p",
        "apply": lambda: b".",
        "open": lambda: b"\r",
        "tab": lambda: chance.choice(_TABS),
        "thread": lambda: b"hh" + chance.choice((b"j", b"jj", b"jjj", b"g")) + b"\r",
        "screen": lambda: chance.choice((b"t", b"$")),
    }[kind]()
    return Step(sent, rest=rest)
