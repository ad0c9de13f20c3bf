"""Tells which runs have the wanted group and labels, and for which this is not known yet. Pure.

Group and labels of a run are read from its spans, which exist only once it has started. So a run may be known for a while
before its labels are. Such a run is not watched yet, but counted, and no watch ends with success before it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.run.row import QUEUED, Run, RunKey
from flowtui.model.state.label_reading import LabelWish
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.judge.facts import UnreadLabels
from flowtui.watch.options import Options


class InQuestion(NamedTuple):
    """A run whose labels are not read yet. Times are UTC epoch seconds of the local clock.

    `seen`: when it was first in question.
    `ended`: when it was first seen ended; None: it has not ended.
    """

    seen: float
    ended: float | None


class LabelSelection:
    """The runs whose labels are in question.

    `unread`: the runs that are wanted if their labels match, and of which no span was read yet.
    `moved`: whether the last snapshot had new labels.
    """

    def __init__(self, options: Options) -> None:
        self.terms = options.labels
        self.unread: dict[RunKey, InQuestion] = {}
        self.moved = False
        self._options = options
        self._facts: dict[str, Mapping[str, Any]] = {}
        self._base: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        self._base_unread: dict[str, dict[RunKey, InQuestion]] = {}
        self._first_asked: float | None = None
        self._compares = _compares_groups(options)

    @property
    def count(self) -> int:
        """How many runs are in question, those before the mark of a gate included."""
        return len(self.unread) + sum(map(len, self._base_unread.values()))

    def candidates(self, snapshot: Snapshot) -> list[Run]:
        """Return the rows of the runs in question, and of the threads of which new labels were read."""
        if not self.terms.given:
            return []
        found: dict[RunKey, Run] = {}
        self.moved = False
        for thread, state in snapshot.threads.items():
            if self._facts.get(thread) is not state.span_facts:
                self._facts[thread] = state.span_facts
                self.moved = True
                found.update((run.key, run) for run in state.runs.values())
        for key in list(self.unread):
            run = snapshot.run(key)
            if run is None:
                del self.unread[key]
            else:
                found[key] = run
        return list(found.values())

    def has(self, run: Run, snapshot: Snapshot) -> bool:
        """Whether a run that is wanted otherwise has the group and labels. Notes it as unread if that is not known."""
        known = self.terms.match(_facts_of(run, snapshot))
        if known is None and not self._ignores(run):
            _note(self.unread, run, snapshot.at)
        else:
            self.unread.pop(run.key, None)
        return bool(known)

    def forget(self, run: Run) -> None:
        """Note that a run is not wanted, whatever its labels are."""
        self.unread.pop(run.key, None)

    def close(self) -> None:
        """Forget the runs in question, as no more runs are wanted."""
        self.unread.clear()
        self.moved = False

    def take_base(self, snapshot: Snapshot, admits: Callable[[Run], bool]) -> None:
        """Note which runs before the mark of a gate have no read span. `admits`: whether a run counts otherwise."""
        options = self._options
        if not self._compares or options.since is None or options.gate is None:
            return
        since, begin = options.since, options.since - options.gate.compare
        for key in options.threads or snapshot.threads:
            state = snapshot.threads.get(key)
            if state is None:
                continue
            runs, facts = self._base.get(key, (None, None))
            if runs is state.runs and facts is state.span_facts:
                continue
            self._base[key] = state.runs, state.span_facts
            before, unread = self._base_unread.get(key, {}), dict[RunKey, InQuestion]()
            for run in state.runs.values():
                inside = run.created is not None and begin <= run.created < since
                unknown = run.raw_id not in state.span_facts and not self._ignores(run)
                if inside and unknown and admits(run):
                    unread |= {run.key: before[run.key]} if run.key in before else {}
                    _note(unread, run, snapshot.at)
            self._base_unread[key] = unread

    def side(self, snapshot: Snapshot) -> Callable[[Run, bool], bool | None] | None:
        """Return a function for the sides of a gate, which tells whether a run has the labels; None if none are wanted.

        It gets the run, and whether it is on the new side. `--group` holds for both sides, `--label` for the new one. It
        returns None if that is not known yet.
        """
        terms, of_base = self.terms, LabelTerms(self.terms.group)
        if not terms.given:
            return None
        return lambda run, new: (terms if new else of_base).match(_facts_of(run, snapshot))

    def wish(self, snapshot: Snapshot) -> LabelWish:
        """Return the runs whose spans should be read. Queued runs are left out, as they have none."""
        rows = filter(None, map(snapshot.run, self._all()))
        terms = LabelTerms(self.terms.group) if self._compares else self.terms
        return LabelWish(terms, frozenset(run.key for run in rows if run.status_class != QUEUED))

    def asked(self, snapshot: Snapshot) -> bool:
        """Whether the spans of each started run that was in question at the first call were asked for at least once."""
        if self._first_asked is None:
            self._first_asked = snapshot.at
        every, sought = self._all(), snapshot.labels.sought
        return not any(
            key not in sought and every[key].seen <= self._first_asked for key in self.wish(snapshot).runs
        )

    def gap(self, snapshot: Snapshot, now: float, began: float) -> UnreadLabels:
        """Return how many labels are not read at `now`. The watch began at `began`; both in epoch seconds of the local clock."""
        sought, every = snapshot.labels.sought, self._all()
        patience = self._options.give_up_after
        lost = sum(
            each.ended is not None and key in sought and now - max(each.ended, sought[key]) >= patience
            for key, each in every.items()
        )
        return UnreadLabels(len(every), lost, self.seen_by(began + self._options.wait_start), len(every))

    def seen_by(self, at: float) -> int:
        """Return how many of the runs were in question at this time, in epoch seconds of the local clock."""
        return sum(each.seen <= at for each in self._all().values())

    def _ignores(self, run: Run) -> bool:
        """Whether a run without spans is left out: for a gate, a few runs that never started must not end it without an answer."""
        return self._options.gate is not None and run.terminal and run.started is None

    def _all(self) -> dict[RunKey, InQuestion]:
        every = dict(self.unread)
        for unread in self._base_unread.values():
            every |= unread
        return every


def _facts_of(run: Run, snapshot: Snapshot) -> Any:
    state = snapshot.threads.get(run.thread_key)
    return None if state is None else state.span_facts.get(run.raw_id)


def _note(unread: dict[RunKey, InQuestion], run: Run, at: float) -> None:
    before = unread.get(run.key) or InQuestion(at, None)
    if run.terminal and before.ended is None:
        before = before._replace(ended=at)
    unread[run.key] = before


def _compares_groups(options: Options) -> bool:
    """Whether a gate compares the group of `--group` with its runs before the mark."""
    if options.gate is None or options.labels.group is None:
        return False
    from flowtui.model.gate.tree import asks_base  # noqa: PLC0415  a watch without a gate needs no gate

    return any(asks_base(each.limit) for each in options.gate.gate.comparisons)
