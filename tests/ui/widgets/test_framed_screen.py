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


async def test_every_screen_over_a_time_says_how_many_runs_are_active_and_that_it_only_reads(app):
    async with app(size=(100, 30)) as seat:
        await seat.until(lambda: " active" in seat.lines[0])
        said = next(part for part in seat.lines[0].split("  ") if part.endswith(" active"))
        for key, name in (
            ("f", "failures"),
            ("dollar_sign", "spend"),
            ("b", "brief"),
            ("A", "agent"),
            ("M", "gate"),
        ):
            await seat.press(key)
            await seat.until(lambda name=name: seat.app.screen.name == name and f" {said} " in seat.lines[0])
            assert " live  read-only " in seat.lines[0]
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_every_header_says_that_texts_are_hidden_and_that_runs_may_be_cancelled(app):
    async with app(size=(80, 24), redact=True, allow_actions=True) as seat:
        for key, name in (("A", "agent"), ("b", "brief"), ("t", "timeline"), ("L", "events")):
            await seat.press(key)
            await seat.until(lambda name=name: seat.app.screen.name == name and " redacted" in seat.lines[0])
            assert "  actions  redacted" in seat.lines[0]
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)
