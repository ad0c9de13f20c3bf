"""Keys and mouse events that reach a text box or a list of Textual's own before it is laid out, or without any room."""

from __future__ import annotations

import pytest

from flowtui.ui.terminal import key_queue
from flowtui.ui.terminal.key_parser import KeyParser

OPENED_BY = {
    "command palette": "\x10",
    "filter": "/",
    "command line": ":",
    "search in the help": "?/",
    "search in a pane": "\t/",
    "search in a run": "\r/",
    "search in the event log": "L/",
    "limits of the gate": "M/",
    "name of a view": "Fs",
    "path of a column": "Ca",
}
KEYS = (
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[3~", "\x7f"),
    *("\x1b[1;2C", "\x1b[1;2H", "\x1b[1;2F", "\x1b[1;5C", "\x1b[1;5D", "\x1b[1;5H", "\x1b[1;5F"),
    *("\x01", "\x05", "\x0b", "\x15", "\x17", "\x18", "\x16"),
)


def mouse(width, height):
    """Return the input of a wheel, of clicks up to three times, and of a selection, at the corners and in the middle."""
    for x, y in {(1, 1), (width, height), (width // 2 + 1, height // 2 + 1)}:
        yield from (f"\x1b[<{button};{x};{y}M" for button in (64, 65, 66, 67))
        yield f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m" * 3
        yield f"\x1b[<0;{x};{y}M\x1b[<32;1;1M\x1b[<0;1;1m"


SIZES = ((0, 0), (1, 1), (3, 2), (60, 15))

# The boxes of searches, limits, names and paths are of one class (`Prompt`): one of each class is opened always.
EACH_CLASS = ("command palette", "filter", "command line", "search in a run")
CASES = [((60, 15), EACH_CLASS), *(pytest.param(size, OPENED_BY, marks=pytest.mark.slow) for size in SIZES)]


@pytest.mark.parametrize(("size", "boxes"), CASES, ids=str)
async def test_no_box_crashes_on_input_in_the_same_packet_as_the_key_that_opens_it(
    app, monkeypatch, size, boxes
):
    monkeypatch.setattr(key_queue, "_LONGEST", 0.05)  # a click may close a box while keys wait for it
    packet = "".join([*KEYS, *mouse(*size)])
    async with app(size=(120, 36)) as seat:

        async def send(text):
            parser = KeyParser()
            for event in [*parser.feed(text), *parser.feed("")]:
                seat.app.post_message(event)
            await seat.pilot.pause()
            await seat.until(lambda: not seat.app.queued_keys.busy)

        await seat.pilot.resize_terminal(*size)
        for box in boxes:
            await send(OPENED_BY[box] + packet)
            while seat.app.screen is not seat.dashboard:
                await seat.app.pop_screen()
            await send("\x1b\x1b")
        assert seat.app.is_running
