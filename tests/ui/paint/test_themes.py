"""Every theme is readable: each role on each background, and every word on the screens, has a contrast of 4.5."""

from __future__ import annotations

import unicodedata

import pytest
from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.base.messages import CopyRequested, RefreshRequested
from flowtui.ui.paint.theme import ROLES, THEMES, Palette, own_variables

ENOUGH = 4.5
OURS = [theme.name for theme in THEMES]
ALL = [*OURS, *sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)]


def _luminance(triplet):
    parts = [channel / 255 for channel in triplet]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the WCAG contrast of two (red, green, blue), without the code under test."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _rgb(color):
    return tuple(color.triplet if isinstance(color, RichColor) else Color.parse(color).rich_color.triplet)


def _palette(name):
    theme = next((theme for theme in THEMES if theme.name == name), None) or BUILTIN_THEMES[name]
    variables = theme.to_color_system().generate() | theme.variables
    return own_variables(variables) | variables, Palette(own_variables(variables) | variables)


@pytest.mark.parametrize("name", ALL)
def test_every_role_is_readable_on_every_background(name):
    variables, palette = _palette(name)
    grounds = {name: _rgb(variables[name]) for name in ("background", "surface", "panel")}
    for ground in ("cursor_row", "cursor_row_away", "active_row", "flash"):
        grounds[ground] = _rgb(getattr(palette, ground).bgcolor)
    poor = {
        (role, ground): round(contrast(_rgb(palette[role].color), rgb), 2)
        for role in ROLES
        for ground, rgb in grounds.items()
        if contrast(_rgb(palette[role].color), rgb) < ENOUGH
    }
    assert not poor
    badge = palette["badge"]
    assert contrast(_rgb(badge.color), _rgb(badge.bgcolor)) >= ENOUGH


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_colours_of_our_own_themes_are_used_unchanged(theme):
    variables, palette = _palette(theme.name)
    named = {
        "text": "foreground",
        "dim": "dim",
        "accent": "accent",
        "focus": "primary",
        "good": "success",
        "warn": "warning",
        "bad": "error",
        "other": "secondary",
    }
    assert {role: _rgb(palette[role].color) for role in named} == {
        role: _rgb(variables[variable]) for role, variable in named.items()
    }


def test_states_differ_in_every_theme():
    for name in ALL:
        palette = _palette(name)[1]
        assert len({palette[role].color for role in ("completed", "failed", "running")}) == 3, name


def test_the_night_theme_has_the_colours_of_the_design():
    variables, palette = _palette("night")
    assert variables["background"].lower() == "#12141d"
    assert palette["accent"].color.name == "#7dcfff"


def test_our_themes_are_listed_first_then_textuals_except_those_with_terminal_colours(own_environment):
    names = FlowtuiApp.theme_names.fget(_Bare())
    assert names == ALL
    assert OURS == ["night", "day", "contrast", "blue-orange"]


class _Bare:
    available_themes = BUILTIN_THEMES | {theme.name: theme for theme in THEMES}


def _words(seat):
    """Yield (text, style) for all text on the screen, except frames and bars."""
    for strip in seat.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None and any(char.isalnum() for char in segment.text):
                yield segment.text.strip(), segment.style


def _poor(seat):
    found = {}
    for text, style in _words(seat):
        if style.color is None or style.bgcolor is None:
            continue
        front, back = _rgb(style.color), _rgb(style.bgcolor)
        ratio = contrast(back, front) if style.reverse else contrast(front, back)
        if ratio < ENOUGH:
            found[text] = round(ratio, 2)
    return found


@pytest.mark.slow
async def test_every_word_on_the_screen_is_readable_in_every_theme(app):
    """Checks the dashboard with an open, empty filter box, a waiting order and a message."""
    async with app(size=(150, 36)) as seat:
        await seat.press("j", "j", "slash")
        seat.clock.advance(4)
        seat.table.action_move(0)
        seat.app.post_message(RefreshRequested())
        seat.app.post_message(CopyRequested("run_1"))
        await seat.sees("press . to update", "Sent run_1", "esc take back")
        poor = {}
        for name in seat.app.theme_names:
            seat.app.theme = name
            await seat.pilot.pause()
            assert "press . to update" in seat.text
            poor[name] = _poor(seat)
        assert not {name: words for name, words in poor.items() if words}


async def test_with_ascii_all_own_signs_are_ascii(app):
    async with app(size=(140, 36), ascii=True, world={"seed": 3}) as seat:
        seen = []

        def look(name):
            for line in seat.lines:
                ours = {char for char in line if not char.isascii() and not _is_a_servers(char)}
                if ours:
                    seen.append((name, ours, line))

        await seat.sees("3 Tools 2", "expires in", "config")
        look("dashboard")
        await seat.press("j", "slash", *"no-such")
        look("filter")
        await seat.press("escape")
        for tab in "234567891":
            await seat.press(tab)
            look(f"tab {tab}")
        await seat.press("question_mark")
        look("help")
        await seat.press("escape")
        seat.simulator.stop()
        await seat.later(5)
        await seat.until(lambda: "server down" in seat.lines[0])
        await seat.later(30)
        await seat.until(lambda: "s old" in seat.lines[0])
        look("stale")
        await seat.pilot.resize_terminal(80, 24)
        await seat.pilot.pause()
        look("80x24")
        assert not seen


def _is_a_servers(char):
    """Whether a character is server text: letters, marks, East Asian characters and emoji, none of which flowtui draws itself."""
    return unicodedata.category(char)[0] in "LM" or ord(char) >= 0x3000


async def test_without_colours_all_is_grey_and_the_row_under_the_cursor_still_differs(app, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with app(no_color=True) as seat:
        await seat.press("j")
        strips = [seat.app.screen._compositor.render_strips()]
        lines = [
            segment
            for strip in strips[0]
            for segment in strip.apply_filter(_only_filter(seat.app), Color.parse("black"))
        ]
        colors = {color for segment in lines for color in _colors(segment.style)}
        assert all(_is_grey(color) for color in colors)
        run = seat.table.cursor_run
        selected, other = seat.cells_of(run.raw_id)[2], seat.cells_of(seat.ids[3])[2]
        assert selected.bgcolor != other.bgcolor or selected.reverse


def _only_filter(app):
    return next(each for each in app.get_line_filters() if type(each).__name__ in ("Monochrome", "NoColor"))


def _colors(style):
    return [color for color in (style.color, style.bgcolor) if color is not None] if style else []


def _is_grey(color):
    triplet = color.triplet if color.triplet is not None else ColorTriplet(0, 0, 0)
    return len(set(triplet)) == 1
