"""The options of a random watch, in words that the replay, the watch and the command line understand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from flowtui.formatting import iso_time
from flowtui.model.query.query import parse
from flowtui.watch.options import Allowance, Options

from ...clocks import BEGIN
from .world import AGENTS, Life

_WORDS: Final = {"runs": "run", "until": "for", "allow": "allow-failures"}

FIRST_TIMEOUT: Final = 1800.0

FILTERS: Final[dict[str, Callable[[Life, float], bool]]] = {
    "status:failed": lambda life, at: life.kind(at) == "failed",
    "status:running": lambda life, at: life.kind(at) == "running",
    "status:completed": lambda life, at: life.kind(at) == "completed",
    "not status:cancelled": lambda life, at: life.kind(at) != "cancelled",
    "agent:billing": lambda life, _: AGENTS.get(life.agent) == "billing",
    "tokens>500": lambda life, at: (life.used(at) or 0) > 500,
}
"""An expression, and whether a run matches it at a moment."""


@dataclass(frozen=True)
class Allowed:
    """How many runs are allowed. `percent`: `amount` is a percentage of the watched runs."""

    amount: float = 0.0
    percent: bool = False

    def exceeded(self, number: int, watched: int) -> bool:
        """Whether `number` of `watched` runs are more than allowed."""
        return number > (self.amount * watched / 100 if self.percent else self.amount)

    def __str__(self) -> str:
        return f"{self.amount:g}{'%' * self.percent}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options of one watch. Durations are in seconds; `since` is a moment of the world."""

    threads: tuple[str, ...] = ()
    new: bool = False
    since: float | None = None
    runs: tuple[str, ...] = ()
    latest: bool = False
    agent: str = ""
    filter: str = ""
    follow: bool = False
    first: int = 0
    expect: int = 0
    wait_start: float = 60.0
    until: str = "all"
    settle: float = 10.0
    fail_fast: bool = False
    fail_on: tuple[str, ...] = ("failed", "overdue")
    allow: Allowed = Allowed()
    allow_cancelled: Allowed = Allowed()
    timeout: float | None = None
    stall: float | None = None
    max_tokens: int | None = None
    exit_zero: bool = False
    give_up_after: float = 120.0
    heartbeat: float = 60.0
    quiet: bool = False
    once: bool = False

    def options(self, output: str, interval: float, summary_file: str) -> Options:
        """Return them as the watch takes them."""
        given: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        given["since"] = None if self.since is None else BEGIN + self.since
        given["runs"] = frozenset(self.runs)
        given["fail_on"] = frozenset(self.fail_on)
        given["agent"] = self.agent or None
        given["filter"] = parse(self.filter) if self.filter else None
        given["allow"] = Allowance(*vars(self.allow).values())
        given["allow_cancelled"] = Allowance(*vars(self.allow_cancelled).values())
        if self.until in FILTERS:
            given |= {"until": "match", "query": parse(self.until)}
        return Options(output=output, interval=interval, summary_file=summary_file, **given)

    def words(self) -> list[str]:
        """Return them as words of the command line."""
        told = list(self.threads)
        for name, value in self._given():
            option = f"--{_WORDS.get(name, name.replace('_', '-'))}"
            if isinstance(value, bool):
                told.append(option)
            elif name == "runs":
                told += [word for run in value for word in (option, run)]
            elif name == "fail_on":
                told += [option, ",".join(value)]
            elif name == "since":
                told += [option, str(iso_time(BEGIN + value))]
            elif name != "threads":
                told += [option, str(value)]
        return told

    def _given(self) -> list[tuple[str, Any]]:
        """Return the name and value of each option that is not as usual."""
        values = [(field, getattr(self, field.name)) for field in fields(self)]
        return [(field.name, value) for field, value in values if value != field.default]

    @property
    def limit(self) -> float:
        """After how many seconds the watch ends at the latest: without --timeout --first has a limit of its own."""
        return FIRST_TIMEOUT if self.timeout is None else self.timeout

    @property
    def open(self) -> bool:
        """Whether runs that appear later are watched too."""
        return bool(self.new or self.agent or self.follow or self.first)

    @property
    def needed(self) -> int:
        """How many runs must have appeared before the end condition can be met."""
        return max(1, self.expect, self.first, len(self.runs))

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self._given()) or "(no options)"
