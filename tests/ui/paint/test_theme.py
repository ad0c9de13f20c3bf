"""Colours: every role is readable in every theme. Signs: each takes one cell."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.color import Color

from flowtui.config.settings import Settings
from flowtui.model.run.row import STATUS_CLASSES
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import (
    AREAS,
    BANNERS,
    DEFAULT,
    THEMES,
    Palette,
    banner,
    behind,
    swapped,
)


def _luminance(color):
    parts = [channel / 255 for channel in color.rgb]
    r, g, b = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _variables(theme):
    return theme.to_color_system().generate() | theme.variables


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_frames_and_highlighted_rows_are_visible(theme):
    palette = Palette(_variables(theme))
    background = Color.parse(theme.background)
    assert _contrast(Color.parse(theme.variables["frame"]), background) >= 1.5
    for ground in (palette.cursor_row, palette.active_row):
        assert Color.parse(ground.bgcolor.name) != background
    assert palette.cursor_row != palette.active_row


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_areas_of_charts_are_seen_and_told_apart(theme):
    palette = Palette(_variables(theme))
    colors = {role: Color.parse(palette[role].color.name) for role in AREAS}
    for one, other in (
        ("area-failed", "area-failed-quiet"),
        ("area-amount-front", "area-amount"),
        ("area-failed", "area-completed"),
    ):
        assert colors[one] != colors[other]
    assert palette[swapped("area-failed")].reverse
    both = palette[behind("area-amount-front", "area-amount")]
    assert (both.color, both.bgcolor) == (palette["area-amount-front"].color, palette["area-amount"].color)


def _signs(glyphs):
    for value in glyphs:
        yield from value.values() if isinstance(value, dict) else value


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_on_a_banner_can_be_read_and_the_banners_are_told_apart(theme):
    palette = Palette(_variables(theme))
    styles = [palette[banner(name, strong=strong)] for name in BANNERS for strong in (False, True)]
    for style in styles:
        pair = (Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
        assert _contrast(*pair) >= 4.5
    assert len({style.bgcolor for style in styles}) == len(BANNERS)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_sign_takes_one_cell_and_every_status_has_its_own(glyphs):
    assert all(cell_len(sign) == 1 for sign in _signs(glyphs))
    assert set(glyphs.status) == set(STATUS_CLASSES)
    assert len(set(glyphs.status.values())) == len(STATUS_CLASSES)


def test_plain_signs_are_ascii():
    assert all(sign.isascii() for sign in _signs(ASCII))


async def test_the_theme_of_the_settings_is_used(app):
    async with app(theme="day") as seat:
        assert seat.app.theme == "day"
        background = next(iter(seat.app.screen._compositor.render_strips()[5])).style.bgcolor
        assert _luminance(Color.from_rich_color(background)) > 0.5


def test_an_unknown_remembered_theme_does_not_prevent_the_start(own_environment):
    assert FlowtuiApp(Settings(theme="no-such-theme")).theme == DEFAULT


async def test_with_plain_signs_a_row_is_plain(app):
    async with app(ascii=True) as seat:
        run = seat.rows[0]
        assert f"{ASCII.status[run.status_class]} {run.status_class}" in seat.cells_of(run.raw_id)[1]
