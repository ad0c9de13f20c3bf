"""The row of choices: which names it shows within a width, and which one is at a cell."""

from __future__ import annotations

from flowtui.ui.widgets.choice_row import TIMES, ChoiceRow

NAMES = [*TIMES, "since 多言語"]


def _text(row):
    return "".join(span.text for span in row.spans)


def test_all_names_are_shown_where_they_fit_else_the_chosen_one_alone():
    row = ChoiceRow.within(80, "time", NAMES, 4)
    assert _text(row) == "time  30m  1h  2h  6h  24h  since 多言語"
    assert [span.text for span in row.spans if span.role == "tab"] == ["24h"]
    assert _text(ChoiceRow.within(row.width, "time", NAMES, 4)) == _text(row)
    assert _text(ChoiceRow.within(row.width - 1, "time", NAMES, 4)) == "time  24h"


def test_a_click_finds_the_name_under_it_and_on_a_name_alone_the_next_one():
    row = ChoiceRow("time", NAMES, 4)
    cells = [row.place_at(cell) for cell in range(row.width + 2)]
    assert cells[:5] == [None] * 5, "the label is no choice"
    assert cells[6:9] == [0, 0, 0]
    assert [cells[_text(row).index(name)] for name in NAMES] == [0, 1, 2, 3, 4, 5]
    assert cells[row.width - 1] == 5, "names are measured in cells"
    assert cells[row.width + 1] is None
    assert ChoiceRow("time", NAMES, 4, alone=True).place_at(6) == 5
    assert ChoiceRow("time", NAMES, 5, alone=True).place_at(6) == 0
