"""Whether a thread is locked, and how old that information is. Pure.

Two sources show whether a thread is locked: the list of threads, and the thread's runs (an active run locks its
thread). They are read separately, the runs of a busy thread every few seconds and the list perhaps every minute, so the
newer one counts. One exception: if the list, read again, still says `locked` although the runs have ended, the lock
counts as held; it is an orphan.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.formatting import age
from flowtui.model.run.thread import Thread

_FRESH: Final = 10.0  # seconds after which an observed lock is old; but see _INTERVALS
_INTERVALS: Final = 2.0  # the same in polling intervals of the thread; the longer time counts

_FREE_WORD: Final = "available"


class Lock(NamedTuple):
    """A thread's lock. `at` is when `held` was observed (UTC epoch seconds, local clock); None if unknown."""

    held: bool
    at: float | None = None

    def is_old(self, now: float, interval: float) -> bool:
        """Whether a held lock was observed so long before `now` that it may be gone; `interval` is the thread's (seconds)."""
        return self.held and self.at is not None and now - self.at > max(_FRESH, interval * _INTERVALS)

    def text(self, now: float, interval: float) -> str:
        """Return `locked`, with the time since it was observed if that is long; "" if the thread is free."""
        if not self.held:
            return ""
        old = self.at is not None and self.is_old(now, interval)
        return f"locked as of {age(now - (self.at or now))} ago" if old else "locked"


FREE: Final = Lock(held=False)


def list_is_newer(thread: Thread | None, thread_at: float | None, observed: float | None) -> bool:
    """Whether the list of threads says if the thread is locked, and was read later than the runs."""
    if thread is None or not (thread.locked or thread.status == _FREE_WORD or thread.active_run):
        return False
    return thread_at is not None and (observed is None or thread_at > observed)


def lock_of(
    thread: Thread | None, thread_at: float | None, observed: float | None, *, active: bool, orphan: bool
) -> Lock:
    """Return the lock of a thread.

    `thread` is its row in the list, read at `thread_at`. Its runs were read at `observed`, and `active` says whether
    one of them was queued or running then. `orphan`: both were read again, and the lock belongs to no active run.
    """
    listed = thread is not None and thread.locked
    if list_is_newer(thread, thread_at, observed) or (observed is None and not active):
        return Lock(listed, thread_at) if listed else FREE
    if active:
        return Lock(held=True, at=observed)
    return Lock(held=True, at=thread_at) if listed and orphan else FREE
