"""The card on the run screen: its fold, other runs, what is painted each second, and what the history adds."""

from __future__ import annotations

import asyncio
from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base import messages
from flowtui.ui.base.answer_data import AnswerData
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.run.tabs import OVERVIEW, WHY

from ....past import ListPast, reader_of
from ...screen_app import FakeData, shown
from ...services import FakeServices

NOW = 1_800_000_000.0
GONE = Reason("agent is away", "tool crm")
DAY = 86_400.0


class RunData(FakeData):
    """Three runs of a thread, the newest running; two failed for one reason, and three more in the history."""

    watched = frozenset()
    view = None

    def __init__(self, a_run):
        super().__init__()
        self.now = NOW
        self.services = FakeServices(NOW)
        self.runs = [
            a_run("live", created=NOW - 30, started=NOW - 24, expires=NOW + 600, agent_id="a"),
            a_run("bad", "failed", created=NOW - 90, started=NOW - 80, failed=NOW - 60, agent_id="a"),
            a_run("old", "failed", created=NOW - 900, started=NOW - 890, failed=NOW - 800, agent_id="b"),
        ]
        self.known = {run.key: GONE for run in self.runs[1:]}
        rows = [run._replace(raw_id=f"past_{n}", id=f"past_{n}") for n, run in enumerate([self.runs[2]] * 3)]
        past = ListPast(
            rows=rows,
            spans=[Watched(NOW - 9 * DAY, NOW, LIVE)],
            known={row.key: GONE for row in rows},
        )
        self.past = reader_of(past, self.services)
        self.answers = AnswerData(self.services, self.past, self.reasons)
        self.notifier = self.fetcher = self
        state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in self.runs})
        self.snapshot = Snapshot(at=NOW, threads={"thr_1": state}, agents={"a": "refunds", "b": "triage"})
        self.marks = (Mark(NOW - 2000, "release-42"),)

    def opened(self, run):
        spans = [{"run_id": run.raw_id, "span_id": "s", "span_name": "chat", "start_timestamp": NOW - 80}]
        found = Loaded(evidence(spans, [], run.raw_id), "", NOW)
        return Opened(run, {"object": "thread.run", "temperature": 0.5}, evidence=found)

    def context_of(self, _run):
        return self.cell_context()

    def cell_context(self):
        return Context(
            now=self.now,
            zone=UTC,
            agents=self.snapshot.agents,
            threads=self.snapshot.threads,
            reasons=self.known,
            lineage=Lineage(self.runs),
            marks=self.marks,
        )

    def place_of(self, key):
        keys = [run.key for run in self.runs]
        return keys.index(key) + 1, len(keys)

    def neighbour(self, key, step):
        place = self.place_of(key)[0] - 1 + step
        return self.runs[place] if 0 <= place < len(self.runs) else None

    async def answer(self):
        """Run what was started."""
        started, self.services.started = list(self.services.started), []
        await asyncio.gather(*(each.work() for each in started))


async def test_a_second_paints_only_the_cells_that_changed(a_run):
    data = RunData(a_run)
    async with shown(RunScreen(data.runs[0]), data, lambda: data.now, size=(158, 38)) as seat:
        await seat.sees("● running", "Against usual", "Around it", "API fields", "refunds")
        body, painted = seat.screen.pane.body, []
        real = body.refresh
        body.refresh = lambda *regions, **more: painted.append(regions) or real(*regions, **more)
        data.now += 1
        seat.screen.tick()
        assert painted  # the seconds
        assert all(regions for regions in painted)  # never everything
        assert sum(region.area for regions in painted for region in regions) < 400
        await seat.pilot.pause()
        painted.clear()
        seat.screen.tick()
        assert not painted
        await seat.press("Z")
        await seat.sees("Z hides", "object", "thread.run")
        await seat.press("Z")
        await seat.sees("are hidden, Z shows them")
        top = body.scroll_offset.y
        await seat.press("j")  # a card has no cursor: the lines scroll, if there are more than fit
        assert body.scroll_offset.y == min(top + 1, body.max_scroll_y)


async def test_other_runs_keep_the_tab_and_the_history_says_how_often_a_reason_came(a_run):
    data = RunData(a_run)
    async with shown(RunScreen(data.runs[0], WHY), data, lambda: data.now, size=(150, 40)) as seat:
        await seat.sees("This run has not failed.")
        assert not data.services.started  # nothing is asked of the history
        await seat.press("J")
        assert seat.screen.tab == WHY
        await seat.sees("× agent is away", "2 times since", "refunds 1, triage 1")
        await data.answer()
        await seat.sees("5 times since", "triage 4, refunds 1", "new since release-42")
        needed = [each for each in seat.posted(messages.DetailsNeeded) if each.run.raw_id == "bad"]
        assert needed[-1].opened  # its spans and the run before it are read as well
        seat.screen.action_leave = lambda: None  # there is no screen below it here
        await seat.press("f")
        (wanted,) = seat.posted(messages.FilterOpened)
        assert wanted.text.startswith("reason_id:")


@pytest.mark.slow
async def test_w_watches_the_reason_of_a_failed_run_and_else_the_run(a_run):
    data = RunData(a_run)
    async with shown(RunScreen(data.runs[0], OVERVIEW), data, lambda: data.now, size=(100, 30)) as seat:
        await seat.press("f")
        assert "This run has not failed" in seat.said
        await seat.press("w", "J", "w")
        assert [each.runs for each in seat.posted(messages.WatchToggled)] == [[data.runs[0]]]
        assert [each.reason for each in seat.posted(messages.ReasonWatched)] == [GONE]
