"""The terminal's end of the application: Textual's driver, made to bear a terminal that stalls, goes away or sends noise.

Owns what is written and the state that is given back. Never raises for what the terminal does.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TextIO

from rich.cells import cell_len
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size

from flowtui.ui.terminal.key_parser import KeyParser

# As `stop_application_mode` does it, in one piece: paste, wrapping, size, mouse, keyboard, screen, cursor, focus.
_RESTORE: Final = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u"
    b"\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


def _replacing_decoder(encoding: str) -> Callable[[], IncrementalDecoder]:
    """Return a maker of decoders to which a byte that is none of theirs is `�`: all else that came with it is read."""
    return lambda: getincrementaldecoder(encoding)("replace")


linux_driver.getincrementaldecoder = _replacing_decoder  # type: ignore[assignment, attr-defined]  # Textual's own drops what came with it
linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]  # its reading of the terminal makes one of its own


class TerminalStream:
    """A stream to a terminal that may be left non-blocking by another program, or go away. `lost` is called then, once.

    `written` counts the bytes that the terminal took.
    """

    def __init__(self, stream: TextIO, lost: Callable[[], None]) -> None:
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding
        self._lost = lost
        self._waiting: list[str] = []
        self._gone = False
        self.written = 0

    def fileno(self) -> int:
        """Return the terminal's number."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Keep text until `flush`."""
        self._waiting.append(text)

    def flush(self) -> None:
        """Write what was kept. Waits as long as the terminal takes nothing."""
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
    """Return text as bytes; a sign that the encoding lacks is as many `?` as it has cells, so that columns hold."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(_encoded_sign(sign, encoding) for sign in text)


def _encoded_sign(sign: str, encoding: str) -> bytes:
    try:
        return sign.encode(encoding)
    except UnicodeEncodeError:
        return b"?" * cell_len(sign)


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals. While `suspended` nothing is written: the terminal is somebody else's."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.suspended = False
        self._attrs_given_back: list[Any] | None = None
        if sys.__stderr__ is not None:
            self._file: Any = TerminalStream(sys.__stderr__, self._report_lost)

    @property
    def written(self) -> int | None:
        """How many bytes the terminal took so far; None where nobody counts them."""
        return self._file.written if isinstance(self._file, TerminalStream) else None

    @property
    def in_front(self) -> bool:
        """Whether we are the terminal's foreground job. What cannot be asked is taken for yes."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True

    def write(self, data: str) -> None:
        """Write, unless the terminal is somebody else's: while we are suspended, and once it is given back."""
        if not self.suspended and self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual has no types here
        signal.signal(signal.SIGWINCH, self._resized)

    def stop_application_mode(self) -> None:
        """Give the terminal back: the screen and the cursor first, the keys when that is written.

        Where ctrl+c makes a signal, a terminal forgets with it what it has not yet shown: in the other order who
        presses it once too often is left on our screen, without a cursor.
        """
        before = self._attrs_given_back = self.attrs_before
        self.attrs_before = None  # what Textual would restore before all else is written
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
        # The size is read in the loop: the next signal may interrupt a handler, whose older size would be told last.
        with suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(self._post_size)

    def _post_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(Resize(size, size))

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        super().suspend_application_mode()
        self.suspended = True
        self.attrs_before = None  # what the shell makes of it meanwhile is not ours to undo

    def resume_application_mode(self) -> None:
        """Take the terminal again."""
        self.suspended = False
        super().resume_application_mode()

    def close(self) -> None:
        """End, for now or for good; for good no thread reads on, or the process would wait for it."""
        super().close()
        if getattr(self._app, "leaving", True):
            self.exit_event.set()

    def restore_now(self) -> None:
        """Restore the terminal without waiting for anything, where nothing else works any more."""
        if self.suspended:
            return
        with suppress(OSError, ValueError):
            end = self._file.fileno()
            blocks = os.get_blocking(end)
            os.set_blocking(end, False)  # it may take a part and no more
            with suppress(BlockingIOError):
                os.write(end, _RESTORE)
            os.set_blocking(end, blocks)
        self._restore_keys()

    def _run_input_thread(self) -> None:
        """Read until we leave. A terminal that is gone ends us."""
        try:
            self.run_input_thread()
        except OSError:
            self._report_lost()
        except Exception as error:  # noqa: BLE001  whatever it is, it is reported as any other crash
            self._app.call_later(self._app._handle_exception, error)  # noqa: SLF001

    def _report_lost(self) -> None:
        """Say, from whichever thread, that the terminal has gone."""
        with suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(self._app.exit, 129, 129)
