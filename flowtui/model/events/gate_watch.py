"""A watch of a deploy gate: the user is told its verdict once, when it is certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowtui.model.events.notices import GATE, Notice
from flowtui.text import safe_text

if TYPE_CHECKING:  # the judge is slow to import
    from flowtui.model.gate.answer import Answer, Question


@dataclass(frozen=True, slots=True)
class GateWatch:
    """A watched gate."""

    began: float
    """When the watch began, in UTC epoch seconds of the local clock."""
    question: Question

    @property
    def name(self) -> str:
        """What is watched, in words; display-safe."""
        return f"since {self.question.mark.name}: {safe_text(self.question.gate.text)}"


def verdict_notice(watch: GateWatch, answer: Answer, at: float) -> Notice | None:
    """Return the notice of a verdict; None while it is undecided. `at`: now, in UTC epoch seconds of the local clock."""
    if answer.verdict not in ("PASS", "FAIL"):
        return None
    said = f"{answer.verdict} since {watch.question.mark.name}: {safe_text(answer.judgement.reason)}"
    level = "error" if answer.verdict == "FAIL" else "information"
    return Notice(GATE, at, watch.question.mark.name, (), (), said=said, level=level)  # type: ignore[arg-type]
