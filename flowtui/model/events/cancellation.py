"""What became of requests to cancel runs. Pure: an answer says what was asked, only the API's own list what happened.

Never sends anything and never repeats anything. Times are UTC epoch seconds of the local clock, as in `ThreadState`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.run import row as runs
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import shorten

WAITING: Final = "waiting"
"""Chosen and confirmed; nothing was sent yet."""
ASKED: Final = "asked"
"""Sent, and perhaps accepted: what became of it is not known yet."""
CANCELLED: Final = "cancelled"
FINISHED_FIRST: Final = "finished first"
STILL_RUNNING: Final = "still running"
"""Neither cancelled nor ended, several looks after the request."""
REFUSED: Final = "refused"
UNKNOWN: Final = "unknown"
"""Whether the request arrived is not known, or the run is not in its thread's list any more."""
NOT_SENT: Final = "not sent"

LOOKS: Final = 3
PATIENCE: Final = 15.0
"""After so many looks and so many seconds a run that has not ended counts as one that goes on."""

_OVER: Final = frozenset({CANCELLED, FINISHED_FIRST})
_LOOKED_AT: Final = frozenset({ASKED, UNKNOWN, STILL_RUNNING})
_MAX_OVER: Final = 200
_MAX_NAME: Final = 40
_WORDS: Final = (
    (WAITING, "waiting"),
    (ASKED, "being cancelled"),
    (CANCELLED, "cancelled"),
    (FINISHED_FIRST, "finished first"),
    (STILL_RUNNING, "still running"),
    (REFUSED, "refused"),
    (NOT_SENT, "not sent"),
    (UNKNOWN, "unknown"),
)


