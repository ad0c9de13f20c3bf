"""Judges the gates whose verdicts the user waits for, whatever screen is open. Draws nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from flowtui.model.events.gate_watch import GateWatch, verdict_notice
from flowtui.model.events.notices import Notice
from flowtui.model.gate.answer import Answer, Question, answer
from flowtui.model.gate.odds import KeptOdds
from flowtui.model.gate.past_base import NO_PAST, PastBase
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Services
from flowtui.ui.gate.past_reading import GatePast, reading

_PAUSE: Final = 5.0  # seconds between two judgements of the same gate, at least
_DUTY: Final = 9.0  # and so many times what one takes
_PAST_AGAIN: Final = 60.0  # seconds between two readings of the history


class _Judged:
    """One watch, and what judging it again can use."""

    def __init__(self, watch: GateWatch) -> None:
        self.watch, self.kept, self.past = watch, KeptOdds(), NO_PAST
        self.due = self.past_due = float("-inf")  # in seconds of the screen's clock
        self.snapshot: Snapshot | None = None  # the one that was judged last


class VerdictWatches:
    """The watched gates. `past`: reads the history. `told`: takes the notice of a verdict."""

    def __init__(self, services: Services, past: PastReader, told: Callable[[Notice], None]) -> None:
        self._services, self._past, self._told = services, past, told
        self._watches: list[_Judged] = []
        self._busy = False

    @property
    def watches(self) -> tuple[GateWatch, ...]:
        """What is watched, the oldest first."""
        return tuple(each.watch for each in self._watches)

    def toggle(self, question: Question) -> bool:
        """Watch this gate, or end that; return whether it is watched now."""
        if any(watch.question == question for watch in self.watches):
            self.end(question)
            return False
        self._watches.append(_Judged(GateWatch(self._services.now(), question)))
        return True

    def end(self, question: Question) -> None:
        """Watch this gate no longer."""
        self._watches = [each for each in self._watches if each.watch.question != question]

    def tick(self, snapshot: Snapshot | None) -> None:
        """Judge the gate that is due, if its runs have changed. Called every second."""
        now = self._services.now()
        if self._busy or snapshot is None:
            return
        for each in self._watches:
            if now >= each.due and each.snapshot is not snapshot:
                self._busy, each.snapshot = True, snapshot
                self._services.start(partial(self._judge, each, snapshot), "verdicts")
                return

    async def _judge(self, each: _Judged, snapshot: Snapshot) -> None:
        try:
            found, took = await asyncio.to_thread(
                _answer, each.watch.question, snapshot, each.past, each.kept
            )
        finally:
            self._busy = False
        now = self._services.now()
        each.due = now + max(_PAUSE, _DUTY * took)
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

    def _take_past(self, each: _Judged, found: GatePast | None) -> None:
        if found is not None:
            each.past, each.due, each.snapshot = found.base, float("-inf"), None


def _answer(question: Question, snapshot: Snapshot, past: PastBase, kept: KeptOdds) -> tuple[Answer, float]:
    """Judge; return also how many seconds of the processor that took. Called in a thread."""
    begun = time.thread_time()
    return answer(question, snapshot, {}, past=past, kept=kept), time.thread_time() - begun
