"""How the left column divides its lines: exactly, and so that nothing useful is cut while there is room."""

from __future__ import annotations

from itertools import product

from flowtui.ui.dashboard.main_layout import table_height
from flowtui.ui.dashboard.side_layout import Side, side_heights, side_width


def test_all_lines_are_given_away_and_no_list_is_uselessly_low():
    for lines, threads, agents in product(range(6, 60), (2, 7, 40), (3, 9, 40)):
        found = side_heights(lines, threads, agents)
        assert sum(found) == lines
        assert all(height == 0 or height >= 5 for height in found[1:])
        assert found.threads >= 5
        if lines >= threads + agents + 25:
            assert found[:2] == (max(3, threads) + 2, agents + 2), "lists take only the rows that they need"


def test_the_agents_go_first_and_then_the_outcomes():
    assert side_heights(14, 7, 9).agents == 0
    assert side_heights(9, 7, 9) == Side(9, 0, 0)
    assert [side_width(cells) for cells in (60, 99, 100, 135, 136, 200)] == [0, 0, 28, 28, 33, 33]


def test_a_short_list_of_runs_takes_only_its_rows():
    assert table_height(35, 9) == 12
    assert table_height(35, 2) == 9, "a list of two rows would move the pane with each run that comes"
    assert table_height(35, 0) is None
    assert table_height(35, 30) is None
    assert table_height(20, 9) is None, "it has less room than its rows"
