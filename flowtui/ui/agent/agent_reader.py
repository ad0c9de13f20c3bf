"""Gathers what the page of an agent shows: from the history and memory, then kept true with each update. Draws nothing.

First the time range is read, then what came before it: the page is there before it is known what is usual.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.agent.changes import ConfigLine, releases_of
from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.page import AgentFacts, AgentPage, PageMaker
from flowtui.model.answers.agent.time_ranges import MARGIN, TimeRange
from flowtui.model.answers.agent.usual import Earlier
from flowtui.model.history.coverage import coverage
from flowtui.model.history.gone_rows import QUARTER, gone_sums
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import Past, QuarterSum, RunConfig
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.lineage import config_of
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import Answer, Question
from flowtui.ui.base.answer_reader import AnswerReader
from flowtui.ui.base.view_data import ViewData

MOST: Final = 20_000
"""The most runs before the range that are read; of earlier ones only sums are."""

_READ: Final = attrgetter("read")
_FOREVER: Final = float(1 << 40)
_AGAIN: Final = 12  # a range is read again when this part of it has passed
_SETTLES: Final = 60  # the last stretch is computed again when this part of it has passed


class AgentReader(AnswerReader):
    """Reads what is known of one agent in one time range. Arguments: see `AnswerReader`."""

    def __init__(
        self,
        data: ViewData,
        prices: Prices | None,
        changed: Callable[[], None],
        drawn: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__("agent", data, prices, changed, drawn)
        self.agent = ""
        self.chosen: TimeRange | None = None
        self.reasons: Mapping[RunKey, Reason] = {}
        """Why runs failed, as of the last page."""
        self._question: Question | None = None
        self._had_past = False
        self._answered: tuple[str, TimeRange] | None = None
        self._asked_at = float("-inf")
        self._configs = ConfigLine()
        self._gone: Sequence[QuarterSum] = ()
        self._maker, self._memory = PageMaker(prices), MemoryReach()
        self._page: tuple[tuple[object, ...], AgentPage] | None = None

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is read: the range, and the time before it."""
        answer = self._answer
        return answer is not None and answer.whole and answer.question is self._question

    @property
    def last(self) -> float | None:
        """When the last run before the range ended; None if none is known."""
        earlier = None if self._answer is None else self._answer.later
        return moment_of(earlier.runs[0]) if earlier is not None and earlier.runs else None

    def ask(self, agent: str, chosen: TimeRange, snapshot: Snapshot, now: float) -> None:
        """Read an agent (id) and a range. `now`: by the server's clock. What was read before is shown up to then."""
        if agent != self.agent:
            self._answer, self._page, self._configs = None, None, ConfigLine()
            self._active = {run.key: run for run in snapshot.runs() if run.agent_id == agent and run.active}
        self.agent, self.chosen, self._asked_at = agent, chosen, now
        self._had_past = self._data.past.ready
        since, offset = now - chosen.seconds, snapshot.clock_offset
        self._question = Question(
            since - chosen.seconds * MARGIN,  # the first bucket of a chart begins before the range
            agent,
            more=partial(_more, agent, since - chosen.seconds, since - chosen.seconds * MARGIN),
            later=partial(_earlier, agent, chosen, since, offset=offset, prices=self._prices),
            drawn=self._drawn,
        )
        self._data.answers.ask(self._name, self._question, snapshot, partial(self._take, chosen, snapshot))

    def update(self, update: Update) -> None:
        """Take what has changed. The answer itself has taken it already."""
        threads = update.snapshot.threads
        for key in update.restored:
            for run in update.snapshot.runs(key):
                if run.agent_id == self.agent and run.active:
                    self._active[run.key] = run
        for change in update.changes:
            run = change.after
            if run.agent_id == self.agent:
                self._follow(change)
                self._configs.take(run, config_of(run.key, threads))

    def due(self, now: float) -> bool:
        """Whether to read again: the range has moved on, or there is a history only since then."""
        if self.chosen is None:
            return False
        late = self._data.past.ready and not self._had_past
        return late or now >= self._asked_at + self.chosen.seconds / _AGAIN

    def page(self, snapshot: Snapshot, local: float, cells: int) -> AgentPage | None:
        """Return the page, with charts of at most so many buckets; None before the agent's range is read.

        `local`: the present by the local clock. The same page is returned as long as nothing has changed that can be seen.
        """
        answer, chosen = self._answer, self.chosen
        if answer is None or chosen is None or self._answered != (self.agent, chosen):
            return None
        now = snapshot.server_time(local)
        self.reasons, marks = self._data.answers.reasons(self._name), self._data.deploy_marks.marks
        changed = self._configs.changes()
        until, reach = self.watched_until(snapshot, local), self._reach(snapshot)
        seen = (
            *(
                cells,
                chosen,
                answer.question,
                answer.runs.revision,
                answer.whole,
                len(answer.seen),
            ),
            *(marks, snapshot.deployments, changed, tuple(self._active.values()), now - until > _SETTLES),
            reach,
            now // (chosen.stretches[0] / _SETTLES),
        )
        if self._page is not None and self._page[0] == seen and not self._explained(self._page[1]):
            return self._page[1]
        facts = AgentFacts(
            chosen=chosen,
            runs=answer.runs,
            gone=self._gone,
            active=sorted(self._active.values(), key=lambda run: (-(run.created or 0.0), run.key)),
            earlier=answer.later if answer.later is not None or not answer.whole else self._nothing(answer),
            coverage=answer.coverage,
            watched_until=until,
            reach=reach,
            reasons=self.reasons,
            before=answer.seen,
            releases=releases_of(self.agent, marks, snapshot.deployments),
            configs=changed,
            prices=self._prices,
        )
        self._page = seen, self._maker.page(facts, now, cells)
        return self._page[1]

    def _reach(self, snapshot: Snapshot) -> float:
        """Return since when all runs were read from the API; infinite as long as some threads were not read."""
        covered = snapshot.coverage
        unread = covered.restored > covered.silent or not all(map(_READ, snapshot.threads.values()))
        return math.inf if unread else self._memory.of(snapshot)

    def _explained(self, page: AgentPage) -> bool:
        """Whether it is known now why a run failed that has no reason on a page."""
        return any(run.key in self.reasons for run in page.reasons.unexplained)

    def look_up(self, page: AgentPage) -> None:
        """Have the page's reasons looked up in the time before the range."""
        self._data.answers.look_up(self._name, [use.reason for use in page.reasons.uses], self._changed)

    def _nothing(self, answer: Answer) -> Earlier:
        """Return that nothing is known of the time before the range."""
        at = answer.runs.since
        return Earlier((), at, at, KnownTime(None, None, at), self._prices)

    def _take(self, chosen: TimeRange, snapshot: Snapshot, answer: Answer) -> None:
        if answer.question is not self._question:
            return
        self._answered = self.agent, chosen
        if answer is not self._answer:
            self._answer = answer
            more = answer.more or _More((), ())
            self._configs.fill(more.configs)
            rows = answer.runs.between()
            # nearly always there are as many rows as the sums are of
            counted = sum(one.runs for one in more.sums)
            self._gone = gone_sums(more.sums, rows) if counted > len(rows) else []
            for run in rows:
                self._configs.take(run, config_of(run.key, snapshot.threads))
        self._changed()


