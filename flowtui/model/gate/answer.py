"""Judges a deploy gate on a snapshot, and tells whether the answer for a newer snapshot could differ.

Import this module only where a gate is judged: it imports the judge, which is slow to import.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from heapq import nlargest
from itertools import zip_longest
from typing import Final, NamedTuple

from flowtui.model.gate import INCONCLUSIVE, Gate, Judgement, judge
from flowtui.model.gate.odds import KeptOdds
from flowtui.model.gate.past_base import NO_PAST, PastBase
from flowtui.model.gate.sides import Labelled, Sides, left_since, sides_of
from flowtui.model.gate.tree import asks_base
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

_AGAIN: Final = 10.0  # seconds after which time alone may change an answer, as it changes rates and durations


class Question(NamedTuple):
    """What the gate is asked."""

    mark: Mark
    """The moment that separates the two sides."""
    compare: float
    """The base are the runs created in this many seconds before the mark."""
    gate: Gate
    min_runs: int
    """A pass takes at least this many judged runs on the new side."""
    by_agent: bool
    """Whether each agent is judged separately."""


class Answer(NamedTuple):
    """The gate's answer."""

    question: Question
    verdict: str
    """The verdict of the judgement.

    INCONCLUSIVE, whatever the judgement says, if the gate needs a base and some runs of the base may not be known.
    """
    judgement: Judgement
    sides: Sides


class AnswerInputs(NamedTuple):
    """The data that an answer depends on. If they did not change, the gate need not be asked again."""

    question: Question
    runs: tuple[Mapping[str, Run], ...]
    """For each thread, the mapping of its runs: the same object as in its state."""
    known: tuple[object, ...]
    """What is known about threads and agents, and a number that grows with time."""
    reasons: int
    """How many reasons of failed runs are known."""
    past: PastBase = NO_PAST
    """What the history says of the base."""

    def same(self, other: AnswerInputs) -> bool:
        """Whether nothing has changed.

        Of each thread's runs only the identity of the mapping is compared, which is fast.
        """
        return (
            self[2:] == other[2:]
            and self.question == other.question
            and len(self.runs) == len(other.runs)
            and all(one is two for one, two in zip(self.runs, other.runs, strict=True))
        )


def inputs_of(
    question: Question, snapshot: Snapshot, reasons: Mapping[RunKey, Reason], past: PastBase = NO_PAST
) -> AnswerInputs:
    """Return the data that the answer for this snapshot depends on."""
    states = snapshot.threads.values()
    known = tuple(
        (
            state.observed is None,
            state.current,
            state.whole,
            state.left.newest,
            state.failure is None,
        )
        for state in states
    )
    return AnswerInputs(
        question,
        tuple(state.runs for state in states),
        (known, snapshot.listed, snapshot.agents, snapshot.at // _AGAIN),
        len(reasons),
        past,
    )


def answer(
    question: Question,
    snapshot: Snapshot,
    reasons: Mapping[RunKey, Reason],
    *,
    threads: Sequence[str] = (),
    wants: Callable[[Run], bool] = lambda _: True,
    labelled: Labelled | None = None,
    past: PastBase = NO_PAST,
    final: bool = False,
    kept: KeptOdds | None = None,
) -> Answer:
    """Return the gate's answer for a snapshot. `reasons` are the known reasons of failed runs.

    `threads`, `wants`, `labelled`, `past`: which runs count, as in `sides_of`.
    `final`: whether this is the last judgement, which may use all of the risk that is left.
    `kept`: as in `judge`.
    """
    sides = sides_of(
        snapshot,
        question.mark.at,
        question.compare,
        threads=threads,
        wants=wants,
        labelled=labelled,
        past=past,
    )
    if not any(asks_base(each.limit) for each in question.gate.comparisons):
        # the base is shown, but nothing is compared with it
        unread = "" if snapshot.read() else sides.missing
        sides = sides._replace(missing=unread or left_since(snapshot, question.mark.at, threads, past))
    judgement = judge(
        question.gate,
        sides.base,
        sides.new,
        min_runs=question.min_runs,
        by_agent=question.by_agent,
        agents=snapshot.agents,
        reasons=reasons,
        final=final,
        kept=kept,
    )
    return Answer(question, INCONCLUSIVE if sides.missing else judgement.verdict, judgement, sides)


def latest_failures(sides: Sides, most: int, known: Container[RunKey] = ()) -> list[Run]:
    """Return the latest failed runs, at most `most` a side, alternately of the new side and the base; none of `known`."""
    found = (
        nlargest(
            most,
            (run for run in side.runs if run.status_class == FAILED and run.key not in known),
            key=lambda run: run.created or 0.0,
        )
        for side in (sides.new, sides.base)
    )
    return [run for pair in zip_longest(*found) for run in pair if run is not None]
