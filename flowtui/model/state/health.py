"""The health of threads: whether their data are current, and if not, why. Pure.

The words and their limits are part of flowtui's interface. If no request was sent for a long time, a thread is `seen`:

- `seen`: no request for more than 1.5 promised intervals. The data are old, but the server is not at fault.

If a request has no answer yet, the thread gets worse as time passes:

- `late`: no answer for 1.5 polling intervals of the thread.
- `stale`: no answer for 3 intervals.
- `lost`: no answer for 2 minutes, or a failure after which no request is made.

If its rows come from the history and this start has not observed it yet, a thread is `restored`: neither live nor lost. It
becomes `late`, `stale` or `lost` like any other once it is requested and no answer comes. Words for people: `as of 18:42`.

For `late`, `stale` and `lost` an interval of more than 30 s counts as 30 s, so that they follow one another even if a thread is
polled only every few minutes. The time counts from the first request since the last complete answer. If requests are
held back because the server fails or limits them, it counts from when the next request was due. Waiting for flowtui's
own request budget does not count.

Coverage says how much of all threads was read, and how old the oldest data are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from flowtui.formatting import age, span
from flowtui.model.state.known_runs import ThreadState

LOADING: Final = "loading"
RESTORED: Final = "restored"
LIVE: Final = "live"
SEEN: Final = "seen"
LATE: Final = "late"
STALE: Final = "stale"
LOST: Final = "lost"
REFUSED: Final = "refused"

WORST_LAST: Final = (SEEN, LIVE, LOADING, RESTORED, LATE, STALE, LOST, REFUSED)
"""The words from best to worst.

`seen` comes first, so that many threads together are `seen` only if each one is. `restored` comes after the words for
threads in good order, so that many threads together are `restored` while one of them is.
"""

OVERDUE_INTERVALS: Final = 1.5
"""Intervals without a request after which a thread is `seen` instead of `live`."""

_LATE_AFTER = 1.5  # intervals
_STALE_AFTER = 3.0  # intervals
_LOST_AFTER = 120.0  # seconds
_LONGEST = 30.0  # seconds: longer intervals count as 30 s, so that `stale` (after 90 s) comes before `lost`


class Withheld(NamedTuple):
    """The requests that are held back, because the server fails or limits them."""

    since: float
    """Since when requests are held back, in UTC epoch seconds of the local clock."""
    cause: str
    """The server's last error, display-safe."""
    kind: str = ""
    """The kind of that error; "" if there was none yet: all connections wait for an answer."""


class Health(NamedTuple):
    """The health of a thread."""

    word: str
    """One of the constants above, such as LIVE."""
    cause: str
    """Why the health is not better; "" if the thread is live, loading or restored."""
    since: float | None
    """When the last good answer came, to this start or an earlier one, in UTC epoch seconds of the local clock; None: never."""

    @property
    def good(self) -> bool:
        """Whether there is no trouble: the thread is live, being loaded, restored, or waits for its next poll."""
        return self.word in (LIVE, LOADING, RESTORED, SEEN)


def thread_health(state: ThreadState, now: float, withheld: Withheld | None = None) -> Health:
    """Return the health of one thread at `now` (UTC epoch seconds, local clock).

    `withheld` is set if requests are held back, as in `Snapshot`.
    """
    failure = state.failure
    if failure is not None and failure.kind in ("refused", "forbidden"):
        return Health(REFUSED, failure.message, state.observed)
    if failure is not None and failure.final:
        return Health(LOST, failure.message, state.observed)
    asked = state.asked if state.gone else unanswered_since(state, withheld)
    out = 0.0 if asked is None else now - asked
    word = _word(out, min(state.interval, _LONGEST))
    if state.observed is None:
        if failure is None and word != LOST:
            return Health(LOADING, "", None)
        word = LOST if word == LOST else STALE
    if word == LIVE and state.restored is not None:
        return Health(RESTORED, "", state.restored)
    if word == LIVE and state.observed is not None:
        return _live_or_seen(state, (now if asked is None else min(asked, now)) - state.observed)
    if failure is not None:
        cause = failure.message
    elif state.asked is None and withheld is not None:
        cause = withheld.cause
    else:
        cause = f"no answer for {span(out)}"
    return Health(word, cause, state.observed)


def unanswered_since(state: ThreadState, withheld: Withheld | None) -> float | None:
    """Return since when the thread waits for an answer (UTC epoch seconds, local clock); None if no request was sent.

    If requests are held back, the time counts at which the next one is due, even if that lies in the future.
    """
    if state.asked is not None or withheld is None:
        return state.asked
    never = state.observed is None or state.restored is not None  # by this start
    due = withheld.since if never or state.observed is None else state.observed + state.interval
    return max(due, withheld.since)


