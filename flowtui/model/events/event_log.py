"""The log of what happened since flowtui started, newest first: runs, findings, outages, notices and user actions.

Events are ordered by their time, even if a thread is observed later than others. Of the runs that the first observation
of a thread shows, only those created after flowtui started are events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import Context, status_word
from flowtui.model.events.finding_tracker import FindingTracker, NewFinding
from flowtui.model.events.news import is_news
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import APPEARED, CHANGED, SEEN_AGAIN, Change
from flowtui.model.state.health import LIVE, LOST, REFUSED, STALE, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import safe_text

KEPT: Final = 1_000
"""Greatest number of events kept."""

RUN: Final = "run"
FINDING: Final = "finding"
OUTAGE: Final = "outage"
RECOVERY: Final = "recovery"
NOTICE: Final = "notice"
CANCEL: Final = "cancel"
INCIDENT: Final = "incident"
AWAY: Final = "away"

HELD: Final = "held"
"""The word of a notice that the quiet hours held back."""

_BAD: Final = frozenset({STALE, LOST, REFUSED})
# seconds that an outage without an error must last: right after the computer slept, all data is old
_SURE: Final = 1.0
_TOGETHER: Final = 30.0  # seconds within which the same outage of several threads is one event
_NEAR: Final = 8  # newest events among which an equal outage is looked for


class Event(NamedTuple):
    """One event. Times are UTC epoch seconds of the local clock."""

    kind: str
    """One of the constants above, such as RUN."""
    at: float
    """When the event happened; if `since` is set, when it happened at the latest."""
    word: str
    """What happened, in one word."""
    text: str
    """More about it, display-safe."""
    run: str = ""
    """The id of the run, display-safe; "" if the event is not about a run."""
    thread: str = ""
    """The id of the thread, display-safe; "" if the event concerns no thread or several."""
    key: RunKey | None = None
    """Identifies the run; None if the event is not about a run."""
    status: str = ""
    """The status class of the run at that time."""
    since: float | None = None
    """When the event happened at the earliest; None if only `at` is known."""
    threads: int = 0
    """How many threads an outage or a recovery concerns."""

    @property
    def failure(self) -> bool:
        """Whether the event is the failure of a run."""
        return self.kind == RUN and self.status == FAILED and self.word == FAILED


class EventLog:
    """Keeps the newest `KEPT` events.

    `began` is when flowtui started. `added` is how many events there were, including those that are no longer kept.
    """

    def __init__(self, began: float) -> None:
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.added = 0
        self.began = began
        self.finding_tracker = FindingTracker()
        self._settled = False
        self._restored: dict[str, None] = {}
        self._outage_health: dict[str, Health] = {}
        self._silent_since: dict[str, float] = {}
        self._incidents = 0
        self._stopped = ""
        self._revision = 0  # of the usual times, by which runs were judged last

    def take(
        self, changes: Sequence[Change], snapshot: Snapshot, context: Context, restored: Sequence[str] = ()
    ) -> list[Event]:
        """Add the events of an update and return them, the oldest first.

        Without `changes` these are the events that time alone has caused. Findings are computed for the server time
        `context.now`. `restored`: threads whose runs came from the history; neither they nor what their first observation
        shows of the time before `began` are events.
        """
        new = self._runs(changes, snapshot)
        suspicions = self.finding_tracker.take(changes, snapshot, context, restored)
        unread = {**self._restored, **dict.fromkeys(restored)}
        self._restored = {key: None for key in unread if snapshot.threads[key].restored is not None}
        if context.usual.revision != self._revision:
            # What the usual times of the history alone have changed was so before: it is no news.
            self._revision, moved = context.usual.revision, {change.after.key for change in changes}
            suspicions = [one for one in suspicions if one.run.key in moved]
        new += self._findings(
            [one for one in suspicions if one.run.thread_key not in unread], changes, snapshot
        )
        if not self._settled:
            states = snapshot.threads.values()
            self._settled = snapshot.listed and all(s.observed or s.failure for s in states)
        new += self._incidents_of(snapshot)
        for event in new:
            self.add(event)
        return new

    def check(self, snapshot: Snapshot, now: float) -> list[Event]:
        """Add the outages that have begun or ended by `now` (local clock), and return them as events."""
        new = self._outages(snapshot, now)
        for event in new:
            self._add_together(event)
        return new

    def add(self, event: Event) -> None:
        """Insert an event by its time; among events of the same time, the one added last counts as the newest."""
        self.added += 1
        places = (place for place, known in enumerate(self.events) if known.at <= event.at)
        later = next(places, len(self.events))
        if later < KEPT:
            if len(self.events) == KEPT:
                self.events.pop()
            self.events.insert(later, event)

    # -- runs --------------------------------------------------------------------------------------------------

    def _runs(self, changes: Sequence[Change], snapshot: Snapshot) -> list[Event]:
        # Reversed, as an observation has the newest run first.
        found = (self._run_event(change, snapshot) for change in reversed(changes))
        return sorted((event for event in found if event is not None), key=lambda event: event.at)

    def _run_event(self, change: Change, snapshot: Snapshot) -> Event | None:
        before, after = change.before, change.after
        if change.kind == APPEARED and is_news(change, self.began, snapshot.clock_offset):
            text = "new" if not after.terminal else f"new, and already {_took(after, snapshot)}"
        elif change.catch_up and not is_news(change, self.began, snapshot.clock_offset):
            return None
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
        # At the first observation findings may be years old, and usual times are unknown until all threads answered.
        if not self._settled:
            return []
        first = {c.after.key for c in changes if not is_news(c, self.began, snapshot.clock_offset)}
        return [
            _of_run(FINDING, run, snapshot, at=snapshot.at, word=found.name, text=found.text)
            for run, found in suspicions
            if run.key not in first
        ]

    # -- outages -----------------------------------------------------------------------------------------------

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
            known = self._outage_health.get(key)
            if health.word in _BAD and (known is None or known.word != health.word):
                if state.failure is None and now - self._silent_since.setdefault(key, now) < _SURE:
                    continue
                self._outage_health[key] = health
                begun.setdefault((health.word, health.cause), []).append(state.id)
            elif health.good:
                self._silent_since.pop(key, None)
                # A thread that is SEEN counts as good, too, but it has not answered since the outage.
                if known is not None and health.word == LIVE:
                    over.append((state.id, known))
                    del self._outage_health[key]
        for (word, cause), ids in begun.items():
            events.append(_of_threads(OUTAGE, now, word, cause, ids))
        if over:
            since = min((health.since for _, health in over if health.since is not None), default=None)
            text = f"answers after {formatting.span(now - since)}" if since is not None else "answers"
            events.append(_of_threads(RECOVERY, now, LIVE, text, [name for name, _ in over]))
        return events

    def _add_together(self, event: Event) -> None:
        """Add an outage or recovery, merged with an equal event of other threads within `_TOGETHER` seconds before."""
        for place, known in enumerate(islice(self.events, _NEAR)):
            same = (known.kind, known.word) == (event.kind, event.word) and known.threads and event.threads
            if same and event.at - known.at < _TOGETHER and _same_cause(known, event):
                del self.events[place]
                self.added -= 1  # the merged event is counted by `add`
                event = event._replace(threads=event.threads + known.threads, thread="", since=known.at)
                break
        self.add(event)

    def _incidents_of(self, snapshot: Snapshot) -> list[Event]:
        """Return an event for each internal error since the last call."""
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


def _same_cause(one: Event, other: Event) -> bool:
    """Whether two events count as having the same cause.

    Recoveries always do. Outages do if their texts have the same first 12 characters, as a duration may follow.
    """
    return one.kind == RECOVERY or one.text == other.text or one.text[:12] == other.text[:12]


def recent(events: Iterable[Event], words: str) -> list[Event]:
    """Return the events whose searchable text contains every word in the text `words`, regardless of case."""
    wanted = words.casefold().split()
    return [event for event in events if all(word in searched(event) for word in wanted)]


def searched(event: Event) -> str:
    """Return the searchable text of an event, casefolded."""
    parts = (event.kind, event.word, event.status, event.run, event.thread, event.text)
    return " ".join(parts).casefold()


def reason_of(event: Event, reasons: Mapping[RunKey, Reason]) -> str:
    """Return why the run of a failure event failed; "" if unknown, or for other events."""
    found = reasons.get(event.key) if event.failure and event.key is not None else None
    return "" if found is None else found.text
