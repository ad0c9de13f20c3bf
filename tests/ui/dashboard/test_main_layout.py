"""How the table and the pane below it share their room."""

from textual.app import App
from textual.containers import Vertical

from flowtui.model.view.view import View
from flowtui.ui.dashboard.main_layout import MainLayout


class _Frames(App[None]):
    CSS = "#runs-frame { height: 3fr; } #detail-frame { height: 2fr; }"

    def compose(self):
        with Vertical(id="main"):
            yield Vertical(id="runs-frame")
            yield Vertical(id="detail-frame")


async def test_heights_that_no_longer_hold_are_gone_without_another_change():
    """A terminal may become small after its layout was made: nothing else would have the table laid out again."""
    async with _Frames().run_test(size=(80, 40)) as pilot:
        layout = MainLayout(pilot.app.screen)
        heights = []
        for alone in (True, False, True):
            layout.lay_out(View(), 7, alone=alone)
            await pilot.pause()
            heights.append(pilot.app.query_one("#runs-frame").size.height)
        assert heights == [24, 10, 24]
