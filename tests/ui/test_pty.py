"""What only a terminal shows: restore, signals, raw bytes. Real processes on a pseudo-terminal."""

from __future__ import annotations

import re
import signal

import pytest

from ..terminal import Terminal, environment

RUN = re.compile(r"run_[0-9a-f]{6}")


@pytest.fixture
def terminal(tmp_path, key):
    """Start Python with these arguments on a terminal of its own, the key in its environment."""
    opened = []

    def start(*arguments, **environ):
        opened.append(Terminal(arguments, environment(tmp_path, SEEKR_API_KEY=key, **environ), columns=140))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


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
