"""The command palette and the help: all commands of the current screen, remembered themes, and the search."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from flowtui.config.memory.memory import recall
from flowtui.ui.commands.help_screen import HelpScreen, help_lines
from flowtui.ui.commands.palette import Commands
from flowtui.ui.keys import bindings
from flowtui.ui.run.run_screen import RunScreen


async def _command(seat, words):
    """Open the palette, type `words`, and run the first command that it lists."""
    await seat.press("ctrl+p")
    await seat.until(lambda: isinstance(seat.app.screen, CommandPalette))
    await seat.until(lambda: seat.app.screen.query(Input) and seat.app.screen.is_mounted)
    seat.app.screen.query_one(Input).value = words
    options = seat.app.screen.query_one("CommandList")
    await seat.until(lambda: options.option_count and not seat.app.screen._show_busy)
    await seat.until(lambda: _best(options).casefold().startswith(words.casefold()))
    await seat.press("enter")
    await seat.until(lambda: not isinstance(seat.app.screen, CommandPalette))


def _best(options):
    """Return the text of the first command that is listed."""
    first = options.get_option_at_index(0)
    return str(first.hit.text if hasattr(first, "hit") else first.prompt)


async def test_a_command_does_what_its_key_does_and_a_theme_is_remembered(app):
    async with app() as seat:
        assert seat.app.theme == "night"
        await _command(seat, "invert")
        await seat.until(lambda: seat.dashboard.view.descending)
        await _command(seat, "theme: day")
        await seat.until(lambda: seat.app.theme == "day" and recall().theme == "day")
        await _command(seat, "raw JSON on the whole")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await _command(seat, "back to the table")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
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
        await _command(seat, "invert")
        await seat.until(lambda: seat.dashboard.view.descending)
        await _command(seat, "fold all")
        assert seat.app._exception is None
        await _command(seat, "quit")
        await seat.until(lambda: seat.app.return_code == 0)


async def test_the_palette_lists_every_command_of_the_current_screen(app):
    async with app() as seat:
        texts = [text for text, _ in Commands(seat.app.screen)._offers()]
        for key in bindings.KEYS:
            if key.where in (
                bindings.TABLE,
                bindings.THREADS,
                bindings.PANE,
                bindings.DASHBOARD,
            ) and key.id not in (
                "palette",
                "command_line",
            ):
                assert any(text.startswith(key.help) for text in texts), key.id
        for theme in seat.app.theme_names:
            assert f"theme: {theme}" in texts
        assert len(set(texts)) == len(texts)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        texts = [text for text, _ in Commands(seat.app.screen)._offers()]
        assert any(text.startswith("back to the table") for text in texts)
        assert not any(text.startswith("filter the runs") for text in texts)


async def test_a_remapped_key_is_shown_as_remapped(app):
    async with app(size=(160, 60), keys={"sort": "f6", "open": "o"}) as seat:
        assert "f6 sort" in seat.lines[-1]
        assert "o open" in seat.lines[-1]
        texts = [text for text, _ in Commands(seat.app.screen)._offers()]
        assert "sort by the next column  (f6)" in texts
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        await seat.sees("sort by the next column")
        line = next(line for line in seat.lines if "sort by the next column" in line)
        assert "f6" in line


async def test_the_help_can_be_searched(app):
    async with app(size=(140, 60)) as seat:
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        filters = next(key.help for key in bindings.KEYS if key.id == "filter")
        await seat.sees("next run", filters)
        await seat.press("slash", *"filter")
        await seat.until(lambda: "next run" not in _help(seat))
        assert filters in _help(seat)
        await seat.press("enter")
        assert isinstance(seat.app.screen, HelpScreen)
        assert "next run" not in _help(seat)
        await seat.press("slash", "escape")
        await seat.until(lambda: "next run" in _help(seat))
        assert isinstance(seat.app.screen, HelpScreen)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)


def _help(seat):
    return seat.app.screen.query_one("#help").text


@pytest.mark.parametrize("where", bindings.TITLES)
def test_the_help_has_every_key(where):
    said = ["".join(span.text for span in line) for line in help_lines((where,))]
    assert said[0] == bindings.TITLES[where]
    here = [key for key in bindings.KEYS if key.where == where]
    assert len(said) == len(here) + 2
    for key, line in zip(here, said[1:], strict=False):
        assert line.split("  ")[1].strip() == key.shown
        assert line.endswith(f" {key.help}")


def test_a_help_search_matches_every_word_and_reports_no_match():
    said = ["".join(span.text for span in line) for line in help_lines((bindings.TABLE,), "RUN next")]
    assert [line.split(None, 2)[-1] for line in said[1:-1]] == ["next run"]
    assert "".join(span.text for span in help_lines((bindings.TABLE,), "qqq")[0]) == "No key does that."
