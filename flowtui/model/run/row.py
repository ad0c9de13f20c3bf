"""A run as one small row: only the fields that lists, tables and totals need.

A NamedTuple, because it is made and compared in C, and every poll does this for thousands of rows. Heavy fields
(instructions, tools, metadata) are left out: `parsing.parse_detail` reads them for the one run that the user opens.
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
"""How the made-up id of a placeholder starts. A placeholder is the row of an element that has no id."""

# maker/model, such as meta-llama/Llama-3.3-70B-Instruct; shown without the maker
_MADE: Final = re.compile(r"[\w.:@+-]+(?:/[\w.:@+-]+)+")

RunKey = tuple[str, str]
"""(raw thread id, raw run id). Run ids are opaque, and the API does not promise that they are unique across threads."""


class Run(NamedTuple):
    """One run as one answer showed it.

    Times, and the `now` of the methods, are UTC epoch seconds by the server's clock. An unknown time or count is None,
    never 0.

    `thread_key` and `raw_id` are the ids as the server wrote them, for requests and identity; all other text is
    display-safe. `status` is the API's word ("" if missing), `status_class` one of `STATUS_CLASSES`. `unreadable` names
    the parts of the element that could not be read; None if there are none.
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
        """The raw ids of the thread and the run, which together identify this run."""
        return (self.thread_key, self.raw_id)

    @property
    def placeholder(self) -> bool:
        """Whether the run has only a made-up id, so that it cannot be requested, nor recognised once it has changed."""
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
    def ended(self) -> float | None:
        """When the run ended; None if it has not ended, or its end is unknown.

        The time that belongs to the status counts, such as `failed` for a failed run. If it is missing, the earliest of
        `completed`, `failed` and `cancelled` counts.
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
        """Return the seconds from created to started, or to `now` while queued; None if unknown or negative."""
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
        """Return the seconds from started to the end, or to `now` while running; None if unknown or negative."""
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


key_of: Final = itemgetter(Run._fields.index("thread_key"), Run._fields.index("raw_id"))
"""A function that returns the `key` of a run; three times as fast as the property, which matters for many runs."""


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

    A known status decides. A run with an unknown or missing status is terminal only if it is not active and has an end
    time. If it has several, failed takes precedence over cancelled, and cancelled over completed, so that a failure is
    never hidden. In all other cases the class is unknown.
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
