"""The meter's panel over the dashboard: it fits, measures only while it is open, and disappears completely."""

from __future__ import annotations

import asyncio
import re

import pytest
from textual.color import Color

from flowtui.ui.app.connection import FRAME, pause_after
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
    seat.app._shown_at = 0.0
    seat.app._meter.tick()
    await seat.pilot.pause()


@pytest.mark.parametrize(("size", "theme"), [*zip(SIZES, ("night", "day", "night"), strict=True)])
async def test_the_panel_fits_in_the_corner_and_disappears_completely(app, size, theme):
    async with app(size=size, theme=theme) as seat:
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
        await seat.press("ctrl+o")
        await seat.until(lambda: not seat.app.screen.query(MeterPanel) and NAMES[0] not in seat.text)
        assert [line[: size[0] - 20] for line in seat.lines[1:3]] == before


# Only a few themes here: the tests of `ui.paint` check the colours of all.
@pytest.mark.parametrize(
    "theme",
    [
        *("night", "textual-light"),
        *(
            pytest.param(theme, marks=pytest.mark.slow)
            for theme in ("day", "contrast", "blue-orange", "nord")
        ),
    ],
)
async def test_the_panel_is_readable_in_every_theme(app, theme):
    async with app(size=(120, 36), theme=theme) as seat:
        await opened(seat)
        panel = panel_of(seat)
        for y in range(panel.size.height):
            for segment in panel.render_line(y):
                if segment.text.strip():
                    ink, ground = (
                        Color.from_rich_color(colour)
                        for colour in (segment.style.color, segment.style.bgcolor)
                    )
                    assert contrast(ink, ground) >= MIN_CONTRAST, segment


async def test_only_keys_pressed_after_opening_that_cause_a_frame_are_measured(app):
    async with app() as seat:
        await seat.press("j", "j")
        await opened(seat)
        assert line_of(seat, "key to paint").startswith("key to paint p50 — p95 — none yet")
        await seat.press("j")
        await seat.until(lambda: len(seat.app._meter.keys.took) == 1)
        await seat.press("f12")  # a key without a binding
        pressed = seat.app._meter.keys
        await seat.until(lambda: not pressed._since)
        await second(seat)
        found = re.match(
            r"key to paint p50 [\d.,]+ ms p95 [\d.,]+ ms last (\d+)", line_of(seat, "key to paint")
        )
        assert found
        assert int(found[1]) <= 2  # an update may have painted just then


async def test_a_key_that_opens_a_screen_waits_for_its_frame(app):
    async with app() as seat:
        await opened(seat)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: len(seat.app._meter.keys.took) == 1)
        await seat.sees(*NAMES)


async def test_bodies_are_measured_until_their_frame(app):
    async with app() as seat:
        await opened(seat)
        seat.clock.advance(60)
        seat.app.post_message(RefreshRequested())
        await seat.until(lambda: len(seat.app._meter.bodies.took))
        await second(seat)
        assert re.match(
            r"body to paint p50 [\d.,]+ ms p95 [\d.,]+ ms last \d+", line_of(seat, "body to paint")
        )


async def test_unknown_values_are_dashes_and_the_rest_is_shown(app):
    async with app() as seat:
        await opened(seat)
        await seat.until(
            lambda: seat.app._meter.read(0.0, resident=None, requests=None, written=None).lag is not None
        )
        await second(seat)
        assert re.match(r"loop lag max [\d.,]+ ms last \d+s", line_of(seat, "loop lag"))
        assert re.match(r"memory now ([\d.]+ MB|—) resident", line_of(seat, "memory"))
        assert line_of(seat, "to terminal").startswith("to terminal /s — all — none yet")
        made = len(seat.simulator.requests)
        found = re.match(r"requests /min ([\d,]+) all ([\d,]+) connection", line_of(seat, "requests"))
        assert 0 < int(found[1].replace(",", "")) <= int(found[2].replace(",", ""))
        assert made


async def test_without_a_connection_requests_are_unknown(app):
    async with app(
        base_url="http://127.0.0.1:9", wait=False, api_key_env="NO_SUCH_KEY", with_key=True
    ) as seat:
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


async def test_a_closed_panel_measures_nothing_and_has_no_timer(app):
    async with app() as seat:
        await opened(seat)
        meter, beat = seat.app._meter, seat.app._beat
        await seat.press("ctrl+o")
        await seat.until(lambda: seat.app._meter is None)
        assert beat.cancelled() or seat.app._beat is None
        took, since = len(meter.keys.took), set(meter.keys._since)  # the key that closed it may count
        await seat.press("j")
        await seat.pilot.pause()
        assert len(meter.keys.took) == took
        assert set(meter.keys._since) <= since
        seat.app._meter.tick()
        await asyncio.sleep(0)
        assert not seat.app.screen.query(MeterPanel)


async def test_the_panel_paints_only_changed_lines_and_at_most_once_a_second(app, monkeypatch):
    async with app() as seat:
        await opened(seat)
        panel, painted = panel_of(seat), []
        lines = list(panel._lines)
        monkeypatch.setattr(panel, "refresh", lambda *regions, **_: painted.extend(regions))
        panel.show(lines)
        assert painted == []
        panel.show([*lines[:3], lines[0], *lines[4:]])
        assert [(region.y, region.height) for region in painted] == [(3, 1)]
        seat.app._meter.tick()  # paints if a second has passed since the last time
        shown = seat.app._shown_at
        seat.app._meter.tick()
        assert seat.app._shown_at == shown


async def test_the_panel_names_a_remapped_key(app):
    async with app(keys={"measure": "f6"}) as seat:
        await seat.press("f6")
        await seat.sees(*NAMES, "f6 closes")


async def test_with_ascii_the_panel_has_only_ascii(app):
    async with app(ascii=True) as seat:
        await opened(seat)
        region = panel_of(seat).region
        assert all(line[region.x :].isascii() for line in seat.lines[region.y : region.bottom])


def test_after_a_long_update_the_pause_for_keys_is_twice_as_long():
    assert [pause_after(took) for took in (0.0, 0.02, 0.3)] == [FRAME, FRAME, 0.6]
