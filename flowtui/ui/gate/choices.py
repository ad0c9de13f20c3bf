"""The line of choices above the page, and what is shown instead of the page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from flowtui.formatting import plural
from flowtui.model.gate.answer import Question
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.gate.words import window_word
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

TOGETHER: Final = "all together"
ALONE: Final = "each agent"


def choices_line(windows: Sequence[float], chosen: int, *, by_agent: bool, cells: int) -> Line:
    """Return the lengths of the base, and what is judged; in narrow terminals only what is chosen."""
    times = [Span(" base", "dim")]
    for place, seconds in enumerate(windows):
        times += [Span("  "), Span(window_word(seconds), "tab" if place == chosen else "dim")]
    before = [Span("  before it", "dim")]
    few = [Span(" base  ", "dim"), Span(window_word(windows[chosen]), "tab")]
    judged = [
        Span("judged  ", "dim"),
        Span(TOGETHER, "dim" if by_agent else "tab"),
        Span("  "),
        Span(ALONE, "tab" if by_agent else "dim"),
        Span(" "),
    ]
    only = [Span("judged  ", "dim"), Span(ALONE if by_agent else TOGETHER, "tab"), Span(" ")]
    for left, right in (([*times, *before], judged), (times, judged), (times, only), (few, only)):
        if ink.width((*left, *right)) + 2 <= cells:
            return ink.spread(left, right, cells)
    return tuple(few)


def choice_at(line: Line, windows: Sequence[float], cell: int) -> int | bool | None:
    """Return what `choices_line` shows at a cell: the index of a length, or whether each agent is judged; else None."""
    begin = 0
    for span in line:
        end = begin + cell_len(span.text)
        if begin - 1 <= cell <= end and span.role in ("tab", "dim"):
            if span.text in (TOGETHER, ALONE):
                return span.text == ALONE
            place = next((at for at, each in enumerate(windows) if window_word(each) == span.text), None)
            if place is not None:
                return place
        begin = end
    return None


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
