"""A thread as the threads pages show it. It has no title and no agent: the id is its name."""

from __future__ import annotations

from typing import NamedTuple


class Thread(NamedTuple):
    """One thread as one poll saw it. `key` is the raw id, `id` its display-safe form; times are UTC epoch seconds.

    `status` is the API's word (`available`, `locked`, or anything; "" where missing); `active_run` the raw id of
    the run that holds the thread, None where there is none.
    """

    key: str
    id: str
    status: str
    active_run: str | None
    created: float | None
    unreadable: str | None

    @property
    def locked(self) -> bool:
        """A run holds this thread."""
        return self.status == "locked"