class _More(NamedTuple):
    """What the history knows of a range besides its runs: configurations, and the sums of all runs that ended in it."""

    configs: Sequence[RunConfig]
    sums: Sequence[QuarterSum]


def _more(agent: str, since: float, begin: float, past: Past) -> _More:
    """Return configurations of the agent's runs that ended since a time, and sums since `begin`. Reads a file."""
    sums = past.sums(math.ceil(begin / QUARTER) * QUARTER, _FOREVER, agent=agent)
    return _More(past.configs(since, _FOREVER, agent), sums)


def _earlier(
    agent: str, chosen: TimeRange, until: float, past: Past, *, offset: float, prices: Prices | None
) -> Earlier:
    """Return the agent's runs from before the range, with all numbers computed. Reads a file.

    `until`: the begin of the range. `offset`: the server's clock less the local one.
    """
    since = until - chosen.before
    rows = past.runs(since, until, "counted", agent=agent, most=MOST)
    # The sums tell how many runs ended whose rows are gone, or were not read.
    first, last = math.ceil(since / QUARTER) * QUARTER, math.floor(until / QUARTER) * QUARTER
    gone = gone_sums(past.sums(first, last, agent=agent), rows)
    spans = past.watched(since - offset, until - offset)
    known = KnownTime(coverage(spans, since - offset, until - offset).shifted(offset), None, until)
    earlier = Earlier(rows, since, until, known, prices, gone=gone)
    for length in chosen.stretches:
        earlier.stretches(length)
    earlier.whole(chosen.seconds)
    return earlier
