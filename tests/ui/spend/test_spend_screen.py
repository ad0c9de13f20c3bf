"""The Spend screen over data that the tests set: what it shows in each state and size, and what its keys ask for."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len

from flowtui.model.query.query import parse
from flowtui.model.state.known_runs import Failure
from flowtui.model.view.view import View
from flowtui.ui.base import messages
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.keys import bindings
from flowtui.ui.spend.spend_screen import SpendScreen
from flowtui.ui.widgets.chart_pane import ChartPane

from ..screen_app import shown
from .spend_data import NOW, PRICES, SpendWorld, spent, two_days

WIDE = (158, 38)


@pytest.fixture
def ids():
    return "short"


@asynccontextmanager
async def opened(data=None, size=WIDE, prices=PRICES, **settings):
    """Open the screen over another one."""
    async with shown(
        EventScreen(), data or SpendWorld(), lambda: NOW, size=size, prices=prices, **settings
    ) as seat:
        seat.screen = SpendScreen()
        await seat.app.push_screen(seat.screen)
        yield seat


async def answered(seat):
    """Wait until all that was asked for is drawn."""
    await seat.until(lambda: seat.screen.answered)
    seat.screen.tick()
    await seat.pilot.pause()


def of(agent, since=24, until=0):
    """Return the rows of an agent that ended between so many hours ago."""
    rows = two_days()[0]
    return [
        row for row in rows if row.agent_id == agent and NOW - since * 3600 <= row.ended < NOW - until * 3600
    ]


async def test_who_spends_and_what_keys_ask_for():
    async with opened() as seat:
        await answered(seat)
        screen = seat.screen
        for row in screen.rows:
            now, before = of(row.key), of(row.key, 48, 24)
            assert row.now.runs == len(now)
            assert row.now.tokens == sum(run.total_tokens or 0 for run in now)
            assert row.before.tokens == sum(run.total_tokens for run in before)
        text = " ".join(seat.text.split())
        await seat.sees(
            "Spend · last 24h · ≥$", "YESTERDAY", "all agents", "maker/large"[6:], "watched all 24h"
        )
        assert "10 runs of billing (" in text
        assert "have no price, 1 run of triage reported no tokens." in text
        assert "release-42" in text
        assert "Tokens an hour" in text
        assert "12× 'tax_rate' is not in the order" in text
        assert "× tax-11" in text
        wide = [cell_len(line) for line in seat.text.split("\n")]
        assert set(wide) == {WIDE[0]}

        last = screen.found
        screen.renew()
        await seat.until(lambda: screen.found is not last)
        assert screen.found.whole.before is not None, "YESTERDAY would go, only to come again"

        seat.data.add(seat, spent("now", 0, agent="agent-4", tokens=5_000_000))
        assert screen.found.whole.now.runs == 54
        seat.app.now = lambda: NOW + 10
        screen.tick()
        await seat.until(lambda: screen.found.whole.now.runs == 55)
        await seat.sees("5,195,000", "00:10  5,000,000")
        await seat.press("s", "t")
        await seat.until(lambda: screen.rows[0].key == "agent-4")
        assert (screen.order, screen.chosen.key) == ("tokens", "agent-4")
        await seat.press("A", "y")
        (page,) = seat.posted(messages.ScreenRequested)
        assert (page.name, page.argument) == (bindings.AGENT, "agent-4")
        assert [copied.text for copied in seat.posted(messages.CopyRequested)] == ["agent-4"]
        await seat.press("f")
        (asked,) = seat.posted(messages.FilterOpened)
        assert parse(asked.text)
        assert asked.text == "status:failed and ended>now-1440m and agent=agent-4"
        await seat.until(lambda: seat.app.screen is not screen)


async def test_once_more_of_the_past_can_be_read_the_day_before_is_there_too():
    data = SpendWorld()
    rows, spans, data.remembered.rows, data.remembered.spans = (
        data.remembered.rows,
        data.remembered.spans,
        [],
        [],
    )
    async with opened(data) as seat:
        await answered(seat)
        few = seat.screen.found.whole.now.runs
        assert few <= 20, "the runs in memory"
        data.remembered.rows, data.remembered.spans = rows, spans
        data.past.grown += 1
        data.answers.ask_again()
        seat.screen.tick()
        await seat.until(lambda: seat.screen.found.whole.now.runs > few)
        await answered(seat)
        assert seat.screen.found.whole.before.tokens


@pytest.mark.slow
async def test_other_times_and_other_groups():
    async with opened(SpendWorld(days=90)) as seat:
        await answered(seat)
        screen = seat.screen
        await seat.press("l")
        await answered(seat)
        await seat.sees("Spend · last 7d", "7d BEFORE")
        rows = two_days()[0]
        assert screen.found.whole.now.runs == len(rows)
        assert screen.found.whole.now.tokens == sum(row.total_tokens or 0 for row in rows)
        assert screen.found.whole.before.runs == 0
        await seat.sees("12×  'tax_rate'", "× tax-11")
        for by, word, keys in (
            ("model", "all models", {"maker/large", "deployment-1", "small"}),
            ("thread", "all threads", {"thread-1"}),
            ("release", "all releases", {"0", "1"}),
        ):
            await seat.press("tab")
            await answered(seat)
            await seat.sees(word)
            assert screen.found.by == by
            assert {row.key for row in screen.rows} == keys
        assert "before release-42" in seat.text
        new = next(row for row in screen.rows if row.key == "1")
        assert new.now.runs == sum(row.created >= seat.data.marks[0].at for row in rows)
        seat.screen.spend_list.go(screen.rows.index(new))
        await seat.press("enter")
        (asked,) = seat.posted(messages.FilterOpened)
        assert parse(asked.text)
        assert 'release="release-42"' in asked.text


@pytest.mark.slow
async def test_shorter_times_and_files():
    async with opened() as seat:
        await answered(seat)
        await seat.press("h")
        await answered(seat)
        await seat.sees("Spend · last 2h", "YESTERDAY")
        rows = [row for row in two_days()[0] if row.ended >= NOW - 7200]
        assert seat.screen.found.whole.now.runs == len(rows)
        for form in "jmc":
            await seat.press("E", form)
        await seat.until(lambda: len(seat.posted(messages.TextSaved)) == 3)
        as_json, as_markdown, as_csv = ("".join(each.text()) for each in seat.posted(messages.TextSaved))
        found = json.loads(as_json)
        assert found["all"]["runs"] == len(rows)
        assert sum(each["tokens"] for each in found["spenders"]) == found["all"]["tokens"]
        assert sum(each["share"] for each in found["spenders"]) == pytest.approx(1, abs=1e-5)
        assert as_csv.startswith("agent,tokens,share,cost,")
        assert "多言語-concierge" in as_csv
        assert "| AGENT |".lower() in as_markdown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (SpendWorld(rows=[spent("old", 90)]), ("No run ended in the last 24h", "3d 18h ago", "l shows")),
        (SpendWorld(past=False), ("Spend · last 24h", "checkout", "every run of this time was read")),
        (SpendWorld(broken="it is damaged"), ("cannot be read: it is damaged", "checkout", "—")),
        (SpendWorld(days=0.5), ("checkout", "yesterday is not remembered", "watched 12h of 24h")),
    ],
)
@pytest.mark.parametrize("size", [WIDE, (120, 36), (80, 24)])
async def test_states_of_the_screen(data, words, size):
    async with opened(data, size=size) as seat:
        await seat.until(lambda: seat.screen.found is not None)
        if size == WIDE:
            await seat.sees(*words)
        else:
            await seat.sees(words[0][:20] if "cannot" not in words[0] else "checkout")
        assert {cell_len(line) for line in seat.text.split("\n")} == {size[0]}


async def test_old_data_is_grey_and_prices_can_be_set():
    async with opened(size=(80, 24), prices=None) as seat:
        await answered(seat)
        await seat.sees("No prices are set: [prices.", "checkout", "order  tokens")
        assert "$" not in "\n".join(seat.text.split("\n")[:-1])
        await seat.sees("most waste 12×  'tax_rate'")
        seat.data.show(seat.data.rows, failure=Failure("server", "HTTP 503 from the API", NOW - 60))
        seat.screen.tick()
        await seat.sees("HTTP 503", "checkout")
        pane = seat.screen.query_one(ChartPane)._lines
        roles = {span.role for line in (*seat.screen._lines(1, 0), *pane) for span in line}
        assert roles <= {"dim", "track", "area-old", "title"}
        await seat.pilot.resize_terminal(60, 15)
        await seat.sees("by  Agents", "WASTED", "all agents")
        await seat.pilot.resize_terminal(*WIDE)
        await seat.sees("Tokens an hour", "Its runs with most tokens")


@pytest.mark.slow
async def test_a_filtered_table_is_counted_as_it_is():
    async with opened(SpendWorld(view=View(text="status:failed"))) as seat:
        await answered(seat)
        await seat.sees("filtered", "20 of 20 runs", "table")
        assert seat.screen.found.whole.now.runs == 20
        await seat.press("enter")
        (asked,) = seat.posted(messages.GroupOpened)
        assert asked.group.by == "agent"
