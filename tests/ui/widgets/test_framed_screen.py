"""A screen with header, frame and footer."""

from __future__ import annotations


async def test_a_screen_whose_bars_are_being_removed_is_not_drawn(app):
    async with app(size=(120, 36)) as seat:
        await seat.press("$")
        await seat.sees("Spend · ")
        screen = seat.app.screen
        assert screen.ready
        await screen.query_one("#header").remove()
        assert not screen.ready
        screen.tick()
