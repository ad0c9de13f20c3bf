"""Wraps lines of several colours: at spaces where there are any, wherever the colours change. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.cells import cell_len

from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_WORD = re.compile(r" *[^ ]{1,200}| +")  # no end is looked for in what has no spaces at all


def wrap_spans(spans: Iterable[Span], cells: int) -> list[Line]:
    """Return spans as lines of at most `cells` cells. A word longer than that is cut; an empty line stays one."""
    lines: list[Line] = []
    line: list[Span] = []
    used = 0
    for span in spans:
        for word in _WORD.findall(span.text):
            length = cell_len(word)
            if line and used + length > cells:
                lines.append(tuple(line))
                line, used = [], 0
                word = word.lstrip(" ")  # noqa: PLW2901  its gap was to its left neighbour
                length = cell_len(word)
            *full, rest = ink.wrap(word, cells) if length > cells else [word]
            lines += [(Span(part, span.role),) for part in full]
            _join(line, Span(rest, span.role))
            used += cell_len(rest)
    return [*lines, tuple(line)]


def _join(line: list[Span], span: Span) -> None:
    """Put a span at the end of a line; one colour is one piece."""
    if line and line[-1].role == span.role:
        line[-1] = Span(line[-1].text + span.text, span.role)
    elif span.text:
        line.append(span)
