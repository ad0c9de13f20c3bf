"""Answers questions of screens about a time range: from the history and from memory, then kept true with each update.

What takes long is computed in a thread: neither a file nor a hundred thousand runs in memory let a key wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, NamedTuple

from flowtui.config.memory.installation_key import installation_key
from flowtui.errors import HistoryError
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.coverage import TimeCoverage, coverage, with_present
from flowtui.model.history.past import Past, Seen
from flowtui.model.history.remembered_reasons import explained_runs
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.garbage import SEARCHES
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Services

_PARTS: Final = 16
_REST: Final = 0.02  # seconds between two of them: about as long as one takes
_LATER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead
# Seconds that what may come later waits for the screen, which may be covered by another one
_PATIENCE: Final = 1.0


class Question(NamedTuple):
    """What a screen asks. Times are UTC epoch seconds by the server's clock."""

    since: float
    """The begin of the time range, which reaches to the present."""
    agent: str | None = None
    """The id of the only agent whose runs count; None: all."""
    failed: bool = False
    """Whether only failed runs count."""
    reasons: bool = True
    """Whether the screen needs to know why runs failed."""
    hurry: bool = True
    """Whether the user waits for it. If not, the thread pauses between its parts, so that keys have the processor."""
    more: Callable[[Past], Any] | None = None
    """Reads what else the screen needs; called in a thread. Its result is `Answer.more`; None without a history."""
    later: Callable[[Past], Any] | None = None
    """Reads what may come later, as `more`. With it, the answer is first taken without `seen` and without `Answer.later`."""
    drawn: Callable[[], Awaitable[None]] | None = None
    """Returns once the first answer is drawn: up to then nothing more is read, and no search for garbage delays it."""


@dataclass(eq=False)
class Answer:
    """What is known of a time range. It stays true: `runs` takes each update, before `taken` is called."""

    question: Question
    runs: EndedRuns
    explained: Mapping[RunKey, Reason] = field(default_factory=dict)
    """Why runs failed, as the history remembers it. `AnswerData.reasons` adds what this start has found."""
    seen: dict[Reason, Seen] = field(default_factory=dict)
    """What is remembered of reasons from before the time range. A reason that is in neither was not looked up yet."""
    unseen: set[Reason] = field(default_factory=set)
    """The reasons of which nothing is remembered from before the time range."""
    begin: float | None = None
    """Since when there is a history; None if there is none."""
    coverage: TimeCoverage | None = None
    """How the time range was watched up to the moment of the answer; None without a history."""
    agents: Mapping[str, str] = field(default_factory=dict)
    """Agent id → name, as remembered."""
    more: Any = None
    """The result of `Question.more`."""
    later: Any = None
    """The result of `Question.later`; None as long as it was not read."""
    whole: bool = False
    """Whether all was read: `seen` and `later`, too."""
    trouble: str = ""
    """Why the history could not be read, display-safe; "" if it could, and if there is none."""


