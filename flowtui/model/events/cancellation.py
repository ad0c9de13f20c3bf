"""Follows requests to cancel runs. The server's reply only accepts a request; the list of runs shows the result.

Sends no requests itself. Times are UTC epoch seconds of the local clock, as in `ThreadState`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.run import row as runs
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import short_id, shorten, shorten_start

WAITING: Final = "waiting"
"""Confirmed by the user, not sent yet."""
ASKED: Final = "asked"
"""Sent and perhaps accepted; the result is not known yet."""
CANCELLED: Final = "cancelled"
FINISHED_FIRST: Final = "finished first"
STILL_RUNNING: Final = "still running"
"""The list of runs still shows the run as active several observations after the reply."""
REFUSED: Final = "refused"
UNKNOWN: Final = "unknown"
"""It is not known whether the request arrived, or the run is no longer in its thread's list."""
NOT_SENT: Final = "not sent"

MIN_OBSERVATIONS: Final = 3
MIN_SECONDS: Final = 15.0
"""A run that is listed as active after MIN_OBSERVATIONS and MIN_SECONDS since the reply is STILL_RUNNING."""

_OVER: Final = frozenset({CANCELLED, FINISHED_FIRST})
_OBSERVED: Final = frozenset({ASKED, UNKNOWN, STILL_RUNNING})
_MAX_OVER: Final = 200
_MAX_NAME: Final = 40
# In the order of a summary.
_WORDS: Final = (WAITING, ASKED, CANCELLED, FINISHED_FIRST, STILL_RUNNING, REFUSED, NOT_SENT, UNKNOWN)


