"""A screen draws once for all that happened before its next paint."""

from __future__ import annotations

from flowtui.ui.base.view_screen import ViewScreen

from ..screen_app import FakeData, shown


class Counting(ViewScreen):
    """Counts how often it is drawn."""

    drawn = 0

    def tick(self) -> None:
        self.drawn += 1


async def test_several_sizes_before_a_paint_are_drawn_once_and_each_later_one_again():
    screen = Counting("run")
    async with shown(screen, FakeData(), lambda: 0.0) as seat:
        await seat.until(lambda: screen.drawn)
        await seat.pilot.pause()
        for times in (5, 1):
            screen.drawn = 0
            for _ in range(times):
                screen.on_resize()
            assert screen.drawn == 0
            await seat.until(lambda: screen.drawn)
            await seat.pilot.pause()
            assert screen.drawn == 1
