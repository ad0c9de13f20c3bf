"""How far the picture of a thread may be trusted now. Words and limits are those of the command line contract.

Pure. Health is about answers. `late`, `stale` and `lost` say that the server was asked and has not answered:

- `late`: an answer is out for 1.5 intervals; `stale`: for 3; `lost`: for 2 min, or no more is asked after a failure.
- The interval that counts here is the thread's own, 30 s at the most, so that the three words follow one another also
  where a thread is looked at every few minutes.
- Asking begins with the first request since the last whole answer. It also begins where a look fell due and is held back
  because the server as a whole fails or limits us. To wait for our own budget is not to ask.
- A thread that was promised a look every so often, is not asked and has waited for 1.5 times as long is `seen`: it
  says how old it is, and is no trouble of the server's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from flowtui.formatting import age, span
from flowtui.model.state.known_runs import ThreadState

LOADING: Final = "loading"
LIVE: Final = "live"
SEEN: Final = "seen"
LATE: Final = "late"
STALE: Final = "stale"
LOST: Final = "lost"
REFUSED: Final = "refused"

WORST_LAST: Final = (SEEN, LIVE, LOADING, LATE, STALE, LOST, REFUSED)
"""`seen` comes first: it is no trouble, and stands for all only where there is nothing else."""

OVERDUE_INTERVALS: Final = 1.5
"""Intervals after which a thread that was not asked has waited for longer than it was promised."""

_LATE_AFTER = 1.5  # intervals
_STALE_AFTER = 3.0  # intervals
_LOST_AFTER = 120.0  # seconds
_LONGEST = 30.0  # seconds of an interval that count: `stale` then comes after 90 s, before `lost`


class Withheld(NamedTuple):
    """Looks that fall due are held back since `since` (UTC epoch seconds, local clock): the server fails or limits us.

    `cause` is what it said last, display-safe.
    """

    since: float
    cause: str


class Health(NamedTuple):
    """`word` is one of the constants here, `cause` why it is not live ("" where it is), `since` the last good answer."""

    word: str
    cause: str
    since: float | None

    @property
    def good(self) -> bool:
        """Fresh, on its way, or waiting for its turn: there is no trouble."""
        return self.word in (LIVE, LOADING, SEEN)


def thread_health(state: ThreadState, now: float, withheld: Withheld | None = None) -> Health:
    """Return the health of one thread at `now` (UTC epoch seconds, local clock); `withheld` as the snapshot says."""
    failure = state.failure
    if failure is not None and failure.kind in ("refused", "forbidden"):
        return Health(REFUSED, failure.message, state.observed)
    if failure is not None and failure.final:
        return Health(LOST, failure.message, state.observed)
    asked = unanswered_since(state, withheld)
    out = 0.0 if asked is None else now - asked
    word = _word(out, min(state.interval, _LONGEST))
    if state.observed is None:
        if failure is None and word != LOST:
            return Health(LOADING, "", None)
        word = LOST if word == LOST else STALE
    if word == LIVE and state.observed is not None:
        return _turn(state, (now if asked is None else min(asked, now)) - state.observed)
    if failure is not None:
        cause = failure.message
    elif state.asked is None and withheld is not None:
        cause = withheld.cause
    else:
        cause = f"no answer for {span(out)}"
    return Health(word, cause, state.observed)


def unanswered_since(state: ThreadState, withheld: Withheld | None) -> float | None:
    """Return since when (local UTC epoch seconds) an answer is out; None where nothing was asked.

    A look that fell due and is held back because of the server counts as asked, since it was due or held back. That may
    be in the future.
    """
    if state.asked is not None or withheld is None:
        return state.asked
    due = withheld.since if state.observed is None else state.observed + state.interval
    return max(due, withheld.since)


def _word(out: float, interval: float) -> str:
    """Return what it is called that an answer is out for so many seconds; `LIVE` where that is nothing to tell."""
    if out > _LOST_AFTER:
        return LOST
    if out > interval * _STALE_AFTER:
        return STALE
    return LATE if out > interval * _LATE_AFTER else LIVE


def _turn(state: ThreadState, waited: float) -> Health:
    """Return the health of a thread of which no answer is out for long; `waited`: seconds from its last look until asked."""
    if waited <= state.interval * OVERDUE_INTERVALS:
        return Health(LIVE, "", state.observed)
    return Health(SEEN, f"waits for its turn, a look every {age(state.interval)}", state.observed)


class Freshness(NamedTuple):
    """How fresh threads are: the `worst` of them, how many are `live`, and the raw ids of those that are not `good`."""

    worst: Health
    live: int
    stale: frozenset[str]


def freshness(threads: Mapping[str, ThreadState], now: float, withheld: Withheld | None = None) -> Freshness:
    """Return how fresh these threads are at `now`."""
    live, others = 0, {}
    held = (
        OVERDUE_INTERVALS if withheld is None else 1.0
    )  # intervals: what is not due yet is held back by nobody
    for key, state in threads.items():  # of thousands nearly all are live, and that is seen at a glance
        seen = state.observed
        if (
            state.asked is None
            and state.failure is None
            and seen is not None
            and now - seen <= state.interval * held
        ):
            live += 1
        else:
            others[key] = thread_health(state, now, withheld)
    words = [health.word for health in others.values()]
    stale = frozenset(key for key, health in others.items() if not health.good)
    some = [Health(LIVE, "", None)] if live else []
    return Freshness(worst([*others.values(), *some]), live + words.count(LIVE), stale)


def worst(healths: list[Health]) -> Health:
    """Return the worst of several, of those alike the one that was read the longest ago; `loading` for none."""
    return max(
        healths,
        key=lambda health: (WORST_LAST.index(health.word), -(health.since or 0.0)),
        default=Health(LOADING, "", None),
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is known has been looked at.

    `threads` counts those known, `read` those whose runs were read at least once, `failed` those that cannot be read
    now, `unread` those that were not tried yet; `oldest` is the earliest of their last whole looks (UTC epoch seconds, local clock), None before the first.

    `fleet`: threads that rest are looked at in turn, a whole round in `round_s` seconds, and their locks with the
    list every `list_s` seconds. `discovering`: what moves is told by spans, asked for every `spans_s` seconds, since
    `since` without a gap; where it is not, `why` says so (display-safe).
    """

    threads: int = 0
    read: int = 0
    failed: int = 0
    unread: int = 0
    oldest: float | None = None
    fleet: bool = False
    discovering: bool = False
    why: str = ""
    since: float | None = None
    round_s: float = 0.0
    spans_s: float = 0.0
    list_s: float = 0.0

    @property
    def complete(self) -> bool:
        """Every thread's runs were read at least once, or cannot be."""
        return self.unread == 0
