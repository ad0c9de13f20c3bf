"""Counts the failures of a time range for the screen, and counts again only when the runs or their reasons have changed.

Failed runs and their reasons are asked for first. All ended runs, of which they are a share, are asked for then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

from flowtui.config.memory.installation_key import installation_key
from flowtui.model.answers.earlier_runs import EarlierRuns, earlier_runs
from flowtui.model.answers.ended_runs import Tally
from flowtui.model.answers.failures import Failures, GroupCache, failures
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.past import Past
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.answer_data import Answer, AnswerData, Question
from flowtui.ui.failures.time_ranges import TimeRange

_NUMBERS: Final = count()  # a closed screen must not close the questions of the next one
_MARKS: Final = 3  # of so many marks it is read how much ended before them


class FailureCounts:
    """The counts of one screen.

    `known`: returns why runs failed, as far as this start has found out. `newest`: returns the newest snapshot. `drawn`: is
    called when there is something new to draw. `painted`: calls a function after the next paint. `found`: the failures, None
    before the first answer. `runs`: all runs that count; None while they are not known.
    """

    def __init__(
        self,
        answers: AnswerData,
        known: Callable[[], Mapping[RunKey, Reason]],
        newest: Callable[[], Snapshot | None],
        drawn: Callable[[], None],
        *,
        painted: Callable[[Callable[[], None]], object],
        redact: bool = False,
    ) -> None:
        self._answers, self._known, self._drawn, self._redact = answers, known, drawn, redact
        self._newest, self._painted = newest, painted
        self._first = asyncio.Event()  # is set when the first answer is painted, or will never be
        number = next(_NUMBERS)
        self._failed, self._ended = f"failures {number}", f"ended runs {number}"  # the names of the questions
        self.found: Failures | None = None
        self.runs: Sequence[Run] | None = None
        self.tally: Tally | None = None
        """That of `runs`."""
        self.shown: TimeRange | None = None
        """The range that `found` is about."""
        self._asked: tuple[TimeRange, float] | None = None
        self._counted: tuple[Any, ...] = ()
        self._groups: tuple[Answer | None, GroupCache] = (None, GroupCache())  # of the runs of an answer

    @property
    def answered(self) -> bool:
        """Whether all that was asked for is there."""
        both = (self._answers.answer(name) for name in (self._failed, self._ended))
        return all(
            answer is not None and answer.whole and answer.question.since == self._since for answer in both
        )

    @property
    def _since(self) -> float | None:
        return None if self._asked is None else self._asked[0].since(self._asked[1])

    @property
    def answer(self) -> Answer | None:
        """The answer with the failed runs; None before the first."""
        return self._answers.answer(self._failed)

    @property
    def begin(self) -> float | None:
        """Since when runs are remembered; None if nothing is."""
        return None if self.answer is None else self.answer.begin

    @property
    def coverage(self) -> TimeCoverage | None:
        """How the range was watched; None without a history."""
        return None if self.answer is None else self.answer.coverage

    @property
    def earlier(self) -> EarlierRuns | None:
        """What ended before the range; None if that is not known."""
        found = None if self.answer is None else self.answer.later
        return found if isinstance(found, EarlierRuns) else None

    @property
    def trouble(self) -> str:
        """Why the history could not be read; "" if it could."""
        return "" if self.answer is None else self.answer.trouble

    def ask(self, wanted: TimeRange, marks: Sequence[Mark], *, again: bool = False) -> None:
        """Ask for a range, if another one was asked for, or if that was too long ago. `again`: ask in any case."""
        snapshot = self._newest()
        if snapshot is None:
            return
        now = snapshot.server_time(snapshot.at)
        if self._asked is not None and not again:
            before, at = self._asked
            if before == wanted and not wanted.stale(at, now):
                return
        self._asked = wanted, now
        since = wanted.since(now)
        inside = [mark for mark in marks if since < mark.at <= now][-_MARKS:]
        later = partial(_earlier, since=since, until=now, marks=inside, redact=self._redact)
        self._answers.ask(
            self._failed,
            Question(since, failed=True, later=later, drawn=self._until_painted),
            snapshot,
            self._take,
        )

    async def _until_painted(self) -> None:
        self._painted(self._first.set)
        await self._first.wait()

    def _take(self, answer: Answer) -> None:
        """Draw the failed runs. Once all is known of them, ask for all ended runs: two threads at once would delay keys."""
        self._drawn()
        snapshot = self._newest()
        if answer.whole and snapshot is not None:
            question = Question(answer.question.since, reasons=False, hurry=False)
            self._answers.ask(self._ended, question, snapshot, lambda _: self._drawn())

    def close(self) -> None:
        """Forget what was asked."""
        self._first.set()
        self._answers.close(self._failed)
        self._answers.close(self._ended)

    # -- counting ----------------------------------------------------------------------------------------------

    def count(self, marks: Sequence[Mark], now: float) -> bool:
        """Count the failures, if anything has changed since the last time; return whether it has."""
        answer, ended = self._answers.answer(self._failed), self._answers.answer(self._ended)
        if answer is None:
            return False
        if ended is not None and ended.question.since != answer.question.since:
            ended = None
        wanted = None if self._asked is None else self._asked[0]
        if ended is None and self.found is not None and self.shown == wanted:
            return False  # the same range, asked for again: the last counts stay until the new ones are whole
        key = (
            *(answer, answer.runs.revision, len(answer.seen), len(answer.unseen), answer.whole),
            *(ended, ended and ended.runs.revision, self._known(), marks),
        )
        if len(key) == len(self._counted) and all(
            one is other or one == other for one, other in zip(key, self._counted, strict=True)
        ):
            return False
        self._counted, self.shown = key, wanted
        self.runs = None if ended is None else ended.runs.between()
        self.tally = None if ended is None else ended.runs.tally
        reasons = self._answers.reasons(self._failed)
        looked_up = frozenset(answer.seen.keys() | answer.unseen)
        failed = answer.runs.between()
        if self._groups[0] is not answer:
            self._groups = (answer, GroupCache())
        self.found = failures(
            failed if self.runs is None else self.runs,
            answer.question.since,
            now,
            reasons,
            memory=Memory(marks, answer.begin, answer.seen, looked_up),
            failed=failed,
            tally=self.tally,
            cache=self._groups[1],
        )
        new = [one.reason for one in self.found.reasons if one.reason is not None]
        self._answers.look_up(self._failed, new, self._drawn)
        return True


def _earlier(
    past: Past, *, since: float, until: float, marks: Sequence[Mark], redact: bool
) -> EarlierRuns | None:
    return earlier_runs(past, since, until, marks, installation_key() if redact else None)
