"""How far the server's clock, which dates the runs, is from that of the machine that watched them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from flowtui.formatting import span
from flowtui.model.history.past import PastMove

FAR: Final = 60.0
"""Seconds; less between two clocks hardly changes what is counted."""

MOVES: Final = 50
"""So many of the latest changes of status are looked at."""

_LEAST: Final = 5  # ends of runs that must agree
_APART: Final = 300.0  # seconds; a server may show an end that much later


def apart_words(ahead: float) -> str:
    """Return how far this machine's clock is off, for the user. `ahead`: the server's minus this one's, in seconds."""
    way = "behind" if ahead > 0 else "ahead of"
    return f"this machine's clock is {span(abs(ahead))} {way} the server's"


def since_warning(ahead: float) -> str:
    """Return that times which the user named are by a clock far from the one that dates the runs; "" if it is not far."""
    told = f"{apart_words(ahead)}, which dates the runs; times on the command line are by this machine's"
    return told if abs(ahead) > FAR else ""


def server_ahead(moves: Iterable[PastMove]) -> float:
    """Return by how many seconds the server's clock is ahead; 0 if it is not known, or if the clocks may well agree.

    `moves`: the latest first. Each end of a run that was seen lies between two observations: this bounds the difference. If
    a clock was set meanwhile, the moves since then count.
    """
    least, most, count = -math.inf, math.inf, 0
    for run, change in moves:
        if not run.terminal or run.ended is None or change.since is None or change.after != run.status:
            continue
        closer = max(least, run.ended - change.at), min(most, run.ended - change.since)
        if closer[0] > closer[1]:
            break
        (least, most), count = closer, count + 1
    apart = least > _APART or most < -_APART
    return (least + most) / 2 if apart and count >= _LEAST else 0.0
