"""The line of news on the dashboard: the row under the cursor keeps its line, and nothing moves while keys come."""

from __future__ import annotations

import pytest

from flowtui.model.answers.failures import Count
from flowtui.model.answers.news import FailureNews
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark
from flowtui.ui.dashboard.news_bar import NewsBar

from ..conftest import BEGIN

NEWS = FailureNews(
    "new",
    22,
    (Count("a", 22),),
    BEGIN - 90,
    BEGIN,
    Reason("[b]tax[/b]", "tool t"),
    Mark(BEGIN - 99, "release-42"),
)


def tell(seat, *news):
    """Show these news, as soon as they may be shown."""
    seat.dashboard.query_one(NewsBar).reader.news = news
    seat.dashboard.tick()


def in_a_frame_that_was_due(seat, *news, scrolled=False):
    """Show these news when the table is about to be painted for another reason."""
    screen = seat.dashboard
    screen._dirty_widgets.add(seat.table)
    screen._scroll_required = scrolled
    tell(seat, *news)
    screen._on_timer_update()


async def frames_of(seat, change):
    """Return on which lines of the screen the run under the cursor was painted, while `change` was painted."""
    lines = []
    run = seat.table.cursor_run.raw_id
    seat.app.frame_listeners.append(lambda: lines.append(seat.line_of(run)))
    change()
    await seat.until(lambda: lines)
    await seat.pilot.pause()
    seat.app.frame_listeners.clear()
    return set(lines)


@pytest.mark.parametrize(
    ("size", "runs"),
    [((100, 16), 24), pytest.param((140, 40), 12, marks=pytest.mark.slow)],
    ids=["long", "short"],
)
async def test_the_row_under_the_cursor_keeps_its_line_when_news_come_and_go(app, size, runs):
    async with app(size=size, world={"runs": runs}) as seat:
        seat.dashboard.update = lambda _: None  # no new rows meanwhile
        hold = seat.app.settings.hold_order
        assert not seat.dashboard.query_one(NewsBar).display
        await seat.choose(seat.ids[4])
        top = seat.table.scroll_offset.y
        line = seat.line_of(seat.table.cursor_run.raw_id)
        seat.clock.advance(hold + 1)
        assert await frames_of(seat, lambda: in_a_frame_that_was_due(seat, NEWS)) == {line}
        assert seat.lines[1].startswith(" ▲ new since release-42  22× [b]tax[/b]")

        assert await frames_of(seat, lambda: in_a_frame_that_was_due(seat, scrolled=True)) == {line}
        assert "release-42" not in seat.text
        assert seat.table.scroll_offset.y == top

        # While keys come, it neither comes nor goes.
        await seat.press("j")
        second = seat.lines[1]
        tell(seat, NEWS)
        await seat.pilot.pause()
        assert seat.lines[1] == second
        await seat.press("full_stop")
        await seat.sees("new since release-42")
        tell(seat)
        await seat.pilot.pause()
        assert "new since release-42" in seat.lines[1]
        seat.clock.advance(hold + 1)
        tell(seat)
        await seat.until(lambda: "new since release-42" not in seat.text)


@pytest.mark.slow
async def test_a_short_list_shows_its_first_row_again_once_the_user_moves_the_cursor(app):
    async with app(size=(140, 40), world={"runs": 12}) as seat:
        seat.dashboard.update = lambda _: None  # no new rows meanwhile
        await seat.choose(seat.ids[4])
        seat.clock.advance(seat.app.settings.hold_order + 1)
        tell(seat, NEWS)
        await seat.sees("new since release-42")
        await seat.until(lambda: seat.table.scroll_offset.y == 1)
        await seat.press("k")
        await seat.until(lambda: seat.table.scroll_offset.y == 0)
        assert seat.line_of(seat.ids[0]) < seat.line_of(seat.table.cursor_run.raw_id)
        # The first row cannot keep its line: it moves with the table.
        await seat.press("k", "k", "k")
        seat.clock.advance(seat.app.settings.hold_order + 1)
        before = seat.line_of(seat.ids[0])
        tell(seat)
        await seat.until(lambda: "new since release-42" not in seat.text)
        assert seat.line_of(seat.ids[0]) == before - 1
