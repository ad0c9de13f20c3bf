"""Keys in one packet do the same as keys with pauses: each is handled by the screen that the key before it opened."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace

import pytest
from textual import events

from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.spend.spend_screen import SpendScreen
from flowtui.ui.terminal import key_queue
from flowtui.ui.terminal.key_parser import KeyParser

from ...terminal import Terminal, environment
from ..conftest import LONG


@pytest.fixture
def ids():
    return "short"


def _keys(text):
    parser = KeyParser()
    return [*parser.feed(text), *parser.feed("")]


def _type(seat, text):
    """Post all keys before the application handles the first one."""
    for key in _keys(text):
        seat.app.post_message(key)


def _at_the_table(seat):
    return isinstance(seat.app.screen, Dashboard) and seat.app.focused is seat.table


def _stands_on(seat, place):
    return [run.key for run in seat.rows[place : place + 1]] == [seat.table.cursor]


TYPED = {
    "/failed\r": lambda seat: _at_the_table(seat) and seat.dashboard.view.text == "failed",
    "/failed\r\x1b/tool\r": lambda seat: _at_the_table(seat) and seat.dashboard.view.text == "tool",
    "/failed\x1bgjj": lambda seat: _stands_on(seat, 2) and not seat.dashboard.view.text,
    ":sort tokens\r": lambda seat: _at_the_table(seat) and seat.dashboard.view.sort == "tokens",
    ":sort tokens\rj:sort run\r": lambda seat: _at_the_table(seat) and seat.dashboard.view.sort == "run",
    ":q\x1bjj": lambda seat: _at_the_table(seat) and _stands_on(seat, 2),
    "?qj": lambda seat: _at_the_table(seat) and _stands_on(seat, 1),
    "jj\rqj": lambda seat: _at_the_table(seat) and _stands_on(seat, 3),
    "j\r2": lambda seat: isinstance(seat.app.screen, RunScreen) and seat.app.screen.tab == 1,
    "$q\rq$": lambda seat: isinstance(seat.app.screen, SpendScreen),
}


# Run only with the slow tests: longer texts of `TYPED` pass through the same screens.
SHORT = ("/failed\r", "/failed\x1bgjj", ":sort tokens\r", ":q\x1bjj", "j\r2")


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, marks=pytest.mark.slow if text in SHORT else []) for text in TYPED],
)
async def test_keys_typed_at_once_do_the_same_as_keys_typed_with_pauses(app, monkeypatch, text):
    monkeypatch.setattr(key_queue, "_LONGEST", LONG)  # a screen may take a second to open on a busy machine
    async with app() as seat:
        await seat.press("g")
        _type(seat, text)
        await seat.until(lambda: TYPED[text](seat))
        assert seat.app.is_running


async def test_pasted_text_waits_until_its_box_is_open(app, monkeypatch):
    monkeypatch.setattr(key_queue, "_LONGEST", LONG)
    async with app() as seat:
        for event in (events.Key("slash", "/"), events.Paste("failed"), events.Key("enter", "\r")):
            seat.app.post_message(event)
        await seat.until(lambda: _at_the_table(seat) and seat.dashboard.view.text == "failed")


async def test_a_key_that_never_finishes_delays_the_others_only_briefly(app, monkeypatch):
    """The call through the message queues is lost, as in the queue of a closed screen."""
    monkeypatch.setattr(key_queue, "_LONGEST", 0.01)
    monkeypatch.setattr(key_queue.KeyQueue, "_pass_up", lambda *_: None)
    async with app() as seat:
        _type(seat, "gjj")
        await seat.until(lambda: _stands_on(seat, 2))


async def test_no_key_is_handled_before_the_screen_has_its_widgets(monkeypatch):
    """On a slow machine the widgets of a new screen may take longer than the longest time for a key."""
    monkeypatch.setattr(key_queue, "_LONGEST", 0.0)
    heard, asked = [], []

    class Slow:
        screen_stack = (1,)
        focused = None
        ready = True

        @property
        def screen(self):
            asked.append(True)
            return SimpleNamespace(is_mounted=self.ready, parent=None, call_later=lambda _: None)

        def call_later(self, do):
            asyncio.get_running_loop().create_task(do())

    async def hear(event):
        heard.append(event.key)
        slow.ready = False  # the key has opened a screen

    slow = Slow()
    keys = key_queue.KeyQueue(slow, hear)
    await keys.add([events.Key("enter", "\r"), events.Key("slash", "/")])
    while len(asked) < 5:  # noqa: ASYNC110  the queue asks in callbacks of the loop
        await asyncio.sleep(0)
    assert heard == ["enter"]
    slow.ready = True
    while len(heard) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert heard == ["enter", "slash"]


async def test_a_late_key_runs_no_action_of_a_screen_without_widgets(app):
    async with app() as seat:
        screen = RunScreen(seat.rows[0], 0)
        assert not await seat.app.run_action("step_tab(1)", screen)
        await seat.app.push_screen(screen)
        assert await seat.app.run_action("step_tab(1)", screen)


async def test_a_single_key_is_handled_at_once():
    heard = []

    class Silent:
        screen_stack = ()

    async def hear(event):
        heard.append(event.key)

    keys = key_queue.KeyQueue(Silent(), hear)
    await keys.add([events.Key("j", "j")])
    assert heard == ["j"]
    await keys.add([events.Key("k", "k")])
    await keys.add([events.Key("g", "g")], first=True)
    await asyncio.sleep(0)
    assert heard == ["j"], "the first key is not completely handled"
    assert [each.key for each in keys._waiting] == ["g", "k"]


async def test_ctrl_c_discards_the_waiting_keys_except_other_ctrl_c():
    """A long paste that the terminal does not mark is thousands of keys."""
    heard = []

    class Silent:
        screen_stack = ()

    async def hear(event):
        heard.append(event.key)

    keys = key_queue.KeyQueue(Silent(), hear)
    for _ in range(3):
        await keys.add([events.Key("j", "j")])
    await keys.interrupt(events.Key("ctrl+c", None))
    await keys.add([events.Key("k", "k")])
    await keys.interrupt(events.Key("ctrl+c", None))
    assert heard == ["j"], "the first key is still being handled"
    assert [each.key for each in keys._waiting] == ["ctrl+c", "ctrl+c"]


async def test_ctrl_c_twice_leaves_while_thousands_of_keys_wait(app):
    async with app() as seat:
        for _ in range(5_000):
            seat.app.post_message(events.Key("j", "j"))
        for _ in range(2):
            seat.app.post_message(events.Key("ctrl+c", None))
        await seat.until(lambda: seat.app.leaving)
        assert seat.app.queued_keys._turn < 2_500


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ("\x1bq", ["escape", "q"]),
        ("\x1bQ", ["escape", "Q"]),
        ("\x1b:", ["escape", "colon"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b1", ["escape", "1"]),
        ("\x1b\r", ["escape", "enter"]),
        ("a\n\r", ["a", "enter", "enter"]),
        ("\x1b[", ["escape", "left_square_bracket"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1b", ["escape", "escape"]),
        ("\x1bjjq", ["escape", "j", "j", "q"]),
        ("q\x1bé", ["q", "escape", "é"]),
        ("\x1b[A", ["up"]),
        ("\x1bOA", ["up"]),
        ("\x1b[1;3A", ["alt+up"]),
        ("\x1bf", ["ctrl+right"]),
        ("\x1b\x7f", ["ctrl+w"]),
        ("\x1b[113;3u", ["alt+q"]),
    ],
)
def test_escape_and_a_key_in_one_packet_are_two_keys(sent, heard):
    """A sequence of a single key stays one key, and alt stays alt if the terminal names it."""
    assert [event.key for event in _keys(sent)] == heard


def test_keys_typed_before_the_first_frame_reach_the_dashboard(simulate, tmp_path, key):
    """Keys typed while Python starts are handled by the dashboard. Escape and `q` in one packet close the line and quit."""
    server = simulate(runs=24, key=key)
    words = ("-m", "flowtui", "--base-url", server.url, "--interval", "10s")
    live = Terminal(words, environment(tmp_path, SEEKR_API_KEY=key))
    try:
        os.write(live.master, b"/failed\r")
        live.until(live.sees('· "failed"', "enter open"))
        os.write(live.master, b":sort tokens\x1bq")
        assert live.end() == 0
        live.check_restored()
    finally:
        live.close()
