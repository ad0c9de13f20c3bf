"""The sentences of the brief as lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.wording import Told, told
from flowtui.ui.brief.items import Item, Style, Target
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_LEAST_HEAD: Final = 24  # cells
_ROLES: Final = {"bad": "bad", "look": "warn", "good": "good"}


def sentence_items(brief: Brief, style: Style) -> list[Item]:
    """Return the sentences: each in one line if it fits, else in two or three."""
    items = []
    for one in brief.sentences:
        said = told(one, brief.data, style.zone)
        wide = _wide(said, style)
        lines = [wide] if ink.width(wide) <= style.cells else _narrow(said, style)
        target = Target(sentence=one)
        items += [Item(lines[0], target), *(Item(line) for line in lines[1:])]
    return items


def _head(said: Told, style: Style) -> list[Span]:
    glyphs = style.glyphs
    sign = {"bad": glyphs.status["failed"], "look": style.signs.release, "good": glyphs.status["completed"]}
    when = [Span(f"  {said.when}", "text")] if said.when else []
    return [Span(f"{sign[said.tone]} ", _ROLES[said.tone]), Span(said.head, "strong"), *when]


def _wide(said: Told, style: Style) -> Line:
    spans = [*_head(said, style), Span(f"   {said.number}", _ROLES[said.tone])]
    spans += [Span(f"   {remark}", "dim") for remark in said.remarks]
    return tuple(spans)


def _narrow(said: Told, style: Style) -> list[Line]:
    sign, head, *when = _head(said, style)
    room = style.cells - ink.width([sign, *when])
    if room >= _LEAST_HEAD:  # the time is worth more than the end of a long reason
        head = head._replace(text=ink.cut(head.text, room))
    first = _cut([sign, head, *when], style.cells)
    rest = [Span(said.number, _ROLES[said.tone]), *(Span(f"; {remark}", "dim") for remark in said.remarks)]
    below = ink.wrap_spans(rest, max(8, style.cells - 2))
    return [first, *((Span("  "), *line) for line in below[:2])]


def _cut(spans: Sequence[Span], cells: int) -> Line:
    """Return spans in at most so many cells; the one that does not fit is cut."""
    found: list[Span] = []
    room = cells
    for span in spans:
        if room <= 0:
            break
        found.append(span._replace(text=ink.cut(span.text, room)))
        room -= ink.width(found[-1:])
    return tuple(found)
