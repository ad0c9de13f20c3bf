"""Which threads that the verdict needs cannot be read, since when, and whether a retry may help. Pure.

Once no more runs are added, a thread is not needed after its watched runs have all ended: its failures are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from flowtui import formatting
from flowtui.model.state.health import unanswered_since
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import safe_text
from flowtui.watch import events
from flowtui.watch.events import Event
from flowtui.watch.judge.facts import Trouble
from flowtui.watch.ledger import Ledger
from flowtui.watch.options import Options

_LIST: Final = "list of threads"
_LABELS: Final = "labels"
_ENDS_ALL: Final = frozenset({"refused", "forbidden"})


def needed(snapshot: Snapshot, ledger: Ledger, options: Options, *, fixed: bool) -> list[str]:
    """Return the raw ids of the threads that the verdict still needs. `fixed`: no more runs will be watched."""
    if fixed:
        return list(dict.fromkeys(key[0] for key, run in ledger.runs.items() if not run.terminal))
    return list(options.threads) if options.threads else list(snapshot.threads)


def failures(
    snapshot: Snapshot, threads: Iterable[str], options: Options, *, fixed: bool, unread_labels: int = 0
) -> dict[str, Failure]:
    """Return raw id -> why this thread cannot be read now. If the list of threads cannot be read, `_LIST` -> why not.

    If needed labels cannot be read, `_LABELS` -> why not. If no failure is of a thread itself, but the server makes flowtui
    wait, as with the `Retry-After` of another request: each thread that waits -> the error that made it wait.

    `fixed`: no more runs will be watched, so the list is not needed.
    `unread_labels`: how many runs are in question because their labels are not read.
    """
    found = {
        key: state.failure
        for key in threads
        if (state := snapshot.threads.get(key)) is not None and state.failure is not None
    }
    if snapshot.list_failure is not None and not options.threads and not fixed:
        found[_LIST] = snapshot.list_failure
    if snapshot.labels.failure is not None and unread_labels:
        failure = snapshot.labels.failure
        said = f"the labels of {formatting.plural(unread_labels, 'run')} cannot be read: {failure.message}"
        found[_LABELS] = replace(failure, message=said)
    if all(failure.final for failure in found.values()):
        found |= _held_back(snapshot, threads)
    return found


def _held_back(snapshot: Snapshot, threads: Iterable[str]) -> dict[str, Failure]:
    """Return raw id -> why no request is made for this thread, though none of its own has failed."""
    held = snapshot.withheld
    if held is None or not held.kind:
        return {}
    retry = snapshot.at if snapshot.next_poll is None else snapshot.next_poll
    waiting = {}
    for key in threads:
        state = snapshot.threads.get(key)
        since = None if state is None or state.failure is not None else unanswered_since(state, held)
        if since is not None:
            waiting[key] = Failure(held.kind, held.cause, since, retry_at=retry)
    return waiting


def trouble_of(
    snapshot: Snapshot, failing: dict[str, Failure], options: Options, *, now: float
) -> Trouble | None:
    """Return the failure that ends the watch at once, as no retry can help, else the longest one; None without failures.

    `now` is in UTC epoch seconds of the local clock.
    """
    if snapshot.stopped:
        return Trouble(snapshot.stopped, 0.0, final=True)
    for key, failure in failing.items():
        only = len(options.threads) == 1 or key == _LIST
        if failure.final and (only or failure.kind in _ENDS_ALL):
            return Trouble(failure.message, max(0.0, now - failure.since), final=True)
    passing = [failure for failure in failing.values() if not failure.final]
    if not passing:
        return None
    longest = min(passing, key=lambda failure: failure.since)
    return Trouble(longest.message, max(0.0, now - longest.since), final=False)


def gone(state: ThreadState) -> bool:
    """Whether this thread can never be read, though others can. A refused key says nothing about a thread."""
    return state.failure is not None and state.failure.final and state.failure.kind not in _ENDS_ALL


def lost_threads(snapshot: Snapshot, options: Options) -> list[str]:
    """Return the display-safe ids of named threads that can never be read. With any, the exit code cannot be 0."""
    states = filter(None, map(snapshot.threads.get, options.threads))
    return [state.id for state in states if state.failure is not None and state.failure.final]


@dataclass(slots=True)
class Outage:
    """Makes the events of outages, for all threads together: when one begins, at each new kind of failure, when it ends.

    `began`: when the current outage began, in monotonic seconds; None: there is no outage.
    `over`: when the last outage ended, in monotonic seconds.
    """

    began: float | None = None
    over: float = float("-inf")
    _kinds: frozenset[str] = frozenset()
    _failing: frozenset[str] = frozenset()
    _final: frozenset[str] = frozenset()

    def take(self, failing: dict[str, Failure], snapshot: Snapshot, moment: float) -> list[Event]:
        """Note which threads cannot be read at `moment` (monotonic seconds), and return the events."""
        told: list[Event] = []
        at = snapshot.at
        final = {key: failure for key, failure in failing.items() if failure.final}
        passing = {key: failure for key, failure in failing.items() if not failure.final}
        if new := {key: failure for key, failure in final.items() if key not in self._final}:
            told.append(_error(new, at))
        self._final = frozenset(final)
        if passing:
            kinds = frozenset(failure.kind for failure in passing.values())
            if self.began is None or not kinds <= self._kinds:
                told.append(_error(passing, at))
                self.began = moment if self.began is None else self.began
            self._kinds |= kinds
            self._failing |= passing.keys()
        elif self.began is not None:
            seconds = round(moment - self.began, 3)
            if not self._failing <= self._final:  # what can never be read now has not recovered
                told.append(Event(events.POLL_RECOVERED, at, {"after_s": seconds}))
            self.began, self.over = None, moment
            self._kinds = self._failing = frozenset()
        return told


def _error(failing: dict[str, Failure], at: float) -> Event:
    """Return one event for all failing threads. It has their most frequent kind of failure, and their earliest retry."""
    kind = Counter(failure.kind for failure in failing.values()).most_common(1)[0][0]
    message = next(failure.message for failure in failing.values() if failure.kind == kind)
    retries = [failure.retry_at for failure in failing.values() if failure.retry_at is not None]
    retry = round(max(0.0, min(retries) - at), 3) if retries else None
    threads = [key for key in failing if key not in (_LIST, _LABELS)]
    return events.poll_error(at, kind, safe_text(message), retry=retry, threads=threads)
