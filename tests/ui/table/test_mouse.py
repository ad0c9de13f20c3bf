"""The mouse: a click moves the cursor, a double click opens, a click on a title sorts, the wheel only scrolls."""

from __future__ import annotations

from textual.events import MouseScrollDown, MouseScrollUp

from flowtui.ui.run.run_screen import RunScreen


def _title(seat, word):
    region = seat.table.region
    return seat.lines[region.y].index(word) - region.x + 1


async def _turn(seat, wheel):
    """Turn the wheel over the table by one notch."""
    await seat.pilot._post_mouse_events([wheel], "#runs", offset=(20, 4), button=0)
    await seat.pilot.pause()


def _agents(seat):
    names = seat.app.session.connection.feed.snapshot().agents
    return [names[run.agent_id] for run in seat.rows]


async def test_clicks_move_the_cursor_open_and_sort_and_the_wheel_scrolls(app):
    async with app(size=(150, 30), world={"runs": 40}) as seat:
        await seat.pilot.click("#runs", offset=(20, 4))  # line 0 has the titles
        assert seat.table.cursor_run.raw_id == seat.ids[3]
        assert seat.table.touched

        await seat.pilot.click("#runs", offset=(_title(seat, "AGENT"), 0))
        assert (seat.dashboard.view.sort, seat.dashboard.view.descending) == ("agent", False)
        await seat.sees(f"AGENT {seat.app.glyphs.up}")
        known = _agents(seat)
        assert known == sorted(known)
        await seat.pilot.click("#runs", offset=(_title(seat, "AGENT"), 0))
        await seat.sees(f"AGENT {seat.app.glyphs.down}")
        assert _agents(seat) == known[::-1]
        await seat.press("g")

        cursor, ids = seat.table.cursor, seat.ids
        await _turn(seat, MouseScrollDown)
        step = seat.table.scroll_offset.y
        assert 0 < step <= 6
        await _turn(seat, MouseScrollDown)
        assert seat.table.scroll_offset.y == 2 * step
        assert seat.table.cursor == cursor
        assert seat.ids == ids
        assert ids[0] not in "\n".join(seat.lines[seat.table.region.y : seat.table.region.bottom])
        await seat.pilot.click("#runs", offset=(20, 1))
        assert seat.table.cursor_run.raw_id == ids[2 * step]  # the row in this line after scrolling
        for _ in range(3):
            await _turn(seat, MouseScrollUp)
        assert seat.table.scroll_offset.y == 0

        await seat.pilot.click("#runs", offset=(20, 6), times=2)
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        assert seat.app.screen.run.raw_id == seat.ids[5]
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        assert seat.table.cursor_run.raw_id == seat.ids[5]

        before = seat.table.cursor
        below = seat.table.size.height - 1
        await seat.press("slash", *seat.ids[0])
        await seat.until(lambda: len(seat.ids) == 1)
        await seat.pilot.click("#runs", offset=(20, below - 2))  # a line below the only row
        assert seat.table.cursor != before
        assert len(seat.ids) == 1


async def test_a_click_toggles_a_fold_and_does_not_scroll(app):
    async with app(size=(150, 50)) as seat:
        run = next(run for run in seat.rows if run.status == "completed")
        await seat.choose(run.raw_id)
        await seat.press("v")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.sees('"object"')
        body = seat.app.screen.pane.body
        words = body.text.split()
        place = next(place for place, line in enumerate(body._doc) if line.fold)
        await seat.pilot.click(body, offset=(4, place - body.scroll_offset.y))
        await seat.until(lambda: len(body.text.split()) < len(words))
        await seat.pilot.click(body, offset=(4, place - body.scroll_offset.y))
        await seat.until(lambda: body.text.split() == words)
