"""The texts on the frame of the agent page and above its charts. Pure."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from flowtui.formatting import plural
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.time_ranges import TimeRange
from flowtui.model.run.row import model_name
from flowtui.text import short_id
from flowtui.ui.agent.words import basis_texts
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.choice_row import ChoiceRow
from flowtui.ui.widgets.frame_titles import CORNERS

_ALWAYS: Final = ("ended", "failed", "active")
_LESS: Final = ("unknown", "cancelled", "completed", "active", "failed", "ended")  # what is left out first


def title_of(name: str, chosen: TimeRange, page: AgentPage | None, agent: str, cells: int) -> Line:
    """Return the title: the agent and the range; with room also its newest model, and its id."""
    room = cells - CORNERS
    runs = page.runs(1) if page is not None else []
    model = model_name(runs[0].model) if runs else ""
    more = [part for part in (model, short_id(agent) if agent != name else "") if part]
    end = f" · agent · last {chosen.name}"
    for count in range(len(more), -1, -1):
        title = Span(f"{name}{end}", "strong"), Span("".join(f" · {part}" for part in more[:count]), "dim")
        if ink.width(title) <= room:
            return title
    return (Span(f"{ink.cut(name, max(4, room - cell_len(end)))}{end}", "strong"),)


def basis_words(page: AgentPage, cells: int) -> str:
    """Return what `usual` rests on; "" on a page without runs, or without room for it on a frame of so many cells."""
    words = [] if page.empty else basis_texts(page)
    return next((text for text in words if cell_len(text) <= cells - CORNERS), "")


def gone_words(page: AgentPage) -> list[str]:
    """Return of how many runs only sums are kept; nothing if of none."""
    gone = page.numbers.gone
    return [f"only sums are kept of {plural(gone, 'run')}"] if gone else []


def counts_line(page: AgentPage | None, times: ChoiceRow, cells: int) -> Line:
    """Return the time ranges, and how many runs ended how."""
    left = times.spans
    if page is None:
        return tuple(left)
    numbers = page.numbers
    counts = {
        "ended": (numbers.ended, "strong"),
        "completed": (numbers.completed, "completed"),
        "failed": (numbers.failed, "failed"),
        "cancelled": (numbers.cancelled, "cancelled"),
        "unknown": (numbers.unknown, "unknown"),
        "active": (len(page.active), "running"),
    }
    words = [word for word, (count, _) in counts.items() if count or word in _ALWAYS]
    for less in ("", *_LESS):
        words = [word for word in words if word != less]
        right = [
            span
            for word in words
            for count, role in (counts[word],)
            for span in (Span(f"   {count:,}", role if count else "dim"), Span(f" {word}", "dim"))
        ]
        if ink.width(left) + ink.width(right) <= cells:
            break
    return ink.spread(left, right, cells)


def empty_lines(said: str, more: str) -> list[Line]:
    """Return what is shown instead of runs."""
    return [ink.line((said, "strong")), *([ink.line((more, "dim"))] if more else [])]
