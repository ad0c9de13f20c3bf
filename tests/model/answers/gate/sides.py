"""Builds answers of a gate: a base from 0 to 1000 s, and new runs from then on."""

from __future__ import annotations

from flowtui.model.gate import Side, judge, parse_gate
from flowtui.model.gate.answer import Answer, Question
from flowtui.model.gate.sides import Sides
from flowtui.model.run.row import COMPLETED, FAILED, Run
from flowtui.model.state.marks import Mark

CUT = 1_000.0
AGENTS = {"a": "checkout", "b": "多言語-concierge", "c": "triage"}


def a_run(name, created, status=COMPLETED, *, agent="a", took=10.0, tokens=1_000):
    end = created + 1.0 + took
    return Run(
        **{
            **dict.fromkeys(Run._fields),
            "thread_key": f"thr_{name}",
            "raw_id": name,
            "id": name,
            "agent_id": agent,
            "status": status,
            "status_class": status,
            "model": "",
            "is_active": False,
            "created": created,
            "started": created + 1.0,
            "total_tokens": tokens,
            status: end,
        }
    )


def some_runs(count, failed, *, new, agent="a", step=4.0):
    """Return runs of which the first of every few have failed, evenly spread."""
    start = CUT if new else 0.0
    bad = {round(place * count / failed) for place in range(failed)} if failed else set()
    side = "new" if new else "old"
    return [
        a_run(
            f"{side}_{agent}_{place}",
            start + place * step,
            FAILED if place in bad else COMPLETED,
            agent=agent,
        )
        for place in range(count)
    ]


def an_answer(
    base, new, gate="failure_rate <= 20%", *, by_agent=False, missing="", until=None, compare=1_800.0
):
    """Return the answer of a gate for these runs."""
    question = Question(Mark(CUT, "v2"), compare, parse_gate(gate), 20, by_agent)
    last = CUT + 1_000.0 if until is None else until
    sides = Sides(Side(tuple(base), 0.0, CUT), Side(tuple(new), CUT, last), 0, missing)
    found = judge(
        question.gate, sides.base, sides.new, min_runs=20, by_agent=by_agent, agents=AGENTS, final=False
    )
    return Answer(question, "INCONCLUSIVE" if missing else found.verdict, found, sides)
