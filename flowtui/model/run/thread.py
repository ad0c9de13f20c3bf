"""A thread as a row of the list of threads. Threads have no title and no agent, so they are shown by their id."""

from __future__ import annotations

from typing import NamedTuple


class Thread(NamedTuple):
    """One thread, as one answer showed it."""

    key: str
    """The raw id."""
    id: str
    """The id for the user, display-safe."""
    status: str
    """The API's word, such as `available` or `locked`; "" if missing."""
    active_run: str | None
    """The raw id of the run that holds the thread's lock; None if there is none."""
    created: float | None
    """UTC epoch seconds by the server's clock; None if unknown."""
    unreadable: str | None
    """The parts of the thread that could not be read; None if everything was read."""

    @property
    def locked(self) -> bool:
        """Whether the thread is locked, according to its own status."""
        return self.status == "locked"
