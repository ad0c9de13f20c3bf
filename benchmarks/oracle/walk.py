"""One walk: a dashboard on a pseudo-terminal against a simulator over HTTP, looked at all the time.

A claim that is wrong is looked at again a moment later, without a key between: what was about to be drawn is no lie.
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
from benchmarks.oracle.claims import Claim, judge
from benchmarks.oracle.lies import Lie
from benchmarks.oracle.seen import Seen, read
from benchmarks.walking.account import dashboard, environment
from benchmarks.walking.punctual import Punctual
from benchmarks.walking.terminal import Pty
from flowtui.simulator.server import Simulator

_AGAIN = 1.2  # seconds until a wrong claim is looked at again
_LOOKS = 0.4  # seconds between looks while nothing is pressed
_BEHIND = 2.5  # seconds that the clock on the screen may be late, until the screen is too late to be judged
_DEAD = 15.0  # the same, until that is a wrong claim of its own
_START = 30.0  # seconds that the first rows may take
_LATE = 0.7  # seconds by which a turn of ours may be late: with more, the machine has too much to do
_REMEMBERED = 6.0  # seconds for which a late turn makes what is on the screen doubtful
_DAY = 86_400.0


@dataclass(frozen=True)
class Wrong:
    """A wrong claim, with all that is needed to understand it: `after` seconds, `did` the last keys."""

    claim: Claim
    after: float
    did: str
    screen: str


@dataclass
class Found:
    """What a walk found: each wrong claim once, how often the screen was judged, how often it was too late for that."""

    wrong: list[Wrong] = field(default_factory=list)
    looks: int = 0
    late: int = 0
    rows: int = 0
    troubles: list[str] = field(default_factory=list)


def walk(
    seed: int, seconds: float, lie: Lie | None = None, *, size: tuple[int, int] | None = None, **world: int
) -> Found:
    """Walk for so many seconds, and return what was found. `size` and `world` replace what the seed would choose."""
    chance = random.Random(seed)
    chosen = {**keys.world_of(chance), **world}
    with tempfile.TemporaryDirectory() as home, Simulator(seed=seed, **chosen) as simulator:
        columns, lines = size or chance.choice(keys.SIZES)
        words = dashboard(simulator.url, "--tz", "utc")
        pty = Pty(words, environment(Path(home)), columns=columns, lines=lines)
        try:
            return _Walk(chance, pty, Api(simulator), lie).go(seconds)
        finally:
            pty.close()


class _Walk:
    def __init__(self, chance: random.Random, pty: Pty, api: Api, lie: Lie | None) -> None:
        self._chance, self._pty, self._api = chance, pty, api
        self._lie = lie or (lambda lines: lines)
        self._found = Found()
        self._told: set[tuple[str, str]] = set()
        self._did: deque[str] = deque(maxlen=12)
        self._begin = time.monotonic()
        self._punctual = Punctual(_LATE)

    @property
    def _after(self) -> float:
        return time.monotonic() - self._begin

    def go(self, seconds: float) -> Found:
        try:
            self._load()
            self._walk(seconds)
        finally:
            self._punctual.end()
        if self._api.troubled:
            self._api.recover()
        return self._found

    def _load(self) -> None:
        """Wait until the head counts all runs that there were when it began."""
        there = len(self._api.facts(self._api.now()))
        while self._after < _START and self._pty.alive:
            counts = self._read().counts
            if counts is not None and counts[2] >= there:
                break
            self._pty.wait(0.2)
        self._api.begin = self._api.now()

    def _walk(self, seconds: float) -> None:
        trouble = keys.trouble_of(self._chance, seconds)
        while self._after < seconds:
            if not self._pty.alive:
                self._tell(
                    Claim("crash", "flowtui", f"exit {self._pty.process.poll()}", "nobody left"), Seen([])
                )
                break
            trouble = self._let_fail(trouble)
            seen = self._read()
            opened = seen.table is None and seen.opened is not None
            self._do(keys.next_step(self._chance, table=seen.table is not None, opened=opened))

    def _let_fail(self, trouble: keys.Trouble | None) -> keys.Trouble | None:
        """Begin and end what is wrong with the server."""
        if trouble is None or self._after < trouble.start:
            return trouble
        if self._after < trouble.start + trouble.seconds:
            if not self._api.troubled:
                named = ", ".join(trouble.faults) or "the server is gone"
                self._found.troubles.append(
                    f"{named} for {trouble.seconds:.0f}s from {trouble.start:.0f}s on"
                )
                self._did.append(f"[{named}]")
                self._api.trouble(*trouble.faults)
            return trouble
        self._did.append("[it answers again]")
        self._api.recover()
        return None

    def _do(self, step: keys.Step) -> None:
        if step.size is not None:
            self._did.append(f"{step.size[0]}x{step.size[1]}")
            self._pty.resize(*step.size)
        elif step.send:
            self._did.append(repr(step.send.decode())[1:-1])
            self._pty.press(step.send)
        until = time.monotonic() + step.rest
        while True:
            self._pty.wait(min(_LOOKS, max(0.05, until - time.monotonic())))
            self._look()
            if time.monotonic() >= until or not self._pty.alive:
                return

    # -- looking -----------------------------------------------------------------------------------------------

    def _read(self) -> Seen:
        self._pty.rest()
        return read(self._lie(self._pty.lines))

    def _look(self) -> None:
        """Judge the screen, and what is wrong with it once more."""
        suspected = self._judge()[1]
        suspected = [claim for claim in suspected if claim[:2] not in self._told]
        if not suspected:
            return
        self._pty.wait(_AGAIN)
        seen, again = self._judge()
        still = {claim[:2] for claim in suspected}
        for claim in again:
            if claim[:2] in still:
                self._tell(claim, seen)

    def _judge(self) -> tuple[Seen, list[Claim]]:
        self._api.note()
        if not self._pty.rest():
            return Seen([]), []
        seen = read(self._lie(self._pty.lines))
        now = self._api.now()
        if seen.clock is None:
            return seen, []
        drawn = now - (now - seen.clock) % _DAY  # the last time that a clock said so
        behind = now - drawn
        if behind > _DAY / 2:
            drawn, behind = now, 0.0  # a fraction of a second ahead of us
        if behind > _BEHIND or not self._punctual.since(_REMEMBERED):
            self._found.late += 1
            return seen, [Claim("clock", "head", f"{behind:.0f}s behind", "")] if behind > _DEAD else []
        self._found.looks += 1
        self._found.rows += len(seen.table.rows) if seen.table is not None else 0
        return seen, judge(seen, self._api, (drawn, min(now, drawn + 1.0)))

    def _tell(self, claim: Claim, seen: Seen) -> None:
        if claim[:2] not in self._told:
            self._told.add(claim[:2])
            self._found.wrong.append(Wrong(claim, self._after, " ".join(self._did), seen.text))


def lines_of(seed: int, found: Found) -> Iterator[str]:
    """Yield what a walk found, for people: each kind of claim with its first screens, the others in a line each."""
    shown: dict[str, int] = {}
    for wrong in found.wrong:
        claim = wrong.claim
        yield f"seed {seed}  {wrong.after:6.1f}s  {claim.kind:8} {claim.subject}: {claim.said} | API: {claim.truth}"
        shown[claim.kind] = shown.get(claim.kind, 0) + 1
        if shown[claim.kind] <= 2:
            yield f"    pressed {wrong.did}"
            yield from (f"    {line}" for line in wrong.screen.splitlines())
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(shown.items())) or "none"
    troubled = f"; {'; '.join(found.troubles)}" if found.troubles else ""
    yield (
        f"seed {seed}: wrong claims: {kinds}; judged {found.looks} screens with {found.rows} rows, "
        f"{found.late} came too late to be judged{troubled}"
    )
