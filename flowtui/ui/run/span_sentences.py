"""Sentences about the spans of a run: how many there are, and what was left out of them. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.formatting import count, plural
from flowtui.model.messages.evidence import Evidence
from flowtui.model.run.row import Run
from flowtui.model.spans.tree import Oddities
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.run.rendering import RenderContext

_LEFT_OUT: Final = (
    ("points", "{} without duration (logs and events)"),
    ("foreign", "{} of other runs"),
    ("repeated", "{} with an id that came before"),
    ("unreadable", "{} not readable"),
    ("unread", "{} beyond the most that are drawn"),
)
"""Field of `Oddities` → words about spans that are not drawn."""

_ODD: Final = (
    ("nameless", "{} without id"),
    ("orphans", "{} in spans that were not read"),
    ("circles", "{} that contain each other"),
    ("backwards", "{} that end before they start"),
    ("undated", "{} without start time"),
)
"""Field of `Oddities` → words about spans that are drawn, but are not as the API describes them."""


def remark(run: Run, found: Evidence) -> str:
    """Return how many spans were read and what they used: `11 spans, 9,608 tokens`; with a plus if that is not all."""
    tree = found.tree
    if not tree.rows:
        return ""
    said = plural(len(tree.rows), "span")
    if found.full:
        said = f"{said} read, not all"
    if tree.tokens is not None:
        said += f", {count(tree.tokens)}{'+' if tree.partial or found.full or run.active else ''} tokens"
    return said


def oddity_lines(
    found: Evidence, at: float | None, *, deepest: int, run: Run, render: RenderContext
) -> list[Line]:
    """Return what was left out, what is not as the API describes it, and until when the spans are known.

    `at`: when the spans were read, by the server's clock. `deepest`: a span in more spans than that is drawn at this level;
    0: there is none.
    """
    odd = found.tree.odd
    said: list[str] = []
    if found.full:
        said.append("As far as read: the run has more spans than these.")
    if left := _counted(odd, _LEFT_OUT):
        said.append(f"Left out: {left}.")
    if wrong := _counted(odd, _ODD):
        said.append(f"Not as the API describes spans: {wrong}.")
    if deepest:
        said.append(f"Spans in more than {deepest} others are drawn like those in {deepest}.")
    if run.active and at is not None and found.tree.rows:
        said.append(f"Read at {formatting.clock(at, render.context.zone)}, r reads again.")
    return ink.paragraph(" ".join(said), "dim", render.cells) if said else []


def _counted(odd: Oddities, words: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(text.format(count(number)) for name, text in words if (number := getattr(odd, name)))
