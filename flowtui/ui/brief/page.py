"""The page of the brief: its parts, in the size of the terminal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, NamedTuple

from flowtui.model.answers.brief.brief import Brief
from flowtui.ui.brief.items import BETWEEN, Item, Page, Style, one_column, two_columns
from flowtui.ui.brief.sections import (
    agents_section,
    deployed_section,
    last_items,
    reasons_section,
    spend_section,
    time_section,
)
from flowtui.ui.brief.sentence_lines import sentence_items
from flowtui.ui.brief.time_lines import time_items
from flowtui.ui.paint import ink

_LOW: Final = 18  # lines: a lower page has no charts over time
_BLANK: Final = Item(ink.BLANK)


class _Most(NamedTuple):
    """How much of each part is shown."""

    rows: int
    agents: int
    reasons: int
    runs: int
    deployed: int


_SIZES: Final = (
    _Most(7, 10, 6, 3, 6),
    _Most(6, 9, 6, 2, 5),
    _Most(6, 8, 5, 2, 4),
    _Most(5, 7, 4, 2, 4),
    _Most(4, 6, 4, 2, 3),
    _Most(4, 5, 3, 1, 3),
)
"""What is tried, the first that fits is taken; if none fits, the page scrolls."""


def page_of(brief: Brief, style: Style) -> Page:
    """Return the page."""
    if not brief.counts.ended:
        return one_column([sentence_items(brief, style), _keys(), last_items(brief, style)])
    if not style.two:
        return _narrow(brief, style, _Most(5 if style.height >= 24 else 4, 8, 5, 2, 4))
    pages = [partial(_wide, brief, style, most) for most in _SIZES]
    return _first_that_fits([*pages, partial(_wide, brief, style, _SIZES[-1], airy=False)], style.height)


def _keys() -> list[Item]:
    """Return which keys lead on, if nothing has ended in the range."""
    hints = (("l", "another time"), ("esc", "all runs, also those that have not ended"))
    return [Item(ink.line((f"{key:>5}", "key"), (f"  {said}", "dim"))) for key, said in hints]


def _first_that_fits(pages: Iterable[Callable[[], Page]], height: int) -> Page:
    page = Page()
    for make in pages:
        page = make()
        if len(page.lines) <= height:
            break
    return page


def _wide(brief: Brief, style: Style, most: _Most, *, airy: bool = True) -> Page:
    """Return the page in two columns. `airy`: with an empty line at its top."""
    left = style.narrower((style.cells - BETWEEN) // 2)
    right = style.narrower(style.cells - BETWEEN - left.cells)
    above = [
        *([_BLANK] if airy else []),
        *sentence_items(brief, style),
        _BLANK,
        *time_items(brief, style, most.rows),
        _BLANK,
    ]
    return two_columns(
        above,
        _below([agents_section(brief, left, most.agents), deployed_section(brief, left, most.deployed)]),
        _below(
            [
                reasons_section(brief, right, most.reasons),
                spend_section(brief, right),
                time_section(brief, right, most.runs),
            ]
        ),
        [_BLANK, *last_items(brief, style)],
        left.cells,
    )


def _below(parts: Sequence[Sequence[Item]]) -> list[Item]:
    """Return the parts one below the other."""
    items: list[Item] = []
    for part in parts:
        items += [_BLANK, *part] if items and part else part
    return items


def _narrow(brief: Brief, style: Style, most: _Most) -> Page:
    charts = time_items(brief, style, most.rows) if style.height >= _LOW else []
    return one_column(
        [
            sentence_items(brief, style),
            charts,
            agents_section(brief, style, most.agents),
            reasons_section(brief, style, most.reasons),
            spend_section(brief, style),
            time_section(brief, style, most.runs),
            deployed_section(brief, style, most.deployed),
            last_items(brief, style),
        ]
    )
