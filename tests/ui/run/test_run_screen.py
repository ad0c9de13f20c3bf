"""One run in the detail pane and on the run screen."""

from __future__ import annotations

import json
import re

import httpx

from flowtui.text import short_id
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.run.tabs import NAMES

FIELDS = (
    "id",
    "object",
    "agent",
    "thread_id",
    "status",
    "is_active",
    "created",
    "started",
    "expires",
    "cancelled",
    "failed",
    "completed",
    "model",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "max_completion_tokens",
    "truncation_strategy",
    "response_format",
    "tool_choice",
    "meta_data",
    "usage",
)


def _bare(text):
    """Return a text without spaces and line breaks."""
    return re.sub(r"\s+", "", text)


async def _fetched(seat, run_id):
    """Move the cursor to a run, wait until the whole run is shown, and return it as the server sends it."""
    await seat.choose(run_id)
    await seat.press("1")
    await seat.until(lambda: f"id {run_id} " in seat.pane and re.search(r"temperature +[\d.]", seat.pane))
    thread = seat.table.cursor_run.thread_key
    async with httpx.AsyncClient() as client:
        url = f"{seat.simulator.url}/v1/threads/{thread}/runs/{run_id}"
        return (await client.get(url, headers={"Authorization": "other"})).json()


def _a_completed(seat, *, unread=False):
    """Return the id of a completed run; `unread`: of one whose details were not fetched yet."""
    return next(
        run.raw_id
        for run in seat.rows
        if run.status == "completed"
        and not (
            unread
            and (run.key == seat.table.cursor or seat.app.session.fetcher.cache.get(run).raw is not None)
        )
    )


def _key(tab):
    return str(NAMES.index(tab) + 1)


async def test_the_pane_shows_every_field_of_the_api_and_the_error_of_an_unfetchable_run(app):
    async with app(world={"ids": "short"}) as seat:
        raw = await _fetched(seat, _a_completed(seat))
        seat.dashboard.detail.body.action_fold_all()
        await seat.until(lambda: "failed —" in seat.pane)
        text = seat.pane
        for field in FIELDS:
            assert re.search(rf"(^|\s){field} ", text, re.MULTILINE), field
        agent = seat.app.session.connection.feed.snapshot().agents[raw["agent_id"]]
        assert f"agent {agent} ({raw['agent_id']})" in text
        for field in ("id", "object", "thread_id", "model", "temperature", "top_p"):
            assert f"{field} {raw[field]}" in text
        assert f"parallel_tool_calls {json.dumps(raw['parallel_tool_calls'])}" in text
        assert f"completed {raw['completed_at'][11:19]} UTC" in text
        for word in re.findall(r"[\w-]+", json.dumps(raw["meta_data"])):
            assert word in text
        assert f"{raw['usage']['total_tokens']:,}" in text

        await seat.press(_key("Instructions"))
        assert _bare(raw["instructions"]) in _bare(seat.pane)

        await seat.press(_key("Tools"))
        assert raw["tools"]
        for tool in raw["tools"]:
            assert (tool.get("name") or tool["type"]) in seat.pane
            assert tool["type"] in seat.pane

        await seat.press(_key("Raw JSON"))
        shown = _bare(seat.pane)
        for field, value in raw.items():
            assert f'"{field}":' in shown
            if not isinstance(value, dict | list):
                assert _bare(f'"{field}": {json.dumps(value, ensure_ascii=False)}') in shown
        assert _bare(raw["tools"][0]["type"]) in shown

        await seat.press("1")
        await seat.until(lambda: re.search(r"temperature +[\d.]", seat.pane))
        await seat.press("p")
        seat.simulator.add_fault("not-found")
        await seat.choose(_a_completed(seat, unread=True))
        await seat.until(lambda: "could not be read" in seat.pane)
        assert seat.table.cursor_run.model in seat.pane
        seat.simulator.clear_faults()
        await seat.press("r")
        await seat.until(lambda: re.search(r"temperature +[\d.]", seat.pane))
        assert "could not be read" not in seat.pane


async def test_a_closed_run_is_on_its_line_and_an_open_one_is_updated(app):
    async with app(size=(110, 30)) as seat:
        failed = next(run for run in seat.rows if run.status_class == "failed")
        for keys, tab in ((), "Why"), (("1",), "Overview"):  # until the user has chosen a tab
            await seat.choose(failed.raw_id)
            await seat.press(*keys, "enter")
            await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
            assert NAMES[seat.app.screen.tab] == tab
            await seat.press("escape")
        await seat.press(*"gjjjjj")
        run = seat.table.cursor_run
        line = seat.line_of(run.raw_id)
        await seat.press("enter", "1")
        assert isinstance(seat.app.screen, RunScreen)
        await seat.sees(short_id(run.id), "Against usual")
        seat.clock.advance(20)  # runs go on meanwhile
        await seat.press("r")
        await seat.until(
            lambda: len(list(seat.app.session.connection.feed.snapshot().runs())) == len(seat.world())
        )
        await seat.press("escape")
        assert seat.app.screen is seat.dashboard
        await seat.pilot.pause()
        assert seat.table.cursor_run.raw_id == run.raw_id
        assert seat.line_of(run.raw_id) == line

        for key in ("escape", "q"):
            await seat.press("enter")
            await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
            await seat.press(key)
            assert seat.app.screen is seat.dashboard
        assert seat.app.return_code is None

        run = next(run for run in seat.rows if run.status == "running")
        await seat.choose(run.raw_id)
        await seat.press("enter")
        await seat.sees(short_id(run.id), "running")
        await seat.until(lambda: "Around it" in seat.app.screen.pane.text)  # below what is in sight
        for tab in NAMES:
            await seat.press(_key(tab))
            await seat.until(lambda tab=tab: seat.app.screen.pane.tab == NAMES.index(tab))
        await seat.press("1")
        while seat.world()[run.raw_id] == "running":
            seat.clock.advance(5)
        await seat.until(lambda: seat.app.screen.run.status == seat.world()[run.raw_id])
        await seat.sees(seat.app.screen.run.status_class)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        # while the help is open, the run below it still shows the newest data
        await seat.press("full_stop")
        await seat.until(lambda: any(run.status == "running" for run in seat.rows))
        run = next(run for run in seat.rows if run.status == "running")
        await seat.choose(run.raw_id)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        opened = seat.app.screen
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        while seat.world()[run.raw_id] == "running":
            seat.clock.advance(5)
        ended = seat.world()[run.raw_id]
        await seat.until(lambda: opened.run.status == ended)
        await seat.until(lambda: re.search(rf"status +{ended}", opened.pane.body.text))
        await seat.until(lambda: re.search(r"temperature +[\d.]", opened.pane.body.text))


async def test_both_spellings_of_cancelled_are_one_status_and_the_raw_one_is_shown(app):
    async with app(faults=["both-spellings"], wait=False) as seat:
        await seat.until(lambda: len(seat.ids) == 16)
        spellings = {run.status: run for run in seat.rows if run.status_class == "cancelled"}
        assert set(spellings) == {"canceled", "cancelled"}
        run = spellings["canceled"]
        await seat.choose(run.raw_id)
        assert "cancelled" in seat.cells_of(run.raw_id)[1]
        await _fetched(seat, run.raw_id)
        assert "canceled)" in seat.pane  # `cancelled (the API says canceled)`, perhaps on two lines
        await seat.press(_key("Raw JSON"))
        assert '"status":"canceled"' in _bare(seat.pane)
