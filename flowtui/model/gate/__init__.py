"""The deploy gate: judges by statistics whether the runs after a deployment are worse than those before."""

from flowtui.model.gate.judge import judge
from flowtui.model.gate.judgement import ComparisonResult, Estimate, Judgement, NewReason
from flowtui.model.gate.logic import FAIL, INCONCLUSIVE, PASS
from flowtui.model.gate.parser import parse_gate
from flowtui.model.gate.samples import Side
from flowtui.model.gate.tree import Gate
from flowtui.model.gate.wording import metric_text

__all__ = [
    "FAIL",
    "INCONCLUSIVE",
    "PASS",
    "ComparisonResult",
    "Estimate",
    "Gate",
    "Judgement",
    "NewReason",
    "Side",
    "judge",
    "metric_text",
    "parse_gate",
]
