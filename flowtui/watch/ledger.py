"""The books of a watch: the watched runs as they are now, with their sums, kept up to date change by change. Pure.

Costs what changes, not what is watched: a thousand runs are not gone through at every look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from flowtui.model.findings import NOT_SEEN, OVERDUE, Finding, run_findings
from flowtui.model.run import CANCELLED, FAILED, Run, RunKey
from flowtui.model.snapshot import Snapshot


class Blame(NamedTuple):
    """One run that counts as a failure, and the word of `--fail-on` that says why."""

    run: Run
    word: str


class Counts(NamedTuple):
    """Sums over the watched runs. `tokens` is None where no run reported; `reported` says how many did."""

    total: int
    by_class: Mapping[str, int]
    active: int
    tokens: int | None
    reported: int


class Ledger:
    """The watched runs. `moved_at` is when one of them last changed, in the seconds that `put` was given."""

    def __init__(self) -> None:
        self.runs: dict[RunKey, Run] = {}
        self.findings: dict[RunKey, tuple[Finding, ...]] = {}
        self.moved_at = 0.0
        self._classes: Counter[str] = Counter()
        self._tokens = 0
        self._reported = 0
        self._active: dict[RunKey, None] = {}
        self._terminal = 0
        self._unknown: dict[RunKey, None] = {}

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
        if run.total_tokens is not None:
            self._tokens += run.total_tokens
            self._reported += 1

    def drop(self, key: RunKey) -> None:
        """Forget a run: a row without an id that is not there any more."""
        self._forget(key)
        self.runs.pop(key, None)
        self.findings.pop(key, None)

    def _forget(self, key: RunKey) -> None:
        old = self.runs.get(key)
        if old is None:
            return
        self._classes[old.status_class] -= 1
        self._terminal -= old.terminal
        self._active.pop(key, None)
        self._unknown.pop(key, None)
        if old.total_tokens is not None:
            self._tokens -= old.total_tokens
            self._reported -= 1

    def suspect(self, snapshot: Snapshot, moved: Iterable[RunKey]) -> list[tuple[Run, Finding]]:
        """Bring the findings up to date, of runs that moved or may be overdue by now; return those that are new."""
        now = snapshot.server_time(snapshot.at)
        late = (key for key in self._active if (ends := self.runs[key].expires) is not None and ends < now)
        fresh: list[tuple[Run, Finding]] = []
        for key in dict.fromkeys((*moved, *tuple(self.findings), *late)):
            run = self.runs.get(key)
            if run is None:
                continue
            found = run_findings(run, now, snapshot.threads.get(key[0]), snapshot.clock_offset)
            known = {finding.name for finding in self.findings.get(key, ())}
            fresh += [(run, finding) for finding in found if finding.name not in known]
            if found:
                self.findings[key] = found
            else:
                self.findings.pop(key, None)
        return fresh

    # -- what the judge asks -----------------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """The sums now."""
        tokens = self._tokens if self._reported else None
        classes = {word: number for word, number in self._classes.items() if number}
        return Counts(len(self.runs), classes, len(self._active), tokens, self._reported)

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

    def of_class(self, status_class: str) -> Iterator[Run]:
        """Yield the runs of one class."""
        return (run for run in self.runs.values() if run.status_class == status_class)

    def blames(self, words: frozenset[str]) -> list[Blame]:
        """Return the runs that these words of `--fail-on` name, each once."""
        found: dict[RunKey, Blame] = {}
        for word, status_class in (("failed", FAILED), ("cancelled", CANCELLED)):
            if word in words and self._classes[status_class]:
                found |= {run.key: Blame(run, word) for run in self.of_class(status_class)}
        for key, findings in self.findings.items():
            names = {finding.name for finding in findings}
            if "overdue" in words and OVERDUE in names:
                word = "overdue"
            elif "missing" in words and NOT_SEEN in names:
                word = "missing"
            elif "finding" in words:
                word = "finding"
            else:
                continue
            found.setdefault(key, Blame(self.runs[key], word))
        return list(found.values())
