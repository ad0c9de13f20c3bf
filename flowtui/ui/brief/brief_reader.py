"""Gathers what the brief shows, and computes it in a thread: first the range, then the hours before it. Draws nothing.

It is computed again when runs have ended, but only so often that it costs little: see `COST`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from time import thread_time
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.brief.base import NO_BASE, Base, Earlier, read_base, read_earlier
from flowtui.model.answers.brief.brief import Brief, brief
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.outcomes import columns
from flowtui.model.answers.brief.ranges import LEFT, LOOK_BACK, last_ran, range_of
from flowtui.model.answers.brief.remarks import Named
from flowtui.model.answers.release_verdicts import KeptVerdicts
from flowtui.model.history.coverage import Part, TimeCoverage
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import LIVE, UNANSWERED, Past, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import Answer, Question
from flowtui.ui.base.answer_reader import AnswerReader
from flowtui.ui.base.view_data import ViewData
from flowtui.ui.base.workers import Work

COST: Final = 0.004
"""Seconds of CPU that the brief may take in each second, if it is computed again and again."""
SOONEST: Final = 5.0
"""Seconds between two computations, at least."""
LATEST: Final = 60.0
"""Seconds after which the brief is computed again though no run has ended: the range grows."""

_SLIDES: Final = 96  # a range is read again when its begin has moved by this part of it


class BriefReader(AnswerReader):
    """Makes the brief of a range.

    `start`: runs background work; `changed`, `drawn`: see `AnswerReader`.
    `found`: the brief; None before the first. `named`: the range of `found`.
    """

    def __init__(
        self,
        data: ViewData,
        prices: Prices | None,
        zone: tzinfo | None,
        *,
        start: Callable[[Work], None],
        changed: Callable[[], None],
        drawn: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__("brief", data, prices, changed, drawn)
        self._zone, self._start = zone, start
        self.found: Brief | None = None
        self.named: Named | None = None
        self.wanted = ""
        """The name of the range that was asked for last."""
        self._left: float | None = None
        self._looked = False
        self._asked: Named | None = None
        self._whole = False
        self._busy = self._reading = False
        self._computed = asyncio.Event()
        self._seen: tuple[object, ...] = ()
        self._verdicts, self._memory = KeptVerdicts(), MemoryReach()
        self._made_at, self._cost = float("-inf"), 0.0

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is read and computed."""
        if self._answer is None or self.found is None or self._busy or self._reading or not self._whole:
            return False
        return self.named is not None and self._asked is not None and self.named[:2] == self._asked[:2]

    def ask(self, name: str, snapshot: Snapshot, local: float) -> None:
        """Read a range. What was read before is shown up to then. `local`: the present by the local clock."""
        self.wanted = name
        if self._looked or name != LEFT or not self._data.past.ready:
            self._ask(snapshot, local)
            return
        self._looked = True

        def read(past: Past) -> list[Watched]:
            return past.watched(local - LOOK_BACK, local)

        def take(found: list[Watched] | None) -> None:
            at = last_ran(found or (), local)
            self._left = None if at is None else at + snapshot.clock_offset
            self._ask(snapshot, local)

        self._data.past.ask("brief left", read, take)

    def _ask(self, snapshot: Snapshot, local: float) -> None:
        now = snapshot.server_time(local)
        self._asked = named = range_of(self.wanted, now, self._when_left(snapshot), self._zone)
        self._active = {run.key: run for run in snapshot.runs() if run.active}
        question = Question(
            named.since,
            more=partial(read_base, since=named.since, until=named.until),
            later=partial(read_earlier, since=named.since, until=named.until),
            drawn=self._shown,
        )
        self._reading = True
        self._computed.clear()
        self._data.answers.ask(self._name, question, snapshot, partial(self._take, named, snapshot, local))

    async def _shown(self) -> None:
        """Return once the brief of the question that was asked last is drawn."""
        await self._computed.wait()
        await self._drawn()

    def _when_left(self, snapshot: Snapshot) -> float | None:
        """Return when the user last pressed a key before a long absence, else when flowtui last ran."""
        left = self._data.notifier.left if self.wanted == LEFT else None
        return self._left if left is None else left + snapshot.clock_offset

    def due(self, now: float) -> bool:
        """Whether to read again, because the range has moved on. `now`: by the server's clock."""
        asked = self._asked
        if asked is None or self._reading or asked.name == LEFT:
            return False
        moved = range_of(self.wanted, now, None, self._zone)
        return moved.since - asked.since >= (asked.until - asked.since) / _SLIDES

    def _take(self, named: Named, snapshot: Snapshot, local: float, answer: Answer) -> None:
        if named is not self._asked:
            return
        self._reading = False
        self._answer, self._seen = answer, ()
        self.refresh(snapshot, local)

    # -- kept true ---------------------------------------------------------------------------------------------

    def update(self, update: Update) -> None:
        """Take which runs are active. The answer itself has taken the update already."""
        for change in update.changes:
            self._follow(change)

    def refresh(self, snapshot: Snapshot, local: float) -> None:
        """Compute the brief again, if anything has changed and it is time to."""
        answer, named = self._answer, self._asked
        if answer is None or named is None or self._busy:
            return
        now, known = snapshot.server_time(local), self._data.answers.reasons(self._name)
        marks = tuple(self._data.deploy_marks.with_deployments(snapshot))
        seen = (answer.runs.revision, len(known), len(answer.seen), len(answer.unseen), marks)
        since_last = now - self._made_at
        early = since_last < max(SOONEST, self._cost / COST)
        if self._seen and (early or (seen == self._seen and since_last < LATEST)):
            return
        self._seen, self._made_at, self._busy = seen, now, True
        if named.goes_on:
            named = named._replace(until=now)
        watched, reach = self.watched_until(snapshot, local), self._memory.of(snapshot)
        facts = _Facts(now, watched, reach, snapshot.agents, known, marks)
        data = self._input(answer, named, facts)
        self._start(partial(self._compute, answer, named, data, whole=answer.whole))

    def _input(self, answer: Answer, named: Named, facts: _Facts) -> BriefInput:
        base = answer.more if isinstance(answer.more, Base) else NO_BASE
        runs = answer.runs.between(named.since, None if named.goes_on else named.until)
        watched, later = answer.coverage, answer.later
        earlier = later if isinstance(later, Earlier) else Earlier(None, ())
        before = earlier.before
        if watched is not None and named.goes_on:
            watched = _up_to_now(watched, facts.watched, named.until)
        return BriefInput(
            since=named.since,
            until=named.until,
            now=facts.now,
            runs=runs,
            active=list(self._active.values()) if named.goes_on else (),
            names={**answer.agents, **facts.agents},
            reasons=facts.reasons,
            seen=dict(answer.seen),
            unseen=set(answer.unseen),
            usual=base.usual,
            usual_since=base.usual_since,
            new_agents=base.new(runs),
            times=self._data.dashboard.cell_context().usual,
            before=None if before is None else before.runs,
            before_since=None if before is None else before.since,
            begin=answer.begin,
            reach=facts.reach,
            coverage=None if watched is None else watched.within(named.since, named.until),
            marks=facts.marks,
            changes=earlier.changes if answer.whole else None,
            prices=self._prices,
        )

    async def _compute(self, answer: Answer, named: Named, data: BriefInput, *, whole: bool) -> None:
        """Compute the brief in a thread. One that is not wanted any more is dropped."""
        try:
            found, self._cost = await asyncio.to_thread(_timed, data, self._verdicts, judged=whole)
        finally:
            self._busy = False
        if answer is self._answer:
            self.found, self.named, self._whole = found, named, whole
            self._computed.set()
            self._data.answers.look_up(self._name, (row.reason for row in found.reasons), self._changed)
        self._changed()  # which also computes what has come meanwhile