class AnswerData:
    """Answers one question for each name; a new question replaces the last one. `known`: returns why runs failed."""

    def __init__(
        self,
        services: Services,
        past: PastReader,
        known: Callable[[], Mapping[RunKey, Reason]],
        *,
        redact: bool = False,
    ) -> None:
        self._services, self._past, self._known, self._redact = services, past, known, redact
        self._open: dict[str, Answer] = {}
        self._asked: dict[str, Question] = {}
        self._takers: dict[str, Callable[[Answer], None]] = {}
        self._again: set[str] = set()  # names whose answer is computed while more of the past became readable
        self._newest: Snapshot | None = None
        self._missed: dict[str, list[Update]] = {}  # updates that came while the answer was computed
        self._looking: set[str] = set()
        # name → what it remembers, what this start has found, both
        self._reasons: dict[str, tuple[object, object, Mapping[RunKey, Reason]]] = {}

    def ask(self, name: str, question: Question, snapshot: Snapshot, taken: Callable[[Answer], None]) -> None:
        """Answer a question, then call `taken`. The last answer for this name is kept up to then."""
        self._asked[name], self._missed[name] = question, []
        self._takers[name], self._newest = taken, snapshot
        self._again.discard(name)

        async def work() -> None:
            with SEARCHES.put_off():
                await self._answer(name, question, snapshot, taken)

        # No `partial`: Textual makes a text of what a worker calls, which takes 80 ms with a snapshot in it.
        self._services.start(work, "answers")

    def answer(self, name: str) -> Answer | None:
        """Return the answer to the last question that was answered; None if there is none yet."""
        return self._open.get(name)

    def ask_again(self) -> None:
        """Answer all questions anew, as more of the past can be read now. Their last answers are kept up to then."""
        for name in list(self._asked):
            if name in self._missed:
                self._again.add(name)
            else:
                self._repeat(name)

    def _repeat(self, name: str) -> None:
        if self._newest is not None:
            self.ask(name, self._asked[name], self._newest, self._takers[name])

    def close(self, name: str) -> None:
        """Forget the question and the answer."""
        self._again.discard(name)
        for each in (self._open, self._asked, self._takers, self._missed, self._reasons):
            each.pop(name, None)

    def reasons(self, name: str) -> Mapping[RunKey, Reason]:
        """Return why runs failed: what this start has found, and what is remembered. It is the same object until more is known."""
        answer, known = self._open.get(name), self._known()
        if answer is None or not answer.explained:
            return known
        kept = self._reasons.get(name)
        if kept is None or kept[0] is not answer.explained or kept[1] is not known:
            kept = self._reasons[name] = (answer.explained, known, {**answer.explained, **known})
        return kept[2]

    def update(self, update: Update) -> None:
        """Take an update into all answers."""
        self._newest = update.snapshot
        for answer in self._open.values():
            answer.runs.take(update)
        for missed in self._missed.values():
            missed.append(update)

    def look_up(self, name: str, reasons: Iterable[Reason], taken: Callable[[], None]) -> None:
        """Look these reasons up in the history, if that was not done yet; then call `taken`."""
        answer = self._open.get(name)
        if answer is None or not answer.whole or name in self._looking or answer.begin is None:
            return
        new = [reason for reason in reasons if reason not in answer.seen and reason not in answer.unseen]
        if not new:
            return
        self._looking.add(name)

        def look(past: Past) -> Mapping[Reason, Seen]:
            return past.seen(new, answer.question.since)

        def found(seen: Mapping[Reason, Seen] | None) -> None:
            self._looking.discard(name)
            answer.seen.update(seen or {})
            answer.unseen.update(reason for reason in new if reason not in answer.seen)
            if self._open.get(name) is answer:
                taken()

        self._past.ask(f"seen {name}", look, found)

    async def _answer(
        self, name: str, question: Question, snapshot: Snapshot, taken: Callable[[Answer], None]
    ) -> None:
        hide = installation_key() if self._redact else None
        answer = await asyncio.to_thread(
            _read, question, snapshot, self._past.past, hide, lambda: self._asked.get(name) is question
        )
        if self._asked.get(name) is not question:
            return
        for update in self._missed.pop(name, ()):
            answer.runs.take(update)
        self._open[name] = answer
        taken(answer)
        if name in self._again:
            self._repeat(name)
            return
        if question.drawn is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(question.drawn(), _PATIENCE)
        if answer.whole:
            return
        await asyncio.to_thread(_read_later, answer, self._past.past)
        if self._open.get(name) is answer:
            taken(answer)


def _read(
    question: Question, snapshot: Snapshot, past: Past | None, hide: bytes | None, wanted: Callable[[], bool]
) -> Answer:
    """Return the answer to a question. Blocks; called in a thread. `wanted`: whether somebody still asks for it."""
    runs = EndedRuns(question.since, agent=question.agent, failed=question.failed)
    answer = Answer(question, runs)
    runs.begin(snapshot)
    if past is not None:
        _recall(answer, snapshot, past, hide, wanted)
    if question.later is None:
        _read_later(answer, past)
    runs.between()  # sorts them here, in the thread
    return answer


def _recall(
    answer: Answer, snapshot: Snapshot, past: Past, hide: bytes | None, wanted: Callable[[], bool]
) -> None:
    """Fill an answer with what is remembered."""
    question, runs = answer.question, answer.runs
    offset, until = snapshot.clock_offset, snapshot.server_time(snapshot.at)
    local = question.since - offset
    try:
        answer.begin = past.begin
        if answer.begin is None:
            return
        answer.begin += offset
        latest = until + _LATER
        runs.fill(chain.from_iterable(_counted(question, past, until, latest, wanted)))
        if question.reasons:
            answer.explained = explained_runs(past, question.since, latest, hide)
        spans = with_present(past.watched(local, snapshot.at), snapshot.at, answered=snapshot.outage is None)
        answer.coverage = coverage(spans, local, snapshot.at).shifted(offset)
        answer.agents = past.agents()
        if question.more is not None:
            answer.more = question.more(past)
    except HistoryError as error:
        answer.trouble = str(error)


def _counted(
    question: Question, past: Past, until: float, latest: float, wanted: Callable[[], bool]
) -> Iterator[list[Run]]:
    """Yield the runs of the time range, in one part if the user waits for it; end early if nobody wants them any more.

    `until`: the present; `latest`: the end of the last part.
    """
    parts = 1 if question.hurry else _PARTS
    step = max(0.0, until - question.since) / parts
    for part in range(parts):
        if part:
            time.sleep(_REST)
            if not wanted():
                return
        begin = question.since + part * step
        end = latest if part == parts - 1 else question.since + (part + 1) * step
        yield past.runs(begin, end, "counted", agent=question.agent, failed=question.failed)


def _read_later(answer: Answer, past: Past | None) -> None:
    """Read what the history knows of the reasons, and what the screen wants besides. Blocks; called in a thread."""
    question, reasons = answer.question, set(answer.explained.values())
    try:
        if past is not None and answer.begin is not None:
            seen = past.seen(reasons, question.since) if reasons else {}
            answer.seen, answer.unseen = dict(seen), reasons - seen.keys()
            answer.later = None if question.later is None else question.later(past)
    except HistoryError as error:
        answer.trouble = str(error)
    answer.whole = True
