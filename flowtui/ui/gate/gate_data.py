"""What the screen of the deploy gate knows: the question, the page that answers it, and what the history says.

Judges all known runs, whatever the table shows, in a thread, at most once a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from flowtui.model.answers.gate.new_failures import FailuresSince, failures_since
from flowtui.model.answers.gate.page import GatePage, PageMaker
from flowtui.model.gate import Gate, parse_gate
from flowtui.model.gate.answer import Answer, AnswerInputs, Question, answer, inputs_of, latest_failures
from flowtui.model.gate.parser import USUAL_GATE
from flowtui.model.gate.past_base import NO_PAST, PastBase, from_api
from flowtui.model.gate.sides import short_threads
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import MIN_RUNS, Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.messages import WholeThreadsNeeded
from flowtui.ui.base.workers import start_worker
from flowtui.ui.gate.choices import WINDOWS
from flowtui.ui.gate.failure_rows import NOTHING, Remembered
from flowtui.ui.gate.past_reading import GatePast, reading
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.framed_screen import MovableScreen

GATE: Final = USUAL_GATE
"""The gate until the user types another one."""

_FIRST_WINDOW: Final = 2  # index of `WINDOWS`
_PAUSE: Final = 1.0  # seconds between two judgements
_DUTY: Final = 9.0  # the pause is at least so many times as long as the judgement took: keys come first
_PAST_AGAIN: Final = 60.0  # seconds between two readings of the history for the same question
_EXPLAINED: Final = 20  # failures on each side whose reasons are fetched


class Shown(NamedTuple):
    """What is drawn for a question."""

    page: GatePage
    failures: FailuresSince
    reasons: int
    """Of how many failed runs the reason was known."""
    took: float
    """Seconds of the processor that it took."""


def last_read(snapshot: Snapshot) -> float | None:
    """Return when a thread of it was read last, by the local clock; None before that."""
    known = (state.observed for state in snapshot.threads.values())
    return max((at for at in known if at is not None), default=None)


class GateData(MovableScreen):
    """The screen without what it draws. `text` is the gate that the user typed last; "" for `GATE`."""

    def __init__(self, text: str = "") -> None:
        super().__init__(bindings.GATE)
        self._text = text
        self.shown_page: Shown | None = None
        """The last answer as it is drawn; None before the first."""
        self._failures: Sequence[Run] = ()
        self.read_at: float | None = None
        """When the newest runs were read that the last answer is right for, by the local clock; None if unknown."""
        self.window = _FIRST_WINDOW
        """The chosen length of the base, as an index of `WINDOWS`."""
        self.by_agent = False
        """Whether each agent is judged by itself."""
        self._since = ""  # name of the chosen mark; "" for the default one, now and later
        self._judged_on: AnswerInputs | None = None  # what the last judgement rests on
        self._rests_until = float("-inf")  # monotonic seconds; until then nothing is judged
        self._asked_at = float("-inf")  # monotonic seconds; when the question changed
        self._busy = False
        self._pages: tuple[Question | None, PageMaker] = (None, PageMaker())  # of which question
        self._past = NO_PAST
        self._explained: Mapping[RunKey, Reason] = {}  # by the history
        self._past_of: tuple[float, float] | None = None  # mark and window that the history was read for
        self._past_at = float("-inf")  # when, by the local clock
        self._reading = False  # the history
        self.remembered = NOTHING
        """What the history knows of the new reasons."""

    @property
    def failures(self) -> Sequence[Run]:
        """The latest failures of both sides without a known reason."""
        return self._failures

    @property
    def answer(self) -> Answer | None:
        """The last answer; None before the first."""
        return None if self.shown_page is None else self.shown_page.page.answer

    @property
    def marks(self) -> list[Mark]:
        """The user's marks and the agents' deployments up to now, the newest last."""
        now = self.app.now()
        marks = self.app.data.deploy_marks.with_deployments(self.shown.snapshot)
        return [mark for mark in marks if mark.at <= now]

    def _default_mark(self, marks: Sequence[Mark]) -> Mark | None:
        """Return the default mark: the user's newest one; without any, the newest deployment; None without that."""
        own = [mark for mark in marks if mark in self.app.data.deploy_marks.marks]
        return next(reversed(own or marks), None)

    @property
    def gate(self) -> Gate:
        """The gate that the user typed, or `GATE`."""
        return parse_gate(self._text or GATE)

    @property
    def question(self) -> Question | None:
        """What the gate is asked now: mark, window, gate, least runs, by agent or not. None while there is no mark."""
        marks = self.marks
        mark = next((each for each in marks if each.name == self._since), self._default_mark(marks))
        if mark is None:
            return None
        return Question(mark, WINDOWS[self.window], self.gate, MIN_RUNS, self.by_agent)

    @property
    def current(self) -> Answer | None:
        """The answer to the current question; None until it has been judged."""
        found = self.answer
        return found if found is not None and found.question == self.question else None

    @property
    def waiting(self) -> bool:
        """Whether there is no answer yet, or only one without the runs that the history is being asked for."""
        found = self.current
        if found is None:
            return True
        return bool(found.sides.missing) and (self._reading or found.sides.past is not self._past)

    def renew(self, argument: str = "") -> None:
        """Judge at once: the question has changed. `argument`: the new gate; "" keeps the gate."""
        self._text = argument or self._text
        self._rests_until, self._asked_at = float("-inf"), time.monotonic()
        self.tick()

    @property
    def judging(self) -> bool:
        """Whether a question is being judged."""
        return self._busy

    @property
    def waits(self) -> float:
        """Seconds since the user asked the current question."""
        return time.monotonic() - self._asked_at

    # -- judging -----------------------------------------------------------------------------------------------

    @property
    def _reasons(self) -> Mapping[RunKey, Reason]:
        """Why runs failed, as far as the history and this start know."""
        known = self.app.data.reasons()
        return {**self._explained, **known} if self._explained else known

    def judge(self) -> None:
        """Judge if the question or its runs have changed, unless the last judgement was just now."""
        question, snapshot = self.question, self.snapshot
        if question is None or snapshot is None or self._busy or time.monotonic() < self._rests_until:
            return
        self._read_past(question, snapshot)
        reasons = self._reasons
        inputs = inputs_of(question, snapshot, reasons, self._past)
        if self._judged_on is not None and self._judged_on.same(inputs):
            self.read_at = last_read(snapshot)
            return
        if self._pages[0] != question:
            self._pages = (question, PageMaker())
        self._judged_on, self._busy = inputs, True
        make = partial(_shown, question, snapshot, reasons, self._past, self._pages[1])
        start_worker(self, partial(self._judge, make, last_read(snapshot)), "gate")

    async def _judge(self, make: partial[Shown], read_at: float | None) -> None:
        try:
            found = await asyncio.to_thread(make)
        finally:
            self._busy = False
        self._rests_until = time.monotonic() + max(_PAUSE, _DUTY * found.took)
        self.read_at = read_at
        self._take(found)
        answered = found.page.answer
        if answered.question != self.question or answered.sides.past is not self._past:
            self._rests_until = float("-inf")
        self.tick()

    def _take(self, found: Shown) -> None:
        self.shown_page = found
        sides, question = found.page.answer.sides, found.page.answer.question
        self._failures = latest_failures(sides, _EXPLAINED, self._reasons)
        if sides.missing and self.snapshot is not None and not self._reading:
            back_to = question.mark.at - question.compare
            short = [state.key for state in short_threads(self.snapshot, back_to, past=sides.past)]
            self.post_message(WholeThreadsNeeded(short))
        self._look_up(question, [each.reason for each in found.failures.new])

    # -- the history -------------------------------------------------------------------------------------------

    def _read_past(self, question: Question, snapshot: Snapshot) -> None:
        """Have the history read for a new question, and again from time to time while runs of the base are missing."""
        reader, at, compare = self.app.data.past, question.mark.at, question.compare
        if self._past_of != (at, compare):
            self._past, self._past_of, self._past_at = NO_PAST, (at, compare), float("-inf")
            self._explained, self.remembered = {}, NOTHING
        elif (
            self.answer is None
            or not self.answer.sides.missing
            or self.app.now() < self._past_at + _PAST_AGAIN
        ):
            return
        if not reader.ready:
            return
        self._reading, self._past_at = True, self.app.now()
        read = reading(question, snapshot, redact=self.app.settings.redact)
        reader.ask("gate", read, partial(self._take_past, (at, compare)))

    def _take_past(self, window: tuple[float, float], found: GatePast | None) -> None:
        self._reading = False
        if window == self._past_of:
            if found is None:
                self._past = from_api(self.app.data.past.trouble)
            else:
                self._past, self._explained = found.base, found.explained
                self.remembered = Remembered(found.begin)
            self._rests_until = float("-inf")
        self.tick()

    def _look_up(self, question: Question, reasons: Sequence[Reason]) -> None:
        """Look new reasons up in the history, each once."""
        known, reader = self.remembered, self.app.data.past
        wanted = [reason for reason in reasons if reason not in known.looked_up]
        if not wanted or known.begin is None or not reader.ready:
            return
        before = question.mark.at

        def take(found: Mapping[Reason, Seen] | None) -> None:
            if found is not None and self.remembered.begin == known.begin:
                seen = {**self.remembered.seen, **found}
                looked_up = frozenset((*self.remembered.looked_up, *wanted))
                self.remembered = Remembered(known.begin, seen, looked_up)
                self.tick()

        reader.ask("gate reasons", lambda past: past.seen(wanted, before), take)


def _shown(
    question: Question,
    snapshot: Snapshot,
    reasons: Mapping[RunKey, Reason],
    past: PastBase,
    pages: PageMaker,
) -> Shown:
    """Judge, and prepare what is drawn. Takes a tenth of a second or more, so it is called in a thread."""
    begun = time.thread_time()
    found = answer(question, snapshot, reasons, past=past, kept=pages.kept)
    page = pages.page(found, snapshot.agents, each_agent=True)
    since = failures_since(found, reasons, snapshot.agents)
    return Shown(page, since, len(reasons), time.thread_time() - begun)