class CancelReply(NamedTuple):
    """The outcome of one request to cancel a run."""

    word: str
    """ASKED if the API accepted the request, CANCELLED or FINISHED_FIRST if the run had already ended.

    Any other outcome is REFUSED, NOT_SENT or UNKNOWN.
    """
    at: float
    """When the outcome was known."""
    explanation: str = ""
    """The reason for the outcome, to be shown to the user."""
    status: str = ""
    """The status of the run in the reply; "" if the reply has none."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The state of one request to cancel a run."""

    key: RunKey
    name: str
    """The run's id, display-safe."""
    word: str
    """The state in one word: one of the constants above."""
    at: float
    """When the user confirmed the request; once the request is sent, when it was sent."""
    answered: float | None = None
    """When the reply came; None: not yet."""
    accepted: bool = False
    """Whether the API accepted the request."""
    explanation: str = ""
    """The text of the reply or error."""
    status: str = ""
    """The last known status of the run."""
    observations: int = 0
    """How many observations of the thread since the reply showed the run; 0 again once the word is UNKNOWN."""
    missed: int = 0
    """How many of the latest observations, one after the other, did not show the run."""
    last_observed: float = float("-inf")
    """The time of the latest observation that was counted."""

    @property
    def open(self) -> bool:
        """Whether the request is waiting to be sent, or was sent and its result is not known yet."""
        return self.word in (WAITING, ASKED)

    @property
    def may_repeat(self) -> bool:
        """Whether the user may ask again.

        The user may not while the request is open. After UNKNOWN, the user may once the run was seen again.
        """
        return self.observations > 0 if self.word == UNKNOWN else not self.open

    @property
    def went_wrong(self) -> bool:
        """Whether the request failed, had no effect, or its result is unknown; FINISHED_FIRST is no failure."""
        return self.word in (STILL_RUNNING, REFUSED, NOT_SENT, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cancellations:
    """The latest request to cancel each run, by run key.

    Immutable: a method that changes something returns a new object.
    """

    known: Mapping[RunKey, Cancellation] = field(default_factory=dict)

    def of(self, key: RunKey) -> Cancellation | None:
        """Return the request for a run, None if there was none."""
        return self.known.get(key)

    def may_ask(self, key: RunKey) -> bool:
        """Whether the user may ask to cancel this run now."""
        known = self.known.get(key)
        return known is None or known.may_repeat

    def ask(self, run: Run, at: float) -> Cancellations:
        """Add a waiting request for a run, unless `may_ask` is false."""
        if not self.may_ask(run.key):
            return self
        over = [key for key, known in self.known.items() if known.word in _OVER and key != run.key]
        gone = frozenset(over[: max(0, len(over) - _MAX_OVER)])
        kept = {key: known for key, known in self.known.items() if key not in gone and key != run.key}
        return Cancellations(kept | {run.key: Cancellation(run.key, run.id, WAITING, at, status=run.status)})

    def sent(self, key: RunKey, at: float) -> Cancellations:
        """Mark a waiting request as sent."""
        known = self.known.get(key)
        if known is None or known.word != WAITING:
            return self
        return self._with(replace(known, word=ASKED, at=at))

    def answered(self, key: RunKey, answer: CancelReply) -> Cancellations:
        """Take in the reply, unless the list of runs has already shown the result."""
        known = self.known.get(key)
        if known is None or not known.open:
            return self
        return self._with(
            replace(
                known,
                word=answer.word,
                answered=answer.at,
                accepted=answer.word == ASKED,
                explanation=answer.explanation,
                status=answer.status or known.status,
            )
        )

    def see(self, snapshot: Snapshot) -> tuple[Cancellations, tuple[Cancellation, ...]]:
        """Compare with the newest list of runs; return the new object and the requests whose word changed."""
        new: dict[RunKey, Cancellation] = {}
        news: list[Cancellation] = []
        for key, known in self.known.items():
            seen = known if known.word in _OVER else _observed(known, snapshot)
            if seen is None:
                continue
            new[key] = seen
            if seen.word != known.word:
                news.append(seen)
        return (self if new == self.known else Cancellations(new)), tuple(news)

    def _with(self, one: Cancellation) -> Cancellations:
        return Cancellations({**self.known, one.key: one})


def _observed(known: Cancellation, snapshot: Snapshot) -> Cancellation | None:
    """Return a request updated by the newest observation of its thread; None if the request is to be forgotten."""
    state = snapshot.threads.get(known.key[0])
    run = state.runs.get(known.key[1]) if state is not None else None
    if run is not None and run.terminal:
        if known.word in (REFUSED, NOT_SENT):
            return None  # the request failed, so the run ended for another reason
        return replace(known, word=ended_word(run), status=run.status_class)
    if run is not None and state is not None and run.raw_id in state.not_seen:
        run = None
    if state is None or state.observed is None or known.answered is None or known.word not in _OBSERVED:
        return known
    if state.observed <= max(known.answered, known.last_observed):
        return known  # that observation began before the reply, or was counted already
    return _counted(known, run, state.observed, long_enough=state.observed - known.answered >= MIN_SECONDS)


def _counted(
    known: Cancellation, run: Run | None, last_observed: float, *, long_enough: bool
) -> Cancellation:
    """Return a request after one more observation of its thread.

    `run` is the run if the observation showed it, which is active; None if it did not. `long_enough`: at least
    MIN_SECONDS have passed since the reply.
    """
    if run is None:
        known = replace(known, last_observed=last_observed, missed=known.missed + 1)
        if long_enough and known.missed >= MIN_OBSERVATIONS and known.word != UNKNOWN:
            explanation = "it is not in its thread's list any more"
            return replace(known, word=UNKNOWN, observations=0, explanation=explanation)
        return known
    count = known.observations + 1
    word = STILL_RUNNING if long_enough and count >= MIN_OBSERVATIONS else known.word
    return replace(
        known, word=word, last_observed=last_observed, observations=count, missed=0, status=run.status
    )


def ended_word(run: Run) -> str:
    """Return CANCELLED or FINISHED_FIRST for a run that has ended."""
    return CANCELLED if run.status_class == runs.CANCELLED else FINISHED_FIRST


def state_text(known: Cancellation, now: float) -> str:
    """Return the short text shown beside the run; "" if the run's status says enough."""
    since = formatting.age(now - known.at)
    if known.word == WAITING:
        return "to be cancelled"
    if known.word == ASKED:
        return f"cancelling {since}"
    if known.word == STILL_RUNNING:
        return f"still {shorten(known.status, _MAX_NAME) or 'active'} {since} after the request to cancel"
    return {
        FINISHED_FIRST: f"{shorten(known.status, _MAX_NAME) or 'ended'} before it could be cancelled",
        REFUSED: "the request to cancel was refused",
        NOT_SENT: "the request to cancel was not sent",
        UNKNOWN: "unknown what became of the request to cancel",
    }.get(known.word, "")


def message(known: Cancellation, now: float) -> str:
    """Return the sentence of a notification about one request."""
    name = short_name(known.name)
    if known.word == STILL_RUNNING:
        taken = "the API accepted it" if known.accepted else "it got no answer"
        return f"{name} is {state_text(known, now)}: {taken}. It was not repeated"
    return {
        CANCELLED: f"{name} was cancelled",
        FINISHED_FIRST: f"{name} {state_text(known, now)}",
        REFUSED: f"{name} was not cancelled: {known.explanation}",
        NOT_SENT: f"No request to cancel {name} was sent: {known.explanation}",
        UNKNOWN: f"It is not known whether {name} is cancelled: {known.explanation}",
    }.get(known.word, f"{name}: {state_text(known, now)}")


def summary(asked: Iterable[Cancellation]) -> str:
    """Return the results of several requests in one line: `3 asked: 1 cancelled, 1 finished first, ...`."""
    words = [known.word for known in asked]
    said = {ASKED: "being cancelled"}
    parts = [f"{words.count(word)} {said.get(word, word)}" for word in _WORDS if word in words]
    return f"{len(words)} asked: {', '.join(parts)}" if parts else "none asked"


def short_name(name: str) -> str:
    """Return an id as it is shown to people, in at most `_MAX_NAME` characters."""
    return shorten_start(short_id(name), _MAX_NAME)
