"""The deploy gate: is a release better or worse than what was before, and how sure is that. Pure."""

from flowtui.model.gate.judge import judge
from flowtui.model.gate.judgement import Estimate, Judgement, Row, Signature
from flowtui.model.gate.logic import FAIL, INCONCLUSIVE, PASS
from flowtui.model.gate.parser import parse_gate
from flowtui.model.gate.samples import Side
from flowtui.model.gate.tree import Gate
from flowtui.model.gate.wording import shown

__all__ = [
    "FAIL",
    "INCONCLUSIVE",
    "PASS",
    "Estimate",
    "Gate",
    "Judgement",
    "Row",
    "Side",
    "Signature",
    "judge",
    "parse_gate",
    "shown",
]
