"""The brief's screen: what it shows, in which states, and where its keys lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.answers.brief.ranges import RANGES
from flowtui.model.events.away_summary import LEFT, AwaySummary
from flowtui.model.state.changes import CHANGED, Change
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Update
from flowtui.text import cell_width
from flowtui.ui.base import messages
from flowtui.ui.brief.page_view import PageView

from ...model.answers.brief import nights
from .brief_seat import brief, night


async def test_the_page_says_what_happened():
    async with brief(night("three at once")) as seat:
        page = seat.screen.query_one(PageView)
        for words in (
            *("since you left, Tue 24 Nov 18:02, 13h 43m", "Since release-42", "Nobody watched", "Quiet now"),
            *("completed", "watched", "failing", "released", "nobody, 45m", "crm", "release-43"),
            *("Outcomes", "New failures", "2 new of 6 reasons", "Spend", "Time", "Released", "Still open"),
            *("Rests on 1,045 runs of 18 threads, 60 of them read after the gap", "多言語-concierge"),
            *("as of 07:45:12, in the 3 days remembered", "a day before"),
        ):
            assert words in seat.text, words
        assert page.target.sentence.name == "release-42"
        ground = seat.app.palette.cursor_row.bgcolor
        row = page.render_line(page.stop.line - page.scroll_offset.y)
        assert {part.style.bgcolor for part in row} == {ground}, "the cursor's row is marked to its end"


@pytest.mark.slow
async def test_each_line_leads_to_what_it_is_about():
    async with brief(night("three at once")) as seat:
        page = seat.screen.query_one(PageView)
        await seat.press("enter")
        (asked,) = seat.posted(messages.ScreenRequested)
        assert asked.name == "gate"
        await seat.press("j", "enter")
        opened = seat.posted(messages.RunOpened)[-1]
        assert (opened.run.status_class, opened.tab) == ("failed", 5)
        await seat.press("j", "enter")
        assert seat.posted(messages.ScreenRequested)[-1].name == "events"
        await seat.press("j", "j", "A")
        asked = seat.posted(messages.ScreenRequested)[-1]
        assert (asked.name, asked.argument) == ("agent", page.target.agent)
        await seat.press("y", "E")
        copied, saved = seat.posted(messages.TextCopied)[0], seat.posted(messages.TextSaved)[0]
        assert copied.text.startswith("Brief: since you left, Tue 24 Nov 18:02")
        assert "".join(saved.text()).startswith("**Brief: since you left, Tue 24 Nov 18:02")
        await seat.press("G")
        assert page.target == page._page_shown.stops[-1].target
        await seat.press("g")
        assert page.target.sentence.name == "release-42"


@pytest.mark.slow
async def test_a_click_moves_the_cursor_and_two_open():
    async with brief(night("three at once")) as seat:
        page = seat.screen.query_one(PageView)
        stop = next(stop for stop in page._page_shown.stops if stop.target.reason == nights.TAX)
        place = (stop.first + 5, stop.line)
        await seat.pilot.click(PageView, offset=place)
        await seat.until(lambda: page.stop == stop)
        await seat.pilot.click(PageView, offset=place, times=2)
        await seat.until(lambda: seat.posted(messages.RunOpened))
        assert seat.posted(messages.RunOpened)[0].tab == 5
        head = seat.screen.query_one("#brief-head")
        await seat.pilot.click(offset=(head.region.x + head.text.index("7d"), head.region.y))
        assert RANGES[seat.screen.range] == "7d"


async def test_where_the_history_begins_within_the_range_it_does_not_say_that_all_rests_on_it():
    async with brief(night("nothing at all")) as seat:
        screen = seat.screen
        await seat.sees("in the 3 days remembered")
        found = screen.found
        reach = found.data.since - 1.0
        screen._reader.found = replace(found, data=replace(found.data, begin=nights.NOW - 101, reach=reach))
        screen.tick()
        await seat.sees("as of 07:45:12, every run of this time was read")
        assert "remembered ─" not in seat.text
        seat.data.snapshot = replace(seat.data.snapshot, threads={"new": ThreadState("new", 2.0)})
        screen.tick()
        await seat.sees("as of 07:45:12, 1 of 1 thread not read yet")


@pytest.mark.slow
async def test_other_ranges_and_what_ends_meanwhile():
    async with brief(night("nothing at all"), left=None) as seat:
        await seat.sees("last 12h, Tue 24 Nov 19:45", "Failures as usual")
        await seat.press("l")
        await seat.until(lambda: seat.screen.answered)
        await seat.sees("last night, Tue 24 Nov 18:00")
        await seat.press("l", "l", "l")
        await seat.until(lambda: seat.screen.answered)
        await seat.sees("last 7d")
        await seat.press("h")
        await seat.until(lambda: seat.screen.answered)
        await seat.sees("last 24h, Tue 24 Nov 07:45")
        before = seat.screen.found
        run = next(run for run in before.data.runs if run.terminal)._replace(raw_id="new", id="new")
        later = run._replace(completed=nights.NOW + 5, failed=None, status_class="completed")
        state = ThreadState(run.thread_key, 2.0, observed=nights.NOW + 10, runs={"new": later})
        snapshot = replace(seat.data.snapshot, at=nights.NOW + 10, threads={run.thread_key: state})
        update = Update(snapshot, (Change(CHANGED, None, later, None, nights.NOW + 10),))
        seat.data.snapshot = snapshot
        seat.data.answers.update(update)
        seat.app.now = lambda: nights.NOW + 1
        seat.screen.update(update)
        assert seat.screen.found is before, "not so soon again"
        seat.app.now = lambda: nights.NOW + 120
        seat.screen.tick()
        await seat.until(lambda: seat.screen.found is not before and seat.screen.answered)
        keys = {each.key for each in seat.screen.found.data.runs}
        assert later.key in keys
        seat.app.now = lambda: nights.NOW + 1800
        seat.screen.tick()
        await seat.sees("last 24h, Tue 24 Nov 08:15")


async def test_loading_and_nothing_say_what_is_awaited_and_which_keys_lead_on():
    async with brief(None, connected=False) as seat:
        await seat.sees("Connecting")
    async with brief(None) as seat:
        await seat.sees("No run ended", "another time", "Still open", "nothing is active")
        seat.data.snapshot = replace(seat.data.snapshot, listed=False, threads={})
        seat.screen.tick()
        await seat.sees("Loading …", "the list of threads")
        assert "No run ended" not in seat.text


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 15)])
async def test_small_terminals_show_the_sentences_first(size):
    async with brief(night("three at once"), size=size, ascii=size[0] == 80) as seat:
        page = seat.screen.query_one(PageView)
        assert page.target.sentence is not None
        assert all(cell_width(line) <= size[0] for line in seat.text.splitlines())
        await seat.sees("Since release-42", "Quiet now")
        await seat.press("G")
        await seat.sees("Rests on 1,045 runs")


@pytest.mark.slow
async def test_a_history_that_cannot_be_read_is_said_and_what_is_in_memory_is_shown():
    world = night("nothing at all")
    async with brief(world) as seat:
        seat.data.past.past.broken = "The history is damaged"
        seat.screen.renew("7d")
        await seat.until(lambda: seat.screen.answered)
        await seat.sees("The history is damaged", "last 7d", "No run ended")


@pytest.mark.slow
async def test_an_api_that_does_not_answer_is_in_the_frame_and_the_page_stays():
    async with brief(night("three at once")) as seat:
        failed = Failure("http", "HTTP 503", since=nights.NOW - 600, attempts=9)
        state = ThreadState("thr_1", 2.0, failure=failed, observed=nights.NOW - 60, asked=nights.NOW - 50)
        threads = {"thr_1": state}
        seat.update(replace(seat.data.snapshot, threads=threads))
        await seat.sees("HTTP 503", "as of 07:44:12", "Since release-42")
        assert seat.screen.query_one("#brief-frame").has_class("-trouble")


def test_the_user_has_left_after_half_an_hour_without_a_key():
    away = AwaySummary(1000.0)
    away.touch(2000.0, None)
    assert away.left is None
    away.touch(2000.0 + LEFT, None)
    assert away.left == 2000.0
    away.touch(2100.0 + LEFT, None)
    assert away.left == 2000.0
