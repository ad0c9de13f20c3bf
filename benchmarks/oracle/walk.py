"""A random walk: the dashboard on a pseudo-terminal against the simulator over HTTP, its screen judged all the time.

A wrong claim counts only where it is still wrong `_AGAIN` seconds later, without a key in between: the correct text may
have been about to be drawn.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.oracle import keys
from benchmarks.oracle.api import Api
from benchmarks.oracle.claim import Claim
from benchmarks.oracle.claims import judge
from benchmarks.oracle.lies import Lie
from benchmarks.oracle.readings import Readings
from benchmarks.oracle.seen import Seen, read
from benchmarks.pty_sessions.account import KEY, dashboard, environment
from benchmarks.pty_sessions.pseudo_terminal import PseudoTerminal
from benchmarks.pty_sessions.scheduling_delay import SchedulingDelay
from flowtui.simulator.server import Simulator

_AGAIN = 1.2  # seconds until a wrong claim is judged again
_JUDGE_EVERY = 0.4  # seconds, while no key is pressed
_BEHIND = 2.5  # seconds by which the clock on the screen may be behind; an older screen is not judged
_DEAD = 15.0  # seconds by which it must be behind to be a wrong claim itself
_FIRST = 4  # screens that are judged before the first key: they show every kind of claim
_START = 30.0  # seconds within which the first rows must come
_LATE = 0.7  # seconds by which this process may wake up late; more means a busy machine
_REMEMBERED = 6.0  # seconds after a late wake-up in which no screen is judged
_DAY = 86_400.0


@dataclass(frozen=True)
class Wrong:
    """A wrong claim with its context: `after` is seconds from the start, `did` the last keys, `screen` the text."""

    claim: Claim
    after: float
    did: str
    screen: str


@dataclass
class Found:
    """The result of a session: each wrong claim once, and counts of judged screens, late screens and judged rows."""

    wrong: list[Wrong] = field(default_factory=list)
    judged: int = 0
    late: int = 0
    rows: int = 0
    outages: list[str] = field(default_factory=list)
    readings: Readings = field(default_factory=Readings)

    @property
    def good(self) -> bool:
        """Whether no claim was wrong, and each kind of claim that was visible was read."""
        return not self.wrong and not self.readings.blind


def walk(
    seed: int, seconds: float, lie: Lie | None = None, *, size: tuple[int, int] | None = None, **world: int
) -> Found:
    """Run a session for `seconds`, and return its result. `size` and `world` replace the choices of the seed."""
    chance = random.Random(seed)
    chosen = {**keys.simulator_options(chance), **world}
    with tempfile.TemporaryDirectory() as home, Simulator(seed=seed, **chosen) as simulator:
        columns, rows = size or chance.choice(keys.SIZES)
        words = dashboard(simulator.url, "--tz", "utc")
        environ = environment(Path(home), SEEKR_API_KEY=KEY)
        pty = PseudoTerminal(words, environ, columns=columns, rows=rows)
        try:
            return _Walk(chance, pty, Api(simulator), lie).go(seconds)
        finally:
            pty.close()


class _Walk:
    def __init__(self, chance: random.Random, pty: PseudoTerminal, api: Api, lie: Lie | None) -> None:
        self._chance, self._pty, self._api = chance, pty, api
        self._lie = lie or (lambda lines: lines)
        self._found = Found()
        self._told: set[tuple[str, str]] = set()
        self._did: deque[str] = deque(maxlen=12)
        self._begin = time.monotonic()
        self._delay = SchedulingDelay(_LATE)

    @property
    def _after(self) -> float:
        return time.monotonic() - self._begin

    def go(self, seconds: float) -> Found:
        try:
            self._load()
            self._walk(seconds)
        finally:
            self._delay.end()
        if self._api.failing:
            self._api.recover()
        return self._found

    def _load(self) -> None:
        """Wait until the header counts all runs of the start, at most `_START` seconds."""
        there = len(self._api.facts(self._api.now()))
        while self._after < _START and self._pty.alive:
            self._api.note()
            counts = self._read().counts
            if counts is not None and counts[2] >= there:
                break
            self._pty.wait(0.2)
        self._api.begin = self._api.now()
        for _ in range(_FIRST):
            self._pty.wait(_JUDGE_EVERY)
            self._check()

    def _walk(self, seconds: float) -> None:
        outage = keys.outage_of(self._chance, seconds)
        while self._after < seconds:
            if not self._pty.alive:
                self._record(
                    Claim(
                        "crash",
                        "flowtui",
                        f"exit {self._pty.process.poll()}",
                        "no key that leaves was pressed",
                    ),
                    Seen([]),
                )
                break
            outage = self._step_outage(outage)
            seen = self._read()
            opened = seen.table is None and seen.opened is not None
            self._do(keys.next_step(self._chance, table=seen.table is not None, opened=opened))

    def _step_outage(self, outage: keys.Outage | None) -> keys.Outage | None:
        """Begin or end the outage; return it while it is not over."""
        if outage is None or self._after < outage.start:
            return outage
        if self._after < outage.start + outage.seconds:
            if not self._api.failing:
                named = ", ".join(outage.faults) or "the server is stopped"
                self._found.outages.append(f"{named} for {outage.seconds:.0f}s from {outage.start:.0f}s on")
                self._did.append(f"[{named}]")
                self._api.fail(*outage.faults)
            return outage
        self._did.append("[it answers again]")
        self._api.recover()
        return None

    def _do(self, step: keys.Step) -> None:
        if step.size is not None:
            self._did.append(f"{step.size[0]}x{step.size[1]}")
            self._pty.resize(*step.size)
        elif step.send:
            self._did.append(repr(step.send.decode())[1:-1])
            self._pty.send(step.send)
        until = time.monotonic() + step.rest
        while True:
            self._pty.wait(min(_JUDGE_EVERY, max(0.05, until - time.monotonic())))
            self._check()
            if time.monotonic() >= until or not self._pty.alive:
                return

    # -- judging -----------------------------------------------------------------------------------------------

    def _read(self) -> Seen:
        self._pty.rest()
        return read(self._lie(self._pty.lines))

    def _check(self) -> None:
        """Judge the screen; judge again what was wrong, and record what still is."""
        suspected = self._judge()[1]
        suspected = [claim for claim in suspected if claim[:2] not in self._told]
        if not suspected:
            return
        self._pty.wait(_AGAIN)
        seen, again = self._judge()
        still = {claim[:2] for claim in suspected}
        for claim in again:
            if claim[:2] in still:
                self._record(claim, seen)

    def _judge(self) -> tuple[Seen, list[Claim]]:
        self._api.note()
        if not self._pty.rest():
            return Seen([]), []
        seen = read(self._lie(self._pty.lines))
        now = self._api.now()
        if seen.clock is None:
            return seen, []
        drawn = now - (now - seen.clock) % _DAY  # the latest time at which a clock shows this time of day
        behind = now - drawn
        if behind > _DAY / 2:
            drawn, behind = now, 0.0  # the screen's clock is a fraction of a second ahead
        if behind > _BEHIND or not self._delay.none_since(_REMEMBERED):
            self._found.late += 1
            return seen, [Claim("clock", "head", f"{behind:.0f}s behind", "")] if behind > _DEAD else []
        self._found.judged += 1
        self._found.readings.note(seen, self._api.failing_for(drawn))
        self._found.rows += len(seen.table.rows) if seen.table is not None else 0
        return seen, judge(seen, self._api, (drawn, min(now, drawn + 1.0)))

    def _record(self, claim: Claim, seen: Seen) -> None:
        if claim[:2] not in self._told:
            self._told.add(claim[:2])
            self._found.wrong.append(Wrong(claim, self._after, " ".join(self._did), seen.text))


def lines_of(seed: int, found: Found) -> Iterator[str]:
    """Yield the result as text: of each kind of claim the first two with their screens, the others as a line."""
    shown: dict[str, int] = {}
    for wrong in found.wrong:
        claim = wrong.claim
        yield f"seed {seed}  {wrong.after:6.1f}s  {claim.kind:8} {claim.subject}: {claim.said} | API: {claim.truth}"
        shown[claim.kind] = shown.get(claim.kind, 0) + 1
        if shown[claim.kind] <= 2:
            yield f"    pressed {wrong.did}"
            yield from (f"    {line}" for line in wrong.screen.splitlines())
    if found.readings.blind:
        yield f"seed {seed}: visible and never read: {', '.join(found.readings.blind)}"
        yield f"    screens on which each kind was read: {found.readings.text()}"
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(shown.items())) or "none"
    failing = f"; {'; '.join(found.outages)}" if found.outages else ""
    yield (
        f"seed {seed}: wrong claims: {kinds}; judged {found.judged} screens with {found.rows} rows, "
        f"{found.late} came too late to be judged{failing}"
    )
