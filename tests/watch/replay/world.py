"""The complete truth of a small simulated world: which runs exist, what becomes of them, and which threads answer when.

All times are seconds since the watch begins; negative ones are before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flowtui.formatting import iso_time

from ...clocks import BEGIN

AGENTS: Final = {"agent_a": "checkout", "agent_b": "billing"}
"""Agent id -> name."""

ENDED: Final = ("completed", "failed", "cancelled")

STATUS_WORDS: Final = ("queued", "running", *ENDED, "canceled")
"""The statuses that the API has, in both spellings."""

NEVER: Final = 10.0**6
"""A moment that no watch reaches."""

_FIRST: Final = 0.25  # seconds from the begin of the watch to the first answer

_STAMPS: Final = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}


@dataclass(frozen=True)
class Life:
    """What becomes of one run.

    `created`, `started`, `ended`: moments; NEVER: it does not happen.
    `end`: how it ends: completed, failed or cancelled.
    `word`: the status that the server sends once it has ended, "" for none. A word that the API does not have makes the
    end known from the times only.
    `odd`: the run has a status that no contract knows, from its start on, and never ends.
    `tokens`: how many it has used at its end; half of them are reported while it runs. None: never reported.
    `lag`: seconds after its end until all of them are reported.
    `expires`: a moment; None: there is none.
    `vanishes`: when it disappears from the list.
    """

    id: str
    thread: str
    agent: str
    created: float
    started: float
    ended: float
    end: str
    word: str
    odd: bool = False
    tokens: int | None = None
    lag: float = 0.0
    expires: float | None = None
    vanishes: float = NEVER

    def kind(self, at: float) -> str:
        """Return what is true at a moment: queued, running, completed, failed, cancelled or unknown."""
        if self.odd and at >= self.started:
            return "unknown"
        if at >= self.ended:
            return self.end
        return "running" if at >= self.started else "queued"

    def listed(self, at: float) -> bool:
        """Whether the server's list has it at a moment."""
        return self.created <= at < self.vanishes

    def expired(self, at: float) -> bool:
        """Whether it is active past its expiry at a moment."""
        return self.expires is not None and at > self.expires and self.kind(at) in ("queued", "running")

    def used(self, at: float) -> int | None:
        """Return the tokens that the server reports at a moment; None: none yet."""
        if self.tokens is None or at < self.started:
            return None
        return self.tokens if at >= self.ended + self.lag else self.tokens // 2

    def status(self, at: float) -> str:
        """Return the status in the server's words."""
        kind = self.kind(at)
        if kind == "unknown":
            return "requires_action"
        return self.word if kind in ENDED else kind

    def raw(self, at: float) -> dict[str, Any]:
        """Return the run as the server sends it at a moment."""
        kind = self.kind(at)
        raw: dict[str, Any] = {
            "id": self.id,
            "thread_id": self.thread,
            "status": self.status(at) or None,
            "agent_id": self.agent,
            "model": "llama",
            "created_at": stamp(self.created),
            "is_active": kind in ("queued", "running", "unknown"),
        }
        if self.expires is not None:
            raw["expires_at"] = stamp(self.expires)
        if at >= self.started and self.started < self.ended:
            raw["started_at"] = stamp(self.started)
        if kind in ENDED:
            raw[_STAMPS[kind]] = stamp(self.ended)
            if self.word not in STATUS_WORDS:  # the worst of several ends counts
                raw["completed_at"] = stamp(self.ended)
        if (used := self.used(at)) is not None:
            raw["usage"] = {"prompt_tokens": used - 1, "completion_tokens": 1, "total_tokens": used}
        return raw

    def __str__(self) -> str:
        ends = "never ends" if self.ended == NEVER else f"{self.end} {self.ended:g} as {self.word!r}"
        told = f"{self.id} {self.thread} {self.agent}: created {self.created:g}, started {self.started:g}, {ends}"
        told += f", {self.tokens} tokens" + ", odd" * self.odd
        told += f" {self.lag:g}s late" if self.lag else ""
        told += "" if self.expires is None else f", expires {self.expires:g}"
        return told + ("" if self.vanishes == NEVER else f", vanishes {self.vanishes:g}")


@dataclass(frozen=True)
class Trouble:
    """Threads that cannot be read between two moments. `threads`: empty for all. `status`: of HTTP, such as 500."""

    begin: float
    end: float
    status: int
    threads: tuple[str, ...] = ()

    def hits(self, thread: str, at: float) -> bool:
        """Whether a thread cannot be read at a moment."""
        return self.begin <= at < self.end and (not self.threads or thread in self.threads)


@dataclass(frozen=True)
class Answer:
    """What was asked of one thread at one moment, and what came: its runs, newest first, or an HTTP status >= 400."""

    at: float
    thread: str
    lives: tuple[Life, ...] = ()
    failed: int = 0


@dataclass(frozen=True)
class Listing:
    """What the list of threads brings at one moment: thread -> its active run, or an HTTP status >= 400."""

    threads: dict[str, str | None] = field(default_factory=dict)
    failed: int = 0


@dataclass(frozen=True)
class Heard:
    """What the server answered at one moment: some threads, and perhaps the list of threads."""

    at: float
    answers: tuple[Answer, ...] = ()
    listing: Listing | None = None


@dataclass(frozen=True)
class World:
    """Runs, troubles, and when each thread exists from.

    `interval`: seconds from one reading of a thread to the next.
    `apart`: seconds between the readings of two threads; 0: one update brings all of them.
    """

    threads: dict[str, float]
    lives: tuple[Life, ...]
    troubles: tuple[Trouble, ...] = ()
    interval: float = 3.0
    apart: float = 0.0

    def ask(self, thread: str, at: float) -> Answer:
        """Return what a reading of a thread brings."""
        hit = next((trouble for trouble in self.troubles if trouble.hits(thread, at)), None)
        if hit is not None:
            return Answer(at, thread, failed=hit.status)
        there = [life for life in self.lives if life.thread == thread and life.listed(at)]
        return Answer(at, thread, tuple(sorted(there, key=lambda life: -life.created)))

    def listing(self, threads: tuple[str, ...], at: float) -> Listing:
        """Return what the list of threads brings. `threads`: only these are watched; none: all."""
        hit = next((each for each in self.troubles if not each.threads and each.hits("", at)), None)
        if hit is not None:
            return Listing(failed=hit.status)
        there = [
            key for key, since in self.threads.items() if since <= at and (not threads or key in threads)
        ]
        return Listing({key: self._active(key, at) for key in there})

    def _active(self, thread: str, at: float) -> str | None:
        active = (
            life.id
            for life in self.lives
            if life.thread == thread and life.listed(at) and life.kind(at) in ("queued", "running")
        )
        return next(active, None)

    def told(self, threads: tuple[str, ...], until: float) -> list[Heard]:
        """Return what is heard of these threads (none: of all that exist), in order of time."""
        answers: dict[float, list[Answer]] = {}
        moment = _FIRST
        while moment < until:
            for place, (thread, exists) in enumerate(self.threads.items()):
                at = moment + place * self.apart
                if exists <= at and (not threads or thread in threads):
                    answers.setdefault(at, []).append(self.ask(thread, at))
            moment += self.interval
        return [Heard(at, tuple(some), self.listing(threads, at)) for at, some in sorted(answers.items())]


def stamp(moment: float) -> str | None:
    """Return a moment as the API writes it."""
    return iso_time(BEGIN + moment)


def moment_of(text: str) -> float:
    """Return a time as the API and the events write it, as a moment."""
    return datetime.fromisoformat(text).timestamp() - BEGIN
