"""The stream to the terminal counts the bytes that the terminal accepted."""

from __future__ import annotations

import os
from io import StringIO

from flowtui.ui.terminal.driver import TerminalStream


class Stream(StringIO):
    """A text stream over a descriptor."""

    encoding = "utf-8"

    def __init__(self, descriptor):
        super().__init__()
        self._descriptor = descriptor

    def fileno(self):
        return self._descriptor


def test_bytes_are_counted_once_they_are_written():
    out, into = os.pipe()
    lost = []
    outlet = TerminalStream(Stream(into), lambda: lost.append(True))
    assert outlet.written == 0
    outlet.write("a●")
    assert outlet.written == 0
    outlet.flush()
    outlet.flush()
    assert outlet.written == len(os.read(out, 100)) == 4
    os.close(out)
    os.close(into)
    outlet.write("lost")
    outlet.flush()
    assert outlet.written == 4
    assert lost == [True]
