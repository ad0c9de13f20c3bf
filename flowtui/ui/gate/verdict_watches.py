"""Judges the gates whose verdicts the user waits for, whatever screen is open. Draws nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from flowtui.model.events.gate_watch import GateWatch, verdict_notice
from flowtui.model.events.notices import Notice
from flowtui.model.gate.answer import Answer, AnswerInputs, Question, answer, inputs_of
from flowtui.model.gate.odds import KeptOdds
from flowtui.model.gate.past_base import NO_PAST, PastBase
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Services
from flowtui.ui.gate.past_reading import GatePast, reading

_PAUSE: Final = 5.0  # seconds between two judgements, at least
_DUTY: Final = 9.0  # and at least so many times as long as the last one took, however many gates are watched
_PAST_AGAIN: Final = 60.0  # seconds between two readings of the history


class _Watch:
    """A gate that the user watches, and what judging it again can use."""

    def __init__(self, watch: GateWatch) -> None:
        self.watch, self.kept, self.past = watch, KeptOdds(), NO_PAST
        self.past_due = float("-inf")  # when the history may be read again, by the local clock
        self.turn = 0  # of its last judgement
        self.judged_on: AnswerInputs | None = None  # what that rests on

    def changed_inputs(self, snapshot: Snapshot) -> AnswerInputs | None:
        """Return what its verdict on a snapshot rests on; None if that has not changed."""
        found = inputs_of(self.watch.question, snapshot, {}, self.past)
        return None if self.judged_on is not None and self.judged_on.same(found) else found


class VerdictWatches:
    """The watched gates. `past`: reads the history. `told`: takes the notice of a verdict."""

    def __init__(self, services: Services, past: PastReader, told: Callable[[Notice], None]) -> None:
        self._services, self._past, self._told = services, past, told
        self._watches: list[_Watch] = []
        self._busy = False
        self._turn = 0
        self._rests_until = float("-inf")

    @property
    def watches(self) -> tuple[GateWatch, ...]:
        """What is watched, the oldest first."""
        return tuple(each.watch for each in self._watches)

    def toggle(self, question: Question) -> bool:
        """Watch this gate, or end that; return whether it is watched now."""
        if any(watch.question == question for watch in self.watches):
            self.end(question)
            return False
        self._watches.append(_Watch(GateWatch(self._services.now(), question)))
        return True

    def end(self, question: Question) -> None:
        """Watch this gate no longer."""
        self._watches = [each for each in self._watches if each.watch.question != question]

    def tick(self, snapshot: Snapshot | None) -> None:
        """Judge one gate whose runs have changed, in turn. Called every second."""
        if self._busy or snapshot is None or self._services.now() < self._rests_until:
            return
        for each in sorted(self._watches, key=lambda known: known.turn):
            if (inputs := each.changed_inputs(snapshot)) is not None:
                self._turn += 1
                self._busy, each.judged_on, each.turn = True, inputs, self._turn
                self._services.start(partial(self._judge, each, snapshot), "verdicts")
                return

    async def _judge(self, each: _Watch, snapshot: Snapshot) -> None:
        try:
            found, took = await asyncio.to_thread(
                _answer, each.watch.question, snapshot, each.past, each.kept
            )
        finally:
            self._busy = False
        now = self._services.now()
        self._rests_until = now + max(_PAUSE, _DUTY * took)
        if each not in self._watches:
            return
        notice = verdict_notice(each.watch, found, now)
        if notice is not None:
            self.end(each.watch.question)
            self._told(notice)
        elif found.sides.missing and self._past.ready and now >= each.past_due:
            each.past_due = now + _PAST_AGAIN
            read = reading(each.watch.question, snapshot, redact=False)
            self._past.ask(f"verdict {id(each)}", read, partial(self._take_past, each))

    def _take_past(self, each: _Watch, found: GatePast | None) -> None:
        if found is not None:
            each.past, self._rests_until = found.base, float("-inf")


def _answer(question: Question, snapshot: Snapshot, past: PastBase, kept: KeptOdds) -> tuple[Answer, float]:
    """Judge; return also how many seconds of the processor that took. Called in a thread."""
    begun = time.thread_time()
    return answer(question, snapshot, {}, past=past, kept=kept), time.thread_time() - begun
