"""The page of an agent: its numbers, its lists, its keys, its four states, all sizes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rich.cells import cell_len

from flowtui.config.values.prices import Price, Prices
from flowtui.model.answers.agent.time_ranges import RANGES
from flowtui.model.answers.agent.usual import Comparison, Usual
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark
from flowtui.ui.agent.agent_reader import AgentReader
from flowtui.ui.agent.agent_screen import AgentScreen
from flowtui.ui.agent.words import times_text
from flowtui.ui.base.messages import AgentWatched, CopyRequested, RefreshRequested, RunOpened, TextSaved
from flowtui.ui.widgets.chart_pane import ChartPane

from ...past import FakeHistory
from ..screen_app import shown
from .agent_data import BILLING, CHECKOUT, HOUR, NOW, PRICES, AgentData, night, one


@asynccontextmanager
async def opened(data=None, *, agent=CHECKOUT, size=(158, 38), wait=True, **settings):
    """Open the page, and wait until everything is read."""
    async with shown(AgentScreen(agent), data or AgentData(), lambda: NOW, size=size, **settings) as seat:
        if wait:
            await seat.until(lambda: seat.screen.answered and seat.screen.page is not None)
            await seat.pilot.pause()
        yield seat


async def test_numbers_against_what_is_usual_reasons_changes_and_runs():
    active = (one("run-live", 0.01, "running"), one("run-wait", 0.005, "queued"))
    async with opened(AgentData(active=active), prices=PRICES) as seat:
        await seat.sees("50%", "since release-42, usual 0%", "above usual", "4 of 8 in the last 2h")
        await seat.sees("120 a run, 50% wasted")  # of these 8, as the numbers above it; 5% of all 96
        await seat.sees("p50, usual 10s", "in range", "an hour, usual", "release-42", "config")
        await seat.sees(
            "96 ended", "5 failed", "2 active", "usual: the range that 8 in 10 of the 84 periods of 2h"
        )
        await seat.sees(
            "4×  'tax_rate' is not in the order", "since release-42", "1×  502 Bad Gateway", "16:35"
        )
        await seat.sees("Changed  2 in 24h", "config  old → new", "○ queued", "● running", "× failed")
        assert [row.raw_id for row in seat.screen._rows[:4]] == ["run-wait", "run-live", "run-0", "run-1"]
        assert seat.screen.failures == []


@pytest.mark.slow
async def test_a_cost_is_shown_only_if_a_run_of_the_range_has_a_price():
    dear = Prices({"other-model": Price(1.0, 1.0)})
    async with opened(prices=dear) as seat:
        await seat.sees("96 ended", "tokens")
        lines = seat.screen.query_one("#agent-charts").styles.height
        assert "cost" not in seat.text, "the chart would say of each hour that it is unknown"
    async with opened(prices=PRICES) as seat:
        await seat.sees("96 ended", "cost")
        assert seat.screen.query_one("#agent-charts").styles.height != lines


@pytest.mark.slow
async def test_a_closed_page_does_not_close_the_question_of_the_next_one():
    async with opened() as seat:
        answers, first = seat.data.answers, seat.screen
        second = AgentReader(seat.data, None, lambda: None, painted_at_once)
        second.ask(CHECKOUT, RANGES[2], seat.data.snapshot, NOW)
        await seat.until(lambda: second.complete)
        first.on_unmount()
        assert answers.answer(second._name) is second.answer


async def painted_at_once():
    """Stands for a screen that is painted."""


@pytest.mark.slow
async def test_an_update_changes_only_what_it_is_about():
    async with opened() as seat:
        await seat.sees("96 ended", "0 active")
        page = seat.screen.page
        seat.data.change(seat, one("run-live", 0.01, "running"))
        await seat.sees("1 active", "run-live")
        seat.data.change(seat, one("run-live", 0.0, "failed"))
        await seat.sees("97 ended", "6 failed", ", of 1 run none is known yet")
        assert [row.raw_id for row in seat.screen.failures] == ["run-live"]
        kept = [
            new.numbers is old.numbers
            for new, old in zip(seat.screen.page.buckets, page.buckets, strict=True)
        ]
        assert kept.count(False) == 1, "only the bucket with the new run is computed again"
        seat.data.change(seat, one("other", 0.0, agent=BILLING))
        before = seat.screen.page
        seat.screen.tick()
        assert seat.screen.page is before


@pytest.mark.slow
async def test_ranges_by_key_and_by_click_and_the_next_agent():
    async with opened() as seat:
        for keys, name in (("l", "7d"), ("l", "7d"), ("h", "24h"), ("h", "6h"), ("h", "1h"), ("h", "1h")):
            await seat.press(keys)
            await seat.sees(f"last {name}")
            await seat.until(lambda: seat.screen.answered)
        assert RANGES[seat.screen.range].name == "1h"
        head = seat.screen.query_one("#agent-head").region
        await seat.pilot.click(offset=(head.x + 15, head.y))
        await seat.sees("last 24h", "96 ended")
        await seat.press("]")
        await seat.sees("billing · agent", "No run of billing ended in the last 24h", "l shows a longer time")
        await seat.press("[")
        await seat.sees("checkout · agent", "96 ended")


@pytest.mark.slow
async def test_a_history_that_can_be_read_later_is_read_then_and_r_reads_it_again():
    data = AgentData(past=False)
    async with opened(data) as seat:
        await seat.sees("20 ended")
        data.past.connect(FakeHistory(data.remembered))
        seat.screen.tick()
        await seat.sees("96 ended", "usual 0%")
        data.remembered.broken = "the disk is gone"
        await seat.press("r")
        await seat.sees("the history cannot be read: the disk is gone")
        data.remembered.broken = ""
        await seat.press("r")
        await seat.sees("96 ended", "usual 0%")
        assert len(seat.posted(RefreshRequested)) == 2


async def test_keys_act_on_the_line_under_the_cursor():
    async with opened() as seat:
        await seat.press("j", "enter", "8", "y", "w", "E", "tab")
        assert [message.run.raw_id for message in seat.posted(RunOpened)] == ["run-1", "run-39"]
        assert [message.text for message in seat.posted(CopyRequested)] == [CHECKOUT]
        assert [message.agent_id for message in seat.posted(AgentWatched)] == [CHECKOUT]
        (saved,) = seat.posted(TextSaved)
        text = "".join(saved.text())
        assert "| failed share | 50% | 0% | above usual |" in text
        assert "- 4× 'tax\\_rate' is not in the order: since release\\-42" in text
        seat.app.posted.clear()
        await seat.press("enter", "j", "enter", "G", "enter")
        tabs = [(message.run.raw_id, message.tab) for message in seat.posted(RunOpened)]
        assert tabs == [("run-0", 5), ("run-40", 5), ("run-39", 7)]
        assert seat.screen.details.run.raw_id == "run-39", "its configuration is fetched"


@pytest.mark.slow
async def test_what_changed_is_said_once_both_runs_are_loaded():
    data = AgentData()
    data.raws = {"run-39": {"temperature": 0.7, "model": "m"}, "run-40": {"temperature": 0.4, "model": "m"}}
    async with opened(data) as seat:
        await seat.sees("config  temperature 0.4 → 0.7")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (AgentData([]), ("No run of checkout ended in the last 24h", "l shows a longer time")),
        (
            AgentData(broken="the file is damaged"),
            ("the history cannot be read: the file is damaged", "20 ended"),
        ),
        (AgentData(past=False), ("20 ended", "usual —", "usual is not known")),
        (AgentData(spans=[Watched(NOW - HOUR, NOW, LIVE)]), ("96 ended", "usual —")),
    ],
)
async def test_states(data, words):
    async with opened(data) as seat:
        await seat.sees(*words)


@pytest.mark.slow
async def test_loading_and_without_an_answer_of_the_server():
    data = AgentData()
    snapshot, data.snapshot = data.snapshot, None
    async with opened(data, wait=False) as seat:
        await seat.sees("Connecting …")
        seat.update(snapshot)
        await seat.sees("96 ended")
        seat.app.now = lambda: NOW + 400
        state = snapshot.threads["thread-1"]
        old = type(state)("thread-1", 2.0, observed=NOW, asked=NOW + 2, runs=state.runs)
        seat.update(type(snapshot)(NOW + 400, {"thread-1": old}, snapshot.agents, listed=True))
        await seat.sees("lost 6m", "no answer for 6m 38s", "96 ended")
        drawn = [*seat.screen.query_one(ChartPane)._lines, seat.screen._row(0)]
        roles = {span.role.removesuffix(" swapped") for line in drawn for span in line}
        assert {part for role in roles for part in role.split(" on ")} <= {"dim", "track", "area-old"}


@pytest.mark.slow
async def test_before_anything_is_read_it_does_not_say_that_nothing_ended():
    data = AgentData([], past=False)
    data.snapshot = replace(data.snapshot, listed=False, threads={})
    async with opened(data) as seat:
        await seat.sees("Loading …", "the list of threads")
        assert "0 ended" not in seat.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "ascii_", "words"),
    [
        ((158, 38), False, ("Its reasons", "an hour, usual", "02:30")),
        ((120, 36), True, ("Its reasons", "since release-42", "4 of 8 ")),
        ((80, 24), False, ("Its reasons", "Its runs", "50%")),
        ((60, 15), False, ("50%", "Its runs", "p95")),
        ((30, 8), True, ("50%",)),
    ],
)
async def test_sizes(size, ascii_, words):
    async with opened(size=size, ascii=ascii_, prices=PRICES) as seat:
        await seat.sees(*words)
        assert all(cell_len(line) == size[0] for line in seat.text.split("\n"))
        if ascii_:
            assert seat.text.isascii()
        await seat.press("l", "h", "j", "tab", "j", "G")
        assert len(seat.text.split("\n")) == size[1]


@pytest.mark.slow
async def test_names_and_reasons_are_never_read_as_markup():
    hostile = "[@click=app.quit]x[/nope] 多言語"
    data = AgentData(known={})
    data.marks = (Mark(NOW - 2 * HOUR, hostile),)
    data.snapshot = replace(data.snapshot, agents={CHECKOUT: hostile})
    data.known = {row.key: Reason(hostile) for row in night() if row.status == "failed"}
    async with opened(data) as seat:
        await seat.sees(
            f"{hostile} · agent", "since [@click=app.q…, usual 0%", f"5×  {hostile}", f"00:41  {hostile}"
        )
        assert all(cell_len(line) == 158 for line in seat.text.split("\n"))


def test_a_share_of_few_runs_is_not_compared_with_what_is_usual():
    usual = Usual(0.0, 0.05, 0.2, 20)
    assert [times_text(Comparison(0.5, usual, few=few)) for few in (False, True)] == [
        "10× usual",
        "too few runs",
    ]
    assert Comparison(0.5, usual, few=True).outside == 0
