"""What only a terminal shows: restore, signals, raw bytes. Real processes on a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field

import pyte
import pytest

COLUMNS, LINES = 140, 40
PATIENCE = 25.0
RUN = re.compile(r"run_[0-9a-f]{6}")
MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
# What a shell starts with: the cursor is shown, all else that dashboards switch on is off.
AT_HOME = {
    1049: False,
    25: True,
    1000: False,
    1002: False,
    1003: False,
    1004: False,
    1006: False,
    2004: False,
}


@dataclass
class Terminal:
    """A process and the screen that it draws on."""

    process: subprocess.Popen
    master: int
    slave: int
    before: list
    raw: bytearray = field(default_factory=bytearray)

    def __post_init__(self):
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)

    @property
    def text(self):
        rows = self.screen.buffer
        return "\n".join("".join(rows[y][x].data for x in range(COLUMNS)) for y in range(LINES))

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        data = os.read(self.master, 65536)
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline or self.process.poll() is not None:
                pytest.fail(
                    f"it never came true; exit {self.process.poll()}, the terminal says:\n{self.text}"
                )
            self.read(0.1)

    def press(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Wait for the end, read the rest, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.wait(1)

    @property
    def modes(self):
        """The private modes that the process left behind, of those it touched."""
        left = {}
        for numbers, how in MODES.findall(bytes(self.raw)):
            left.update(dict.fromkeys(map(int, numbers.split(b";")), how == b"h"))
        return left

    def check_restored(self):
        assert self.modes[1049] is False
        assert self.modes[25] is True
        assert {mode: on for mode, on in self.modes.items() if AT_HOME.get(mode, on) != on} == {}
        assert termios.tcgetattr(self.slave) == self.before


@pytest.fixture
def terminal(tmp_path, key):
    """Start Python with these arguments on a terminal of its own, the key in its environment."""
    open_terminals = []

    def start(*arguments, **environ):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        before = termios.tcgetattr(slave)
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
        homes = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("STATE", "CONFIG", "CACHE", "DATA")}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **inherited,
                **homes,
                "HOME": str(tmp_path),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "SEEKR_API_KEY": key,
                **environ,
            },
        )
        open_terminals.append(Terminal(process, master, slave, before))
        return open_terminals[-1]

    yield start
    for opened in open_terminals:
        if opened.process.poll() is None:
            opened.process.kill()
        opened.process.wait()
        os.close(opened.master)
        os.close(opened.slave)


def _rows(terminal):
    return lambda: len(set(RUN.findall(terminal.text))) > 5


def test_the_demo_shows_rows_and_q_restores_the_terminal(terminal, key):
    demo = terminal("-m", "flowtui", "demo")
    demo.until(_rows(demo))
    demo.until(lambda: "live" in demo.text)
    demo.press("j")
    demo.press("q")
    assert demo.end() == 0
    demo.check_restored()
    assert key.encode() not in demo.raw
    assert b"Traceback" not in demo.raw


def test_sighup_restores_the_terminal_and_ends_with_129(terminal, key):
    demo = terminal("-m", "flowtui", "demo")
    demo.until(_rows(demo))
    demo.process.send_signal(signal.SIGHUP)
    assert demo.end() == 129
    demo.check_restored()
    assert key.encode() not in demo.raw


ATTACKS = (
    "text-title",
    "text-rtl",
    "text-crlf",
    "text-c1",
    "text-markup-link",
    "text-bad-markup",
    "text-emoji",
    "text-osc52",
    "text-escape",
    "text-nul",
)


def test_no_byte_of_a_server_moves_the_terminal_and_sigterm_ends_with_143(terminal, key, simulate):
    server = simulate(runs=30, faults=ATTACKS, key=key)
    arguments = ("--base-url", server.url, "--interval", "0.5s", "--tz", "utc")
    live = terminal("-m", "flowtui", *arguments)
    live.until(_rows(live))
    for tab in "12345":
        live.press(tab + "j")
        live.until(lambda: not live.read(0.1))
    live.process.send_signal(signal.SIGTERM)
    assert live.end() == 143
    live.check_restored()
    assert key.encode() not in live.raw
    for attack in (b"\x1b]0;owned", b"\x1b]52;", b"\x1b]8;;https://evil", b"\x9b31m", "\u202e".encode()):
        assert attack not in live.raw.replace("\u009b".encode(), b"\x9b"), attack
    text = bytes(live.raw).decode()  # no lone C1 byte, no broken sequence
    assert not re.search("[\x80-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search(rb"[\x00-\x06\x0b\x0c\x0e-\x1a\x7f]", bytes(live.raw))


CRASH = """
import sys
from flowtui.cli import main
from flowtui.ui.dashboard import Dashboard

def tick(self):
    local = self._app.connection and {key!r}
    if local:
        raise LookupError("holds " + local)

Dashboard.tick = tick
sys.exit(main(["demo"]))
"""


def test_a_crash_restores_the_terminal_says_where_the_report_is_and_shows_no_data(terminal, key):
    crashed = terminal("-c", CRASH.format(key=key))
    assert crashed.end() == 1
    crashed.check_restored()
    assert key.encode() not in crashed.raw
    assert b"crash-" in crashed.raw
    assert b"LookupError" not in crashed.raw
