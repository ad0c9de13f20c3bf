"""The driver tells the size that the terminal has, however its signals come."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from flowtui.ui.terminal_driver import TerminalDriver


async def test_a_window_that_changes_while_its_size_is_read_has_its_last_size():
    told, sizes = [], [(150, 24)]
    driver = TerminalDriver.__new__(TerminalDriver)
    driver._loop = asyncio.get_running_loop()
    driver._in_band_window_resize = False
    driver._app = SimpleNamespace(post_message=lambda event: told.append(tuple(event.size)))

    def size():
        read = sizes[-1]
        if read == (150, 24):
            sizes.append((150, 40))
            driver._resized()  # the signal of it comes now
        return read

    driver._get_terminal_size = size
    driver._resized()
    while len(told) < 2:  # noqa: ASYNC110  it is told from the loop
        await asyncio.sleep(0)
    assert told == [(150, 24), (150, 40)]
