"""What the user can do next about a failed run, with the keys of the run screen. Pure."""

from __future__ import annotations

from typing import Final

from flowtui.formatting import plural
from flowtui.model.messages.opened import Opened
from flowtui.text import short_id
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext

_WIDE: Final = 34
"""Least cells of an entry."""
_KEY: Final = 3


def next_section(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    """Return the section: a key and what it does, in columns."""
    entries = _entries(opened, render)
    count = max(1, min(3, cells // _WIDE))
    wide = cells // count
    rows = -(-len(entries) // count)
    made = [
        (Span(ink.fit(key, _KEY), "key"), Span(ink.fit(ink.cut(words, wide - _KEY - 2), wide - _KEY)))
        for key, words in entries
    ]
    lines = [
        tuple(span for line in made[row::rows] for span in line) for row in range(rows)
    ]  # read down each column
    return [section_line("Next", "", cells, render.signs), ink.BLANK, *lines]


def _entries(opened: Opened, render: RenderContext) -> list[tuple[str, str]]:
    same, marks = render.same_reason, render.context.marks
    known: list[tuple[str, str, str]] = []
    if same is not None:
        runs = "this run" if same.runs == 1 else f"the {plural(same.runs, 'run')}"
        known.append(("run_failures", "f", f"{runs} with this reason, in the table"))
        known.append(("run_notify", "w", "notify me when it comes again"))
    if opened.against is not None:
        known.append(("run_diff", "d", f"compare with {short_id(opened.against.run.id)}"))
    if marks:
        known.append(("run_gate", "M", f"gate since {marks[-1].name}"))
    talk = opened.conversation.value
    messages = "its messages" if talk is None else f"its {plural(len(talk.messages), 'message')}"
    known += [("run_messages", "4", messages), ("run_report", "E", "save a report")]
    return [(render.keys.get(name, key), words) for name, key, words in known]
