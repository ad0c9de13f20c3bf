"""What a watch must say, as the replay of the contract finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .members import Member
from .world import ENDED, STATUS_WORDS

# What can end a watch.
CONDITION: Final = "condition"
SIGNAL: Final = "signal"
TIMEOUT: Final = "timeout"
GIVE_UP: Final = "give-up"
REFUSED: Final = "refused"
STALL: Final = "stall"
MAX_TOKENS: Final = "max-tokens"
NOTHING: Final = "nothing"
NO_MATCH: Final = "no-match"
FAIL_FAST: Final = "fail-fast"
ONCE: Final = "once"


@dataclass
class Truth:
    """What a watch must say. `code`: before --exit-zero.

    `causes`: everything that ends the watch at `ended`, in seconds since its begin.
    `failures`: run id -> why it is one, for the runs that are failures by --fail-on, allowed ones included.
    `allowed`: whether they are within --allow-failures; `spared`: whether --allow-cancelled allows the cancelled runs.
    `expected`: how many runs were to come; 0: no number was given. `counting`: of how many runs a percentage is.
    `matching`: how many runs are as --for EXPR demands.
    `troubled`: whether something that the verdict needs could not be read. `recovered`: when that was over. `read`: whether enough was read to count runs.
    """

    ended: float
    verdict: int
    code: int
    causes: set[str]
    members: dict[str, Member]
    failures: dict[str, str]
    allowed: bool
    spared: bool
    events: list[dict[str, Any]]
    fail_on: tuple[str, ...]
    expected: int
    counting: int
    matching: int
    troubled: bool
    recovered: list[float]
    read: bool

    @property
    def counts(self) -> dict[str, int | None]:
        """How many watched runs are in each state; None: nothing was read, so that nobody knows."""
        if not self.read:
            return dict.fromkeys(("total", "queued", "running", *ENDED, "unknown"))
        kinds = [member.kind for member in self.members.values()]
        found = {kind: kinds.count(kind) for kind in ("queued", "running", *ENDED, "unknown")}
        return {"total": len(kinds), **found}

    def note(self, kind: str) -> str:
        """Return whether failed or cancelled runs are "allowed" or "not counted"; "" if they count."""
        if kind == "cancelled":
            return "allowed" if self.spared else ""
        if "failed" not in self.fail_on:
            return "not counted"
        return "allowed" if self.allowed else ""

    @property
    def tokens(self) -> int | None:
        """The tokens of all watched runs; None: none was reported."""
        used = [member.used for member in self.members.values() if member.used is not None]
        return sum(used) if used else None

    @property
    def inferred(self) -> int | None:
        """Of how many watched runs the end is known from their times only; None: nothing was read."""
        if not self.read:
            return None
        ended = [member for member in self.members.values() if member.ended]
        return sum(member.life.status(member.seen) not in STATUS_WORDS for member in ended)
