"""The title of a section of a page: bold, with a dim remark, and a rule up to the right end. Pure."""

from __future__ import annotations

from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_LEAST_RULE = 3


def section_line(title: str, remark: str, cells: int, signs: ChartSigns) -> Line:
    """Return the title in at most `cells` cells; a remark without room is cut."""
    head = [Span(ink.cut(title, max(1, cells)), "title")]
    room = cells - ink.width(head) - 2
    if remark and room >= _LEAST_RULE:
        head.append(Span(f"  {ink.cut(remark, room)}", "dim"))
    rest = cells - ink.width(head) - 1
    return (*head, Span(" "), Span(signs.track * rest, "track")) if rest >= _LEAST_RULE else tuple(head)
