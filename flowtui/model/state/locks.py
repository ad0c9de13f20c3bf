"""Whether a thread is locked, and how old that information is. Pure.

Two sources show whether a thread is locked: the list of threads, and the thread's runs, as an active run locks its
thread. They are read separately, the runs of a busy thread every few seconds and the list perhaps every minute, so the
newer source counts. One exception: if the list, read again, still says `locked` although the runs have ended, the
thread counts as locked. Such a lock is an orphan.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.formatting import age
from flowtui.model.run.thread import Thread

_FRESH: Final = 10.0  # seconds after which an observed lock is old, unless _INTERVALS gives a longer time
_INTERVALS: Final = 2.0  # the same time in polling intervals of the thread; the longer of the two counts

_FREE_WORD: Final = "available"


class Lock(NamedTuple):
    """A thread's lock."""

    held: bool
    """Whether the thread is locked."""
    at: float | None = None
    """When `held` was observed, in UTC epoch seconds of the local clock; None if unknown."""

    def is_old(self, now: float, interval: float) -> bool:
        """Whether a held lock was observed so long before `now` that it may be gone.

        `interval` is the polling interval of the thread in seconds.
        """
        return self.held and self.at is not None and now - self.at > max(_FRESH, interval * _INTERVALS)

    def text(self, now: float, interval: float) -> str:
        """Return "" if the thread is free, else `locked`.

        If the lock is old, the time since it was observed follows. `interval` is the polling interval of the thread in
        seconds.
        """
        if not self.held:
            return ""
        old = self.at is not None and self.is_old(now, interval)
        return f"locked as of {age(now - (self.at or now))} ago" if old else "locked"


FREE: Final = Lock(held=False)


def list_is_newer(thread: Thread | None, thread_at: float | None, observed: float | None) -> bool:
    """Whether the list of threads was read later than the runs, and says whether the thread is locked.

    `thread_at` is when the list was read, `observed` when the runs were; None: never.
    """
    if thread is None or not (thread.locked or thread.status == _FREE_WORD or thread.active_run):
        return False
    return thread_at is not None and (observed is None or thread_at > observed)


def lock_of(
    thread: Thread | None, thread_at: float | None, observed: float | None, *, active: bool, orphan: bool
) -> Lock:
    """Return the lock of a thread.

    `thread` is the row of the thread in the list, which was read at `thread_at`. The runs were read at `observed`;
    `active` says whether one of them was queued or running then. `orphan`: list and runs were read again, and the lock
    belongs to no active run.
    """
    listed = thread is not None and thread.locked
    if list_is_newer(thread, thread_at, observed) or (observed is None and not active):
        return Lock(listed, thread_at) if listed else FREE
    if active:
        return Lock(held=True, at=observed)
    return Lock(held=True, at=thread_at) if listed and orphan else FREE
