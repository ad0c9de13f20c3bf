"""How far the picture of a thread may be trusted now. Words and limits are those of the command line contract.

Pure. Freshness is judged by the last whole answer, never by the last try.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowtui.formatting import span
from flowtui.model.store import ThreadState

LOADING: Final = "loading"
LIVE: Final = "live"
LATE: Final = "late"
STALE: Final = "stale"
LOST: Final = "lost"
REFUSED: Final = "refused"

WORST_LAST: Final = (LIVE, LOADING, LATE, STALE, LOST, REFUSED)

_LATE_AFTER = 1.5  # intervals
_STALE_AFTER = 3.0  # intervals
_LOST_AFTER = 120.0  # seconds


class Health(NamedTuple):
    """`word` is one of the constants here, `cause` why it is not live ("" where it is), `since` the last good answer."""

    word: str
    cause: str
    since: float | None

    @property
    def good(self) -> bool:
        """Fresh, or on its way."""
        return self.word in (LIVE, LOADING)


def thread_health(state: ThreadState, now: float) -> Health:
    """Return the health of one thread at `now`."""
    failure = state.failure
    cause = failure.message if failure is not None else ""
    if failure is not None and failure.kind in ("refused", "forbidden"):
        return Health(REFUSED, cause, state.observed)
    if failure is not None and failure.final:
        return Health(LOST, cause, state.observed)
    if state.observed is None:
        if failure is None:
            return Health(LOADING, "", None)
        return Health(LOST if now - failure.since > _LOST_AFTER else STALE, cause, None)
    behind = now - state.observed
    if behind > _LOST_AFTER and behind > state.interval * _LATE_AFTER:
        word = LOST
    elif behind > state.interval * _STALE_AFTER:
        word = STALE
    elif behind > state.interval * _LATE_AFTER:
        word = LATE
    else:
        word = LIVE
    if word != LIVE and not cause:
        cause = f"no answer for {span(behind)}"
    return Health(word, "" if word == LIVE else cause, state.observed)


class Freshness(NamedTuple):
    """How fresh threads are: the `worst` of them, how many are `live`, and the raw ids of those that are not `good`."""

    worst: Health
    live: int
    stale: frozenset[str]


def freshness(threads: Mapping[str, ThreadState], now: float) -> Freshness:
    """Return how fresh these threads are at `now`."""
    live, others = 0, {}
    for key, state in threads.items():  # of thousands nearly all are live, and that is seen at a glance
        seen = state.observed
        if state.failure is None and seen is not None and now - seen <= state.interval * _LATE_AFTER:
            live += 1
        else:
            others[key] = thread_health(state, now)
    words = [health.word for health in others.values()]
    stale = frozenset(key for key, health in others.items() if not health.good)
    some = [Health(LIVE, "", None)] if live else []
    return Freshness(worst([*others.values(), *some]), live + words.count(LIVE), stale)


def worst(healths: list[Health]) -> Health:
    """Return the worst of several, `loading` for none."""
    return max(healths, key=lambda health: WORST_LAST.index(health.word), default=Health(LOADING, "", None))
