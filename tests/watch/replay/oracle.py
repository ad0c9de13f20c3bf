"""An independent replay of the contract of `flowtui watch`: from the whole truth of a world to what the watch must say.

It shares nothing with the watch but the words of the contract. It knows each answer of the server and when it came, and
decides after each one, and at each timer, whether the watch must end, and with which exit code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .draws import Case
from .members import Member, Members
from .truth import (
    CONDITION,
    FAIL_FAST,
    GIVE_UP,
    MAX_TOKENS,
    NO_MATCH,
    NOTHING,
    ONCE,
    REFUSED,
    SIGNAL,
    STALL,
    TIMEOUT,
    Truth,
)
from .wanted import FILTERS
from .world import NEVER, Heard, Listing

# If several exit codes apply, the first of these counts.
_ORDER: Final = (129, 130, 143, 1, 7, 5, 3, 4, 6, 8, 0)
_ZERO: Final = (1, 5, 7)  # --exit-zero turns these into 0


@dataclass
class Failing:
    """A thread that cannot be read, since when and why."""

    since: float
    status: int

    @property
    def final(self) -> bool:
        """Whether asking again cannot help."""
        return self.status in (401, 403, 404)


@dataclass
class Replay:
    """Replays one case. `run` returns the truth."""

    case: Case
    now: float = 0.0
    failing: dict[str, Failing] = field(default_factory=dict)
    ever_failed: bool = False
    outage_over: float = 0.0
    recovered: list[float] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    listed_at: float = 0.0
    listed: dict[str, str] = field(default_factory=dict)
    met_since: float | None = None

    def __post_init__(self) -> None:
        self.wanted = self.case.wanted
        self.members = Members(self.wanted)
        self.exist = set(self.wanted.threads) or None

    def run(self) -> Truth:
        """Let time pass from one answer or timer to the next until the watch must end."""
        for heard in [*self.case.heard, Heard(NEVER)]:
            while (due := self._next_timer(heard.at)) is not None:
                self.now = due
                if causes := self._causes():
                    return self._truth(causes)
            self.now = heard.at
            self._take(heard)
            if causes := self._causes():
                return self._truth(causes)
        raise AssertionError(f"it never ends: {self.case}")

    # -- what the server says

    def _take(self, heard: Heard) -> None:
        if heard.listing is not None:
            self._list(heard.listing)
        for answer in heard.answers:
            if answer.failed:
                begun = self.failing.get(answer.thread)
                since = begun.since if begun else answer.at
                self.failing[answer.thread] = Failing(since, answer.failed)
            else:
                self.failing.pop(answer.thread, None)
        self.members.take(heard, self.exist, self._gone)
        self._note_outage()

    def _note_outage(self) -> None:
        """Note whether something that matters cannot be read now, or can again."""
        if self.unreadable:
            self.down |= {thread for thread, failing in self._mattering().items() if not failing.final}
        elif self.down:
            # What can never be read has not recovered.
            if not self.down <= {thread for thread, failing in self._mattering().items() if failing.final}:
                self.recovered.append(self.now)
            self.outage_over, self.down = self.now, set()

    def _list(self, listing: Listing) -> None:
        """Take the answer to a request for the list of threads: it brings new threads and shows which are active."""
        if listing.failed:
            if not self.wanted.threads:
                begun = self.failing.get("")
                self.failing[""] = Failing(begun.since if begun else self.now, listing.failed)
            return
        self.listed_at = self.now
        self.failing.pop("", None)
        if not self.wanted.threads:
            self.exist = set(listing.threads)
        self.listed = {thread: run for thread, run in listing.threads.items() if run is not None}

    # -- what ends the watch

    def _timers(self) -> list[float]:
        wanted = self.wanted
        dues = [wanted.wait_start, wanted.limit]
        if self.case.signal is not None:
            dues.append(self.case.signal[1])
        if wanted.stall is not None:
            dues.append(self._still_since + wanted.stall)
        dues += [failing.since + wanted.give_up_after for failing in self.failing.values()]
        return dues

    def _next_timer(self, before: float) -> float | None:
        return min((due for due in self._timers() if self.now < due < before), default=None)

    @property
    def _still_since(self) -> float:
        return max(self.members.moved_at, self.outage_over)

    def _causes(self) -> set[str]:
        wanted, members = self.wanted, self.members
        causes = set()
        if self.case.signal is not None and self.now >= self.case.signal[1]:
            causes.add(SIGNAL)
        if self.now >= wanted.limit:
            causes.add(TIMEOUT)
        causes |= self._troubles()
        self.ever_failed |= bool(self._mattering())
        used = sum(member.used or 0 for member in members.watched.values())
        if wanted.max_tokens is not None and used > wanted.max_tokens:
            causes.add(MAX_TOKENS)
        moving = any(not member.ended for member in members.watched.values())
        if (
            wanted.stall is not None
            and moving
            and not self.unreadable
            and self.now >= self._still_since + wanted.stall
        ):
            causes.add(STALL)
        if wanted.fail_fast and self._failing_runs_exceeded(self._failures()):
            causes.add(FAIL_FAST)
        if self._condition_counts():
            causes.add(CONDITION)
        elif self._nothing_came():
            causes.add(NOTHING)
        elif self._hopeless():
            causes.add(NO_MATCH)
        if wanted.once and members.complete and not causes - {NOTHING, NO_MATCH}:
            causes.add(ONCE)
        return causes

    def _troubles(self) -> set[str]:
        """Return whether the server refuses, or has not answered for --give-up-after."""
        causes = set()
        for failing in self._mattering().values():
            if failing.status in (401, 403) or (failing.status == 404 and len(self.wanted.threads) == 1):
                causes.add(REFUSED)
            elif failing.status != 404 and self.now >= failing.since + self.wanted.give_up_after:
                causes.add(GIVE_UP)
        return causes

    def _condition_counts(self) -> bool:
        """Whether the end condition is met, and has been for long enough."""
        if not (self.members.complete or self.members.closed) or self.unreadable:  # nobody knows
            return False
        if not self._condition():
            self.met_since = None
            return False
        if self.met_since is None:
            self.met_since = self.now
        wanted = self.wanted
        settles = wanted.until == "idle" or (wanted.open and not self.members.full)
        return not settles or wanted.once or self._confirmed(self.met_since + wanted.settle)

    def _confirmed(self, moment: float) -> bool:
        """Whether each thread has been read since a moment: what was true before it may have changed by then.

        Without THREAD the list of threads is enough, as it names the active runs.
        """
        gone = self._gone
        if not all(
            self.members.knows(thread, run) for thread, run in self.listed.items() if thread not in gone
        ):
            return False
        read = self.members.read_at.items() if self.wanted.threads else [("", self.listed_at)]
        return all(at >= moment for key, at in read if key not in gone)

    def _condition(self) -> bool:
        wanted, members = self.wanted, self.members
        runs = list(members.watched.values())
        if len(runs) < wanted.needed:
            return wanted.until == "idle" and not members.narrowed and not runs and members.idle
        match wanted.until:
            case "all":  # an overdue or missing run that is a failure may never end
                return all(member.ended or self._why(member) in ("overdue", "missing") for member in runs)
            case "any":
                return any(member.ended for member in runs)
            case "idle":
                return members.idle
        matches = FILTERS[wanted.until]
        return any(matches(member.life, member.seen) for member in runs)

    @property
    def _gone(self) -> set[str]:
        """The threads that the server does not know any more."""
        return {key for key, failing in self.failing.items() if failing.status == 404}

    @property
    def unreadable(self) -> bool:
        """Whether some thread cannot be read now, so that nobody knows what its runs do."""
        return any(not failing.final for failing in self._mattering().values())

    def _mattering(self) -> dict[str, Failing]:
        """Return the threads that cannot be read and matter: of a closed set only those with runs that have not ended."""
        if not self.members.closed or (self.wanted.until == "idle" and not self.members.full):
            return self.failing
        waited = {member.life.thread for member in self.members.watched.values() if not member.ended}
        return {thread: failing for thread, failing in self.failing.items() if thread in waited}

    def _nothing_came(self) -> bool:
        """Whether too few runs have appeared within --wait-start. Nobody knows that while the server does not answer."""
        if self.wanted.once:
            return self.members.complete and len(self.members.watched) < self._needed
        if self.wanted.until == "idle" and not self.members.narrowed:
            return False
        return (
            self.now >= self.wanted.wait_start
            and not self.unreadable
            and self.members.complete
            and len(self.members.watched) < self._needed
        )

    @property
    def _needed(self) -> int:
        """How many runs must have come within --wait-start."""
        return 1 if self.wanted.first else self.wanted.needed

    def _hopeless(self) -> bool:
        """Whether all runs of a closed set have ended, and none is as --for EXPR demands, so that none ever will be."""
        members, runs = self.members, self.members.watched.values()
        return self.wanted.until in FILTERS and members.closed and all(member.ended for member in runs)

    # -- the verdict

    def _why(self, member: Member) -> str:
        """Return what makes a run a failure by --fail-on; "" if nothing does."""
        named = self.wanted.fail_on
        if member.kind in ("failed", "cancelled") and member.kind in named:
            return member.kind
        if member.gone and not member.ended and "missing" in named:
            return "missing"
        if member.overdue and "overdue" in named:
            return "overdue"
        return "finding" if "finding" in named and (member.overdue or member.gone) else ""

    def _failures(self) -> dict[str, str]:
        found = {name: self._why(member) for name, member in self.members.watched.items()}
        return {name: why for name, why in found.items() if why}

    def _failing_runs_exceeded(self, failures: dict[str, str]) -> bool:
        return self.wanted.allow.exceeded(len(failures), self.counting)

    @property
    def counting(self) -> int:
        """How many runs count: the watched ones, or as many as were to come if fewer came. Percentages are of these."""
        return max(len(self.members.watched), self.wanted.expect, self.wanted.first)

    def _codes(self, causes: set[str], *, failed: bool) -> set[int]:
        """Return every exit code that applies. `failed`: more runs are failures than --allow-failures allows."""
        wanted = self.wanted
        codes = {0}
        if SIGNAL in causes and self.case.signal is not None:
            codes.add(128 + self.case.signal[0])
        lost = bool(wanted.threads and self._gone)
        # --allow-failures allows runs to fail. That nothing moves, or that runs do not come, is not a run that failed.
        stalled = STALL in causes and "stalled" in wanted.fail_on
        missing = NOTHING in causes and not lost and "missing" in wanted.fail_on
        if failed or stalled or missing:
            codes.add(1)
        if causes & {STALL, MAX_TOKENS}:
            codes.add(7)
        cancelled = self._cancelled()
        if cancelled and wanted.allow_cancelled.exceeded(cancelled, self.counting):
            codes.add(5)
        # A thread that is not there any more ends nothing, but without it a condition is not known to be met.
        if causes & {GIVE_UP, REFUSED} or (lost and causes & {CONDITION, NOTHING}):
            codes.add(3)
        ends = ((TIMEOUT, 4), (NOTHING, 6), (NO_MATCH, 6), (ONCE, 8))
        return codes | {code for cause, code in ends if cause in causes}

    def _cancelled(self) -> int:
        return sum(member.kind == "cancelled" for member in self.members.watched.values())

    def _truth(self, causes: set[str]) -> Truth:
        wanted, watched, failures = self.wanted, self.members.watched, self._failures()
        failed = self._failing_runs_exceeded(failures)
        codes = self._codes(causes, failed=failed)
        verdict = next(code for code in _ORDER if code in codes)
        matches = FILTERS.get(wanted.until, lambda *_: False)
        limit = wanted.allow_cancelled
        return Truth(
            ended=self.now,
            verdict=verdict,
            code=0 if wanted.exit_zero and verdict in _ZERO else verdict,
            causes=causes,
            members=watched,
            failures=failures,
            allowed=not failed,
            spared=limit.amount > 0 and not limit.exceeded(self._cancelled(), self.counting),
            events=self.members.events,
            fail_on=wanted.fail_on,
            expected=max(wanted.expect, wanted.first, len(wanted.runs)),
            counting=self.counting,
            matching=sum(matches(member.life, member.seen) for member in watched.values()),
            troubled=self.ever_failed,
            recovered=self.recovered,
            read=bool(watched) or self.members.counted,
        )


def replay(case: Case) -> Truth:
    """Return what a watch of a case must say."""
    return Replay(case).run()