class _Facts(NamedTuple):
    """What a brief needs of the newest data. `now`: by the server's clock; `watched`: until when the API has answered.

    `reach`: since when all runs are in memory.
    """

    now: float
    watched: float
    reach: float
    agents: Mapping[str, str]
    reasons: Mapping[RunKey, Reason]
    marks: Sequence[Mark]


def _up_to_now(found: TimeCoverage, watched: float, until: float) -> TimeCoverage:
    """Return how a range was watched that has grown since it was read: until `watched` live, then the API did not answer."""
    middle = min(max(found.until, watched), until)
    more = [Part(found.until, middle, LIVE), Part(middle, until, UNANSWERED)]
    parts = tuple(part for part in more if part.seconds > 0)
    outages = tuple(part for part in parts if part.how == UNANSWERED)
    return TimeCoverage(
        found.since, max(until, found.until), (*found.parts, *parts), (*found.outages, *outages)
    )


def _timed(data: BriefInput, kept: KeptVerdicts, *, judged: bool) -> tuple[Brief, float]:
    """Return the brief, and how many seconds of CPU it took. Blocks. `judged`, `kept`: see `brief`."""
    begin = thread_time()
    found = brief(data, judged=judged, kept=kept)
    columns(data, 1)  # puts the ends in order here, in the thread
    return found, thread_time() - begin
