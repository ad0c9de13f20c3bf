"""How the left column of the dashboard is divided: threads, agents, outcomes. Pure; the first frame uses it as well."""

from __future__ import annotations

from typing import Final, NamedTuple

WIDE: Final = 100
"""Width of the screen from which on there is a left column."""

SLIM: Final = 72
"""Width of the screen below which there is not even a line for it, unless the user is in one of its lists."""

LATELY: Final = "last 2h"
"""The time of which agents and outcomes are shown, for titles."""

_ROOMY: Final = 136  # width of the screen from which on the column has its full width
_NARROWER, _FULL = 28, 33  # cells

UNKNOWN_THREADS, UNKNOWN_AGENTS = 8, 9
"""Lines that both lists are expected to need before anything is known."""

_FRAME: Final = 2
_LEAST_LIST: Final = 3  # lines of a list in its frame that are worth having
_LEAST_OUTCOMES: Final = 3
_LOW_CHART: Final = 7  # lines of the outcomes with the lowest chart
_CHART: Final = 11  # lines of the outcomes that longer lists leave


class Side(NamedTuple):
    """The heights of the three frames, borders included; 0: there is no room."""

    threads: int
    agents: int
    outcomes: int


def side_width(cells: int) -> int:
    """Return the width of the left column on a screen `cells` wide; 0 if it has none."""
    if cells < WIDE:
        return 0
    return _FULL if cells >= _ROOMY else _NARROWER


def side_heights(lines: int, threads: int = UNKNOWN_THREADS, agents: int = UNKNOWN_AGENTS) -> Side:
    """Return how to divide `lines` lines among lists that need so many lines, and the outcomes, which take the rest.

    If there is not enough room, the outcomes get lower, down to a third of it; then the lists show fewer lines; then the
    agents are left out, then the outcomes.
    """
    room = lines - 3 * _FRAME
    if room < 2 * _LEAST_LIST + _LEAST_OUTCOMES:
        outcomes = _LEAST_OUTCOMES + _FRAME if lines >= _LEAST_LIST + _LEAST_OUTCOMES + 2 * _FRAME else 0
        return Side(lines - outcomes, 0, outcomes)
    threads, agents = max(_LEAST_LIST, threads), max(_LEAST_LIST, agents)
    outcomes = min(_CHART, room // 3)
    outcomes = outcomes if outcomes >= _LOW_CHART else _LEAST_OUTCOMES
    if threads + agents + outcomes <= room:
        return Side(threads + _FRAME, agents + _FRAME, room - threads - agents + _FRAME)
    both = room - outcomes
    first = max(_LEAST_LIST, min(threads, max(both // 2, both - agents)))
    second = max(_LEAST_LIST, min(agents, both - first))
    return Side(first + _FRAME, second + _FRAME, room - first - second + _FRAME)
