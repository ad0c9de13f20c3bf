"""The meter's panel in the application: it fits, is readable, counts what happens, and disappears completely."""

from __future__ import annotations

import re

import pytest
from textual.color import Color

from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.meter.probe import MeterPanel
from flowtui.ui.paint.theme import MIN_CONTRAST, contrast
from flowtui.ui.run.run_screen import RunScreen

SIZES = [(120, 36), (80, 24), (60, 15)]
NAMES = ("key to paint", "body to paint", "loop lag", "memory", "requests", "to terminal", "at rest", "spans")


def panel_of(seat):
    return seat.app.screen.query_one(MeterPanel)


def line_of(seat, name):
    """Return the line of the panel with this name, with single spaces."""
    line = next(line for line in seat.lines if name in line)
    return " ".join(line[line.index(name) :].split())


async def opened(seat):
    await seat.press("ctrl+o")
    await seat.sees(*NAMES)


async def second(seat):
    """Update the panel as if a second had passed."""
    seat.app._meter._shown_at = float("-inf")
    seat.app._meter.tick()
    await seat.pilot.pause()


def measured(seat):
    """Return what the open panel's meter has measured."""
    return seat.app._meter._meter


async def test_the_panel_fits_in_the_corner_of_every_size_and_disappears_completely(app):
    async with app(size=SIZES[0]) as seat:
        for size in SIZES:
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: (len(seat.lines[0]), len(seat.lines)) == size)
            await seat.until(lambda size=size: seat.dashboard.query_one("#header").size.width == size[0])
            await seat.until(lambda: not seat.lines[1].startswith(" thread all") or "of 2h" in seat.lines[1])
            before = [line[: size[0] - 20] for line in seat.lines[1:3]]
            await opened(seat)
            region = panel_of(seat).region
            assert (region.right, region.y) == (size[0], 1)
            assert region.x >= 0
            assert region.bottom < size[1]
            lines = seat.lines[region.y : region.bottom]
            assert all(line[region.x] in "╭│╰" and line[region.right - 1] in "╮│╯" for line in lines)
            assert not any("…" in line[region.x :] for line in lines)
            assert "ctrl+o closes" in lines[-1]
            assert seat.table.has_focus
            probe = seat.app._meter
            await seat.press("ctrl+o")
            await seat.until(lambda: not seat.app.screen.query(MeterPanel) and NAMES[0] not in seat.text)
            assert [line[: size[0] - 20] for line in seat.lines[1:3]] == before
            assert seat.app._meter is None
            assert probe._beat.cancelled()
            assert seat.app.frame_listeners == []


# Only a few themes here: the tests of `ui.paint` check the colours of all.
@pytest.mark.parametrize(
    "themes",
    [
        ("night", "textual-light"),
        pytest.param(("day", "contrast", "blue-orange", "nord"), marks=pytest.mark.slow),
    ],
)
async def test_the_panel_is_readable_in_every_theme(app, themes):
    async with app(size=(120, 36), theme=themes[0]) as seat:
        await opened(seat)
        panel = panel_of(seat)
        for theme in themes:
            seat.app.theme = theme
            await seat.pilot.pause()
            for y in range(panel.size.height):
                for segment in panel.render_line(y):
                    if segment.text.strip():
                        colours = (segment.style.color, segment.style.bgcolor)
                        ink, ground = (Color.from_rich_color(colour) for colour in colours)
                        assert contrast(ink, ground) >= MIN_CONTRAST, (theme, segment)


async def test_keys_bodies_and_the_connection_are_measured_once_the_panel_is_open(app):
    async with app(keys={"measure": "f6"}, ascii=True) as seat:
        await seat.press("j", "j", "f6")
        await seat.sees(*NAMES, "f6 closes")
        region = panel_of(seat).region
        assert all(line[region.x :].isascii() for line in seat.lines[region.y : region.bottom])
        assert line_of(seat, "key to paint").startswith("key to paint p50 - p95 - none yet")
        await seat.press("j")
        await seat.until(lambda: len(measured(seat).keys.took) == 1)
        await seat.press("f12")  # a key without a binding
        await seat.until(lambda: not measured(seat).keys._since)
        await second(seat)
        found = re.match(
            r"key to paint p50 [\d.,]+ ms p95 [\d.,]+ ms last (\d+)", line_of(seat, "key to paint")
        )
        assert found
        assert int(found[1]) <= 2  # an update may have painted just then
        before = len(measured(seat).keys.took)
        await seat.press("enter")  # this opens a screen, for whose frame the key waits
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: len(measured(seat).keys.took) == before + 1)
        await seat.sees(*NAMES)

        seat.clock.advance(60)
        seat.app.post_message(RefreshRequested())
        await seat.until(lambda: len(measured(seat).bodies.took))
        await seat.until(lambda: len(measured(seat)._lags._dated))
        await second(seat)
        assert re.match(
            r"body to paint p50 [\d.,]+ ms p95 [\d.,]+ ms last \d+", line_of(seat, "body to paint")
        )
        assert re.match(r"loop lag max [\d.,]+ ms last \d+s", line_of(seat, "loop lag"))
        assert re.match(r"memory now ([\d.]+ MB|-) resident", line_of(seat, "memory"))
        assert line_of(seat, "to terminal").startswith("to terminal /s - all - none yet")
        found = re.match(r"requests /min ([\d,]+) all ([\d,]+) connection", line_of(seat, "requests"))
        assert 0 < int(found[1].replace(",", "")) <= int(found[2].replace(",", ""))
        assert seat.simulator.requests


async def test_without_a_connection_requests_are_unknown(app):
    async with app(base_url="http://127.0.0.1:9", wait=False, api_key_env="NO_SUCH_KEY") as seat:
        await seat.until(lambda: seat.app.trouble or seat.app._welcomes)
        await seat.press("ctrl+o")
        await seat.sees(*NAMES)
        assert line_of(seat, "requests").startswith("requests /min — all —")


@pytest.mark.slow  # the panel has other tests in the plain run
async def test_the_panel_follows_the_screen_and_stays_below_a_dialog(app):
    async with app() as seat:
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await opened(seat)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.sees(*NAMES)
        for key in ("t", "dollar_sign", "L", "M"):
            await seat.press(key)
            await seat.until(lambda: seat.app.screen is not seat.dashboard)
            await seat.sees(*NAMES)
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        assert not seat.app.screen.query(MeterPanel)
        await second(seat)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        assert len(seat.app.screen.query(MeterPanel)) == 1
        await seat.press("ctrl+o", "ctrl+o", "ctrl+o", "ctrl+o", "ctrl+o")
        await seat.until(lambda: not seat.app.screen.query(MeterPanel))
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        assert NAMES[0] not in seat.text
