"""The line of news on the dashboard: the row under the cursor keeps its line, and nothing moves while keys come."""

from __future__ import annotations

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


async def test_the_row_under_the_cursor_keeps_its_line_when_news_come_and_go(app):
    async with app(size=(100, 16), world={"runs": 24}) as seat:
        hold = seat.app.settings.hold_order
        assert not seat.dashboard.query_one(NewsBar).display
        await seat.choose(seat.ids[4])
        assert len(seat.rows) > seat.table.size.height  # in a list that fits, rows cannot move up
        line = seat.line_of(seat.table.cursor_run.raw_id)
        seat.clock.advance(hold + 1)
        assert await frames_of(seat, lambda: tell(seat, NEWS)) == {line}
        assert seat.lines[1].startswith(" ▲ new since release-42  22× [b]tax[/b]")
        assert await frames_of(seat, lambda: tell(seat)) == {line}
        assert "release-42" not in seat.text

        # While keys come, it neither comes nor goes.
        await seat.press("j")
        top = seat.lines[1]
        tell(seat, NEWS)
        await seat.pilot.pause()
        assert seat.lines[1] == top
        await seat.press("full_stop")
        await seat.sees("new since release-42")
        tell(seat)
        await seat.pilot.pause()
        assert "new since release-42" in seat.lines[1]
        seat.clock.advance(hold + 1)
        tell(seat)
        await seat.until(lambda: "new since release-42" not in seat.text)
