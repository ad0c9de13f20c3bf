"""Reasons of failed runs: each fetched once, one at a time, first of visible runs; how they are counted and shown."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace

import pytest

from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.feed import FETCH
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import LET_GO, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Outage, Snapshot, Update
from flowtui.ui.dashboard import failure_reasons
from flowtui.ui.dashboard.failure_reasons import MAX_KEPT, FailureReasons
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import PaintedLine, cell
from flowtui.ui.table.layout import lay_out

from ...feeds import ListFeed
from ..services import FakeServices

SPAN = {
    "run_id": "run_1",
    "thread_id": "thr_1",
    "is_exception": True,
    "exception_type": "ToolError",
    "span_name": "running tool: crm",
    "message": "502 Bad Gateway",
    "level": 17,
    "start_timestamp": "2026-11-24T12:00:00Z",
    "end_timestamp": "2026-11-24T12:00:01Z",
}


@pytest.fixture
def ids():
    return "short"


def a_run(run_id="run_1", status="failed", **fields):
    return parse_run({"id": run_id, "status": status, **fields}, "thr_1")


def an_update(*runs, changes=()):
    """Return an update whose snapshot has these runs. `changes`: pairs of a run before and after."""
    state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})
    told = tuple(Change("updated", before, run, None, 0.0) for before, run in changes)
    return Update(Snapshot(0.0, {"thr_1": state}), told)


def test_failures_from_the_history_are_explained_like_others():
    reasons = FailureReasons(lambda *_: None)
    reasons.update(an_update())
    run = a_run()
    reasons.update(replace(an_update(run), restored=("thr_1",)))
    assert reasons.next([], requests=0, budget=300, at=100.0) == run


class SlowFeed(ListFeed):
    """A feed that has details, and answers once `may_answer` is set."""

    def __init__(self):
        super().__init__(can=[FETCH])
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch_spans(self, key, offset=0, *, oldest_first=False):
        spans = await super().fetch_spans(key, offset, oldest_first=oldest_first)
        await self.may_answer.wait()
        return spans


class Desk:
    """Fetches reasons through `feed`, which has a reason for run_1 alone, with a fake of the application's services."""

    def __init__(self, *, connected=True, **options):
        self.services, self.feed = FakeServices(), SlowFeed()
        self.feed.spans[a_run().key] = [SPAN]
        self.reasons = FailureReasons(self.services.start, **options)
        if connected:
            self.reasons.connect(self.feed)

    @property
    def asked(self):
        """The runs whose spans were fetched."""
        return [key for what, key in self.feed.asked if what == "fetch_spans"]

    @property
    def started(self):
        """The run whose reason is about to be fetched; None without one."""
        works = self.services.started
        return works[0].work.args[0] if works else None

    def next(self, *runs, requests=0, budget=300, at=0.0):
        """Ask for the next fetch. Nothing is fetched yet; `started` tells the run."""
        self.services.started.clear()
        self.reasons.fetch_next(runs, Snapshot(at, requests=requests, budget=budget))
        return self.started


async def test_a_failed_run_is_fetched_once():
    desk = Desk()
    run = desk.next(None, a_run("run_0", "completed"), a_run(None), a_run())
    assert run == a_run()
    await desk.services.work("reasons")
    assert desk.reasons.known[run.key].text == "502 Bad Gateway"
    assert desk.next(a_run()) is None
    assert desk.asked == [run.key]


async def test_a_run_without_a_reason_is_not_fetched_again():
    desk = Desk()
    assert desk.next(a_run("run_2"))
    await desk.services.work()
    assert desk.reasons.known == {}
    assert desk.next(a_run("run_2")) is None
    assert desk.asked == [a_run("run_2").key]


async def test_only_one_fetch_runs_at_a_time():
    desk = Desk()
    desk.feed.may_answer.clear()
    under_way = asyncio.create_task(desk.reasons.fetch(a_run()))
    await asyncio.sleep(0)
    assert desk.next(a_run("run_2")) is None
    desk.feed.may_answer.set()
    await under_way
    assert desk.next(a_run("run_2")) == a_run("run_2")


