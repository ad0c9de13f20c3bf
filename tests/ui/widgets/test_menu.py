"""The menu: a letter, enter or `s` chooses an entry; one that is not there is explained, and stays unchosen."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from flowtui.config.settings import Settings
from flowtui.ui.app.app import _STYLES
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint.theme import DEFAULT
from flowtui.ui.widgets.menu import Choice, Entry, Menu, menu_line

ENTRIES = [
    Entry("i", "id", "run_1 [red]x[/red]"),
    Entry("v", "JSON", "not loaded", there=False),
    Entry("c", "curl", "curl -sS"),
]


class Seat:
    """An application that shows a menu, and the choices of the user."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot
        self.choices = []

    @property
    def text(self):
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def open(self, *, files=True):
        self.app.push_screen(Menu("Copy of [b]run_1[/b]", ENTRIES, files=files), self.choices.append)
        words = ["Copy of [b]run_1[/b]", "run_1 [red]x[/red]", "curl -sS", "esc close"]
        await self.until(lambda: all(word in self.text for word in words))

    async def until(self, condition):
        while not condition():
            await self.pilot.pause()

    async def chosen(self, *keys):
        """Press keys, and return what the user chose so."""
        await self.open()
        await self.pilot.press(*keys)
        await self.until(lambda: self.choices)
        assert len(self.app.screen_stack) == 1
        return self.choices.pop()


@pytest.fixture
def menu(own_environment):
    @asynccontextmanager
    async def open_app():
        app = AppBase(Settings(), lambda: 0.0, str(_STYLES))
        app.theme = DEFAULT
        async with app.run_test(size=(90, 24), notifications=True) as pilot:
            yield Seat(app, pilot)

    return open_app


async def test_letters_and_enter_choose_and_an_entry_that_is_not_there_keeps_the_menu_open(menu):
    async with menu() as seat:
        assert await seat.chosen("c") == Choice("c")
        assert await seat.chosen("enter") == Choice("i")
        assert await seat.chosen("j", "j", "enter") == Choice("c")
        assert await seat.chosen("j", "j", "s") == Choice("c", as_file=True)
        assert await seat.chosen("escape") is None
        assert await seat.chosen("q") is None

        await seat.open()
        assert "enter choose   s save as a file   esc close" in seat.text
        await seat.pilot.press("v")
        await seat.until(lambda: len(seat.app._notifications) == 1)
        assert [note.message for note in seat.app._notifications] == ["JSON cannot be chosen: not loaded"]
        assert (len(seat.app.screen_stack), seat.choices) == (2, [])
        await seat.pilot.press("escape")
        await seat.until(lambda: seat.choices)
        seat.choices.clear()

        await seat.open(files=False)
        assert "save as" not in seat.text
        await seat.pilot.press("s")
        await seat.pilot.pause()
        assert (len(seat.app.screen_stack), seat.choices) == (2, [])


def test_a_menu_line_fits_and_its_text_is_never_read_as_markup():
    line = menu_line(Entry("i", "id", "[b]漢字" * 40), 40)
    assert sum(len(span.text) for span in line) <= 40
    assert "[b]" in line[3].text
