"""The tabs of a run: their names, which details each needs, and the line of tabs. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.model.messages.opened import Opened
from flowtui.model.run import detail
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

RAW: Final = "raw"
CONVERSATION: Final = "conversation"
EVIDENCE: Final = "evidence"
AGAINST: Final = "against"
LAST_COMPLETED: Final = "last completed"


class Tab(NamedTuple):
    """A tab."""

    name: str
    short: str
    """Its name in narrow panes."""
    needs: frozenset[str]
    """The details that must be fetched before it can be drawn."""
    opened: frozenset[str] = frozenset()
    """What is fetched besides, once the user has opened the run on a screen of its own."""


TABS: Final = (
    Tab("Overview", "Info", frozenset({RAW}), frozenset({EVIDENCE, LAST_COMPLETED})),
    Tab("Instructions", "Instr", frozenset({RAW})),
    Tab("Tools", "Tools", frozenset({RAW})),
    Tab("Messages", "Msgs", frozenset({RAW, CONVERSATION})),
    Tab("Timeline", "Timeline", frozenset({RAW, EVIDENCE})),
    Tab("Why", "Why", frozenset({RAW, EVIDENCE}), frozenset({LAST_COMPLETED})),
    Tab("Tokens", "Tokens", frozenset({RAW}), frozenset({EVIDENCE})),
    Tab("Diff", "Diff", frozenset({RAW, AGAINST})),
    Tab("Raw JSON", "Raw", frozenset({RAW})),
)

NAMES: Final = tuple(tab.name for tab in TABS)

OVERVIEW, INSTRUCTIONS, TOOLS, MESSAGES, TIMELINE, WHY, USAGE, DIFF, RAW_JSON = range(len(TABS))

_GAPS: Final = (3, 2)


def tab_line(tab: int, opened: Opened | None, cells: int) -> Line:
    """Return the line of tabs: tab `tab` is highlighted, and the numbers of tools and messages are shown if known.

    In narrow panes the names are shorter. In very narrow panes only the chosen tab has a name, and the others only
    their number.
    """
    counts = _counts(opened)
    names, short = [each.name for each in TABS], [each.short for each in TABS]
    for labels in (_counted(names, counts), _counted(short, counts), short):
        for gap in _GAPS if labels is not short else (*_GAPS, 1):
            spans = _spans(labels, tab, gap)
            if ink.width(spans) <= cells:
                return ink.spread(spans, [], cells)
    alone = [name if place == tab else "" for place, name in enumerate(_counted(short, counts))]
    return ink.spread(_spans(alone, tab, 1), [], cells)


def _counted(names: list[str], counts: dict[int, str]) -> list[str]:
    return [f"{name} {counts[place]}" if place in counts else name for place, name in enumerate(names)]


def _counts(opened: Opened | None) -> dict[int, str]:
    if opened is None:
        return {}
    counts = {}
    if opened.raw is not None:
        counts[TOOLS] = str(len(detail.tools(opened.raw)))
    if (talk := opened.conversation.value) is not None:
        counts[MESSAGES] = f"{len(talk.messages)}{'+' if talk.older else ''}"
    return counts


def _spans(names: list[str], tab: int, gap: int) -> list[Span]:
    spans: list[Span] = []
    for place, name in enumerate(names):
        if place:
            spans.append(Span(" " * gap))
        spans.append(Span(f"{place + 1} " if name else f"{place + 1}", "dim"))
        spans.append(Span(name, "tab" if place == tab else "dim"))
    return spans
