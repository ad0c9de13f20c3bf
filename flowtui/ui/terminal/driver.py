"""Textual's terminal driver, hardened against a terminal that stalls, disconnects or sends invalid bytes.

Writes the output and restores the terminal's state. Never raises because of the terminal's behaviour.
"""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, TextIO

from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from flowtui.ui.terminal.key_parser import KeyParser

# The resets of `stop_application_mode` in one write: paste, wrapping, size, mouse, keyboard, screen, cursor, focus.
_RESTORE: Final = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u"
    b"\x1b[?1049l\x1b[?25h\x1b[?1004l"
)

_PAUSE: Final = 0.1
"""Seconds that the input thread waits for a key until it checks whether an escape was a key, and whether it shall end."""

_READ_MAX: Final = 4096  # bytes


class TerminalStream:
    """An output stream to a terminal that may disconnect, or that another program may have set to non-blocking.

    `lost` is called once, when the terminal has disconnected. `written` counts the bytes that the terminal accepted.
    """

    def __init__(self, stream: TextIO, lost: Callable[[], None]) -> None:
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding
        self._lost = lost
        self._waiting: list[str] = []
        self._gone = False
        self.written = 0

    def fileno(self) -> int:
        """Return the file descriptor of the terminal."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Buffer text until `flush`."""
        self._waiting.append(text)

    def flush(self) -> None:
        """Write the buffered text. Blocks while the terminal accepts nothing."""
        data = encoded("".join(self._waiting), self._encoding)
        self._waiting.clear()
        while data and not self._gone:
            try:
                taken = os.write(self._descriptor, data)
                data = data[taken:]
                self.written += taken
            except BlockingIOError:
                select.select((), (self._descriptor,), ())
            except OSError:
                self._gone = True
                self._lost()


def encoded(text: str, encoding: str) -> bytes:
    """Return text as bytes; a character that the encoding lacks becomes one `?` per cell, so that columns stay aligned."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(sign.encode(encoding, "ignore") or b"?" * cell_len(sign) for sign in text)


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals. While `suspended`, nothing is written: another program uses the terminal."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.app, self.loop = app, asyncio.get_running_loop()
        self.suspended = False
        self._attrs_given_back: list[Any] | None = None
        if sys.__stderr__ is not None:
            self._file: Any = TerminalStream(sys.__stderr__, self._report_lost)

    @property
    def written(self) -> int | None:
        """How many bytes the terminal has accepted; None if they are not counted."""
        return self._file.written if isinstance(self._file, TerminalStream) else None

    @property
    def in_front(self) -> bool:
        """Whether this process is the terminal's foreground job; True if the system does not say."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True

    def write(self, data: str) -> None:
        """Write `data`, except while suspended and after the shutdown: another program uses the terminal then."""
        if not self.suspended and self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def start_application_mode(self) -> None:
        """Switch the terminal to flowtui's screen, mouse and key modes, and handle changes of its size."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual has no types here
        signal.signal(signal.SIGWINCH, self._resized)

    def stop_application_mode(self) -> None:
        """Restore the terminal: first the screen and the cursor, then, once that is written, its key handling.

        Once ctrl+c sends a signal again, it also makes the terminal discard output that is not shown yet. In the other
        order an extra ctrl+c would leave the user on flowtui's screen, without a cursor.
        """
        before = self._attrs_given_back = self.attrs_before
        self.attrs_before = None  # Textual would restore them before the output is written
        try:
            super().stop_application_mode()
            if self._writer_thread is not None:
                self._writer_thread.stop()
        finally:
            self.attrs_before = before
        self._restore_keys()

    def _restore_keys(self) -> None:
        before = self.attrs_before or self._attrs_given_back
        with suppress(termios.error, OSError):
            if before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, before)

    def _resized(self, *_: object) -> None:
        # The size is read in the event loop. Read here, the older of two sizes could be posted last: a second signal may
        # interrupt this handler.
        with suppress(RuntimeError):  # the event loop has already ended
            self.loop.call_soon_threadsafe(self._post_size)

    def _post_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*shutil.get_terminal_size())
            self.app.post_message(Resize(size, size))

    def suspend_application_mode(self) -> None:
        """Restore the terminal until `resume_application_mode`."""
        super().suspend_application_mode()
        self.suspended = True
        self.attrs_before = None  # read again on resuming: the shell may have changed them

    def resume_application_mode(self) -> None:
        """Switch the terminal to flowtui's modes again."""
        self.suspended = False
        super().resume_application_mode()

    def close(self) -> None:
        """Close the driver. At shutdown also stop the input thread, for which the process would otherwise wait."""
        super().close()
        if getattr(self.app, "leaving", True):
            self.exit_event.set()

    def restore_now(self) -> None:
        """Restore the terminal without waiting for it: a signal or a crash ends the process right after."""
        if self.suspended:
            return
        with suppress(OSError, ValueError):
            end = self._file.fileno()
            blocks = os.get_blocking(end)
            os.set_blocking(end, False)  # else the write would wait for a terminal that accepts nothing
            with suppress(BlockingIOError):
                os.write(end, _RESTORE)
            os.set_blocking(end, blocks)
        self._restore_keys()

    def run_input_thread(self) -> None:
        """Read keys until `exit_event` is set. A disconnected terminal ends the application."""
        try:
            self._read_keys()
        except OSError:
            self._report_lost()
        except Exception as error:  # noqa: BLE001  any error is reported as a crash
            self.app.call_later(self.app._handle_exception, error)  # noqa: SLF001

    def _read_keys(self) -> None:
        """Decode and parse the input. An invalid byte becomes `�`; Textual's own loop would end at it."""
        parser = KeyParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            if select.select((self.fileno,), (), (), _PAUSE)[0]:
                data = os.read(self.fileno, _READ_MAX)
                if not data:  # the input has ended; until the application notices, nothing more comes
                    self.exit_event.wait(_PAUSE)
                text = decode(data)
                if text:  # not so for the first byte of a character
                    self._process(parser.feed(text))
            self._process(parser.tick())

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _report_lost(self) -> None:
        """End the application with exit code 129: the terminal has disconnected. May be called from any thread."""
        with suppress(RuntimeError):  # the event loop has already ended
            self.loop.call_soon_threadsafe(self.app.exit, 129, 129)
