"""What happened since flowtui started, newest first: runs, findings, outages, and what was done and told. Bounded.

An event that is told late, because its thread was looked at later than others, stands where it belongs by its time.

Pure: fed with updates, and with the time where nothing came. What the first look shows is history and no event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import Context, status_word
from flowtui.model.events.finding_tracker import FindingTracker, NewFinding
from flowtui.model.events.notices import is_news
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, SEEN_AGAIN, Change
from flowtui.model.state.health import LIVE, LOST, REFUSED, STALE, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import safe_text

KEPT: Final = 1_000
"""Events that are remembered."""

RUN: Final = "run"
FINDING: Final = "finding"
OUTAGE: Final = "outage"
RECOVERY: Final = "recovery"
NOTICE: Final = "notice"
CANCEL: Final = "cancel"
INCIDENT: Final = "incident"
AWAY: Final = "away"

_BAD: Final = frozenset({STALE, LOST, REFUSED})
_SURE: Final = 1.0  # seconds for which silence must last: a machine that slept has not looked yet
_TOGETHER: Final = 30.0  # seconds within which the same trouble of other threads is one event
_NEAR: Final = 8  # events among which the same trouble is looked for


class Event(NamedTuple):
    """One thing that happened at `at` or, where it was between two looks, after `since` (local UTC epoch seconds).

    `word` is what happened in one word; `run` and `thread` are display-safe, `key` identifies the run, None where it is
    about none. `status` is the class of the run then. `threads`: how many threads it is about, where they are not named.
    """

    kind: str
    at: float
    word: str
    text: str
    run: str = ""
    thread: str = ""
    key: RunKey | None = None
    status: str = ""
    since: float | None = None
    threads: int = 0

    @property
    def failure(self) -> bool:
        """Whether it tells of a run that has failed."""
        return self.kind == RUN and self.status == FAILED and self.word == FAILED


class EventLog:
    """Remembers the newest `KEPT` events. `began` is when flowtui started; `added` counts all there ever were."""

    def __init__(self, began: float) -> None:
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.added = 0
        self.began = began
        self.finding_tracker = FindingTracker()
        self._settled = False
        self._trouble: dict[str, Health] = {}
        self._silent: dict[str, float] = {}
        self._incidents = 0
        self._stopped = ""

    def take(self, changes: Sequence[Change], snapshot: Snapshot, context: Context) -> list[Event]:
        """Take in an update, or that time has passed; return what is new, in the order of time.

        `context.now` is server time at which findings are judged.
        """
        new = self._runs(changes, snapshot)
        suspicions = self.finding_tracker.take(changes, snapshot, context)
        new += self._findings(suspicions, changes, snapshot)
        if not self._settled:
            states = snapshot.threads.values()
            self._settled = snapshot.listed and all(s.observed or s.failure for s in states)
        new += self._incidents_of(snapshot)
        for event in new:
            self.add(event)
        return new

    def check(self, snapshot: Snapshot, now: float) -> list[Event]:
        """Look at how old everything is, by the local clock; return outages that began and ended."""
        new = self._outages(snapshot, now)
        for event in new:
            self._add_together(event)
        return new

    def add(self, event: Event) -> None:
        """Remember an event, after all that happened later; of the same time the one told last is the newest."""
        self.added += 1
        later = next(
            (place for place, known in enumerate(self.events) if known.at <= event.at), len(self.events)
        )
        if len(self.events) < KEPT:
            self.events.insert(later, event)
        elif later < KEPT:
            self.events.pop()
            self.events.insert(later, event)

    # -- runs --------------------------------------------------------------------------------------------------

    def _runs(self, changes: Iterable[Change], snapshot: Snapshot) -> list[Event]:
        events = [
            event for change in changes if (event := self._run_event(change, snapshot)) is not None
        ]  # of one look, the newest run comes first
        events.reverse()
        events.sort(key=lambda event: event.at)
        return events

    def _run_event(self, change: Change, snapshot: Snapshot) -> Event | None:
        before, after = change.before, change.after
        if change.kind == APPEARED and is_news(change, self.began, snapshot.clock_offset):
            text = "new" if not after.terminal else f"new, and already {_took(after, snapshot)}"
        elif change.kind == CHANGED and before is not None and before.status != after.status:
            text = f"was {status_word(before)}"
            text += f", {_took(after, snapshot)}" if after.terminal else ""
        elif change.kind == SEEN_AGAIN:
            return _of_run(RECOVERY, after, snapshot, at=change.at, word="seen", text="in the list again")
        else:
            return None
        event = _of_run(RUN, after, snapshot, at=change.at, word=status_word(after), text=text)
        return event._replace(since=change.since)

    def _findings(
        self, suspicions: Iterable[NewFinding], changes: Iterable[Change], snapshot: Snapshot
    ) -> list[Event]:
        # On the first look at a thread they may be years old; and usual times are not known before all have answered.
        if not self._settled:
            return []
        first = {c.after.key for c in changes if not is_news(c, self.began, snapshot.clock_offset)}
        return [
            _of_run(FINDING, run, snapshot, at=snapshot.at, word=found.name, text=found.text)
            for run, found in suspicions
            if run.key not in first
        ]

    # -- trouble -----------------------------------------------------------------------------------------------

    def _outages(self, snapshot: Snapshot, now: float) -> list[Event]:
        events: list[Event] = []
        if snapshot.stopped != self._stopped:
            self._stopped = snapshot.stopped
            if self._stopped:
                events.append(Event(OUTAGE, now, REFUSED, self._stopped))
        begun: dict[tuple[str, str], list[str]] = {}
        over: list[tuple[str, Health]] = []
        for key, state in snapshot.threads.items():
            health = snapshot.health_of(state, now)
            known = self._trouble.get(key)
            if health.word in _BAD and (known is None or known.word != health.word):
                if state.failure is None and now - self._silent.setdefault(key, now) < _SURE:
                    continue
                self._trouble[key] = health
                begun.setdefault((health.word, health.cause), []).append(state.id)
            elif health.good:
                self._silent.pop(key, None)
                if known is not None and health.word == LIVE:  # its own answer, not only another thread's
                    over.append((state.id, known))
                    del self._trouble[key]
        for (word, cause), ids in begun.items():
            events.append(_of_threads(OUTAGE, now, word, cause, ids))
        if over:
            since = min((health.since for _, health in over if health.since is not None), default=None)
            text = f"answers after {formatting.span(now - since)}" if since is not None else "answers"
            events.append(_of_threads(RECOVERY, now, LIVE, text, [name for name, _ in over]))
        return events

    def _add_together(self, event: Event) -> None:
        """Remember an event of threads; the same one of other threads a moment ago becomes one with it."""
        for place, known in enumerate(islice(self.events, _NEAR)):
            same = (known.kind, known.word) == (event.kind, event.word) and known.threads and event.threads
            if same and event.at - known.at < _TOGETHER and _alike(known, event):
                del self.events[place]
                self.added -= 1  # it is not forgotten, it is in the one that follows
                event = event._replace(threads=event.threads + known.threads, thread="", since=known.at)
                break
        self.add(event)

    def _incidents_of(self, snapshot: Snapshot) -> list[Event]:
        """Return what went wrong inside since the last time."""
        fresh = snapshot.incidents_after(self._incidents)
        self._incidents = snapshot.incident_count
        return [Event(INCIDENT, snapshot.at, INCIDENT, safe_text(text)) for text in fresh]


def _took(run: Run, snapshot: Snapshot) -> str:
    taken = run.duration(snapshot.server_time(snapshot.at))
    return "ended" if taken is None else f"ran {formatting.duration(taken)}"


def _of_run(kind: str, run: Run, snapshot: Snapshot, *, at: float, word: str, text: str) -> Event:
    state = snapshot.threads.get(run.thread_key)
    thread = state.id if state is not None else safe_text(run.thread_key)
    return Event(kind, at, word, text, run.id, thread, run.key, run.status_class)


def _of_threads(kind: str, at: float, word: str, text: str, ids: Sequence[str]) -> Event:
    return Event(kind, at, word, text, thread=ids[0] if len(ids) == 1 else "", threads=len(ids))


def _alike(one: Event, other: Event) -> bool:
    """Whether two troubles are the same one: silence has no cause but its own length."""
    return one.kind == RECOVERY or one.text == other.text or one.text[:12] == other.text[:12]


def recent(events: Iterable[Event], words: str) -> list[Event]:
    """Return the events that hold every word somewhere in what they say."""
    wanted = words.casefold().split()
    return [event for event in events if all(word in searched(event) for word in wanted)]


def searched(event: Event) -> str:
    """Return all that an event says, folded."""
    parts = (event.kind, event.word, event.status, event.run, event.thread, event.text)
    return " ".join(parts).casefold()


def reason_of(event: Event, reasons: Mapping[RunKey, str]) -> str:
    """Return why the run of an event failed, where the event tells of that and it is known."""
    return reasons.get(event.key, "") if event.failure and event.key is not None else ""
