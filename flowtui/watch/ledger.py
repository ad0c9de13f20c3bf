"""The watched runs in their newest state, with their counts and findings. Pure.

An update takes time for each change, not for each watched run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.findings import rules
from flowtui.model.findings.kinds import AGENT_NOT_ACTIVE, OVERDUE, VANISHED
from flowtui.model.run.row import CANCELLED, FAILED, Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimesCache

MOST_LEFT: Final = 5_000
"""Ended runs that have left the feed's memory: so many are kept with all their fields, failed ones longest, of these the first."""

MOST_LISTED: Final = 50_000
"""The same, if a file is wanted that lists every run."""


class CountedFailure(NamedTuple):
    """A run, or a thread, that counts as a failure.

    `run`: the run; None if the failure is a finding about a thread.
    `word`: the name in `--fail-on` because of which it counts.
    `thread`: the raw id of the thread if `run` is None, else "".
    `text`: the text of the finding if `word` is `finding`, else "".
    """

    run: Run | None
    word: str
    thread: str = ""
    text: str = ""


NOTHING_READ: Final = "nothing read"
SOME_READ: Final = "not all read"


def without_labels(number: int | None) -> str:
    """Return how many runs have no labels yet, such as `2 runs without labels yet`; "" if none."""
    return f"{formatting.plural(number, 'run')} without labels yet" if number else ""


class Counts(NamedTuple):
    """Counts of the watched runs.

    `tokens`: the sum of their tokens; None if no run has reported tokens.
    `reported`: how many runs have reported tokens.
    `inferred`: how many runs have an inferred status, as the server sent none or an unknown one.
    `unread`: NOTHING_READ or SOME_READ if some of the needed threads were not read yet; "" if all were read.
    `labels_unread`: how many runs are not counted because their labels are not read yet; None: no labels are wanted.
    """

    total: int
    by_class: Mapping[str, int]
    active: int
    tokens: int | None
    reported: int
    unread: str = ""
    inferred: int = 0
    labels_unread: int | None = None

    @property
    def known(self) -> bool:
        """Whether the counts are known. They are unknown as long as no run is counted and some threads are unread."""
        return bool(self.total) or not self.unread


class Failures(NamedTuple):
    """What counts as a failure. `folded`: name in `--fail-on` -> how many runs that are no longer kept count because of it."""

    kept: list[CountedFailure]
    folded: Mapping[str, int]

    @property
    def number(self) -> int:
        """How many runs and threads count as failures."""
        return len(self.kept) + sum(self.folded.values())

    @property
    def words(self) -> Counter[str]:
        """Name in `--fail-on` -> how many count because of it."""
        return Counter(failure.word for failure in self.kept) + Counter(self.folded)


class _Folded(NamedTuple):
    """What the runs have in common that are no longer kept. `names`: the names of their findings."""

    status_class: str
    names: frozenset[str]


