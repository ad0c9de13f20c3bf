"""A run as one small interned row: the light fields that lists, tables and totals need.

A NamedTuple, because rows are made and compared by the thousand at every poll, in C. Heavy fields (instructions,
tools, metadata) are not here: `parsing.parse_detail` reads them for the one run somebody opens.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Final, NamedTuple

QUEUED: Final = "queued"
RUNNING: Final = "running"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
UNKNOWN: Final = "unknown"

STATUS_CLASSES: Final = (QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, UNKNOWN)
ACTIVE: Final = frozenset({QUEUED, RUNNING})
TERMINAL: Final = frozenset({COMPLETED, FAILED, CANCELLED})

_KNOWN: Final = {
    "queued": QUEUED,
    "running": RUNNING,
    "completed": COMPLETED,
    "failed": FAILED,
    "canceled": CANCELLED,
    "cancelled": CANCELLED,
}

PLACEHOLDER: Final = "unreadable-"
"""How the made-up id of a row begins whose element had none."""

_MADE: Final = re.compile(r"[\w.:@+-]+(?:/[\w.:@+-]+)+")  # meta-llama/Llama-3.3-70B-Instruct

RunKey = tuple[str, str]
"""(thread, run): the raw ids. Run ids are opaque and not promised to be unique across threads."""


class Run(NamedTuple):
    """One run as one poll saw it. Times are UTC epoch seconds; None is unknown, never 0.

    `thread_key` and `raw_id` are the ids as the server wrote them, for requests and identity; all other text is
    display-safe. `status` is the API's word ("" where missing), `status_class` ours. `unreadable` says which part
    of the element could not be read, None where all could.
    """

    thread_key: str
    raw_id: str
    id: str
    agent_id: str
    status: str
    status_class: str
    model: str
    is_active: bool
    created: float | None
    started: float | None
    expires: float | None
    cancelled: float | None
    failed: float | None
    completed: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    unreadable: str | None

    @property
    def key(self) -> RunKey:
        """What identifies this run: (thread, run), raw."""
        return (self.thread_key, self.raw_id)

    @property
    def placeholder(self) -> bool:
        """Stands for an element without an id: there is nothing to ask the server for, or to recognise later."""
        return self.unreadable is not None and self.raw_id.startswith(PLACEHOLDER)

    @property
    def active(self) -> bool:
        """Queued or running."""
        return self.status_class in ACTIVE

    @property
    def terminal(self) -> bool:
        """Completed, failed or cancelled: it will not move again."""
        return self.status_class in TERMINAL

    @property
    def ended(self) -> float | None:
        """When it ended: the timestamp that belongs to its class, else the earliest there is; None while active."""
        if self.status_class == COMPLETED:
            own = self.completed
        elif self.status_class == FAILED:
            own = self.failed
        elif self.status_class == CANCELLED:
            own = self.cancelled
        else:
            return None
        if own is not None:
            return own
        return min((t for t in (self.completed, self.failed, self.cancelled) if t is not None), default=None)

    def wait(self, now: float) -> float | None:
        """Seconds between created and started; still growing while queued. None where unknown or negative."""
        if self.created is None:
            return None
        if self.started is not None:
            seconds = self.started - self.created
        elif self.status_class == QUEUED:
            seconds = max(0.0, now - self.created)  # a server clock a little ahead is no contradiction
        else:
            return None
        return seconds if seconds >= 0 else None

    def duration(self, now: float) -> float | None:
        """Seconds between started and the end; until `now` while running. None where unknown or negative."""
        if self.started is None:
            return None
        if self.status_class == RUNNING:
            return max(0.0, now - self.started)
        end = self.ended
        if end is None or end < self.started:
            return None
        return end - self.started

    def age(self, now: float) -> float | None:
        """Seconds since it was created; None where unknown."""
        if self.created is None:
            return None
        seconds = now - self.created
        return (
            seconds if seconds > 0 else 0.0
        )  # `max` takes three times as long, and a table asks all its runs


key_of: Final = itemgetter(Run._fields.index("thread_key"), Run._fields.index("raw_id"))
"""Return `Run.key` of a run; for all that are known, three times as fast."""


def model_name(model: str) -> str:
    """Return what a line has room for of a model: what follows the name of who made it.

    A model that is not named like that is returned whole: nothing that a server wrote is hidden behind a slash.
    """
    return model.rpartition("/")[2] if _MADE.fullmatch(model) else model


def classify(
    status: str | None,
    *,
    is_active: bool,
    failed: float | None,
    cancelled: float | None,
    completed: float | None,
) -> str:
    """Return the status class of a run.

    A known status decides. An unknown or missing one is terminal only if the run is not active and a terminal
    timestamp says which end it was: failed before cancelled before completed, so that trouble is never hidden.
    """
    known = _KNOWN.get(status or "")
    if known is not None:
        return known
    if is_active:
        return UNKNOWN
    if failed is not None:
        return FAILED
    if cancelled is not None:
        return CANCELLED
    if completed is not None:
        return COMPLETED
    return UNKNOWN
