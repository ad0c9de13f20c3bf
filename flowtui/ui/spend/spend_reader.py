"""Gathers what the Spend screen shows, and adds it up in a thread. Draws nothing.

Runs of the last day are read one by one (`AnswerReader`). Of older ones, and of the same hours before the range, the history
gives sums (`Older`). What was spent is added up again when runs have ended, but only so often that it costs little: see `COST`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import thread_time
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.model.answers.spend.spend import Spend, spend
from flowtui.model.history.past import Past, SpentBy
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import Answer, Question
from flowtui.ui.base.answer_reader import AnswerReader
from flowtui.ui.base.view_data import ViewData
from flowtui.ui.base.workers import Work
from flowtui.ui.spend.history_sums import Asked, Older, read_dearest, read_older, reader_of
from flowtui.ui.spend.time_ranges import RECENT, SpendRange, length_of, step_of

COST: Final = 0.004
"""Seconds of CPU that adding up may take in each second, if it is done again and again."""
SOONEST: Final = 1.0
"""Seconds between two times, at least."""
LATEST: Final = 60.0
"""Seconds after which it is added up again though no run has ended: the range moves on."""

_AGAIN: Final = 30.0  # seconds until sums of the history are read again that lack a run which has ended since


class SpendReader(AnswerReader):
    """Reads and adds up what was spent in a range.

    `start`: runs background work; `changed`, `drawn`: see `AnswerReader`. Attributes: `found`: what was spent, None before the
    first answer; `asked`: the question that `found` answers; `older`: what the history knew for it.
    """

    def __init__(
        self,
        data: ViewData,
        prices: Prices | None,
        *,
        start: Callable[[Work], None],
        changed: Callable[[], None],
        drawn: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__("spend", data, prices, changed, drawn)
        self._start, self._failed_name = start, f"{self._name}, failed"
        self.found: Spend | None = None
        self.asked: Asked | None = None
        self.older = Older()
        self._wanted: Asked | None = None  # the newest question; `asked` follows once it is answered
        self._answer_for: Asked | None = None  # the question to which the rows of `_answer` belong
        self._history: tuple[Asked, Older] | None = None  # what the history said last, and to which question
        self._history_reading: Callable[[Past], Older] | None = None  # reads it; None: asked for already
        self._grown = data.past.grown  # as of the newest question
        self._outdated = False  # whether a run has ended that the sums of the history lack
        self._failed_since: float | None = None  # when the range begins whose failed runs were asked for
        self._failed_runs: tuple[tuple[Spend, str, int], Sequence[Run]] | None = (
            None  # kept for the next paint
        )
        self._dearest: dict[tuple[Asked, str], Sequence[Run] | None] = {}  # None: being read
        self._adding_up = False
        self._added_up = asyncio.Event()  # set once the rows of the newest answer are part of `found`
        self._added_up_from: tuple[object, ...] = ()  # what `found` was made of
        self._added_up_at = float("-inf")  # server's clock
        self._took = 0.0  # seconds of CPU

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is read and added up."""
        wanted = self._wanted
        if wanted is None or self.asked is not wanted or self._adding_up:
            return False
        if wanted.range.seconds is None:
            return True
        failed = self._data.answers.answer(self._failed_name)
        return (
            self._history is not None
            and self._history[0] is wanted
            and self.older is self._history[1]
            and failed is not None
        )

    @property
    def reasons(self) -> Mapping[RunKey, Reason]:
        """Why runs failed, as far as it is known. The same mapping is returned until more is known."""
        return self._data.answers.reasons(self._failed_name)

    @property
    def remembered_agents(self) -> Mapping[str, str]:
        """Agent id → name, as remembered."""
        return {} if self._answer is None else self._answer.agents

    def failed(self, key: str) -> Sequence[Run] | None:
        """Return the failed runs of a key, such as an agent's id, the last first; None while they are read."""
        asked, found = self.asked, self.found
        if asked is None or found is None:
            return None
        answer = self._data.answers.answer(self._failed_name)
        far = asked.recent > asked.since
        if far and (answer is None or answer.question.since > asked.since):
            return None
        known = (found, key, answer.runs.revision if far and answer is not None else 0)
        if self._failed_runs is None or self._failed_runs[0] != known:
            runs: Sequence[Run] = found.runs.get(key, ())
            if far and answer is not None:
                read = reader_of(asked)
                runs = [run for run in answer.runs.between(asked.since) if read(run) == key]
            self._failed_runs = known, [run for run in runs if run.status_class == FAILED]
        return self._failed_runs[1]

    def dearest(self, key: str) -> Sequence[Run] | None:
        """Return the dearest runs of a key among those that only the history has; None while they are read.

        Empty for a range that is read one by one.
        """
        asked, past = self.asked, self._data.past
        if asked is None or asked.recent <= asked.since or not past.ready or self.found is None:
            return ()
        wanted = asked, key
        if wanted not in self._dearest:
            self._dearest[wanted] = None
            models = {model for row in self.found.rows if row.key == key for model in row.now.models}
            weights = {
                model: (price.prompt, price.completion)
                for model in models
                if self._prices is not None and (price := self._prices.of(model)) is not None
            }

            def take(runs: list[Run] | None) -> None:
                self._dearest[wanted] = runs or ()
                self._changed()

            past.ask("spend, dearest", partial(read_dearest, asked=asked, key=key, weights=weights), take)
        return self._dearest[wanted]

    # -- asking ------------------------------------------------------------------------------------------------

    def ask(
        self, chosen: SpendRange, by: SpentBy, releases: Sequence[float], snapshot: Snapshot, local: float
    ) -> None:
        """Read a range, unless the same was read a short time ago, from as much of the past as can be read.

        `by`: what spends, such as agents. `releases`: when these were, in UTC epoch seconds. `local`: now, by the local clock.
        """
        now, wanted = snapshot.server_time(local), self._wanted
        if wanted is not None and (wanted.range, wanted.by, wanted.releases) == (chosen, by, tuple(releases)):
            due = self._outdated and now - wanted.now >= _AGAIN
            if not due and not chosen.stale(wanted.now, now) and self._grown == self._data.past.grown:
                return
        self.ask_again(chosen, by, releases, snapshot, local)

    def ask_again(
        self, chosen: SpendRange, by: SpentBy, releases: Sequence[float], snapshot: Snapshot, local: float
    ) -> None:
        """Read a range, whatever was read before, which is shown until then."""
        now = snapshot.server_time(local)
        last, self._outdated = self._wanted, False
        if self._grown != self._data.past.grown:
            self._grown, self._answer_for = self._data.past.grown, None
        seconds = chosen.seconds
        if seconds is None:
            self._wanted = Asked(chosen, by, now, now, now, 0.0, tuple(releases))
            self._history = self._wanted, Older()
            return
        since = now - seconds
        # Without a history, all is in memory.
        recent = max(since, now - RECENT) if self._data.past.ready else since
        wanted = Asked(chosen, by, since, recent, now, step_of(seconds, by), tuple(releases))
        self._wanted = wanted
        kept = self._answer_for
        if kept is not None and last is not None and last.range == chosen and not chosen.stale(kept.now, now):
            # Its rows are read already: they are only added up by something else.
            self._wanted = wanted = wanted._replace(since=kept.since, recent=kept.recent, now=kept.now)
            self._answer_for = wanted
        else:
            # A range that is shown already is read again in the background: nobody waits for it.
            hurry = self.asked is None or self.asked.range != chosen
            self._added_up.clear()
            question = Question(recent, reasons=False, hurry=hurry, drawn=self._shown)
            self._data.answers.ask(self._name, question, snapshot, partial(self._take, wanted))
        if not self._data.past.ready:
            self._history = wanted, Older()
            return
        offset, answers = snapshot.clock_offset, snapshot.outage is None
        self._history_reading = partial(read_older, asked=wanted, offset=offset, local=local, answers=answers)
        if wanted.recent > wanted.since or self._answer is not None:
            self._ask_older()

    def _ask_older(self) -> None:
        """Read what the history knows besides rows. For a short range this is only the comparison, which can wait."""
        read, wanted = self._history_reading, self._wanted
        if read is not None and wanted is not None:
            self._history_reading = None
            self._data.past.ask("spend, older", read, partial(self._take_older, wanted))

    def close(self) -> None:
        """Forget what was read."""
        super().close()
        self._data.answers.close(self._failed_name)

    async def _shown(self) -> None:
        """Return once the answer is added up and drawn."""
        await self._added_up.wait()
        await self._drawn()

    def _take(self, asked: Asked, answer: Answer) -> None:
        wanted = self._wanted
        if wanted is None or (wanted.range, wanted.recent) != (asked.range, asked.recent):
            return
        self._answer, self._answer_for, self._added_up_from = answer, wanted, ()
        self._changed()

    def _take_older(self, asked: Asked, older: Older | None) -> None:
        if asked is self._wanted:
            self._history, self._added_up_from = (asked, older or Older()), ()
            self._changed()

    def _ask_failed(self, snapshot: Snapshot) -> None:
        asked = self.asked
        if asked is not None and asked.range.seconds is not None and self._failed_since != asked.since:
            self._failed_since = asked.since
            question = Question(asked.since, failed=True, hurry=False)
            self._data.answers.ask(self._failed_name, question, snapshot, lambda _: self._changed())

    # -- adding up ---------------------------------------------------------------------------------------------

    def update(self, update: Update) -> None:
        """Note a run that has ended and that the sums of the history lack. The rows have taken the update already."""
        asked = self._wanted
        if asked is None or self._outdated or asked.recent <= asked.since:
            return
        for change in update.changes:
            at = moment_of(change.after) if change.after.terminal else None
            if at is not None and asked.since <= at < asked.recent:
                self._outdated = True
                return

    def refresh(self, snapshot: Snapshot, local: float, shown: Sequence[Run]) -> None:
        """Add up again, if anything has changed and it is time to. `shown`: the runs of the table."""
        asked = self._wanted
        if asked is None or self._adding_up:
            return
        now = snapshot.server_time(local)
        table = asked.range.seconds is None
        older = self._history[1] if self._history is not None and self._history[0] is asked else None
        if table:
            seen: tuple[object, ...] = (asked, shown)
        else:
            if self._answer is None or self._answer_for is not asked:
                return
            # Without the sums of the history, a long range is not whole; and columns that compare would go, only to come again.
            if older is None and (asked.recent > asked.since or self.found is not None):
                return
            seen = (asked, self._answer, self._answer.runs.revision, older)
        since_last = now - self._added_up_at
        same = _same(seen, self._added_up_from)
        first = not self._added_up_from or self._added_up_from[0] is not asked
        if not first and (since_last < max(SOONEST, self._took / COST) or (same and since_last < LATEST)):
            return
        self._added_up_from, self._added_up_at, self._adding_up = seen, now, True
        rows = shown if table else self._answer.runs.between() if self._answer is not None else ()
        work = partial(self._add_up, asked, rows, older or Older(), now, snapshot)
        self._start(work)

    async def _add_up(
        self, asked: Asked, rows: Sequence[Run], older: Older, now: float, snapshot: Snapshot
    ) -> None:
        """Add up in a thread. The result is dropped if another question was asked meanwhile."""
        try:
            found, self._took = await asyncio.to_thread(_timed, asked, rows, older, now, self._prices)
        finally:
            self._adding_up = False
        if asked is self._wanted:
            self.found, self.asked, self.older = found, asked, older
            self._dearest = {wanted: runs for wanted, runs in self._dearest.items() if wanted[0] is asked}
            self._added_up.set()
        self._changed()  # which also adds up what has come meanwhile
        if asked is self._wanted:
            await self._drawn()
            self._ask_older()
            self._ask_failed(snapshot)


def _same(one: tuple[object, ...], two: tuple[object, ...]) -> bool:
    """Whether both are made of the same. Sequences may have thousands of runs, so only their identity counts."""
    return len(one) == len(two) and all(
        left is right or (not isinstance(left, Sequence) and left == right)
        for left, right in zip(one, two, strict=True)
    )


def _timed(
    asked: Asked, rows: Sequence[Run], older: Older, now: float, prices: Prices | None
) -> tuple[Spend, float]:
    """Return what was spent, and how many seconds of CPU that took. Blocks."""
    begin = thread_time()
    since, step = asked.since, asked.step
    if asked.range.seconds is None:
        ends = [at for run in rows if (at := moment_of(run)) is not None]
        length = length_of(max(1.0, now - min(ends, default=now)))
        since, step = now - length, step_of(length, asked.by)
    found = spend(
        rows,
        asked.by,
        since,
        now,
        step=step,
        prices=prices,
        releases=asked.releases,
        older=older.sums,
        before=older.before,
        before_since=older.before_since,
    )
    return found, thread_time() - begin
