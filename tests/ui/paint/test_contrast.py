"""In our themes everything is seen on every background it can stand on: text 4.5, signs that carry data 3.0, tracks 1.4."""

from __future__ import annotations

import pytest
from textual.color import Color

from flowtui.ui.paint import ink
from flowtui.ui.paint.few_colors import SIXTEEN, SYSTEMS, few_colors
from flowtui.ui.paint.theme import AREAS, BANNERS, ROLES, THEMES, Palette, banner, behind, own_variables

from .test_themes import _rgb, contrast

TEXT, SIGN, TRACK = 4.5, 3.0, 1.4
CALLS = ("model-call", "tool-call", "failed-call")
ROWS = ("cursor_row", "cursor_row_away", "active_row", "flash")
"""What tints a row. Charts and tracks stand on these and on the background, text on bars and the news too."""

BY_NAME = {theme.name: theme for theme in THEMES}


def _made(name):
    theme = BY_NAME[name]
    variables = theme.to_color_system().generate() | theme.variables
    variables = own_variables(variables) | variables
    palette = Palette(variables)
    grounds = {each: _rgb(variables[each]) for each in ("background", "surface", "panel")}
    for each in (*ROWS, "news"):
        grounds[each] = _rgb(getattr(palette, each).bgcolor)
    return variables, palette, grounds


def _seen(palette, role, ground):
    """Return the colours (front, back) of a sign in a role, as it is painted on a background."""
    base = palette.cursor_row.from_color(None, Color(*ground).rich_color)
    (segment,) = ink.segments([ink.Span("━", role)], palette, base)
    return _rgb(segment.style.color), _rgb(segment.style.bgcolor)


@pytest.mark.parametrize("name", BY_NAME)
def test_text_is_readable_on_every_background(name):
    variables, palette, grounds = _made(name)
    poor = {
        (role, ground): round(contrast(*_seen(palette, role, rgb)), 2)
        for role in ROLES
        for ground, rgb in grounds.items()
        if contrast(*_seen(palette, role, rgb)) < TEXT
    }
    assert poor == {}
    for role in ("badge", *(banner(each, strong=strong) for each in BANNERS for strong in (False, True))):
        assert contrast(*_seen(palette, role, grounds["background"])) >= TEXT, role
    for variable in ("dim", "ink", "notice"):  # of titles on frames, of prompts and messages
        for ground in ("background", "surface", "panel"):
            assert contrast(_rgb(variables[variable]), grounds[ground]) >= TEXT, (variable, ground)
    for chosen in ("input-selection-background", "screen-selection-background"):
        over = Color.parse(variables[chosen])
        ground = Color(*grounds["panel"]).blend(over, over.a, 1.0)
        assert contrast(_rgb(variables["ink"]), _rgb(ground.hex6)) >= TEXT, chosen


@pytest.mark.parametrize("name", BY_NAME)
def test_signs_that_carry_data_are_seen_on_every_row(name):
    _, palette, grounds = _made(name)
    poor = {
        (role, ground): round(contrast(*_seen(palette, role, grounds[ground])), 2)
        for role in (*AREAS, *CALLS)
        for ground in ("background", *ROWS)
        if contrast(*_seen(palette, role, grounds[ground])) < SIGN - 0.01
    }
    assert poor == {}
    ticks = {
        (tick, area): round(contrast(*_seen(palette, behind(tick, area), grounds["background"])), 2)
        for tick in ("other", "warn", "dim", "bad", "accent")
        for area in AREAS
        if contrast(*_seen(palette, behind(tick, area), grounds["background"])) < SIGN - 0.01
    }
    assert ticks == {}, "a release before a full column"


@pytest.mark.parametrize("name", BY_NAME)
def test_tracks_frames_and_areas_one_before_another_are_told_apart(name):
    variables, palette, grounds = _made(name)
    for ground in ("background", "surface", "panel", *ROWS):
        assert contrast(*_seen(palette, "track", grounds[ground])) >= TRACK - 0.01, ground
    for variable in ("frame", "primary"):
        assert contrast(_rgb(variables[variable]), grounds["background"]) >= TRACK
    assert (
        contrast(*_seen(palette, behind("area-amount-front", "area-amount"), grounds["background"])) >= TRACK
    )
    calm = {role: contrast(*_seen(palette, role, grounds["background"])) for role in ("area-amount", "track")}
    assert calm["area-amount"] < TEXT, "large areas stay calm"
    assert calm["track"] < calm["area-amount"] or name == "contrast"


def _few(system, name):
    few = few_colors(system)
    theme = next(theme for theme in few.themes() if theme.name == name)
    variables = theme.to_color_system().generate() | theme.variables
    variables = own_variables(variables) | variables
    return few, variables, Palette(variables, near=few.near)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("system", SYSTEMS)
def test_in_few_colours_text_and_signs_are_seen_as_the_terminal_shows_them(system, name):
    few, variables, palette = _few(system, name)

    def shown(color):
        painted = color.downgrade(few.system)
        return _rgb(SIXTEEN[painted.number] if system == "standard" else painted.get_truecolor().hex)

    grounds = {each: Color.parse(variables[each]).rich_color for each in ("background", "surface", "panel")}
    grounds |= {each: getattr(palette, each).bgcolor for each in (*ROWS, "news")}
    poor = {}
    for ground, color in grounds.items():
        back = shown(color)
        for role in (*ROLES, *(AREAS if ground in ("background", "cursor_row") else ())):
            front = shown(palette.on(palette.news + palette.news.from_color(None, color))[role].color)
            least = TEXT if role in ROLES else SIGN
            if contrast(front, back) < least:
                poor[role, ground] = (front, back, round(contrast(front, back), 2))
    assert poor == {}
    assert shown(grounds["cursor_row"]) != shown(grounds["background"]), "the row under the cursor is seen"


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("system", SYSTEMS)
def test_in_few_colours_a_failure_looks_like_no_other_status(system, name):
    palette = _few(system, name)[2]
    colors = {role: palette[role].color.name for role in ("failed", "completed", "running", "cancelled")}
    assert list(colors.values()).count(colors["failed"]) == 1
    assert few_colors("truecolor") is None
