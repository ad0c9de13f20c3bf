"""Reads from the history how often the reason of the opened run came, and whether it is new: once for each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from flowtui.model.history.past import Past
from flowtui.model.run.row import FAILED, Run, RunKey, key_of
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.answer_data import Answer, AnswerData, Question

if TYPE_CHECKING:
    from flowtui.model.answers.run.same_reason import SameReason
    from flowtui.model.reasons.reason import Reason

_NUMBERS: Final = count()  # a closed screen must not close the question of the next one
_DAY: Final = 86_400.0
_MARKS: Final = 3  # of so many marks it is read how many runs ended before them


class ReasonReader:
    """Answers for one run at a time. `drawn`: is called when there is something new to draw."""

    def __init__(self, answers: AnswerData, drawn: Callable[[], None]) -> None:
        self._answers, self._drawn = answers, drawn
        self._name = f"reason {next(_NUMBERS)}"
        self._asked: RunKey | None = None
        self._counted: tuple[object, ...] = ()
        self._reasons: Mapping[RunKey, Reason] = {}  # by which it was counted
        self._found: SameReason | None = None

    def ask(self, run: Run, snapshot: Snapshot | None, marks: Sequence[Mark]) -> None:
        """Ask for the reason of a failed run, if that was not done yet. Another run's answer is forgotten."""
        if run.key == self._asked or snapshot is None:
            return
        self.close()
        if run.status_class != FAILED:
            return
        self._asked = run.key
        now = snapshot.server_time(snapshot.at)
        ended = run.ended if run.ended is not None else now
        since = min(now, ended) - _DAY
        inside = [mark for mark in marks if since < mark.at <= now][-_MARKS:]
        question = Question(since, failed=True, hurry=False, later=partial(_ended_before, marks=inside))
        self._answers.ask(self._name, question, snapshot, self._taken)

    def close(self) -> None:
        """Forget what was asked."""
        self._asked, self._found, self._counted = None, None, ()
        self._answers.close(self._name)

    def found(self, reason: Reason | None, marks: Sequence[Mark]) -> SameReason | None:
        """Return what is known of the reason of the run; None before the answer. It is counted again when runs come."""
        answer = self._answers.answer(self._name)
        if answer is None or reason is None:
            return None
        reasons = self._answers.reasons(self._name)
        key = (answer, answer.runs.revision, answer.whole, len(answer.seen), reason, tuple(marks))
        if key != self._counted or reasons is not self._reasons:
            self._counted, self._reasons = key, reasons
            self._found = _count(answer, reasons, reason, marks)
            self._answers.look_up(self._name, [reason], self._drawn)
        return self._found

    def _taken(self, _: Answer) -> None:
        self._drawn()


def _count(
    answer: Answer, reasons: Mapping[RunKey, Reason], reason: Reason, marks: Sequence[Mark]
) -> SameReason | None:
    from flowtui.model.answers.reason_news import Memory, news_of  # noqa: PLC0415  only for a failed run
    from flowtui.model.answers.run.same_reason import of_range  # noqa: PLC0415

    failed = answer.runs.between()
    # The rest would be counted for nothing: a key of the user waits for this.
    runs = [
        run
        for run, other in zip(failed, map(reasons.get, map(key_of, failed)), strict=True)
        if other is reason or other == reason
    ]
    if not runs:
        return None
    looked_up = frozenset(answer.seen.keys() | answer.unseen)
    memory = Memory(marks, answer.begin, answer.seen, looked_up)
    news = news_of(reason, runs[-1], answer.question.since, memory)
    return of_range(reason, runs, news, answer.begin, answer.later or {})


def _ended_before(past: Past, *, marks: Sequence[Mark]) -> Mapping[str, int]:
    """Return the name of a mark → how many runs ended in the day before it, if all of that day is remembered."""
    from flowtui.model.answers.earlier_runs import ended_between  # noqa: PLC0415  only for a failed run

    begin = past.begin
    return {
        mark.name: ended_between(past, mark.at - _DAY, mark.at)
        for mark in marks
        if begin is not None and begin <= mark.at - _DAY
    }
