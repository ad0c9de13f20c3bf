"""The line of choices above the page, and what is shown instead of the page. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from flowtui.formatting import plural
from flowtui.model.gate.answer import Question
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.gate.words import window_word
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.choice_row import TIMES, ChoiceRow

WINDOWS: Final = tuple(TIMES.values())
"""The lengths of time before the mark to compare with, in seconds; the user chooses one."""

_JUDGED: Final = ("all together", "each agent")
_BEFORE: Final = Span("  before it", "dim")
# for ever less room: whether all lengths are named, and both kinds of judging
_FORMS: Final = ((True, True), (True, False), (False, False))


class Choices(NamedTuple):
    """The line, and its rows: the lengths of the base at its begin, and what is judged at its end if there is room."""

    line: Line
    base: ChoiceRow
    judged: ChoiceRow | None

    def base_at(self, cell: int) -> int | None:
        """Return the index of the length that a click on a cell chooses; None if it chooses none."""
        return self.base.place_at(cell)

    def by_agent_at(self, cell: int) -> bool | None:
        """Return whether a click on a cell has each agent judged; None if it chooses nothing."""
        if self.judged is None:
            return None
        place = self.judged.place_at(cell - (ink.width(self.line) - self.judged.width))
        return None if place is None else bool(place)


def choices(window: int, *, by_agent: bool, cells: int) -> Choices:
    """Return the line for `cells` cells. `window`: an index of `WINDOWS`. In narrow terminals only what is chosen is named."""
    base = ChoiceRow("  base", tuple(TIMES), window)
    judged = ChoiceRow("judged", _JUDGED, int(by_agent))
    for all_times, both in _FORMS:
        left, right = replace(base, alone=not all_times), replace(judged, alone=not both)
        if left.width + right.width + 3 <= cells:
            times = left.spans
            if left.width + ink.width([_BEFORE]) + right.width + 3 <= cells:
                times = [*times, _BEFORE]
            return Choices(ink.spread(times, right.spans, cells - 1), left, right)
    left = replace(base, alone=True)
    return Choices(tuple(left.spans), left, None)


def without_mark(key: str, snapshot: Snapshot) -> list[Line]:
    """Return what is shown without a mark. `key` sets one."""
    looked = f"no mark is set for this address, and no deployment is known of {plural(len(snapshot.agents), 'agent')}"
    return [
        ink.line(("No mark yet", "strong")),
        ink.line((looked, "dim")),
        ink.line(("a gate compares the runs since a mark with those before it", "dim")),
        ink.BLANK,
        ink.line((key, "key"), (" names this moment, when you deploy", "dim")),
        ink.line(("flowtui mark NAME", "text"), (" does so in a pipeline", "dim")),
    ]


def judging(question: Question) -> list[Line]:
    """Return what is shown while a question is judged for the first time."""
    told = f"the runs since {question.mark.name} against the {window_word(question.compare)} before it"
    return [ink.line(("Judging …", "strong")), ink.line((told, "dim"))]
