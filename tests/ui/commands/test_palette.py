"""The command palette: all commands of the current screen with their keys, the search, and its look at small sizes."""

from __future__ import annotations

import pytest

from flowtui.config.memory.memory import recall
from flowtui.ui.commands.help_screen import HelpScreen, TopicScreen
from flowtui.ui.commands.palette import Offer, found_offers, offers_of
from flowtui.ui.commands.palette_screen import HINTS, PaletteInput, PaletteScreen, offer_line
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.run.run_screen import RunScreen

HELP = {key.id: key.help for key in bindings.KEYS}
OFFERS = [
    Offer("In the table of runs", "sort by the next column", "s", print),
    Offer("In the table of runs", "show columns further right", "→ >", print),
    Offer("On the dashboard", "timeline of all threads", "t", print),
    Offer("On the dashboard", "tab: timeline", "5", print),
    Offer("Themes", "theme: day", "", print),
]


def _found(words):
    return [offer.text for offer in found_offers(OFFERS, words)]


def test_the_best_match_comes_first_and_letters_alone_are_enough():
    assert _found("timeline") == ["timeline of all threads", "tab: timeline"]
    assert _found("COLUMN sort") == ["sort by the next column"]
    assert _found("t")[0] == "timeline of all threads", "its key"
    assert _found(">") == ["show columns further right"]
    assert _found("themes") == ["theme: day"]
    assert _found("srtclm") == ["sort by the next column"]
    assert _found("qqq") == []


@pytest.mark.parametrize("cells", [20, 40, 56, 76])
def test_a_command_fits_with_its_key_at_the_right(cells):
    for offer in (*OFFERS, Offer("漢字", "漢字" * 40, "ctrl+x f12", print)):
        line = offer_line(offer, cells, section=True)
        assert ink.width(line) <= cells
        shown = "".join(span.text for span in line).rstrip()
        assert shown.endswith(ink.cut(offer.key, cells // 3))


async def _open(seat):
    await seat.press("ctrl+p")
    await seat.until(lambda: isinstance(seat.app.screen, PaletteScreen) and seat.app.screen.takes_keys)
    return seat.app.screen


async def _command(seat, words):
    """Open the palette, type `words`, and run the first command that it lists."""
    screen = await _open(seat)
    screen.query_one(PaletteInput).value = words
    await seat.until(lambda: screen.offers and screen.offers[0].text.casefold().startswith(words.casefold()))
    await seat.press("enter")
    await seat.until(lambda: not isinstance(seat.app.screen, PaletteScreen))


@pytest.mark.slow
async def test_a_command_does_what_its_key_does_and_a_theme_is_remembered(app):
    async with app() as seat:
        assert seat.app.theme == "night"
        await _command(seat, HELP["invert"])
        await seat.until(lambda: seat.dashboard.view.descending)
        await _command(seat, "theme: day")
        await seat.until(lambda: seat.app.theme == "day" and recall().theme == "day")
        await _command(seat, "raw JSON on the whole")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await _command(seat, "back to the table")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await _command(seat, "help on filter")
        await seat.until(lambda: isinstance(seat.app.screen, TopicScreen))
    async with app() as seat:
        assert seat.app.theme == "day"
    async with app(theme="contrast") as seat:
        assert seat.app.theme == "contrast"  # a theme that is set takes precedence over the remembered one


@pytest.mark.slow  # its parts are in the tests of keys and of the palette
async def test_a_command_works_with_any_focus_and_with_remapped_keys(app):
    async with app(keys={"thread_down": "f9", "invert": "f8", "quit": "f7"}) as seat:
        assert seat.table.has_focus
        # else the cursor may be on a run of any thread, depending on which reply comes first
        await seat.press("g")
        before = seat.table.cursor_run
        await _command(seat, "next group")
        await seat.until(lambda: seat.threads.chosen is not None)
        await seat.press("0")
        await seat.until(lambda: seat.threads.chosen is None)
        assert seat.table.cursor_run == before
        await _command(seat, HELP["invert"])
        await seat.until(lambda: seat.dashboard.view.descending)
        await _command(seat, "fold all")
        assert seat.app._exception is None
        await _command(seat, "quit")
        await seat.until(lambda: seat.app.return_code == 0)


async def test_the_palette_lists_every_command_of_the_current_screen_under_its_part(app):
    async with app(size=(60, 15), keys={"sort": "f6"}) as seat:
        offers = offers_of(seat.app, seat.app.screen)
        texts = [offer.text for offer in offers]
        here = (bindings.TABLE, bindings.THREADS, bindings.PANE, bindings.DASHBOARD)
        for key in bindings.KEYS:
            if key.where in here and key.id not in ("palette", "command_line"):
                assert key.help in texts, key.id
        for theme in seat.app.theme_names:
            assert f"theme: {theme}" in texts
        assert len(set(texts)) == len(texts)
        assert next(offer.key for offer in offers if offer.text == HELP["sort"]) == "f6"
        assert offers[0].section == bindings.TITLES[bindings.TABLE]
        screen = await _open(seat)
        await seat.sees("─ Commands ─", "In the table of runs", "open the run", "esc close")
        assert screen.entries.place == 1, "the cursor is on a command, not on the title of its section"
        await seat.press("up", "up")
        assert screen.entries.place == 1
        await seat.press("ctrl+end")
        assert isinstance(screen.entries.key, Offer)
        await seat.press("ctrl+home")
        await seat.sees("In the table of runs")
        await seat.press(*"qqqqq")
        await seat.sees('No command matches "qqqqq"')
        await seat.press("enter")
        assert seat.app.screen is screen
        for bar in screen.query("#palette-keys"):
            assert [spot.press for spot in bar.spots] == [hint.press for hint in HINTS]
        await seat.press("escape")
        seat.threads.focus()
        await seat.until(lambda: seat.threads.has_focus)
        assert offers_of(seat.app, seat.app.screen)[0].section == bindings.TITLES[bindings.THREADS]


async def test_a_remapped_key_is_shown_as_remapped(app):
    async with app(size=(160, 60), keys={"sort": "f6", "open": "o"}) as seat:
        assert "f6 order" in seat.lines[-1]
        assert "o open" in seat.lines[-1]
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        await seat.until(lambda: HELP["sort"] in seat.app.screen.pane.text)
        line = next(line for line in seat.app.screen.pane.text.splitlines() if HELP["sort"] in line)
        assert "f6" in line
