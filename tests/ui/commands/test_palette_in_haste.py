"""Keys, mouse wheel and resizes that come before the palette has drawn its list, or when the list has no room."""

from __future__ import annotations

import os
import re

import pytest
from textual import events

from flowtui.ui.commands.palette_screen import PaletteScreen
from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.keys import bindings
from flowtui.ui.terminal import key_queue
from flowtui.ui.terminal.key_parser import KeyParser

from ...terminal import Terminal, environment
from ..conftest import LONG

OPEN, ESC = "\x10", "\x1b"
MOVING = {
    "pgup": "\x1b[5~",
    "pgdn": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "ctrl+home": "\x1b[1;5H",
    "ctrl+end": "\x1b[1;5F",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "wheel up": "\x1b[<64;20;8M",
    "wheel down": "\x1b[<65;20;8M",
}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let keys wait for the one before them without a limit: on a busy machine a key may take long."""
    monkeypatch.setattr(key_queue, "_LONGEST", LONG)


def _type(seat, text):
    """Send all keys of a text at once, before the application handles the first."""
    parser = KeyParser()
    for event in [*parser.feed(text), *parser.feed("")]:
        seat.app.post_message(event)


def _palette(seat):
    return isinstance(seat.app.screen, PaletteScreen) and seat.app.screen.takes_keys


@pytest.mark.parametrize(
    "name",
    [name if name in ("pgup", "wheel up") else pytest.param(name, marks=pytest.mark.slow) for name in MOVING],
)
async def test_a_key_in_the_same_packet_as_ctrl_p_does_what_it_does_after_a_pause(app, name):
    async with app(size=(120, 36)) as seat:
        places = []
        for packets in ([OPEN + MOVING[name]], [OPEN, MOVING[name]]):
            for packet in packets:
                _type(seat, packet)
                await seat.pilot.pause()
                await seat.until(lambda: _palette(seat) and not seat.app.queued_keys.busy)
            entries = seat.app.screen.entries
            places.append((entries.place, entries.scroll_offset.y))
            await seat.press("escape")
            await seat.until(lambda: isinstance(seat.app.screen, Dashboard))
        assert places[0] == places[1]


async def test_enter_in_the_same_packet_as_a_pasted_search_runs_what_the_search_finds(app):
    """Enter runs the result of the search, not the first command of the full list."""
    words = next(key.help for key in bindings.KEYS if key.id == "pause")
    async with app(size=(120, 36)) as seat:
        for event in (events.Key("ctrl+p", None), events.Paste(words), events.Key("enter", "\r")):
            seat.app.post_message(event)
        await seat.until(lambda: seat.dashboard.paused)
        assert isinstance(seat.app.screen, Dashboard)


# At (120, 3) the list has no room either, and the same keys are sent; the other sizes run with the slow tests.
@pytest.mark.parametrize(
    "size", [(120, 3), *(pytest.param(size, marks=pytest.mark.slow) for size in ((1, 1), (3, 2), (8, 36)))]
)
async def test_keys_do_not_crash_a_palette_whose_list_has_no_room(app, size):
    async with app(size=(120, 36)) as seat:
        await seat.press("ctrl+p")
        await seat.until(lambda: _palette(seat))
        await seat.pilot.resize_terminal(*size)
        _type(seat, "".join(MOVING.values()) * 2)
        await seat.pilot.pause()
        await seat.until(lambda: not seat.app.queued_keys.busy)
        await seat.pilot.resize_terminal(120, 36)
        _type(seat, "".join(MOVING.values()))
        await seat.pilot.pause()
        await seat.until(lambda: not seat.app.queued_keys.busy)
        await seat.press("escape")
        await seat.until(lambda: isinstance(seat.app.screen, Dashboard))


@pytest.mark.slow  # the test above opens it at a small one
async def test_the_palette_does_not_crash_at_any_small_width(app):
    async with app(size=(40, 20)) as seat:
        await seat.press("ctrl+p")
        await seat.until(lambda: seat.app.screen.is_modal)
        for columns in range(14, 0, -1):
            await seat.pilot.resize_terminal(columns, 12)
            await seat.pilot.pause()
        assert seat.app.is_running
        assert seat.app._exception is None


async def test_a_pasted_search_without_results_and_a_page_key_do_not_crash(app):
    async with app(size=(120, 36)) as seat:
        for event in (events.Key("ctrl+p", None), events.Paste("qqqq"), events.Key("pageup", None)):
            seat.app.post_message(event)
        await seat.sees('No command matches "qqqq"')
        _type(seat, "".join(MOVING.values()))
        await seat.press("enter", "escape")
        await seat.until(lambda: isinstance(seat.app.screen, Dashboard))


# The tests above send the same keys, but without a real terminal.
@pytest.mark.slow
def test_on_a_terminal_no_key_in_the_same_packet_as_ctrl_p_crashes(simulate, tmp_path, key):
    server = simulate(runs=24, key=key)
    words = ("-m", "flowtui", "--base-url", server.url, "--interval", "10s")
    live = Terminal(words, environment(tmp_path, SEEKR_API_KEY=key), columns=120, rows=36)
    try:
        live.until(live.sees("24 known runs", "enter open"))
        for sent in MOVING.values():
            os.write(live.master, (OPEN + sent).encode())
            live.until(live.sees("search for a command"))
            os.write(live.master, ESC.encode())
            live.until(live.misses("search for a command"))
        os.write(live.master, OPEN.encode())
        live.until(live.sees("search for a command"))
        live.resize(1, 1)
        os.write(live.master, "".join(MOVING.values()).encode())
        live.resize(120, 36)
        live.until(live.sees("search for a command"))
        os.write(live.master, ESC.encode())
        live.until(live.misses("search for a command"))
        os.write(live.master, b"q")
        assert live.end() == 0
        live.check_restored()
        assert not re.search(rb"Traceback|KeyError", live.raw)
    finally:
        live.close()