async def test_a_fetch_that_was_interrupted_is_repeated():
    desk = Desk()
    desk.feed.may_answer.clear()
    under_way = asyncio.create_task(desk.reasons.fetch(a_run()))
    await asyncio.sleep(0)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert desk.next(a_run()) == a_run()


async def test_nothing_is_fetched_without_a_connection_or_a_snapshot():
    desk = Desk(connected=False)
    assert desk.next(a_run()) is None
    await desk.reasons.fetch(a_run())
    desk.reasons.connect(desk.feed)
    desk.reasons.fetch_next([a_run()], None)
    assert desk.started is None
    assert desk.next(a_run()) == a_run()
    assert desk.asked == []


async def test_a_private_text_is_hidden():
    desk = Desk(redact=True)
    await desk.reasons.fetch(a_run())
    hidden = desk.reasons.known[a_run().key]
    assert "502" not in "".join(map(str, hidden))
    assert "redacted" in hidden.text


def test_no_reason_is_fetched_if_90_percent_of_the_request_budget_is_used():
    assert Desk().next(a_run(), requests=270) is None
    assert Desk().next(a_run(), requests=269) == a_run()


@pytest.mark.parametrize(("requests", "asked"), [(209, 13), (210, 3), (269, 3)])
def test_reasons_are_fetched_slowly_if_70_percent_of_the_request_budget_is_used(requests, asked):
    desk = Desk()
    found = [desk.next(a_run(), requests=requests, at=float(at)) for at in range(13)]
    assert sum(run is not None for run in found) == asked


def test_a_clock_set_back_does_not_stop_fetches():
    desk = Desk()
    assert desk.next(a_run(), requests=250, at=1000.0)
    assert desk.next(a_run(), requests=250, at=10.0)


async def test_only_the_last_runs_are_remembered_as_fetched():
    desk = Desk()
    for number in range(MAX_KEPT + 1):
        await desk.reasons.fetch(a_run(f"run_x{number}"))
    assert desk.next(a_run(f"run_x{MAX_KEPT}")) is None
    assert desk.next(a_run("run_x0")) == a_run("run_x0")


# -- runs that are not on the screen ---------------------------------------------------------------------------


def test_all_known_failed_runs_follow_those_on_the_screen():
    desk = Desk()
    many = [a_run(f"run_{at}", agent_id="many", created_at=float(at)) for at in range(4)]
    one = a_run("other", agent_id="one", created_at=99.0)
    desk.reasons.update(an_update(*many, one, a_run("fine", "completed")))
    desk.reasons.update(an_update(changes=[(None, a_run("late", agent_id="many", created_at=9.0))]))
    seen = a_run("run_2", agent_id="many", created_at=2.0)
    order = []
    for at in range(10):
        run = desk.next(seen, at=float(at))
        order.append(run and run.raw_id)
        if run is not None:
            desk.reasons._asked[run.key] = None
    assert order == ["run_2", "late", "run_3", "run_1", "other", "run_0", None, None, None, None]


@pytest.mark.parametrize(
    ("budget", "requests", "most"), [(300, 0, 60), (60, 0, 12), (300, 210, 12), (300, 270, 0)]
)
def test_runs_that_are_not_on_the_screen_take_a_fifth_of_the_budget(budget, requests, most):
    desk = Desk()
    desk.reasons.update(an_update(*(a_run(f"run_{at}") for at in range(100))))
    found = 0
    for at in range(240):  # a minute
        run = desk.next(requests=requests, budget=budget, at=1000.0 + at / 4)
        if run is not None:
            found += 1
            desk.reasons._asked[run.key] = None
    assert found == most


