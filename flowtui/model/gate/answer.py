"""Judges a deploy gate on a snapshot, and tells whether the answer for a newer snapshot could differ.

Import this module only where a gate is judged: it imports the judge, which is slow to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from itertools import zip_longest
from typing import Final, NamedTuple

from flowtui.model.gate import INCONCLUSIVE, Gate, Judgement, judge
from flowtui.model.gate.sides import Sides, sides_of
from flowtui.model.gate.tree import asks_base
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

_AGAIN: Final = 10.0  # seconds after which time alone may change an answer, as it changes rates and durations


class Question(NamedTuple):
    """What the gate is asked.

    The base are the runs created in the `compare` seconds before the mark. A pass takes at least `min_runs` judged runs
    of the new side. `by_agent`: each agent is judged separately.
    """

    mark: Mark
    compare: float
    gate: Gate
    min_runs: int
    by_agent: bool


class Answer(NamedTuple):
    """The gate's answer.

    `verdict` is that of the judgement, or INCONCLUSIVE if the gate needs a base and some of its runs may not be known.
    """

    question: Question
    verdict: str
    judgement: Judgement
    sides: Sides


class AnswerInputs(NamedTuple):
    """All data that an answer depends on. If it did not change, the gate need not be asked again."""

    question: Question
    runs: tuple[Mapping[str, Run], ...]
    known: tuple[object, ...]
    reasons: int

    def same(self, other: AnswerInputs) -> bool:
        """Whether nothing has changed. Runs are compared by the identity of each thread's mapping, which is fast."""
        return (
            self[2:] == other[2:]
            and self.question == other.question
            and len(self.runs) == len(other.runs)
            and all(one is two for one, two in zip(self.runs, other.runs, strict=True))
        )


def inputs_of(question: Question, snapshot: Snapshot, reasons: Mapping[RunKey, str]) -> AnswerInputs:
    """Return the data that the answer for this snapshot depends on."""
    states = snapshot.threads.values()
    known = tuple((state.observed is None, state.whole, state.failure is None) for state in states)
    return AnswerInputs(
        question,
        tuple(state.runs for state in states),
        (known, snapshot.listed, snapshot.agents, snapshot.at // _AGAIN),
        len(reasons),
    )


def answer(question: Question, snapshot: Snapshot, reasons: Mapping[RunKey, str]) -> Answer:
    """Return the gate's answer for a snapshot."""
    sides = sides_of(snapshot, question.mark.at, question.compare)
    if not any(asks_base(each.limit) for each in question.gate.comparisons):
        sides = sides._replace(missing="")  # the base is shown, but nothing is compared with it
    judgement = judge(
        question.gate,
        sides.base,
        sides.new,
        min_runs=question.min_runs,
        by_agent=question.by_agent,
        agents=snapshot.agents,
        reasons=reasons,
        final=False,
    )
    return Answer(question, INCONCLUSIVE if sides.missing else judgement.verdict, judgement, sides)


def latest_failures(sides: Sides, most: int) -> list[Run]:
    """Return the latest failed runs, at most `most` a side, alternately of the new side and the base."""
    found = (
        nlargest(
            most,
            (run for run in side.runs if run.status_class == FAILED),
            key=lambda run: run.created or 0.0,
        )
        for side in (sides.new, sides.base)
    )
    return [run for pair in zip_longest(*found) for run in pair if run is not None]
