"""What the agent page draws: a night of one agent, remembered and in memory. Release 42 comes before failures."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from flowtui.config.values.prices import Price, Prices
from flowtui.model.history.past import LIVE, RunConfig, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import AnswerData

from ...past import ListPast, reader_of
from ...store.remembering import run
from ..screen_app import FakeData
from ..services import FakeServices

NOW = 1_795_574_467.0
"""2026-11-25 02:41:07 UTC."""
HOUR = 3600.0
CHECKOUT, BILLING = "agent-1", "agent-2"
TAX, CRM = Reason("'tax_rate' is not in the order", "tool run_python"), Reason("502 Bad Gateway", "tool crm")
PRICES = Prices({"*": Price(1.0, 1.0)})
RELEASE = Mark(NOW - 2 * HOUR, "release-42")


def one(name, ago, status="completed", *, agent=CHECKOUT, took=10.0, **fields):
    """Return a run that ended so many hours ago; an active one was created then."""
    end = NOW - ago * HOUR
    created = end if status in ("queued", "running") else end - took - 1.5
    times = {} if status in ("queued", "running") else {status: end}
    row = run(name, status, created=created, agent_id=agent, **fields)
    return row._replace(started=None if status == "queued" else created + 1.5, **times)


def night():
    """Return the rows: a run each quarter of an hour for eight days; since the release every second one fails."""
    rows = [one(f"run-{n}", 0.1 + n * 0.25) for n in range(32 * 24)]
    for n in (0, 2, 4, 6):
        rows[n] = one(rows[n].raw_id, 0.1 + n * 0.25, "failed")
    rows[40] = one("run-40", 0.1 + 40 * 0.25, "failed")
    return rows


class TaskServices(FakeServices):
    """Runs what is started at once, as the application does."""

    def start(self, work, group, *, exclusive=False):
        del group, exclusive
        task = asyncio.ensure_future(work())
        self.tasks = {*getattr(self, "tasks", ()), task}


class AgentData(FakeData):
    """The night as data of a screen. `past`: None for no history."""

    def __init__(self, rows=None, *, past=True, spans=None, broken="", active=(), known=None):
        super().__init__()
        rows = night() if rows is None else rows
        why = {row.key: CRM if row.raw_id == "run-40" else TAX for row in rows if row.status == "failed"}
        self.why = why if known is None else known
        configs = [
            RunConfig(
                row.created,
                row.raw_id,
                row.thread_key,
                "new" if (row.created or 0) > NOW - 10 * HOUR else "old",
            )
            for row in rows
        ]
        begin = NOW - 8 * 24 * HOUR
        self.remembered = ListPast(
            rows,
            [Watched(begin, NOW, LIVE)] if spans is None else spans,
            known=self.why,
            configured=configs,
            broken=broken,
        )
        services = TaskServices(NOW)
        self.past = reader_of(self.remembered if past else None, services)
        self.answers = AnswerData(services, self.past, self.reasons)
        self.marks = (RELEASE,)
        self.fetcher = SimpleNamespace(opened=lambda row: SimpleNamespace(raw=self.raws.get(row.raw_id)))
        self.raws = {}
        in_memory = [*active, *rows[:20]]
        state = ThreadState("thread-1", 2.0, observed=NOW, runs={row.raw_id: row for row in in_memory})
        self.snapshot = Snapshot(
            NOW, {"thread-1": state}, {CHECKOUT: "checkout", BILLING: "billing"}, listed=True
        )

    def change(self, seat, *rows):
        """Hand the screen an update in which these rows are new or changed."""
        old = self.snapshot.threads["thread-1"]
        changes = tuple(
            Change(CHANGED if row.raw_id in old.runs else APPEARED, old.runs.get(row.raw_id), row, None, NOW)
            for row in rows
        )
        state = ThreadState(
            "thread-1",
            2.0,
            observed=NOW,
            runs={**{row.raw_id: row for row in rows}, **old.runs, **{row.raw_id: row for row in rows}},
        )
        self.snapshot = Snapshot(NOW, {"thread-1": state}, self.snapshot.agents, listed=True)
        update = Update(self.snapshot, changes)
        self.answers.update(update)
        seat.screen.update(update)
