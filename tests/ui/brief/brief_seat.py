"""The brief's screen over a simulated night: its history has all rows, and memory the active runs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

from flowtui.model.columns.context import Context
from flowtui.model.events.event_log import EventLog
from flowtui.model.history.past import QuarterSum
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import usual_times
from flowtui.ui.base.answer_data import AnswerData
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.brief.brief_screen import BriefScreen

from ...model.answers.brief import nights
from ...past import FakeHistory, ListPast
from ..screen_app import shown


class Tasks:
    """The services that readers use: background work runs at once."""

    def __init__(self):
        self._running = set()

    def start(self, work, _group, **_options):
        task = asyncio.get_running_loop().create_task(work())
        self._running.add(task)
        task.add_done_callback(self._running.discard)


@dataclass
class NightPast(ListPast):
    """Remembers a night, with the sums of quarters of an hour."""

    names: dict[str, str] = field(default_factory=dict)

    def agents(self):
        return self.names

    def sums(self, since, until, step=900.0):
        counts = defaultdict(int)
        for run in self.runs(since, until, "ended"):
            counts[since + (run.ended - since) // step * step, run.agent_id, run.status_class] += 1
        return [QuarterSum(*key, count, None, None, None, 0.0, 0) for key, count in sorted(counts.items())]


class NightData:
    """What the screen draws. `world`: the night; None: nothing is remembered and no run is known."""

    def __init__(self, world, *, left=None, connected=True, marks=()):
        rows = [] if world is None else world.rows
        active = [run for run in rows if run.active]
        threads = defaultdict(dict)
        for run in active:
            threads[run.thread_key][run.raw_id] = run
        states = {key: ThreadState(key, 2.0, observed=nights.NOW, runs=runs) for key, runs in threads.items()}
        names = {} if world is None else world.names
        self.snapshot = Snapshot(nights.NOW, states, agents=names, listed=True) if connected else None
        past = None
        if world is not None:
            past = NightPast(rows=rows, spans=world.spans, known=world.why, names=names)
        services = Tasks()
        self.past = PastReader(services)
        self.past.connect(FakeHistory(past))
        self.answers = AnswerData(services, self.past, dict)
        self.marks = sorted([*(world.marks if world is not None else ()), *marks])
        self.dashboard = self.deploy_marks = self
        self.notifier = SimpleNamespace(log=EventLog(0.0), left=left, watches=())
        self.context = Context(now=nights.NOW, usual=usual_times(run for run in rows if not run.active))

    def cell_context(self):
        return self.context

    def active(self):
        return None if self.snapshot is None else sum(run.active for run in self.snapshot.runs())

    def with_deployments(self, _):
        return self.marks


def night(name, seed=1):
    """Return the world of a night."""
    return next(each for each in nights.NIGHTS if each.name == name).make(seed)


@asynccontextmanager
async def brief(world, *, size=(158, 38), left=nights.SINCE, connected=True, **settings):
    """Open the brief over a night, and wait until it is read."""
    data = NightData(world, left=left, connected=connected)
    async with shown(BriefScreen(), data, lambda: nights.NOW, size=size, **settings) as seat:
        if connected:
            await seat.until(lambda: seat.screen.answered)
            await seat.pilot.pause()
        yield seat
