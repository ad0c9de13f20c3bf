"""The messages of one run, collected from pages of its thread, and how much of the thread was read for them. Pure.

The API cannot filter messages by run, so flowtui reads the messages of a thread page by page, from the newest to older
ones. A run's messages count as complete only if what was read proves that none is missing.

A user's message exists before its run, and names none (documented): it belongs to the run that was created next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.messages.message import Message
from flowtui.model.run.row import Run, getter

DURING: Final = "during"
BEFORE: Final = "before"
_USER: Final = "user"
_CREATED: Final = getter("created")

_SLACK: Final = 1.0  # seconds: messages and runs may be dated by different clocks, and in whole seconds
# A run may answer messages that name no run: at most so many, sent right before the run was created.
_QUESTIONS: Final = 5
_ASKED_WITHIN: Final = 3600.0  # greatest age of such a message in seconds, when the run was created


class ReadMessages(NamedTuple):
    """The messages of a thread that were read, newest first."""

    linked: tuple[Message, ...] = ()
    """The messages from the newest one down to the first gap."""
    beyond: tuple[tuple[Message, ...], ...] = ()
    """Older ranges of messages, read earlier. A gap separates each of them from the newer range before it."""
    bottom: str | None = None
    """The key of the first message of the thread; "" if the thread is empty, None while this is unknown."""

    @property
    def size(self) -> int:
        """The number of messages read."""
        return len(self.linked) + sum(map(len, self.beyond))


class Neighbours(NamedTuple):
    """When the runs of the thread next to a run were created, in UTC epoch seconds by the server's clock."""

    before: float | None
    """The creation of the run before; None if the run is the thread's first one."""
    after: float | None
    """The creation of the run after; None if there is none yet."""


