"""A user who has never seen flowtui, on a real terminal, with no other help than the screen and `?`.

The user connects, finds a failed run, learns why it failed, and gets a notice of the next failure. The test presses only
keys that it has read on the screen.
"""

from __future__ import annotations

import re

import pytest

from ...terminal import environment
from ..terminal.test_pty_keys import ENTER, ESC, Dashboard

NAMED = {"enter": ENTER, "esc": ESC, "space": " "}


@pytest.fixture
def ids():
    return "short"


@pytest.fixture
def start(tmp_path):
    """Start flowtui on a terminal; it ends with the test."""
    started = []

    def go(*arguments, **more):
        started.append(Dashboard(("-m", "flowtui", *arguments), environment(tmp_path, **more)))
        return started[-1]

    yield go
    for terminal in started:
        terminal.close()


def _key_in_help(terminal, phrase):
    """Open the help, search it for what the user wants to do, close it, and return the key for that."""
    found = []

    def narrowed():
        rows = terminal.text.splitlines()
        top = next(row for row in rows if "╭─ Keys " in row)
        left = top.index("╭─ Keys ")
        inside = [row[left + 1 : top.index("╮", left)] for row in rows]
        lines = [re.match(r" +(\S+)(?: \S+)* {2,}(\S.*)", line) for line in inside]
        found[:] = [line[1] for line in lines if line and phrase in line[2]]
        return bool(found)

    terminal.press("?", then=terminal.sees("Keys", "/ search"))
    terminal.press("/", then=terminal.sees("what do you want to do?"))
    terminal.press(*phrase, then=narrowed)
    box = re.compile(rf"│ *{re.escape(phrase)} +│")
    terminal.press(then=lambda: box.search(terminal.text))
    terminal.press(ENTER, then=lambda: not box.search(terminal.text))
    terminal.press(ESC, then=terminal.misses("/ search"))
    return NAMED.get(found[0], found[0])


# Each step is tested for its own screen as well; the terminal is the one of tests/faults/test_process.py.
@pytest.mark.slow
def test_a_new_user_connects_finds_a_failure_reads_its_reason_and_gets_notified(start, simulate, clock, key):
    server = simulate(runs=24, key=key)

    # without a key, the welcome screen says what to do
    first = start()
    first.press(then=first.sees("There is no API key here yet", "export SEEKR_API_KEY=", "quit"))
    first.press("q")
    assert first.end() == 0

    # connect
    live = start("--base-url", server.url, "--interval", "0.5s", "--tz", "utc", SEEKR_API_KEY=key)
    live.press(then=lambda: "4/4 threads" in live.text and "? help" in live.text)

    # find a failed run
    live.press(_key_in_help(live, "problems only"), then=live.sees("problems only"))
    live.press(then=lambda: re.search(r"× failed +run_", live.text))
    live.press(_key_in_help(live, "first run"), then=lambda: [live.selected] == live.ids[:1])
    failed = live.selected

    # read why it failed
    live.press(_key_in_help(live, "open the run"), then=live.sees("back", failed))
    live.press(_key_in_help(live, "why it failed"), then=live.sees("Where it broke", "1 exception"))
    assert re.search(r"after the start", live.text)
    live.press(_key_in_help(live, "back to the table"), then=live.sees("problems only"))

    # get a notice of the next one
    live.press(_key_in_help(live, "show all runs of all threads"), then=live.misses("problems only"))
    live.press(_key_in_help(live, "filter the runs"), then=live.sees("status:failed, age"))
    live.press(*"status:failed", ENTER, then=live.sees('"status:failed"', "? help"))
    live.press(_key_in_help(live, "new matches of the filter"), then=live.sees("1 watched"))

    def told():
        clock.advance(2)
        return (
            re.search(r"(run_[0-9a-f]{6}|[0-9]+ runs).* failed", live.text) and "Watched filter" in live.text
        )

    live.press(then=told)
    live.press("q")
    assert live.end() == 0
    assert key.encode() not in live.raw
