"""One walk through the whole keymap on a real pseudo-terminal: bytes in, a drawn screen out, the terminal restored."""

from __future__ import annotations

import base64
import re
import termios

import pytest

from ...terminal import Terminal, environment

COLUMNS, LINES = 150, 40
PATIENCE = 90.0
ESC, ENTER, TAB, SHIFT_TAB, BACKSPACE = "\x1b", "\r", "\t", "\x1b[Z", "\x7f"
UP, DOWN, RIGHT, LEFT, HOME, END, PAGE_UP, PAGE_DOWN = (
    f"\x1b[{code}" for code in ("A", "B", "C", "D", "H", "F", "5~", "6~")
)
ROW = re.compile(r"[○●✓×–] \w+ +(run_[0-9a-f]{6})")
TITLE = re.compile(r"╭─ (run_[0-9a-f]{6}) ")


@pytest.fixture
def ids():
    return "short"


class Dashboard(Terminal):
    """flowtui's dashboard on a terminal."""

    @property
    def ids(self):
        return ROW.findall(self.text)

    @property
    def selected(self):
        found = TITLE.search(self.text)
        return found[1] if found else None


@pytest.fixture
def live(simulate, tmp_path, key):
    """flowtui on a terminal; no run of the simulator changes."""
    server = simulate(runs=24, key=key)
    words = ("-m", "flowtui", "--base-url", server.url, "--interval", "0.5s", "--tz", "utc")
    terminal = Dashboard(words, environment(tmp_path, SEEKR_API_KEY=key))
    yield terminal
    terminal.close()


