"""Whether a thread is locked, by whom, and how old that is. Pure.

The list of threads says so, and so do the thread's runs: an active run locks it. The two are read apart, the runs of a
busy thread every few seconds and the list perhaps every minute, so the newer of the two counts. One case is left: the
list still says locked at looks that came after its runs had ended. That is an orphan's lock, and it holds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.formatting import age
from flowtui.model.run.thread import Thread

_FRESH: Final = 10.0  # seconds for which a look at a lock is as good as new, at least
_INTERVALS: Final = 2.0  # of the thread, where that is longer

_FREE_WORD: Final = "available"


class Lock(NamedTuple):
    """`held`: the thread is locked. `at` is when that was seen, in local UTC epoch seconds; None where unknown."""

    held: bool
    at: float | None = None

    def is_old(self, now: float, interval: float) -> bool:
        """Whether it was seen so long before `now` that it may be over; `interval` is that of its thread."""
        return self.held and self.at is not None and now - self.at > max(_FRESH, interval * _INTERVALS)

    def text(self, now: float, interval: float) -> str:
        """Return `locked`, with how long ago that was seen where it is old; "" for a thread that is free."""
        if not self.held:
            return ""
        old = self.at is not None and self.is_old(now, interval)
        return f"locked as of {age(now - (self.at or now))} ago" if old else "locked"


FREE: Final = Lock(held=False)


def list_is_newer(thread: Thread | None, thread_at: float | None, observed: float | None) -> bool:
    """Whether the list of threads said something of a lock after the runs were read last."""
    if thread is None or not (thread.locked or thread.status == _FREE_WORD or thread.active_run):
        return False
    return thread_at is not None and (observed is None or thread_at > observed)


def lock_of(
    thread: Thread | None, thread_at: float | None, observed: float | None, *, active: bool, orphan: bool
) -> Lock:
    """Return the lock of a thread.

    `thread` is its row in the list, seen at `thread_at`; its runs were `observed` at another moment, and `active` says
    whether one of them was queued or running then. `orphan`: both were looked at again and the lock belongs to no run.
    """
    listed = thread is not None and thread.locked
    if list_is_newer(thread, thread_at, observed) or (observed is None and not active):
        return Lock(listed, thread_at) if listed else FREE
    if active:
        return Lock(held=True, at=observed)
    return Lock(held=True, at=thread_at) if listed and orphan else FREE
