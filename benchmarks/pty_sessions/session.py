"""One session of random input: sends the events, checks that the dashboard survives them, and records them for a replay."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.pty_sessions.account import KEY, dashboard, environment, leaks
from benchmarks.pty_sessions.pseudo_terminal import PseudoTerminal
from benchmarks.pty_sessions.random_events import Event, random_events
from flowtui.errors import UsageError
from flowtui.simulator.server import Simulator

ANSWER = 10.0
"""Seconds within which the dashboard must draw something after a new terminal size, also on a busy machine."""

_LEAVE = 15.0  # seconds within which ctrl+c must end it
_ENDS = (0, 130)  # exit codes after a key that leaves
_TRACEBACK = re.compile(rb"Traceback \(most recent|\bFile \"[^\"]+\", line \d+")


@dataclass
class Played:
    """The failures of a session in words (`wrong`), and its events. `starts` counts how often the dashboard was started."""

    wrong: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    starts: int = 0
    slowest: float = 0.0
    """The longest time in seconds from a new size until something was drawn."""
    report: str = ""
    """The text of the crash report; empty without a crash."""


def options_of(seed: int) -> list[str]:
    """Return the command-line options of the dashboard that a seed chooses."""
    chance = random.Random(seed)
    options = [
        word for word in ("--ascii", "--allow-actions", "--redact", "--no-color") if chance.random() < 0.2
    ]
    if chance.random() < 0.2:
        options += ["--filter", "status:failed"]
    return options


def play(
    seed: int,
    seconds: float,
    events: Iterable[Event] | None = None,
    command: Callable[[str], Sequence[str]] | None = None,
) -> Played:
    """Run a session for `seconds`, with the events of the seed or with `events`.

    `command` returns the command that starts the program on a server's URL, by default the dashboard.
    """
    chance = random.Random(seed)
    world = {
        "threads": chance.choice((1, 4, 12)),
        "runs": chance.choice((0, 8, 60, 200)),
        "speed": chance.choice((1, 4)),
    }
    started = command or (lambda url: dashboard(url, *options_of(seed)))
    with tempfile.TemporaryDirectory() as home, Simulator(seed=seed, **world) as simulator:
        player = _Player(Path(home), simulator, started)
        try:
            player.play(events or random_events(seed), seconds)
        finally:
            player.pty.close()
        return player.played


class _Player:
    def __init__(self, home: Path, simulator: Simulator, command: Callable[[str], Sequence[str]]) -> None:
        self._home, self._simulator, self._command = home, simulator, command
        self.played = Played()
        self._size = (120, 36)
        self.pty = self._start()

    def _start(self) -> PseudoTerminal:
        self.played.starts += 1
        environ = environment(self._home, SEEKR_API_KEY=KEY, BROWSER="true")
        columns, rows = self._size
        words = self._command(self._simulator.url)
        return PseudoTerminal(words, environ, columns=columns, rows=rows, draw=False)

    def play(self, events: Iterable[Event], seconds: float) -> None:
        until = time.monotonic() + seconds
        for event in events:
            if time.monotonic() > until or self.played.wrong:
                break
            self.played.events.append(event)
            self._do(event)
            if not self.pty.alive:
                self._check_the_end()
                if self.played.wrong:
                    return
                self.pty.close()
                self.pty = self._start()
        if not self.played.wrong:
            self._check_it_draws()
            self._leave()

    def _do(self, event: Event) -> None:
        self.pty.wait(event.after) if event.after else self.pty.read(0)
        if event.size is not None:
            self._size = event.size
            self.pty.resize(*event.size)
        elif event.fault is not None:
            self._set_fault(event.fault)
        elif event.send:
            self.pty.send(event.send)
            if b"\x1a" in event.send:
                self._continue()
        elif event.rest and self.pty.alive:
            self._check_it_draws()

    def _set_fault(self, fault: str) -> None:
        self._simulator.clear_faults()
        self._simulator.start()
        if fault == "gone":
            self._simulator.stop()
        elif fault:
            try:
                self._simulator.add_fault(fault)
            except UsageError:
                self._simulator.add_fault(fault.partition("@")[0])

    def _continue(self) -> None:
        """Continue a stopped dashboard, as the shell's `fg` does."""
        self.pty.wait(0.5)
        state = Path(f"/proc/{self.pty.process.pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "T":
            os.kill(self.pty.process.pid, signal.SIGCONT)

    def _check_it_draws(self) -> None:
        """Change the size twice, and wait until something is drawn for it."""
        columns, rows = self._size
        self.pty.rest(0.3)
        began = time.monotonic()
        for size in ((columns + 1, rows), (columns, rows)):
            came = len(self.pty.raw)
            self.pty.resize(*size)
            while len(self.pty.raw) == came and time.monotonic() < began + ANSWER and self.pty.alive:
                self.pty.read(0.1)
        took = time.monotonic() - began
        self.played.slowest = max(self.played.slowest, took)
        if took >= ANSWER and self.pty.alive:
            self.played.wrong.append(f"it hangs: nothing was drawn for {took:.0f}s after a new size")

    def _leave(self) -> None:
        """Press ctrl+c until the dashboard ends."""
        began = time.monotonic()
        while self.pty.alive and time.monotonic() < began + _LEAVE:
            self.pty.send(b"\x1b[201~\x03")  # ends a paste that may still be open
            self.pty.wait(0.3)
        if self.pty.alive:
            self.played.wrong.append(f"it hangs: ctrl+c did not end it within {_LEAVE:.0f}s")
        else:
            self._check_the_end()

    def _check_the_end(self) -> None:
        """Check exit code, terminal, output and files of a dashboard that ended."""
        code, wrong = self.pty.wait_for_exit(0.2), self.played.wrong
        if code not in _ENDS:
            wrong.append(f"it ended with exit {code}")
        wrong += self.pty.left_behind()
        raw = bytes(self.pty.raw)
        if _TRACEBACK.search(raw):
            wrong.append("it shows a traceback")
        wrong += [f"the key stands {place}" for place in leaks(raw, self._home)]
        for report in sorted(self._home.rglob("crash-*.txt")):
            wrong.append("it left a report of a crash")
            self.played.report = report.read_text(encoding="utf-8")


# -- records ------------------------------------------------------------------------------------------------------


def write_record(path: Path, seed: int, played: Played) -> None:
    """Write the events as one JSON object a line, after a first line with seed, options and failures."""
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"seed": seed, "options": options_of(seed), "wrong": played.wrong}) + "\n")
        for event in played.events:
            file.write(json.dumps({**event._asdict(), "send": event.send.decode("latin-1")}) + "\n")


def read_record(path: Path) -> tuple[int, Iterator[Event]]:
    """Return the seed and the events of a file of `write_record`."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    return json.loads(first)["seed"], map(_event, lines)


def _event(line: str) -> Event:
    made = json.loads(line)
    size = made["size"] and tuple(made["size"])
    return Event(made["after"], made["send"].encode("latin-1"), size, made["fault"], made["rest"])