@pytest.mark.slow
def test_a_walk_through_the_whole_keymap(live, tmp_path, key):
    sees, misses, press = live.sees, live.misses, live.press
    press(then=lambda: "24 known runs" in live.text and "4/4 threads" in live.text and len(live.ids) > 10)
    press("g", then=lambda: live.selected == live.ids[0])
    ids = live.ids

    def on(place):
        return lambda: live.selected == ids[place]

    # moving
    press("j", then=on(1))
    press(DOWN, then=on(2))
    press("k", then=on(1))
    press(UP, then=on(0))
    press(PAGE_DOWN, then=lambda: live.selected not in (None, ids[0]))
    press(PAGE_UP, then=on(0))
    press("\x04", then=lambda: live.selected not in (None, ids[0]))
    press("\x15", then=on(0))
    press("G", then=lambda: live.selected == live.ids[-1] != ids[-1])
    press("g", then=on(0))
    press(END, then=lambda: live.selected == live.ids[-1] != ids[-1])
    press(HOME, then=on(0))
    live.until(
        lambda: live.text.count("2× no connection") == 2
    )  # reasons that come in later make room for themselves
    titles = live.text.splitlines()[2]
    press(">", then=lambda: live.text.splitlines()[2] != titles)
    press("<", then=lambda: live.text.splitlines()[2] == titles)
    press(RIGHT, then=lambda: live.text.splitlines()[2] != titles)
    press(LEFT, then=lambda: live.text.splitlines()[2] == titles)

    # what is shown
    press("a", then=sees("active only"))
    press("a", then=misses("active only"))
    press("!", then=sees("problems only"))
    press("0", then=misses("problems only"))
    press("s", then=sees("newest first", "queued first"))
    press("s", then=sees("STATUS ▲"))
    press("S", then=sees("STATUS ▼"))
    press("S", *"sa", then=sees("AGE ▼"))
    press("p", then=sees("paused"))
    press("p", then=misses("paused"))
    press("/", then=sees("esc take back"))
    press(*"failed", then=lambda: {"failed"} == set(re.findall(r"[○●✓×–] (\w+) +run_", live.text)))
    press(BACKSPACE, *"d", ENTER, then=sees('"failed"', "enter open"))
    press(ESC, then=misses('"failed"'))
    press("r", "R", ".", then=lambda: live.ids[:5] == ids[:5])

    # panes and tabs
    press("g", then=on(0))
    press("2", then=sees("# "))
    press("3", then=sees("►"))
    press("4", then=sees("user"))
    press("5", then=sees("─ queued", "ended"))
    press("6", then=sees("Rests on"))
    press("7", then=sees("tokens/s"))
    press("8", then=sees("against"))
    press("9", then=sees('"object": "thread.run"'))
    press("1", then=misses('"object": "thread.run"'))
    press(TAB, then=sees("space fold"))
    press(TAB, then=sees("enter runs"))
    press("j", then=sees("Runs · thr_"))
    press("k", then=sees("Runs · all threads"))
    press(ENTER, then=sees("enter open"))
    press(SHIFT_TAB, then=sees("enter runs"))
    press("h", then=sees("enter runs"))
    press("h", then=sees("space fold"))
    press("h", then=sees("enter open"))
    press("z", then=misses("Threads"))
    press("z", then=sees("Threads"))

    # one run
    press("g", then=on(0))
    press("j", then=on(1))
    press(ENTER, then=lambda: sees("esc back", "temperature")() and live.selected == ids[1])
    press(TAB, then=sees("# "))
    press("3", then=sees("►"))
    press("v", then=sees('"object": "thread.run"'))
    press("/", then=sees("find in this pane"))
    box = re.compile(r"│ +_at +│")
    press(*"_at", then=lambda: box.search(live.text) and "lines match" in live.text)
    press(ENTER, then=lambda: not box.search(live.text))
    press("n", "N", " ", "G", "g", then=sees('"id"'))
    press("J", then=sees("run 3 of 24"))
    press("K", then=sees("run 2 of 24"))
    press("Y", then=sees("Copy of", "curl"))
    press(ESC, then=misses("Copy of"))
    press("q", then=sees("enter open", "Threads"))
    press("d", then=sees("esc back", "against"))
    press(ESC, then=sees("enter open", "Threads"))
    press("t", then=sees("Timeline by thread"))
    press(ESC, then=misses("Timeline by thread"))
    press("v", then=sees('"object": "thread.run"', "esc back"))
    press(ESC, then=sees("enter open", "Threads"))
    assert live.selected == ids[1]

    # several at once
    press("g", " ", then=sees("1 selected"))
    press("j", "V", then=sees("3 selected"))
    press("\x0b", then=sees("flowtui is read-only"))
    press("E", then=sees("Export 24 runs"))
    press(ESC, then=misses("Export 24 runs"))
    press(ESC, then=misses("3 selected"))
    press("g", "j", then=on(1))

    # everywhere
    press("y", then=sees(f"Sent {ids[1]}"))
    assert b"\x1b]52;c;" + base64.b64encode(ids[1].encode()) + b"\x07" in live.raw
    press("?", then=sees("Keys", "next run"))
    box = re.compile(r"│ *reverse +│")
    press("/", then=sees("what do you want to do?"))
    press(*"reverse", then=lambda: box.search(live.text) and "next run" not in live.text)
    press(ENTER, then=lambda: not box.search(live.text) and "reverse the order" in live.text)
    press("q", then=misses("reverse the order"))
    press(":", then=sees("sort by a column; -NAME reverses"))
    press(*"theme day", ENTER, then=lambda: b"247;248;252" in live.raw)  # the background of the theme "day"
    press("\x13", then=lambda: list(tmp_path.glob("flowtui-*.svg")))
    press("\x0f", then=sees("key to paint", "loop lag"))
    press("j", "k", then=lambda: re.search(r"key to paint +p50 +[\d.]+ ms", live.text))
    press(then=lambda: re.search(r"to terminal +/s +[\d.]+ k?B +all +[\d.]+ [kM]B", live.text))
    press("\x0f", then=misses("key to paint"))
    press("\x10", then=sees("search for a command"))
    press(ESC, then=misses("search for a command"))
    press("\x03", then=sees("ctrl+c to quit"))
    press("\x03\x03")  # twice: after two seconds the first counts as a first one again
    assert live.end() == 130

    raw = bytes(live.raw)
    assert raw.rindex(b"\x1b[?1049l") > raw.rindex(b"\x1b[?1049h")
    assert raw.rindex(b"\x1b[?25h") > raw.rindex(b"\x1b[?25l")
    assert termios.tcgetattr(live.slave) == live.before
    assert key.encode() not in raw
    assert b"Traceback" not in raw
