"""Which runs a watch watches, from what the server has answered so far, and the events that follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .wanted import FILTERS, Wanted
from .world import AGENTS, ENDED, Answer, Heard, Life

_FIRST_READING: Final = 10.0
_SLACK: Final = 2.0  # seconds before the start for which a run still counts as new, as clocks differ


@dataclass
class Member:
    """A watched run as it was last seen.

    `seen`: when it was last seen. `gone`: a later answer of its thread did not have it any more.
    """

    life: Life
    seen: float
    gone: bool = False

    @property
    def kind(self) -> str:
        """The kind of its status when it was last seen."""
        return self.life.kind(self.seen)

    @property
    def ended(self) -> bool:
        """Whether it had ended when it was last seen."""
        return self.kind in ENDED

    @property
    def active(self) -> bool:
        """Whether it was queued or running when it was last seen."""
        return self.kind in ("queued", "running")

    @property
    def overdue(self) -> bool:
        """Whether it was seen active after its expiry."""
        return self.life.expired(self.seen)

    @property
    def used(self) -> int | None:
        """The tokens that were last reported; None: none."""
        return self.life.used(self.seen)


@dataclass
class Members:
    """The watched runs of one watch."""

    wanted: Wanted
    watched: dict[str, Member] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    moved_at: float = 0.0
    complete: bool = False
    """Whether each thread that exists has been read once, so that no run can be overlooked."""
    counted: bool = False
    """Whether all threads of some moment were read, so that the number of runs is known even if it is 0."""
    read_at: dict[str, float] = field(default_factory=dict)
    """Thread -> when it was last read."""
    _lists: dict[str, tuple[Life, ...]] = field(default_factory=dict)
    _fixed: bool = False

    @property
    def full(self) -> bool:
        """Whether --first has all its runs."""
        return 0 < self.wanted.first <= len(self.watched)

    @property
    def narrowed(self) -> bool:
        """Whether an option selects certain runs."""
        wanted = self.wanted
        chosen = wanted.new or wanted.runs or wanted.latest or wanted.agent or wanted.filter or wanted.expect
        return bool(chosen or wanted.first) or wanted.since is not None

    @property
    def idle(self) -> bool:
        """Whether no run is active: of an open set no watched one, else none of all runs on the threads."""
        if self.wanted.open:
            return not any(member.active for member in self.watched.values())
        known = (life.kind(self.read_at[thread]) for thread, lives in self._lists.items() for life in lives)
        return not any(kind in ("queued", "running") for kind in known)

    @property
    def closed(self) -> bool:
        """Whether no further run can join."""
        return self.full or self._fixed

    def take(self, heard: Heard, exist: set[str] | None, gone: set[str]) -> None:
        """Take what was heard at one moment.

        `exist`: the threads that may be watched; None: not known yet. `gone`: those that the server does not know any more.
        """
        now = heard.at
        for answer in heard.answers:
            if not answer.failed:
                self._follow(answer)
                self._lists[answer.thread] = answer.lives
                self.read_at[answer.thread] = now
        self.complete = exist is not None and exist - gone <= self._lists.keys()
        self.counted |= self.complete and (bool(self._lists) or not exist)
        if self._fixed or self._early(now):
            return
        candidates = [life for lives in self._lists.values() for life in lives if self._may_join(life)]
        for life in sorted(candidates, key=lambda life: life.created):
            if not self.full:
                self.watched[life.id] = member = Member(life, self.read_at[life.thread])
                self.moved_at = now
                self._tell("run.appeared", member, now, status=life.status(member.seen))
                self._find(member, now, was=False)
        self._fixed = not self.wanted.open and len(self.watched) >= self.wanted.needed

    def _early(self, now: float) -> bool:
        """Whether it is too early for runs to join.

        A set that is to be fixed needs an answer of every thread. So does --first, as an older run may be on a thread
        that was not read; but if only new runs count, it waits at most ten seconds, as a large fleet takes minutes.
        """
        if self.counted or self.complete:
            return False
        if self.wanted.first:
            return self.wanted.since is not None or now < _FIRST_READING
        return not self.wanted.open

    def _follow(self, answer: Answer) -> None:
        listed = {life.id for life in answer.lives}
        for member in self.watched.values():
            if member.life.thread != answer.thread:
                continue
            if member.life.id not in listed:
                if not member.gone:
                    self._tell("run.finding", member, answer.at, finding="vanished")
                member.gone = True
                continue
            before, member.seen, member.gone = member.seen, answer.at, False
            self._find(member, answer.at, was=member.life.expired(before))
            old, new = member.life.status(before), member.life.status(answer.at)
            if (old, member.life.kind(before)) != (new, member.kind):
                told = {"from": old or member.life.kind(before), "to": new or member.kind}
                self._tell("run.status", member, answer.at, **told)
            if member.life.used(before) != member.used:
                self._tell("run.usage", member, answer.at, total_tokens=member.used)
            if member.life.raw(before) != member.life.raw(answer.at):
                self.moved_at = answer.at

    def _find(self, member: Member, at: float, *, was: bool) -> None:
        """Tell that a run is overdue, if it was not so before."""
        if member.overdue and not was:
            self._tell("run.finding", member, at, finding="overdue")

    def _tell(self, event: str, member: Member, at: float, **fields: Any) -> None:
        self.events.append({"event": event, "run_id": member.life.id, "at": at, **fields})

    def _may_join(self, life: Life) -> bool:
        """Whether a run joins the watched ones now."""
        wanted = self.wanted
        if life.id in self.watched:
            return False
        born = -_SLACK if wanted.new or (wanted.first and wanted.since is None) else wanted.since
        if born is not None and life.created < born:
            return False
        if wanted.runs and life.id not in wanted.runs:
            return False
        if wanted.agent and wanted.agent not in (life.agent, AGENTS.get(life.agent)):
            return False
        if wanted.filter and not FILTERS[wanted.filter](life, self.read_at[life.thread]):
            return False
        return not wanted.latest or self._newest(life)

    def knows(self, thread: str, run: str) -> bool:
        """Whether an answer has shown a run."""
        return any(life.id == run for life in self._lists.get(thread, ()))

    def _newest(self, life: Life) -> bool:
        """Whether a run is the newest of its thread, or without THREAD the newest of all."""
        lists = [self._lists[life.thread]] if self.wanted.threads else list(self._lists.values())
        return all(life.created >= other.created for lives in lists for other in lives)
