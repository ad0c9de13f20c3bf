"""What a deploy gate answers to one snapshot: both sides and the judgement on them, and whether it has to be asked anew.

Pure. Imports the judge, so only who asks a gate imports it.
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

_AGAIN: Final = (
    10.0  # seconds after which time alone may change an answer: rates, and what is active for long
)


class Question(NamedTuple):
    """What is asked: `compare` are seconds before the mark, `min_runs` what a pass takes."""

    mark: Mark
    compare: float
    gate: Gate
    min_runs: int
    by_agent: bool


class Answer(NamedTuple):
    """Where the gate stands. `verdict` is the judgement's, but inconclusive where the base is needed and not whole."""

    question: Question
    verdict: str
    judgement: Judgement
    sides: Sides


class AnswerInputs(NamedTuple):
    """What an answer rests on. Without a difference it need not be asked for again."""

    question: Question
    runs: tuple[Mapping[str, Run], ...]
    known: tuple[object, ...]
    reasons: int

    def same(self, other: AnswerInputs) -> bool:
        """Whether both rest on the same; rows are compared by what holds them, so it costs little."""
        return (
            self[2:] == other[2:]
            and self.question == other.question
            and len(self.runs) == len(other.runs)
            and all(one is two for one, two in zip(self.runs, other.runs, strict=True))
        )


def inputs_of(question: Question, snapshot: Snapshot, reasons: Mapping[RunKey, str]) -> AnswerInputs:
    """Return what an answer would rest on now."""
    states = snapshot.threads.values()
    known = tuple((state.observed is None, state.whole, state.failure is None) for state in states)
    return AnswerInputs(
        question,
        tuple(state.runs for state in states),
        (known, snapshot.listed, snapshot.agents, snapshot.at // _AGAIN),
        len(reasons),
    )


def answer(question: Question, snapshot: Snapshot, reasons: Mapping[RunKey, str]) -> Answer:
    """Ask the gate."""
    sides = sides_of(snapshot, question.mark.at, question.compare)
    if not any(asks_base(each.limit) for each in question.gate.comparisons):
        sides = sides._replace(missing="")  # it is shown, but nothing is compared with it
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
    """Return the latest failures of both sides, at most `most` of each, in turn: their reasons are to be compared."""
    found = (
        nlargest(
            most,
            (run for run in side.runs if run.status_class == FAILED),
            key=lambda run: run.created or 0.0,
        )
        for side in (sides.new, sides.base)
    )
    return [run for pair in zip_longest(*found) for run in pair if run is not None]