async def test_a_run_that_failed_just_now_is_fetched_up_to_three_times_as_spans_may_be_late():
    desk, old, fresh = Desk(), a_run("old"), a_run("fresh")
    desk.reasons.update(an_update(old, a_run("fresh", "running")))
    desk.reasons.update(an_update(old, fresh, changes=[(a_run("fresh", "running"), fresh)]))
    for at in range(100):
        if (run := desk.next(old, at=float(at))) is not None:
            await desk.reasons.fetch(run)
    assert [key[1] for key in desk.asked] == ["old", "fresh", "fresh", "fresh"]
    assert desk.reasons.known == {}

    desk, fresh = Desk(), a_run()
    desk.feed.spans[fresh.key] = []
    desk.reasons.update(an_update())
    desk.reasons.update(an_update(fresh, changes=[(a_run(status="running"), fresh)]))
    assert desk.next(fresh, at=10.0) == fresh
    await desk.reasons.fetch(fresh)
    desk.feed.spans[fresh.key] = [SPAN]
    assert desk.next(fresh, at=11.9) is None
    assert desk.next(fresh, at=12.0) == fresh
    await desk.reasons.fetch(fresh)
    assert desk.reasons.known[fresh.key].text == "502 Bad Gateway"
    assert [desk.next(fresh, at=at) for at in (50.0, 90.0)] == [None, None]


def test_nothing_is_fetched_during_an_outage():
    desk = Desk()
    desk.reasons.fetch_next([a_run()], Snapshot(0.0, budget=300, outage=Outage("timeout", "no answer", 0.0)))
    assert desk.started is None
    assert desk.next(a_run()) == a_run()


async def test_kept_reasons_are_bounded_and_those_on_the_screen_come_first(monkeypatch):
    monkeypatch.setattr(failure_reasons, "MAX_KEPT", 3)
    desk = Desk()
    runs = [a_run(f"run_{at}", created_at=float(at)) for at in range(6)]
    for run in runs:
        desk.feed.spans[run.key] = [{**SPAN, "run_id": run.raw_id}]
    desk.reasons.update(an_update(*runs))
    for at in range(6):
        if (run := desk.next(at=float(at))) is not None:
            await desk.reasons.fetch(run)
    assert [key for _, key in desk.reasons.known] == ["run_5", "run_4", "run_3"]
    assert desk.next(runs[0], at=10.0) == runs[0]
    await desk.reasons.fetch(runs[0])
    assert [key for _, key in desk.reasons.known] == ["run_4", "run_3", "run_0"]


# -- counts ----------------------------------------------------------------------------------------------------


async def test_equal_reasons_are_counted_every_few_seconds_and_at_the_end():
    desk = Desk()
    runs = [a_run(f"run_{at}") for at in range(1, 20)]
    for run in runs:
        desk.feed.spans[run.key] = [{**SPAN, "run_id": run.raw_id}]
    counts = []
    for at, run in enumerate(runs[:9]):
        assert desk.next(run, at=100.0 + at) == run
        await desk.reasons.fetch(run)
        counts.append(max(desk.reasons.counts.values(), default=0))
    assert counts == [0, 1, 1, 1, 1, 1, 6, 6, 6]
    held = desk.reasons.counts
    assert desk.next(at=109.0) is None  # nothing is under way any more
    assert list(desk.reasons.counts.values()) == [9]
    assert list(held.values()) == [6]
    same = desk.reasons.counts
    assert desk.next(at=200.0) is None
    assert desk.reasons.counts is same


def test_a_new_count_repaints_nothing_but_the_note():
    reason, run = Reason("crm 502"), a_run(created_at=1.0)
    slots = lay_out([COLUMNS[name] for name in DEFAULT], dict.fromkeys(DEFAULT, 12), 158)
    context = Context(100.0, reasons={run.key: reason}, reason_counts={reason: 22})

    def painted(count, glyphs=UNICODE):
        style = CellStyle(replace(context, reason_counts={reason: count}), glyphs)
        return PaintedLine(tuple(cell(slot, run, style) for slot in slots))

    changed = painted(23).differs(painted(22))
    assert [slots[place].column.name for place in changed] == ["note"]
    assert painted(22).differs(painted(22)) == []
    text = "".join(span.text for line in painted(22).cells for span in line)
    assert "22× crm 502" in text
    assert "× crm" not in "".join(span.text for line in painted(1).cells for span in line)


