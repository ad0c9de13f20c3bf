"""After how many runs a gate's verdict was certain, and when: a watch would have ended then. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from flowtui.model.gate import INCONCLUSIVE, judge
from flowtui.model.gate.answer import Answer
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.gate.odds import KeptOdds
from flowtui.model.run.row import Run


class DecidingMoment(NamedTuple):
    """The first interim look that gave the present verdict."""

    runs: int
    """How many ended runs of the new side it rests on."""
    at: float | None
    """When the last of them had ended, in UTC epoch seconds by the server's clock; None if that is unknown."""


def deciding_moment(answer: Answer, agents: Mapping[str, str]) -> DecidingMoment | None:
    """Return when the verdict was certain; None while it is not, or if it rests on runs that have not ended.

    The gate is judged on the first runs by creation, as many as each interim look takes. `agents`: agent id → name.
    """
    if answer.verdict == INCONCLUSIVE:
        return None
    question, sides = answer.question, answer.sides
    known = [run for run in sides.new.runs if run.terminal and run.created is not None]
    ended = sorted(known, key=lambda run: (run.created or 0.0, run.raw_id))
    kept = KeptOdds()
    for size in takewhile(lambda size: size <= len(ended), sizes()):
        first = ended[:size]
        found = judge(
            question.gate,
            sides.base,
            sides.new._replace(runs=first),
            min_runs=question.min_runs,
            by_agent=question.by_agent,
            agents=agents,
            final=False,
            kept=kept,
        )
        if found.verdict == answer.verdict:
            return DecidingMoment(size, _last_end(first))
    return None


def _last_end(runs: list[Run]) -> float | None:
    ends = [run.ended for run in runs]
    return None if None in ends else max((end for end in ends if end is not None), default=None)
