"""The books of a watch: the watched runs as they are now, with their sums, kept up to date change by change. Pure.

Costs what changes, not what is watched: a thousand runs are not gone through at every look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from flowtui.model.findings.kinds import OVERDUE, VANISHED
from flowtui.model.findings.rules import (
    Finding,
    may_be_long,
    run_findings,
    stable_until_changed,
    thread_findings,
)
from flowtui.model.run.row import CANCELLED, FAILED, Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimesCache


class CountedFailure(NamedTuple):
    """One run that counts as a failure, and the word of `--fail-on` that says why; `text`: the finding's, for `finding`.

    Without a run it is the thread itself (raw id).
    """

    run: Run | None
    word: str
    thread: str = ""
    text: str = ""


NOTHING_READ: Final = "nothing read"
SOME_READ: Final = "not all read"


class Counts(NamedTuple):
    """Sums over the watched runs. `tokens` is None where no run reported; `reported` says how many did.

    `unread` says why none being counted does not mean that there is none; "" where it does.
    """

    total: int
    by_class: Mapping[str, int]
    active: int
    tokens: int | None
    reported: int
    unread: str = ""

    @property
    def known(self) -> bool:
        """Whether a sum of 0 is one; else it is unknown."""
        return bool(self.total) or not self.unread


class Ledger:
    """The watched runs. `moved_at` is when one of them last changed, in the seconds that `put` was given.

    `findings` are those of runs, `thread_findings` those of threads (raw id) that no watched run has itself.
    `unread` says how much of what was asked for has been read: NOTHING_READ, SOME_READ or "".
    """

    def __init__(self, habits: UsualTimesCache | None = None) -> None:
        self.runs: dict[RunKey, Run] = {}
        self.findings: dict[RunKey, tuple[Finding, ...]] = {}
        self.thread_findings: dict[str, tuple[Finding, ...]] = {}
        self._habits = habits or UsualTimesCache()
        self.moved_at = 0.0
        self.unread = NOTHING_READ
        self._classes: Counter[str] = Counter()
        self._tokens = 0
        self._reported = 0
        self._active: dict[RunKey, None] = {}
        self._terminal = 0
        self._unknown: dict[RunKey, None] = {}
        self._unsure: dict[RunKey, None] = {}
        self._open: dict[RunKey, None] = {}  # runs whose findings may change without news of them

    def put(self, run: Run, moment: float) -> None:
        """Take in a run, or its new state, at `moment` (monotonic seconds)."""
        self._forget(run.key)
        self.runs[run.key] = run
        self.moved_at = moment
        self._classes[run.status_class] += 1
        self._terminal += run.terminal
        if run.active:
            self._active[run.key] = None
        elif not run.terminal:
            self._unknown[run.key] = None
        elif run.is_active:
            self._unsure[run.key] = None
        if run.total_tokens is not None:
            self._tokens += run.total_tokens
            self._reported += 1

    def drop(self, key: RunKey) -> None:
        """Forget a run: a row without an id that is not there any more."""
        self._forget(key)
        self.runs.pop(key, None)
        self.findings.pop(key, None)
        self._open.pop(key, None)

    def _forget(self, key: RunKey) -> None:
        old = self.runs.get(key)
        if old is None:
            return
        self._classes[old.status_class] -= 1
        self._terminal -= old.terminal
        self._active.pop(key, None)
        self._unknown.pop(key, None)
        self._unsure.pop(key, None)
        if old.total_tokens is not None:
            self._tokens -= old.total_tokens
            self._reported -= 1

    def update_findings(self, snapshot: Snapshot, moved: Iterable[RunKey]) -> list[tuple[Run, Finding]]:
        """Bring the findings up to date, of runs that moved or that time may have made suspect; return the new ones."""
        now = snapshot.server_time(snapshot.at)
        late = [key for key in self._active if _late(self.runs[key], now)]
        usual = self._habits.of(snapshot) if late else NO_USUAL_TIMES  # only what lasts is compared with it
        fresh: list[tuple[Run, Finding]] = []
        for key in dict.fromkeys((*moved, *self._open, *late, *self._unsure)):
            run = self.runs.get(key)
            if run is None:
                continue
            found = run_findings(run, now, snapshot.threads.get(key[0]), snapshot.clock_offset, usual)
            known = {finding.name for finding in self.findings.get(key, ())}
            fresh += [(run, finding) for finding in found if finding.name not in known]
            if found:
                self.findings[key] = found
            else:
                self.findings.pop(key, None)
            if found and not stable_until_changed(run, found):
                self._open[key] = None
            else:
                self._open.pop(key, None)
        return fresh

    def update_thread_findings(self, states: Iterable[ThreadState]) -> list[tuple[ThreadState, Finding]]:
        """Bring the findings of the watched threads up to date, after those of runs; return the new ones."""
        found: dict[str, tuple[Finding, ...]] = {}
        fresh: list[tuple[ThreadState, Finding]] = []
        for state in states:
            holder = (state.key, state.thread.active_run or "") if state.thread is not None else None
            told = {finding.name for finding in self.findings.get(holder, ())} if holder else set()
            of_thread = tuple(each for each in thread_findings(state) if each.name not in told)
            if of_thread:
                found[state.key] = of_thread
            if state.key not in self.thread_findings:
                fresh += [(state, each) for each in of_thread]
        self.thread_findings = found
        return fresh

    # -- what the judge asks -----------------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """The sums now."""
        tokens = self._tokens if self._reported else None
        classes = {word: number for word, number in self._classes.items() if number}
        return Counts(len(self.runs), classes, len(self._active), tokens, self._reported, self.unread)

    @property
    def ended(self) -> int:
        """How many runs are terminal."""
        return self._terminal

    @property
    def active(self) -> list[Run]:
        """The runs that are queued or running, in the order they came."""
        return [self.runs[key] for key in self._active]

    @property
    def unknown(self) -> list[Run]:
        """The runs whose status says neither that they work nor that they ended."""
        return [self.runs[key] for key in self._unknown]

    def given_up(self, words: frozenset[str]) -> int:
        """Return how many runs that have not ended count as failures by these words: nobody waits for them."""
        names = {OVERDUE if word == "overdue" else VANISHED for word in words & {"overdue", "missing"}}
        return sum(
            any(finding.name in names for finding in self.findings.get(key, ()))
            for key in (*self._active, *self._unknown)
        )

    def of_class(self, status_class: str) -> Iterator[Run]:
        """Yield the runs of one class."""
        return (run for run in self.runs.values() if run.status_class == status_class)

    def counted_failures(self, words: frozenset[str]) -> list[CountedFailure]:
        """Return the runs, and threads, that these words of `--fail-on` name, each once."""
        found: dict[RunKey, CountedFailure] = {}
        for word, status_class in (("failed", FAILED), ("cancelled", CANCELLED)):
            if word in words and self._classes[status_class]:
                found |= {run.key: CountedFailure(run, word) for run in self.of_class(status_class)}
        for key, findings in self.findings.items():
            names = {finding.name for finding in findings}
            text = ""
            if "overdue" in words and OVERDUE in names:
                word = "overdue"
            elif "missing" in words and VANISHED in names:
                word = "missing"
            elif "finding" in words:
                word, text = "finding", findings[0].text
            else:
                continue
            found.setdefault(key, CountedFailure(self.runs[key], word, text=text))
        threads = self.thread_findings.items() if "finding" in words else ()
        of_threads = [CountedFailure(None, "finding", key, suspects[0].text) for key, suspects in threads]
        return [*found.values(), *of_threads]


def _late(run: Run, now: float) -> bool:
    """Whether time alone may have made an active run suspect."""
    return may_be_long(run, now) or (run.expires is not None and run.expires < now)