# -- on the screen ---------------------------------------------------------------------------------------------


async def test_reasons_are_shown_in_row_and_pane_counted_and_found_by_the_filter(app):
    async with app(size=(158, 38), world={"threads": 4, "runs": 50, "seed": 3}) as seat:
        fetcher = seat.app.session.reason_fetcher
        failed = next(run for run in seat.rows if run.status == "failed")
        await seat.choose(failed.raw_id)
        await seat.until(lambda: failed.key in fetcher.known)
        start = fetcher.known[failed.key].text[:12]  # it fits into both
        await seat.until(lambda: start in seat.lines[seat.line_of(failed.raw_id)])
        await seat.until(lambda: start in seat.pane)

        while left := len(fetcher._unexplained):
            asked = len(fetcher._asked)
            await seat.later(2.0)
            await seat.until(lambda asked=asked: len(fetcher._asked) > asked)
        assert left == 0
        await seat.press("slash", *"has:reason", "enter")
        await seat.until(lambda: {run.key for run in seat.rows} == fetcher.known.keys())
        reason, count = Counter(fetcher.known.values()).most_common(1)[0]
        assert count > 1
        await seat.until(lambda: f"{count}× " in seat.text)
        await seat.press("slash", "ctrl+u", *f'reason:"{reason.text[:30]}"', "enter")
        fitting = {key for key, found in fetcher.known.items() if reason.text[:30] in found.text}
        await seat.until(lambda: {run.key for run in seat.rows} == fitting)
        assert "reason unknown" not in seat.text

        seat.dashboard.show_columns(choose(("status", "run", "reason")))
        await seat.sees("REASON", reason.text[:20])
        fetcher.known = {}  # the title follows
        seat.app.session.tick()
        await seat.until(lambda: re.search(r"reasons of [0-9]+ runs not known ─", seat.text))
        seat.dashboard.show_columns(choose(None))
        await seat.press("slash", "ctrl+u", *"status:failed", "enter")
        await seat.until(lambda: re.search(r" [0-9]+ failed, reason unknown ─╯", seat.text))
        assert "reasons of" not in seat.text


async def test_a_run_on_the_screen_does_not_wait_for_the_pace_of_those_out_of_sight():
    desk, hidden, shown = Desk(), a_run("hidden"), a_run("shown")
    desk.reasons.update(an_update(hidden, shown))
    assert desk.next(requests=250, at=100.0) in (hidden, shown)
    first = desk.started
    await desk.reasons.fetch(first)
    other = shown if first == hidden else hidden
    assert desk.next(requests=250, at=101.0) is None
    assert desk.next(other, requests=250, at=101.0) == other


async def test_reasons_of_runs_that_left_memory_are_kept_only_for_the_event_log(monkeypatch):
    monkeypatch.setattr(failure_reasons, "MAX_LEFT", 1)
    desk, runs = Desk(), [a_run(f"run_{number}") for number in range(4)]
    for run in runs[:3]:
        desk.feed.spans[run.key] = [{**SPAN, "run_id": run.raw_id}]
    desk.reasons.update(an_update(*runs))
    assert set(desk.reasons.held) == {run.key for run in runs}
    for number in range(3):
        assert desk.next(runs[number], at=10.0 * number)
        await desk.services.work("reasons")
    desk.next(at=100.0)
    assert set(desk.reasons.held) == {runs[3].key}
    assert list(desk.reasons.counts.values()) == [3]
    left = tuple(Change(LET_GO, run, run, None, 0.0) for run in (runs[0], runs[1], runs[3]))
    desk.reasons.update(Update(Snapshot(0.0), left))
    assert list(desk.reasons.held) == []
    desk.next(at=200.0)
    assert list(desk.reasons.counts.values()) == [1]  # of the runs in memory
    desk.feed.spans[a_run("run_9").key] = [{**SPAN, "run_id": "run_9"}]
    assert desk.next(a_run("run_9"), at=300.0)
    await desk.services.work("reasons")
    assert {key[1] for key in desk.reasons.known} == {"run_1", "run_2", "run_9"}