class CancelReply(NamedTuple):
    """What one attempt brought, at `at`: ASKED where the API accepted it, REFUSED, NOT_SENT or UNKNOWN.

    CANCELLED and FINISHED_FIRST where the run had ended. `said` is why, for people; `status` the run's own word then.
    """

    word: str
    at: float
    said: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What is known of one cancelled run. `name` is its id, display-safe; `at` is when it was chosen or sent.

    `answered` is when the attempt ended (None: not yet), `accepted` whether the API took it, `said` its words or the
    error's. `status` is what the run was last seen as; `looks` counts those that showed it since, `missed` those that
    did not, `looked` is the last of them.
    """

    key: RunKey
    name: str
    word: str
    at: float
    answered: float | None = None
    accepted: bool = False
    said: str = ""
    status: str = ""
    looks: int = 0
    missed: int = 0
    looked: float = float("-inf")

    @property
    def open(self) -> bool:
        """On its way: neither an answer nor the list has said yet what becomes of it."""
        return self.word in (WAITING, ASKED)

    @property
    def may_repeat(self) -> bool:
        """Whether somebody may ask once more: not while it is open, nor unseen since nobody knows if it arrived."""
        return self.looks > 0 if self.word == UNKNOWN else not self.open

    @property
    def went_wrong(self) -> bool:
        """Whether it did not come out as it was meant."""
        return self.word in (STILL_RUNNING, REFUSED, NOT_SENT, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cancellations:
    """All requests to cancel something, by the raw ids of the run. Each step returns a new picture."""

    known: Mapping[RunKey, Cancellation] = field(default_factory=dict)

    def of(self, key: RunKey) -> Cancellation | None:
        """Return what is known of one run, None where nobody wanted it cancelled."""
        return self.known.get(key)

    def may_ask(self, key: RunKey) -> bool:
        """Whether a request for this run may be sent now."""
        known = self.known.get(key)
        return known is None or known.may_repeat

    def ask(self, run: Run, at: float) -> Cancellations:
        """Take in that somebody wants a run cancelled. One that may not be asked for again stays as it is."""
        if not self.may_ask(run.key):
            return self
        over = [key for key, known in self.known.items() if known.word in _OVER and key != run.key]
        gone = frozenset(over[: max(0, len(over) - _MAX_OVER)])
        kept = {key: known for key, known in self.known.items() if key not in gone and key != run.key}
        return Cancellations(kept | {run.key: Cancellation(run.key, run.id, WAITING, at, status=run.status)})

    def sent(self, key: RunKey, at: float) -> Cancellations:
        """Take in that the request is made now; only for one that waits."""
        known = self.known.get(key)
        if known is None or known.word != WAITING:
            return self
        return self._with(replace(known, word=ASKED, at=at))

    def answered(self, key: RunKey, answer: CancelReply) -> Cancellations:
        """Take in what the attempt brought. What the list has shown meanwhile stands above every answer."""
        known = self.known.get(key)
        if known is None or not known.open:
            return self
        return self._with(
            replace(
                known,
                word=answer.word,
                answered=answer.at,
                accepted=answer.word == ASKED,
                said=answer.said,
                status=answer.status or known.status,
            )
        )

    def see(self, snapshot: Snapshot) -> tuple[Cancellations, tuple[Cancellation, ...]]:
        """Compare with what the API lists now; return the new picture, and those whose word changed."""
        new: dict[RunKey, Cancellation] = {}
        news: list[Cancellation] = []
        for key, known in self.known.items():
            seen = known if known.word in _OVER else _seen(known, snapshot)
            if seen is None:
                continue
            new[key] = seen
            if seen.word != known.word:
                news.append(seen)
        return (self if new == self.known else Cancellations(new)), tuple(news)

    def _with(self, one: Cancellation) -> Cancellations:
        return Cancellations({**self.known, one.key: one})


def _seen(known: Cancellation, snapshot: Snapshot) -> Cancellation | None:
    """Return a cancellation after a look; None where there is nothing more to say of it."""
    state = snapshot.threads.get(known.key[0])
    run = state.runs.get(known.key[1]) if state is not None else None
    if run is not None and run.terminal:
        if known.word in (REFUSED, NOT_SENT):
            return None  # it ended by itself, long after
        return replace(known, word=ended_word(run), status=run.status_class)
    if run is not None and state is not None and run.raw_id in state.not_seen:
        run = None
    if state is None or state.observed is None or known.answered is None or known.word not in _LOOKED_AT:
        return known
    if state.observed <= max(known.answered, known.looked):
        return known  # that look began before the answer, or was counted
    return _counted(known, run, state.observed, patient=state.observed - known.answered >= PATIENCE)


def _counted(known: Cancellation, run: Run | None, looked: float, *, patient: bool) -> Cancellation:
    """Return a cancellation after one more look, which showed the run active, or (None) did not show it."""
    if run is None:
        known = replace(known, looked=looked, missed=known.missed + 1)
        if patient and known.missed >= LOOKS and known.word != UNKNOWN:
            return replace(known, word=UNKNOWN, looks=0, said="it is not in its thread's list any more")
        return known
    known = replace(known, looked=looked, looks=known.looks + 1, missed=0, status=run.status)
    return replace(known, word=STILL_RUNNING) if patient and known.looks >= LOOKS else known


def ended_word(run: Run) -> str:
    """Return CANCELLED or FINISHED_FIRST for a run that has ended."""
    return CANCELLED if run.status_class == runs.CANCELLED else FINISHED_FIRST


def state_text(known: Cancellation, now: float) -> str:
    """Return what to say beside the run, short; "" where its status says it."""
    since = formatting.age(now - known.at)
    if known.word == WAITING:
        return "to be cancelled"
    if known.word == ASKED:
        return f"cancelling {since}"
    if known.word == STILL_RUNNING:
        return f"still {short_name(known.status) or 'active'} {since} after the request to cancel"
    return {
        FINISHED_FIRST: f"{short_name(known.status) or 'ended'} before it could be cancelled",
        REFUSED: "the request to cancel was refused",
        NOT_SENT: "the request to cancel was not sent",
        UNKNOWN: "unknown what became of the request to cancel",
    }.get(known.word, "")


def message(known: Cancellation, now: float) -> str:
    """Return one sentence about one run, for a notification."""
    name = short_name(known.name)
    if known.word == STILL_RUNNING:
        taken = "the API accepted it" if known.accepted else "it got no answer"
        return f"{name} is {state_text(known, now)}: {taken}. It was not repeated"
    return {
        CANCELLED: f"{name} was cancelled",
        FINISHED_FIRST: f"{name} {state_text(known, now)}",
        REFUSED: f"{name} was not cancelled: {known.said}",
        NOT_SENT: f"No request to cancel {name} was sent: {known.said}",
        UNKNOWN: f"It is not known whether {name} is cancelled: {known.said}",
    }.get(known.word, f"{name}: {state_text(known, now)}")


def summary(asked: Iterable[Cancellation]) -> str:
    """Return several in one line: `3 asked: 1 cancelled, 1 finished first, 1 still running`."""
    words = [known.word for known in asked]
    parts = [f"{words.count(word)} {said}" for word, said in _WORDS if word in words]
    return f"{len(words)} asked: {', '.join(parts)}" if parts else "none asked"


def short_name(name: str) -> str:
    """Return an id that fits into a sentence."""
    return shorten(name, _MAX_NAME)
