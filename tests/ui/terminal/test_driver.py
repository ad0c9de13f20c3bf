"""The driver reports the last size of the terminal, and restores the screen before the key handling."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import select
import shutil
import termios
import threading
import tty
from types import SimpleNamespace

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from flowtui.ui.terminal.driver import TerminalDriver, TerminalStream


async def test_a_resize_while_the_size_is_read_reports_the_last_size(monkeypatch):
    told, sizes = [], [(150, 24)]
    driver = TerminalDriver.__new__(TerminalDriver)
    driver.loop = asyncio.get_running_loop()
    driver._in_band_window_resize = False
    driver.app = SimpleNamespace(post_message=lambda event: told.append(tuple(event.size)))

    def size(*_arguments, **_options):  # pytest asks too, to write its lines
        read = sizes[-1]
        if read == (150, 24):
            sizes.append((150, 40))
            driver._resized()  # the signal of the new size arrives now
        return read

    monkeypatch.setattr(shutil, "get_terminal_size", size)
    driver._resized()
    while len(told) < 2:  # noqa: ASYNC110  the sizes are posted by callbacks of the loop
        await asyncio.sleep(0)
    assert told == [(150, 24), (150, 40)]


@contextlib.contextmanager
def reading(source):
    """Read keys from a descriptor; yield a queue of the names of the keys, and of the exit code for a lost terminal."""
    read = queue.Queue()
    driver = TerminalDriver(SimpleNamespace())
    driver.fileno = source
    driver.process_message = lambda message: read.put(message.key)
    driver._report_lost = lambda: read.put("lost")
    thread = threading.Thread(target=driver.run_input_thread)
    thread.start()
    try:
        yield read
    finally:
        driver.exit_event.set()
        thread.join()


@pytest.fixture
def terminal():
    """The two ends of a terminal that passes each byte on at once."""
    ends = os.openpty()
    tty.setraw(ends[1])
    yield ends
    for end in ends:
        os.close(end)


async def test_an_invalid_byte_does_not_lose_the_keys_around_it(terminal):
    with reading(terminal[1]) as read:
        os.write(terminal[0], b"j\xffk")
        assert [read.get(timeout=30) for _ in range(3)] == ["j", "replacement_character", "k"]


async def test_a_character_may_come_in_two_pieces_and_escape_is_a_key_after_a_moment(terminal):
    with reading(terminal[1]) as read:
        os.write(terminal[0], b"j\xc3")
        assert read.get(timeout=30) == "j"
        os.write(terminal[0], b"\xa9\x1b")
        assert [read.get(timeout=30) for _ in range(2)] == ["é", "escape"]


async def test_input_that_cannot_be_read_is_a_lost_terminal():
    folder = os.open("/", os.O_RDONLY)  # reading from a folder raises OSError
    with reading(folder) as read:
        assert read.get(timeout=30) == "lost"
    os.close(folder)


@pytest.mark.parametrize("way", ["stop_application_mode", "restore_now"])
async def test_the_screen_is_restored_before_the_key_handling(monkeypatch, way):
    """Once ctrl+c sends a signal, it discards output that is not shown yet, such as the switch back to the main screen."""
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    seen = []

    def give_keys_back(*arguments):
        while select.select([master], [], [], 0)[0]:
            seen.append(os.read(master, 4096))
        seen.append(b"KEYS")
        restore(*arguments)

    restore = termios.tcsetattr
    try:
        with os.fdopen(os.dup(slave), "w", encoding="utf-8") as stream:
            driver = TerminalDriver(SimpleNamespace())
            driver._file, driver.fileno = TerminalStream(stream, lambda: None), slave
            driver._writer_thread = WriterThread(driver._file)
            driver._writer_thread.start()
            driver.attrs_before = before
            tty.setraw(slave)
            monkeypatch.setattr(termios, "tcsetattr", give_keys_back)
            getattr(driver, way)()
            for _ in range(
                MAX_QUEUED_WRITES + 1
            ):  # one more than the queue holds; the writer thread has ended
                driver.write("")
            driver.close()
        assert b"".join(seen).index(b"\x1b[?1049l") < b"".join(seen).index(b"KEYS")
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)
