"""A run as one small row: only the fields that lists, tables and totals need.

A NamedTuple, because it is made and compared in C, and every poll does this for thousands of rows. Heavy fields
(instructions, tools, metadata) are left out: `parsing.parse_detail` reads them for the one run that the user opens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple

QUEUED: Final = "queued"
RUNNING: Final = "running"
COMPLETED: Final = "completed"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
UNKNOWN: Final = "unknown"

STATUS_CLASSES: Final = (QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, UNKNOWN)
ACTIVE: Final = frozenset({QUEUED, RUNNING})
TERMINAL: Final = frozenset({COMPLETED, FAILED, CANCELLED})

TIMES: Final = ("created", "started", "expires", "cancelled", "failed", "completed")
"""The fields of a run that are times, in the order in which the API lists them."""

_KNOWN: Final = {"canceled": CANCELLED, **{word: word for word in (*ACTIVE, *TERMINAL)}}

PLACEHOLDER: Final = "unreadable-"
"""The beginning of the made-up id of a placeholder.

A placeholder is the row of an element that has no id.
"""

# maker/model, such as meta-llama/Llama-3.3-70B-Instruct, of which only the model is shown
_MADE: Final = re.compile(r"[\w.:@+-]+(?:/[\w.:@+-]+)+")

RunKey = tuple[str, str]
"""(raw thread id, raw run id). Run ids are opaque, and the API does not promise that they are unique across threads."""


class Run(NamedTuple):
    """One run, as one answer showed it.

    Times, and the `now` of the methods, are UTC epoch seconds by the server's clock. An unknown time or count is None,
    never 0. All text except `thread_key` and `raw_id` is display-safe.
    """

    thread_key: str
    """The id of the thread as the server wrote it, for requests and to identify the run."""
    raw_id: str
    """The id of the run as the server wrote it, for requests and to identify the run."""
    id: str
    """The id of the run for the user."""
    agent_id: str
    status: str
    """The status in the API's word; "" if missing."""
    status_class: str
    """One of `STATUS_CLASSES`."""
    model: str
    is_active: bool
    """The API's own field `is_active`, which may contradict the status."""
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
    """The parts of the element that could not be read; None if everything was read."""

    @property
    def key(self) -> RunKey:
        """The raw ids of the thread and the run, which together identify this run."""
        return (self.thread_key, self.raw_id)

    @property
    def placeholder(self) -> bool:
        """Whether the run has only a made-up id.

        Such a run cannot be requested, and after a change it cannot be recognised as the same run.
        """
        return self.unreadable is not None and self.raw_id.startswith(PLACEHOLDER)

    @property
    def active(self) -> bool:
        """Whether the run is queued or running."""
        return self.status_class in ACTIVE

    @property
    def terminal(self) -> bool:
        """Whether the run is completed, failed or cancelled, so that its status does not change any more."""
        return self.status_class in TERMINAL

    @property
    def inferred(self) -> bool:
        """Whether `status_class` was inferred from an end time, because `status` is missing or not a known word."""
        return self.status_class in TERMINAL and self.status not in _KNOWN

    @property
    def inferred_from(self) -> str:
        """The API's field from which the status was inferred, such as `failed_at`; "" if it was not inferred."""
        return f"{self.status_class}_at" if self.inferred else ""

    @property
    def ended(self) -> float | None:
        """When the run ended; None if it has not ended, or if that time is unknown.

        The time that belongs to the status counts, such as `failed` for a failed run. If this time is missing, the
        earliest of `completed`, `failed` and `cancelled` counts.
        """
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
        """Return the seconds from creation to start; for a queued run, to `now`.

        None if a time is missing, or if the run started before it was created.
        """
        if self.created is None:
            return None
        if self.started is not None:
            seconds = self.started - self.created
        elif self.status_class == QUEUED:
            seconds = max(0.0, now - self.created)  # the server's clock may be slightly ahead
        else:
            return None
        return seconds if seconds >= 0 else None

    def duration(self, now: float) -> float | None:
        """Return the seconds from start to end; for a running run, to `now`.

        None if a time is missing, or if the run ended before it started.
        """
        if self.started is None:
            return None
        if self.status_class == RUNNING:
            return max(0.0, now - self.started)
        end = self.ended
        if end is None or end < self.started:
            return None
        return end - self.started

    def age(self, now: float) -> float | None:
        """Return the seconds since the run was created, at least 0; None if unknown."""
        if self.created is None:
            return None
        seconds = now - self.created
        # `max` takes three times as long, and a table computes this for all rows.
        return seconds if seconds > 0 else 0.0


def getter(*names: str) -> Callable[[Run], Any]:
    """Return the function that reads a field of a run, or a tuple of several, in C: for loops over all runs."""
    return itemgetter(*map(Run._fields.index, names))


GROUP_KEY: Final[Mapping[str, Callable[[Run], str]]] = {
    "thread": getter("thread_key"),
    "agent": getter("agent_id"),
    "model": getter("model"),
    "status": getter("status_class"),
}
"""What runs are grouped by → the function that returns what all runs of a group have in common."""

key_of: Final[Callable[[Run], RunKey]] = getter("thread_key", "raw_id")
"""Returns the `key` of a run.

Three times as fast as the property, which matters for many runs.
"""


def model_name(model: str) -> str:
    """Return a model's name without its maker, for narrow columns.

    Text that does not have the form `maker/model` is returned whole, so that a slash in it hides nothing.
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

    A known status decides. A run with an unknown or missing status counts as ended only if it is not active and has an
    end time. If it has several end times, failed takes precedence over cancelled, and cancelled over completed, so that
    a failure is never hidden. In all other cases the class is unknown.
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
