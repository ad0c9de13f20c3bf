"""Plans when each thread is polled next, by an interval of its own. `fleet.py` plans all threads of a key together instead.

Makes no requests: the poller does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from flowtui.errors import ApiError
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage
from flowtui.model.state.known_runs import ThreadState
from flowtui.source.poll.agent_rereads import AgentRereads
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.label_reader import LabelReader
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.schedule import Schedule, Target
from flowtui.source.read.budgeted_calls import Charge

THREADS: Final = ("threads", "")
AGENTS: Final = ("agents", "")
SPANS: Final = ("spans", "")
ROUND: Final = ("round", "")
GAP: Final = ("gap", "")

AGENTS_AGAIN: Final = 300.0
"""Minimum seconds between two requests for the agents, unless a queued run waits for one."""


class Turns:
    """Plans polls: of the list and of each moving thread once per interval, of each quiet thread once per quiet interval.

    The methods that do nothing here are overridden by `Fleet`. `now` is monotonic seconds everywhere.
    """

    def __init__(self, observer: Observer, schedule: Schedule, intervals: Intervals) -> None:
        self.observer = observer
        self.schedule = schedule
        self.intervals = intervals
        self.labels = LabelReader(observer, schedule, intervals)
        self._list_whole_at = float("-inf")
        self._agent_rereads = AgentRereads(intervals.budget)
        self.caught_up: tuple[float, float] | None = None
        """As `Snapshot.caught_up`."""

    def begin(self, now: float) -> None:
        """Plan the first requests."""
        self.schedule.add(THREADS, now)
        self.observe_soon(self.observer.states, now)
        self.schedule.add(AGENTS, now)

    def refresh(self, now: float) -> None:
        """Request the list of threads, and the labels that are wanted, now."""
        self.schedule.hasten(THREADS, now)
        self.labels.hasten(now)

    def restore(
        self, states: Iterable[ThreadState], agents: Mapping[str, str], until: float | None
    ) -> list[str]:
        """Take in threads and names of agents from the history; return the threads that are restored by this.

        Each is read once the list shows it. `until`: until when all were watched (UTC epoch seconds); None: unknown.
        """
        new = self.observer.restore(states, agents)
        for key in new:
            self._agent_rereads.add(self.observer.states[key].runs.values())
        self.missed(new, until)
        self.observe_listed((), self.observer.calls.clock.monotonic())
        return new

    def missed(self, _keys: Sequence[str], _until: float | None) -> None:
        """Note the threads that are restored, to find out what was missed. Does nothing here: each is read."""

    def look_at_agents(self, now: float) -> None:
        """Plan to read the agents again, at the earliest `AGENTS_AGAIN` seconds after the last time."""
        self.schedule.wanted(AGENTS, max(now, self.schedule.begun(AGENTS) + AGENTS_AGAIN))

    def pick(self, _now: float, _busy: Collection[Target]) -> None:
        """Make the next resting thread due. Does nothing here: only `Fleet` has a round over resting threads."""

    def deepens(self, _key: str) -> bool:
        """Whether the next observation of a thread also reads older runs that the first observation left out. Here it never does."""
        return False

    def read_whole(self, _keys: Iterable[str]) -> list[str]:
        """Plan to read the runs that first observations left out; return the threads that have such runs. Here none has."""
        return []

    def whole_list(self, now: float) -> bool:
        """Whether to read the whole list of threads now, not only its newest pages."""
        return now - self._list_whole_at >= self.intervals.listing(self.observer.list_pages)

    def early(self, _pages: int) -> bool:
        """Whether to plan observations before the list is read to its end; `_pages` were read until now. Always false here."""
        return False

    def listed(self, at: float, _now: float, *, whole: bool) -> None:
        """Note that the list was read, beginning at `at` (monotonic seconds). `whole`: whether all of it was read."""
        if whole:
            self._list_whole_at = at

    def answered(self, target: Target, now: float, _requests: int) -> None:
        """Plan the next poll of a target after a successful poll."""
        what, key = target
        if what == "agents":
            self.schedule.hold(target)
            return
        if what == "labels":
            self.labels.answered(now)
            return
        moving = what == "threads" or self.observer.moving(key)
        interval = self.intervals.settle(target, now, active=moving)
        if what == "runs":
            self.observer.set_interval(key, interval)
        self.schedule.succeeded(target, now, interval)

    def failed(self, target: Target, now: float, error: ApiError) -> float | None:
        """Plan the next poll of a target after a failed poll. Return in how many seconds it comes; None: none is planned."""
        what, key = target
        if what == "labels":
            return self.labels.failed(error, now)
        interval = self.observer.states[key].interval if what == "runs" else self.intervals.wished
        return self.schedule.failed(target, now, error, interval)

    async def read_spans(self, what: str, charge: Charge) -> None:
        """Request spans. `what`: `labels` that are wanted; or `spans`, to find threads that move, which does nothing here.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is used.
        """
        if what == "labels":
            await self.labels.read(charge)

    def witness(self, changes: Iterable[Change], now: float) -> None:
        """Note the changes that polls showed. Plan to read the agents again if queued runs wait for them."""
        self._agent_rereads.update(changes)
        calls, statuses = self.observer.calls, self.observer.agent_statuses
        offset = calls.server_clock.offset
        if not self.schedule.failing(AGENTS) and self._agent_rereads.due(
            statuses, statuses.read_at + offset, calls.clock.now() + offset
        ):
            self.schedule.hasten(AGENTS, now)

    def observe_soon(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of these threads: moving ones now, the others spread over time."""
        known = [key for key in keys if key in self.observer.states]
        moving = [key for key in known if self.observer.moving(key)]
        busy = frozenset(moving)
        quiet = [key for key in known if key not in busy]
        back_to = self.observer.reader.back_to
        short = all(back_to(key) is not None for key in quiet)
        dues = [now] * len(moving) + self.intervals.spread(len(quiet), now, short=short)
        for key, due in zip((*moving, *quiet), dues, strict=True):
            self.schedule.add(("runs", key), due)
            self.schedule.hasten(("runs", key), now, due)

    def observe_listed(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of threads that the list shows as new or changed, and of restored ones that it shows."""
        self.observe_soon((*keys, *self.observer.restored.take_listed()), now)

    def observe_failed(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of threads that failed, because the server answers again."""
        self.observe_soon(keys, now)

    def coverage(self) -> Coverage:
        """Return how many threads are known, read and failing."""
        return self.observer.coverage()
