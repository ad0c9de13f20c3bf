"""A thread as a row of the list of threads. Threads have no title and no agent, so they are shown by their id."""

from __future__ import annotations

from typing import NamedTuple


class Thread(NamedTuple):
    """One thread as one answer showed it. `key` is the raw id, `id` its display-safe form; `created` is UTC epoch seconds.

    `status` is the API's word (`available`, `locked`, or any other; "" if missing). `active_run` is the raw id of the
    run that holds the thread's lock; None if there is none. `unreadable` names the parts that could not be read; None
    if there are none.
    """

    key: str
    id: str
    status: str
    active_run: str | None
    created: float | None
    unreadable: str | None

    @property
    def locked(self) -> bool:
        """Whether the thread is locked, according to its own status."""
        return self.status == "locked"
