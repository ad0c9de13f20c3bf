"""The title of a section fits its width, and a rule fills the rest."""

from __future__ import annotations

import pytest

from flowtui.ui.charts.section import section_line
from flowtui.ui.charts.signs import ASCII, UNICODE
from flowtui.ui.paint import ink


@pytest.mark.parametrize("cells", [1, 8, 13, 16, 40])
def test_it_is_never_wider_than_its_room(cells):
    assert ink.width(section_line("What it did", "多言語 9 spans, 4 tool calls", cells, UNICODE)) <= cells


def test_a_rule_fills_the_rest_and_a_remark_without_room_is_cut():
    said = [
        "".join(span.text for span in section_line("Next", "to do", cells, ASCII)) for cells in (20, 9, 7)
    ]
    assert said == ["Next  to do --------", "Next  to…", "Next --"[:4]]
