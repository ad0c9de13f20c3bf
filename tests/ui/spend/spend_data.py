"""What the Spend screen draws: two days of four agents, of which billing has no price, remembered and in memory."""

from __future__ import annotations

from flowtui.config.values.prices import Price, Prices
from flowtui.model.columns.context import Context
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.view.view import View
from flowtui.ui.base.answer_data import AnswerData
from flowtui.ui.table.cell_style import cell_context

from ...past import ListPast, reader_of
from ...store.remembering import run
from ..failures.failure_data import TaskServices
from ..screen_app import FakeData

NOW = 1_795_574_467.0
"""2026-11-25 02:41:07 UTC."""
HOUR = 3600.0
RELEASE = Mark(NOW - 2 * HOUR, "release-42")
NAMES = {"agent-1": "checkout", "agent-2": "billing", "agent-3": "多言語-concierge", "agent-4": "triage"}
PRICES = Prices({"large": Price(2.0, 10.0), "small": Price(0.5, 1.5)})
TAX = Reason("'tax_rate' is not in the order", "tool run_python")
_MODELS = {"agent-1": "maker/large", "agent-2": "deployment-1", "agent-3": "small", "agent-4": "small"}


def spent(name, hours, status="completed", agent="agent-1", tokens=9_000):
    """Return a run that ended so many hours ago."""
    row = run(name, status, created=NOW - hours * HOUR - 11.5, agent_id=agent, model=_MODELS[agent])
    used = (None, None, None) if tokens is None else (tokens - 1_000, 1_000, tokens)
    return row._replace(
        thread_key="thread-1", prompt_tokens=used[0], completion_tokens=used[1], total_tokens=used[2]
    )


def two_days():
    """Return rows and reasons."""
    rows, why = [], {}
    for n in range(40):
        agent = f"agent-{1 + n % 4}"
        rows.append(spent(f"today-{n}", 0.2 + 0.55 * n, agent=agent, tokens=9_000 + 500 * n))
        rows.append(spent(f"before-{n}", 24.2 + 0.55 * n, agent=agent, tokens=6_000 + 500 * n))
    for n in range(12):
        rows.append(spent(f"tax-{n}", 0.1 + 0.15 * n, "failed", tokens=20_000 + n))
        why[rows[-1].key] = TAX
    rows += [spent("stopped", 3, "cancelled", "agent-3"), spent("silent", 5, agent="agent-4", tokens=None)]
    return rows, why


class SpendWorld(FakeData):
    """The two days as data of a screen. `past`: whether there is a history; `broken`: why it cannot be read."""

    def __init__(self, *, past=True, broken="", rows=None, days=30, view=None):
        super().__init__()
        everything, why = two_days() if rows is None else (rows, {})
        spans = [Watched(NOW - days * 24 * HOUR, NOW, LIVE)]
        self.remembered = ListPast(everything, spans, known=why, broken=broken)
        services = TaskServices(NOW)
        self.past = reader_of(self.remembered if past else None, services)
        self.known = {} if past else why
        self.answers = AnswerData(services, self.past, self.reasons)
        self.marks = (RELEASE,)
        self.view, self.view_name = view or View(), ""
        self.touched = None
        newest = sorted(everything, key=lambda row: -(row.ended or 0))
        self.show(newest[: 20 if past else None], whole=not past)

    def show(self, rows, *, whole=False, **more):
        state = ThreadState(
            "thread-1", 2.0, observed=NOW, whole=whole, runs={row.raw_id: row for row in rows}, **more
        )
        self.snapshot = Snapshot(NOW, {"thread-1": state}, NAMES, listed=True)

    def add(self, seat, row):
        """Hand the screen an update in which a run has ended."""
        self.show([row, *self.snapshot.runs()])
        update = Update(self.snapshot, (Change(APPEARED, None, row, None, NOW),))
        self.answers.update(update)
        seat.screen.update(update)

    # -- what the dashboard shows

    def cell_context(self):
        return cell_context(self.snapshot, NOW, Context(now=0.0, prices=PRICES))

    @property
    def rows(self):
        return list(self.snapshot.runs())

    @property
    def filtered(self):
        return None if self.view == View() else self.rows
