"""The screen of failures over data that the tests set: what it shows in each state and size, and what its keys ask for."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager

import pytest

from flowtui.model.query.query import parse
from flowtui.model.reasons.reason import reason_id
from flowtui.model.state.known_runs import Failure
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base import messages
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.failures.failure_screen import WHY, FailureScreen
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.chart_pane import ChartPane

from ..screen_app import shown
from .failure_data import CRM, NOW, TAX, FailureData, ended

WIDE = (158, 38)
GREY = {"dim", "track", "key", "title", "area-old"}
PART = [ended("a", 3), ended("b", 9, "failed")]


@asynccontextmanager
async def opened(data=None, size=WIDE, **settings):
    """Open the screen over another one."""
    async with shown(EventScreen(), data or FailureData(), lambda: NOW, size=size, **settings) as seat:
        seat.screen = FailureScreen()
        await seat.app.push_screen(seat.screen)
        yield seat


async def answered(seat):
    """Wait until all that was asked for is drawn."""
    await seat.until(lambda: seat.screen.answered and seat.screen.counts.runs is not None)
    seat.screen.tick()
    await seat.pilot.pause()


async def test_the_night_on_the_screen_and_what_keys_ask_for():
    async with opened() as seat:
        await answered(seat)
        found = seat.screen.found
        assert [(one.reason, len(one.runs)) for one in found.reasons][:2] == [(TAX, 22), (CRM, 6)]
        await seat.sees(
            "3 reasons, 30 of 150 ended runs 20%", "▲ new since release-42", "seen before, 21 Nov"
        )
        await seat.sees("checkout 14  billing 8", "no known reason yet", "1 has no known reason yet.")
        await seat.sees("first in the 30 days remembered", "多言語-concierge 1", "watched all 24h")
        text = " ".join(seat.text.split())
        assert "who checkout 14 of " in text
        assert "before 0 of " in text
        assert "in the 24h before release-42" in text
        assert "× tax-0 checkout" in text or "× tax-0 billing" in text
        assert re.search(r" \d+ more ", seat.text)

        await seat.press("6", "w", "A", "y")
        (opened_run,) = seat.posted(messages.RunOpened)
        assert (opened_run.run.raw_id, opened_run.tab) == ("tax-0", WHY)
        assert [asked.reason for asked in seat.posted(messages.ReasonWatched)] == [TAX]
        (page,) = seat.posted(messages.ScreenRequested)
        assert (page.name, page.argument) == (bindings.AGENT, "agent-1")
        (copied,) = seat.posted(messages.TextCopied)
        assert copied.text.startswith(
            "22× 'tax_rate' is not in the order (tool run_python)\n73% of 30 failed runs"
        )
        assert f"reason id: {reason_id(TAX)}" in copied.text
        assert copied.text.count("tax-") == 22


@pytest.mark.slow
async def test_order_ranges_search_and_saving():
    async with opened() as seat:
        await answered(seat)
        screen = seat.screen
        await seat.press("s", "l")
        assert screen.order == "last"
        assert screen.found.in_order("last").reasons[0].reason is TAX
        await seat.press("h", "h", "h")
        assert (screen.range.seconds, screen.range.name) == (3600.0, "1h")
        await answered(seat)
        await seat.sees("2 reasons, 29 of 49 ended runs")
        await seat.press("l", "l", "l", "l", "l")
        assert screen.range.name == "since release-42"
        await answered(seat)
        assert screen.found.since == NOW - 37 * 60
        await seat.press("slash")
        await seat.paste("CRM")
        await seat.sees('"CRM"', "1 of 1")
        await seat.press("enter")
        assert screen.chosen.reason == CRM
        await seat.press("escape")
        assert len(screen._rows) == 3
        assert seat.app.screen is screen, "the first escape ends the search"
        await seat.press("E", "j")
        await seat.until(lambda: seat.posted(messages.TextSaved))
        (saved,) = seat.posted(messages.TextSaved)
        found = json.loads("".join(saved.text()))
        assert (found["failed"], found["without_reason"], saved.suffix) == (29, 1, "json")


@pytest.mark.slow
@pytest.mark.parametrize(("longer", "when"), [(0, "ended>now-24h"), (1, "ended>=2026-")])
async def test_enter_opens_exactly_the_runs_of_the_reason(longer, when):
    async with opened() as seat:
        await answered(seat)
        await seat.press(*["l"] * longer)
        await answered(seat)
        seat.screen.action_open()
        await seat.until(lambda: seat.posted(messages.FilterOpened))
        (asked,) = seat.posted(messages.FilterOpened)
        assert parse(asked.text)
        assert asked.text.startswith(f"reason_id:{reason_id(TAX)} {when}")
        assert longer or seat.said == ["11 of the 22 runs are in memory, and so in the table"]
        await seat.until(lambda: seat.app.screen is not seat.screen)


async def test_a_run_that_fails_now_is_counted_at_once():
    async with opened() as seat:
        await answered(seat)
        seat.data.add(seat, ended("tax-now", 0, "failed"), TAX)
        assert len(seat.screen.found.reasons[0].runs) == 23
        await seat.sees("31 of 151 ended runs", "23×")
        seat.data.add(seat, ended("fine", 0))
        await seat.sees("31 of 152 ended runs")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            FailureData(rows=[ended("a", 3), ended("old", 3000, "failed")], whole=True),
            ("✓ No run failed in the last 24h", "1 run ended", "last known failure  2d 2h ago", "l shows"),
        ),
        (FailureData(broken="the file is damaged"), ("the history cannot be read: the file is damaged",)),
        (FailureData(past=False, whole=True), ("every run of this time was read", "30 of 150 ended runs")),
        (FailureData(past=False, rows=PART), ("only runs in memory: all since 02:31",)),
    ],
    ids=["empty", "unreadable", "memory", "part"],
)
async def test_what_is_said_where_little_is_known(data, words):
    async with opened(data, (80, 24)) as seat:
        await answered(seat)
        await seat.sees(*words)


@pytest.mark.slow
async def test_loading_and_stale():
    data = FailureData()
    kept, data.snapshot = data.snapshot, None
    async with opened(data, (80, 24)) as seat:
        await seat.sees("Connecting")
        data.snapshot = kept
        seat.screen.tick()
        await seat.sees("Loading …", "the runs that failed in the last 24h")
        await answered(seat)
        data.show(kept.runs(), failure=Failure("server", "HTTP 503 from the API", NOW - 60))
        seat.screen.tick()
        await seat.sees("HTTP 503", "'tax_rate'")
        shown = [*seat.screen._lines(0), *seat.screen.query_one(ChartPane)._lines]
        assert {span.role for line in shown for span in line} <= GREY


async def test_before_anything_is_read_it_does_not_say_that_nothing_failed():
    data = FailureData(past=False, rows=[])
    data.snapshot = Snapshot(NOW)
    async with opened(data, (80, 24)) as seat:
        await answered(seat)
        await seat.sees("Loading …", "the list of threads")
        assert "0 of 0" not in seat.text
        assert "No run failed" not in seat.text
        data.snapshot = Snapshot(NOW, list_failure=Failure("server", "HTTP 503 from the API", NOW - 60))
        seat.screen.tick()
        await seat.sees("No answer for 1m", "HTTP 503 from the API", "r tries again")
        data.snapshot = Snapshot(NOW, listed=True)
        seat.screen.tick()
        await seat.sees("No run ended in the last 24h", "l shows a longer time")
        await seat.press("l")
        await seat.sees("No run ended since release-42")
        assert "shows a longer time" not in seat.text, "there is none"
        assert "esc goes back to all runs" in seat.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "settings"),
    [
        ((60, 15), {}),
        ((80, 24), {"ascii": True}),
        ((120, 36), {"no_color": True}),
        ((158, 38), {"ascii": True}),
        ((40, 10), {}),
    ],
)
async def test_each_size_shows_reasons_and_fits(size, settings):
    async with opened(size=size, **settings) as seat:
        await answered(seat)
        assert "tax_rate" in seat.text
        assert "22" in seat.text
        if "ascii" in settings:
            assert seat.text.replace("多言語", "").isascii()
        if size[1] > 20:
            assert "of " in seat.text
            assert "enter" in seat.text
        await seat.press("j", "j", "k", "G", "g", "h", "l")
        assert seat.screen.reason_list.place == 0


@pytest.mark.slow
async def test_a_click_chooses_and_two_clicks_open():
    async with opened() as seat:
        await answered(seat)
        region = seat.screen.reason_list.region
        await seat.pilot.click(offset=(region.x + 30, region.y + 3))  # the second line of the second reason
        await seat.until(lambda: seat.screen.reason_list.place == 1)
        await seat.sees("6× 502 Bad Gateway to GET /accounts/search · tool crm")
        await seat.pilot.click(offset=(region.x + 30, region.y + 2), times=2)
        await seat.until(lambda: seat.posted(messages.FilterOpened))


@pytest.mark.slow
async def test_a_click_on_a_time_range_shows_it():
    async with opened() as seat:
        await answered(seat)
        await seat.press("j")
        await seat.sees(" runs in the last 24h")
        bar = seat.screen.query_one("#failure-choices")
        await seat.pilot.click(offset=(bar.region.x + bar.text.index("1h"), bar.region.y))
        assert seat.screen.range.name == "1h"
        await seat.pilot.click(offset=(bar.region.x + bar.text.index("order"), bar.region.y))
        assert seat.screen.range.name == "1h", "only a name of a range chooses one"
        await seat.pilot.click(offset=(bar.region.x + bar.text.index("last"), bar.region.y))
        assert seat.screen.order == "last"