def neighbours(run: Run, runs: Iterable[Run], *, whole: bool) -> Neighbours | None:
    """Return when the runs next to `run` were created, among all known runs of its thread.

    None if that is unknown: the run is the oldest of a list that is not whole, or has no date.
    """
    if run.created is None:
        return None
    times = [at for at in map(_CREATED, runs) if at is not None]
    before = max((at for at in times if at < run.created), default=None)
    if before is None and not whole:
        return None
    return Neighbours(before, min((at for at in times if at > run.created), default=None))


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one run, oldest first."""

    messages: tuple[Message, ...] = ()
    probable: Mapping[str, str] = field(default_factory=dict)
    """The key of a message that names no run → why it may belong to this one.

    DURING if its time lies within the run, BEFORE if its time lies just before the run.
    """
    complete: bool = False
    """Whether no message of the run is missing."""
    older: bool = False
    """Whether older messages may be missing and can be read."""
    stopped: str = ""
    """If older messages may be missing but cannot be read: the reason. Otherwise ""."""
    gaps: frozenset[str] = frozenset()
    """The keys of messages before which some may be missing; "" stands for the place after the last message."""
    others: int = 0
    """How many of the messages that were read do not belong to the run."""
    read: int = 0
    """How many messages of the thread were read."""
    reading: bool = False
    """Whether more messages are being read now."""


def add_page(reading: ReadMessages, page: Sequence[Message], *, newest: bool) -> ReadMessages:
    """Return the messages read, with one more page merged into all ranges that have a message in common with it.

    `newest`: the page is the newest of the thread. If it has no message in common with the ranges, a gap remains
    between it and them.

    Any other page without a common message is appended to `linked`. If there are gaps, such a page is ignored, because
    its place is unknown.
    """
    ranges = [list(part) for part in (reading.linked, *reading.beyond) if part]
    fresh = {message.key for message in page}
    joined_at = [place for place, old in enumerate(ranges) if any(one.key in fresh for one in old)]
    if not page or not (joined_at or newest or len(ranges) <= 1):
        return reading
    if not joined_at and newest:
        ranges.insert(0, list(page))
    else:
        first, last = (0, joined_at[-1]) if newest else (joined_at[0], joined_at[-1]) if joined_at else (0, 0)
        old = ranges[first] if ranges else []
        joined = old[: next((place for place, one in enumerate(old) if one.key in fresh), len(old))]
        for part in (page, *ranges[first : last + 1]):
            known = {message.key for message in joined}
            joined += [message for message in part if message.key not in known]
        ranges[first : last + 1] = [joined]
    linked, *beyond = map(_by_time, ranges)
    return ReadMessages(linked, tuple(beyond), reading.bottom)


def covers(reading: ReadMessages, run: Run) -> bool:
    """Whether no message of the run can be missing.

    This is so if `linked` contains the first message of the thread. It is also so if `linked` reaches far enough back
    before the run's creation: to a message of another run, or past more than `_QUESTIONS` messages that name no run.
    """
    if reading.bottom == "" and not reading.linked:
        return True
    if any(message.key == reading.bottom for message in reading.linked):
        return True
    if run.created is None:
        return False
    nameless = 0
    for message in reversed(reading.linked):
        if message.created is None or message.run == run.raw_id:
            continue
        if message.created >= run.created - _SLACK:
            return False
        nameless += 1
        if message.run is not None or nameless > _QUESTIONS:
            return True
    return False


def conversation(reading: ReadMessages, run: Run, beside: Neighbours | None = None) -> Conversation:
    """Return the messages of a run among those read.

    `beside`: the runs next to it. If it is None, a user's message without a run is only probably the run's.

    If the messages may be incomplete, `older` is set. Whether older ones can really be read is not known here.
    """
    complete = covers(reading, run)
    own = _RunMessages(run, beside)
    gaps: set[str] = set()
    for place, part in enumerate((reading.linked, *reading.beyond)):
        if place and not complete:
            gaps.add(own.messages[-1].key if own.messages else "")
        own.sort(part)
    return Conversation(
        # Sorted again: messages of older ranges may be newer than the newest page, if they were deleted since.
        messages=_by_time(own.messages)[::-1],
        probable=own.probable,
        complete=complete,
        older=not complete,
        gaps=frozenset(gaps),
        others=reading.size - len(own.messages),
        read=reading.size,
    )


class _RunMessages:
    """Picks the messages of one run from ranges of messages, newest first."""

    def __init__(self, run: Run, beside: Neighbours | None) -> None:
        self.messages: list[Message] = []
        self.probable: dict[str, str] = {}
        self._run = run
        self._beside = beside
        self._start = run.created
        ended = run.ended
        self._end = math.inf if not run.terminal else ended if ended is not None else -math.inf
        self._at = math.inf  # time of the previous message; a message without a time inherits it
        # How many messages from before the run's creation were picked; -1 after a message of another run: pick no more.
        self._questions = 0

    def sort(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._at = self._at if message.created is None else message.created
            if message.run == self._run.raw_id or self._asked(message, self._at):
                self.messages.append(message)
            elif (word := self._guess(message, self._at)) is not None:
                self.messages.append(message)
                self.probable[message.key] = word

    def _asked(self, message: Message, at: float) -> bool:
        """Return whether a user's message that names no run precedes the creation of this run, and of no earlier one.

        Up to `_SLACK` seconds after a creation, a message belongs to the run whose creation is nearer.
        """
        start, beside = self._start, self._beside
        if beside is None or start is None or message.run is not None or message.role.casefold() != _USER:
            return False
        if at > start:
            return at - start <= _SLACK and (beside.after is None or beside.after - at > at - start)
        if beside.before is None:
            return True
        return at > beside.before and not (at - beside.before <= _SLACK and start - at > at - beside.before)

    def _guess(self, message: Message, at: float) -> str | None:
        """Return DURING or BEFORE if a message that does not name the run probably belongs to it; None if not."""
        if self._start is None:
            return None
        below = at < self._start - _SLACK
        if message.run is not None:
            self._questions = -1 if below else self._questions
            return None
        if self._beside is not None and message.role.casefold() == _USER:
            return None
        if not below:
            return DURING if at <= self._end + _SLACK else None
        if not 0 <= self._questions < _QUESTIONS or self._start - at > _ASKED_WITHIN:
            return None
        self._questions += 1
        return BEFORE


def _by_time(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages newest first.

    Messages of the same time keep the server's order. A message without a time stays right after the message before it.
    """
    at = math.inf
    keyed = []
    for message in messages:
        at = at if message.created is None else message.created
        keyed.append((-at, message))
    return tuple(message for _, message in sorted(keyed, key=lambda pair: pair[0]))