class Ledger:
    """The watched runs.

    `runs`: those that are kept: all but the oldest of very many.
    `ended`: how many runs have ended.
    `folded_threads`: raw ids of the threads with runs that are only counted; `first_folded`: of these, the one that failed first.
    `moved_at`: when a watched run last changed, in monotonic seconds.
    `findings`: run -> its findings.
    `thread_findings`: raw id of a thread -> its findings; findings that its locking run has too are left out.
    `unread`, `labels_unread`: see `Counts`.
    """

    def __init__(self, usual_times: UsualTimesCache | None = None, *, most_left: int = MOST_LEFT) -> None:
        self.runs: dict[RunKey, Run] = {}
        self.findings: dict[RunKey, tuple[rules.Finding, ...]] = {}
        self.thread_findings: dict[str, tuple[rules.Finding, ...]] = {}
        self._usual_times = usual_times or UsualTimesCache()
        self.moved_at = 0.0
        self.unread = NOTHING_READ
        self.labels_unread: int | None = None
        self._classes: Counter[str] = Counter()
        self._tokens = 0
        self._reported = 0
        self._inferred = 0
        self._active: dict[RunKey, None] = {}
        self.ended = 0
        self._unknown: dict[RunKey, None] = {}
        self._unsure: dict[RunKey, None] = {}
        self._open: dict[RunKey, None] = {}  # runs whose findings may change though the run does not
        self._most_left = most_left
        self._left: dict[RunKey, None] = {}  # ended runs that left the feed's memory
        self._left_failures: dict[
            RunKey, None
        ] = {}  # the same: those that failed, were cancelled or have findings
        self._folded: Counter[_Folded] = Counter()
        self.folded_threads: set[str] = set()
        self.first_folded: Run | None = None

    @property
    def total(self) -> int:
        """How many runs are watched."""
        return len(self.runs) + self._folded.total()

    def put(self, run: Run, moment: float) -> None:
        """Add a run, or replace its row. `moment` is now, in monotonic seconds."""
        self._forget(run.key)
        self.runs[run.key] = run
        self.moved_at = moment
        self._count(run, 1)
        if run.active:
            self._active[run.key] = None
        elif not run.terminal:
            self._unknown[run.key] = None
        elif run.is_active:
            self._unsure[run.key] = None

    def leave(self, key: RunKey) -> list[Run]:
        """Note that a watched run has left the feed's memory. Return the runs that are only counted from now on."""
        run = self.runs.get(key)
        if run is None or not run.terminal:
            return []
        self._open.pop(key, None)
        self._unsure.pop(key, None)
        plain = run.status_class not in (FAILED, CANCELLED) and key not in self.findings
        (self._left if plain else self._left_failures)[key] = None
        surplus = len(self._left) + len(self._left_failures) - self._most_left
        return [self._fold() for _ in range(surplus)]

    def _fold(self) -> Run:
        """Only count a run: the one that left first; if all may count as failures, the last, as sentences name the first."""
        if self._left:
            key = next(iter(self._left))
            del self._left[key]
        else:
            key, _ = self._left_failures.popitem()
        run = self.runs.pop(key)
        names = frozenset(finding.name for finding in self.findings.pop(key, ()))
        self._folded[_Folded(run.status_class, names)] += 1
        self.folded_threads.add(key[0])
        first = self.first_folded
        if run.status_class == FAILED and (first is None or _moment(run) < _moment(first)):
            self.first_folded = run
        return run

    def drop(self, key: RunKey) -> None:
        """Remove a run. Used for a placeholder row that is not in the snapshot any more."""
        self._forget(key)
        self.runs.pop(key, None)
        self.findings.pop(key, None)
        self._open.pop(key, None)

    def _forget(self, key: RunKey) -> None:
        if (old := self.runs.get(key)) is not None:
            self._count(old, -1)
        for kind in (self._active, self._unknown, self._unsure, self._left, self._left_failures):
            kind.pop(key, None)

    def _count(self, run: Run, times: int) -> None:
        """Add a row to the sums; with `times` -1, take it out of them."""
        self._classes[run.status_class] += times
        self.ended += times * run.terminal
        self._inferred += times * run.inferred
        if run.total_tokens is not None:
            self._tokens += times * run.total_tokens
            self._reported += times

    def update_findings(self, snapshot: Snapshot, moved: Iterable[RunKey]) -> list[tuple[Run, rules.Finding]]:
        """Update the findings of the runs `moved`, and of runs whose findings depend on the time; return the new findings."""
        now = snapshot.server_time(snapshot.at)
        stopped = snapshot.agent_statuses
        late = [
            key
            for key, run in ((key, self.runs[key]) for key in self._active)
            if _late(run, now) or rules.may_wait_for_agent(run, stopped)
        ]
        # only runs that may take too long are compared with usual times
        usual = self._usual_times.of(snapshot) if late else NO_USUAL_TIMES
        fresh: list[tuple[Run, rules.Finding]] = []
        for key in dict.fromkeys((*moved, *self._open, *late, *self._unsure)):
            run = self.runs.get(key)
            if run is None:
                continue
            state, offset = snapshot.threads.get(key[0]), snapshot.clock_offset
            found = rules.run_findings(run, now, state, offset, usual, agents=snapshot.agent_statuses)
            known = {finding.name for finding in self.findings.get(key, ())}
            fresh += [(run, finding) for finding in found if finding.name not in known]
            if found:
                self.findings[key] = found
            else:
                self.findings.pop(key, None)
            if found and not rules.stable_until_changed(run, found):
                self._open[key] = None
            else:
                self._open.pop(key, None)
        return fresh

    def update_thread_findings(
        self, states: Iterable[ThreadState]
    ) -> list[tuple[ThreadState, rules.Finding]]:
        """Update the findings of the threads `states`; return the new findings. Call `update_findings` first."""
        found: dict[str, tuple[rules.Finding, ...]] = {}
        fresh: list[tuple[ThreadState, rules.Finding]] = []
        for state in states:
            holder = (state.key, state.thread.active_run or "") if state.thread is not None else None
            told = {finding.name for finding in self.findings.get(holder, ())} if holder else set()
            of_thread = tuple(each for each in rules.thread_findings(state) if each.name not in told)
            if of_thread:
                found[state.key] = of_thread
            if state.key not in self.thread_findings:
                fresh += [(state, each) for each in of_thread]
        self.thread_findings = found
        return fresh

    # -- what the verdict needs --------------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """The current counts."""
        tokens = self._tokens if self._reported else None
        classes = {word: number for word, number in self._classes.items() if number}
        return Counts(
            self.total,
            classes,
            len(self._active),
            tokens,
            self._reported,
            self.unread,
            self._inferred,
            self.labels_unread,
        )

    @property
    def active(self) -> list[Run]:
        """The queued and running runs, in the order in which they were added or last changed."""
        return [self.runs[key] for key in self._active]

    @property
    def unknown(self) -> list[Run]:
        """The runs whose status does not tell whether they are active or have ended."""
        return [self.runs[key] for key in self._unknown]

    @property
    def undecided(self) -> Iterable[RunKey]:
        """The keys of `unknown`."""
        return self._unknown

    @property
    def waiting_for_agents(self) -> list[Run]:
        """The queued runs whose agents are not active, so that they do not start."""
        return [
            self.runs[key]
            for key in self._active
            if any(finding.name == AGENT_NOT_ACTIVE for finding in self.findings.get(key, ()))
        ]

    def given_up(self, words: frozenset[str]) -> int:
        """Return how many runs that have not ended count as failures already, because they are overdue or missing.

        They may never end. `words` are the names in `--fail-on`: only the kinds that it names are counted.
        """
        names = {OVERDUE if word == "overdue" else VANISHED for word in words & {"overdue", "missing"}}
        return sum(
            any(finding.name in names for finding in self.findings.get(key, ()))
            for key in (*self._active, *self._unknown)
        )

    def failures(self, words: frozenset[str]) -> Failures:
        """Return the runs and threads that count as failures, each once. `words` are the names in `--fail-on`."""
        folded: Counter[str] = Counter()
        for (status_class, names), number in self._folded.items():
            word = _word(status_class, names, words)
            if word:
                folded[word] += number
        return Failures(self._kept_failures(words), folded)

    def folded_failed(self, words: frozenset[str]) -> int:
        """Return how many failed runs that are no longer kept count as failures."""
        return sum(
            number
            for (status_class, names), number in self._folded.items()
            if status_class == FAILED and _word(status_class, names, words)
        )

    def _kept_failures(self, words: frozenset[str]) -> list[CountedFailure]:
        found: dict[RunKey, CountedFailure] = {}
        for word, status_class in (("failed", FAILED), ("cancelled", CANCELLED)):
            if word in words and self._classes[status_class]:
                runs = (run for run in self.runs.values() if run.status_class == status_class)
                found |= {run.key: CountedFailure(run, word) for run in runs}
        for key, findings in self.findings.items():
            word = _word("", frozenset(finding.name for finding in findings), words)
            text = findings[0].text if word == "finding" else ""
            if word:
                found.setdefault(key, CountedFailure(self.runs[key], word, text=text))
        threads = self.thread_findings.items() if "finding" in words else ()
        of_threads = [CountedFailure(None, "finding", key, suspects[0].text) for key, suspects in threads]
        return [*found.values(), *of_threads]


def _word(status_class: str, names: frozenset[str], words: frozenset[str]) -> str:
    """Return the first of `words` because of which a run counts as a failure; "" if none.

    `names` are those of its findings, `words` those in `--fail-on`.
    """
    reasons = (
        ("failed", status_class == FAILED),
        ("cancelled", status_class == CANCELLED),
        ("overdue", OVERDUE in names),
        ("missing", VANISHED in names),
        ("finding", bool(names)),
    )
    return next((word for word, counts in reasons if counts and word in words), "")


def _moment(run: Run) -> tuple[bool, float]:
    """Return by what the first of several runs is found: when it ended, else when it was created."""
    at = run.created if run.ended is None else run.ended
    return at is None, at or 0.0


def _late(run: Run, now: float) -> bool:
    """Whether an active run may have a new finding only because time has passed."""
    return rules.may_be_long(run, now) or (run.expires is not None and run.expires < now)
