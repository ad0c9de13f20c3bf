"""What the screen of failures draws: a night in which release 42 comes before failures, remembered and in memory."""

from __future__ import annotations

import asyncio
from collections import Counter

from flowtui.model.history.past import LIVE, QuarterSum, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.changes import APPEARED, Change
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
MINUTE = 60.0
RELEASE = Mark(NOW - 37 * MINUTE, "release-42")
NAMES = {"agent-1": "checkout", "agent-2": "billing", "agent-3": "多言語-concierge"}
TAX = Reason("'tax_rate' is not in the order", "tool run_python")
CRM = Reason("502 Bad Gateway to GET /accounts/search", "tool crm")
LONG = Reason("the prompt has # tokens, the model takes #", "model")


def ended(name, ago, status="completed", agent="agent-1", **fields):
    """Return a run that ended so many minutes ago, 10 s after its start."""
    row = run(name, status, created=NOW - ago * MINUTE - 11.5, agent_id=agent, **fields)
    return row._replace(thread_key="thread-1")


def night():
    """Return rows and reasons: 22 failures since the release, 6 of crm that came before, one that has no reason yet."""
    rows, why = [ended(f"good-{n}", 1 + 3 * n, agent=f"agent-{1 + n % 3}") for n in range(120)], {}
    for n in range(22):
        rows.append(ended(f"tax-{n}", 1 + 1.5 * n, "failed", "agent-1" if n % 3 else "agent-2"))
        why[rows[-1].key] = TAX
    for n in range(6):
        rows.append(ended(f"crm-{n}", 12 + 3 * n, "failed", "agent-2"))
        why[rows[-1].key] = CRM
    rows += [
        ended("crm-old", 4 * 24 * 60, "failed"),
        ended("long", 82, "failed", "agent-3"),
        ended("new", 0.2, "failed", "agent-3"),
    ]
    why |= {("thread-1", "crm-old"): CRM, ("thread-1", "long"): LONG}
    return rows, why


class NightPast(ListPast):
    """Remembers sums of quarters of an hour as well."""

    def sums(self, since, until, step=900.0):
        assert (since % 900, until % 900, step) == (0, 0, until - since)
        count = Counter(row.status_class for row in self.rows if row.ended and since <= row.ended < until)
        return [QuarterSum(since, "a", name, n, 0, 0, 0, 0.0, 0) for name, n in count.items()]


class TaskServices(FakeServices):
    """Runs what is started at once, as the application does."""

    def start(self, work, group, *, exclusive=False):
        del group, exclusive
        self.tasks = {*getattr(self, "tasks", ()), asyncio.ensure_future(work())}


class FailureData(FakeData):
    """The night as data of a screen. `past`: whether there is a history; `broken`: why it cannot be read."""

    def __init__(self, *, past=True, broken="", rows=None, days=30, whole=False):
        super().__init__()
        everything, why = night() if rows is None else (rows, {})
        spans = [Watched(NOW - days * 86_400, NOW, LIVE)]
        self.remembered = NightPast(everything, spans, known=why, broken=broken)
        services = TaskServices(NOW)
        self.past = reader_of(self.remembered if past else None, services)
        self.known = {} if past else why
        self.answers = AnswerData(services, self.past, self.reasons)
        self.marks = (RELEASE,)
        newest = sorted(everything, key=lambda row: -(row.ended or 0))
        self.show(newest[: None if whole or not past else 20], whole=whole)

    def show(self, rows, *, whole=False, **more):
        state = ThreadState(
            "thread-1", 2.0, observed=NOW, whole=whole, runs={row.raw_id: row for row in rows}, **more
        )
        self.snapshot = Snapshot(NOW, {"thread-1": state}, NAMES, listed=True)

    def add(self, seat, row, reason=None):
        """Hand the screen an update in which a run has ended; its reason is found with it."""
        if reason is not None:
            self.known = {**self.known, row.key: reason}
        self.show([row, *self.snapshot.runs()])
        update = Update(self.snapshot, (Change(APPEARED, None, row, None, NOW),))
        self.answers.update(update)
        seat.screen.update(update)