def _word(out: float, interval: float) -> str:
    """Return LIVE, LATE, STALE or LOST for a thread that has waited for an answer for `out` seconds."""
    if out > _LOST_AFTER:
        return LOST
    if out > interval * _STALE_AFTER:
        return STALE
    return LATE if out > interval * _LATE_AFTER else LIVE


def _live_or_seen(state: ThreadState, waited: float) -> Health:
    """Return LIVE, or SEEN if `waited` is long.

    `waited` is the number of seconds from the last answer to the next request or, if none was sent, to now.
    """
    if waited <= state.interval * OVERDUE_INTERVALS:
        return Health(LIVE, "", state.observed)
    return Health(SEEN, f"waits for its turn, polled every {age(state.interval)}", state.observed)


class Freshness(NamedTuple):
    """The health of many threads."""

    worst: Health
    """The worst health."""
    live: int
    """How many threads are `live`."""
    stale: frozenset[str]
    """The raw ids of the threads that are not `good`."""
    restored: int = 0
    """How many threads are `restored`, without those that are gone from the list of threads."""


def freshness(threads: Mapping[str, ThreadState], now: float, withheld: Withheld | None = None) -> Freshness:
    """Return the freshness of these threads at `now` (UTC epoch seconds, local clock)."""
    live, others = 0, {}
    restored: list[float] = []
    gone: list[float] = []
    # If requests are held back, health may get worse as soon as the next request is due.
    intervals = OVERDUE_INTERVALS if withheld is None else 1.0
    for key, state in threads.items():  # fast path: nearly all of thousands of threads are live or restored
        seen = state.observed
        if state.asked is not None or state.failure is not None or seen is None:
            others[key] = thread_health(state, now, withheld)
        elif state.gone:
            gone.append(seen)
        elif state.restored is not None and withheld is None:
            restored.append(seen)
        elif state.restored is None and now - seen <= state.interval * intervals:
            live += 1
        else:
            others[key] = thread_health(state, now, withheld)
    words = [health.word for health in others.values()]
    stale = frozenset(key for key, health in others.items() if not health.good)
    some = [Health(LIVE, "", None)] if live else []
    waiting = restored or ([] if live or others else gone)
    some += [Health(RESTORED, "", min(waiting))] if waiting else []
    return Freshness(
        worst([*others.values(), *some]),
        live + words.count(LIVE),
        stale,
        len(restored) + words.count(RESTORED),
    )


def worst(healths: list[Health]) -> Health:
    """Return the worst health; `loading` for an empty list.

    Of several equally bad ones, the one with the oldest answer is returned.
    """
    return max(
        healths,
        key=lambda health: (WORST_LAST.index(health.word), -(health.since or 0.0)),
        default=Health(LOADING, "", None),
    )


MAX_THREADS: Final = 5000
"""The most threads that are read of the list. The history does not bring more than these either."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many threads were read, how old the data are, and how quiet threads are polled."""

    threads: int = 0
    """The number of known threads."""
    read: int = 0
    """The number of threads whose runs were read at least once."""
    failed: int = 0
    """The number of threads that cannot be read now."""
    unread: int = 0
    """The number of threads that were not tried yet."""
    oldest: float | None = None
    """The earliest time of a thread's last complete answer, in UTC epoch seconds of the local clock.

    None before the first complete answer.
    """
    fleet: bool = False
    """Whether quiet threads are polled in turn."""
    discovering: bool = False
    """Whether spans show which threads have changed."""
    why: str = ""
    """Why spans cannot be used, display-safe; "" if they can."""
    since: float | None = None
    """Since when no span has been missed, in UTC epoch seconds of the local clock."""
    restored: int = 0
    """The number of threads whose rows come from the history and that this start has not observed yet, without `gone`."""
    silent: int = 0
    """How many of the `restored` threads were, by the spans of the time since, not active since then. They wait for their turn."""
    gone: int = 0
    """The number of restored threads that the whole list of threads does not show. They are not read again."""
    round_s: float = 0.0
    """The seconds in which all quiet threads are polled once."""
    spans_s: float = 0.0
    """The seconds between two requests for spans."""
    list_s: float = 0.0
    """The seconds between two readings of the list of threads, which shows their locks."""

    @property
    def complete(self) -> bool:
        """Whether every thread was read at least once or cannot be read."""
        return self.unread == 0
