"""The line of tabs: however narrow the pane is, it shows the number of every tab."""

from __future__ import annotations

import pytest

from flowtui.model.messages.opened import Opened
from flowtui.ui.paint import ink
from flowtui.ui.run.tabs import MESSAGES, TABS, TOOLS, tab_line


def _text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [24, 56, 76, 92, 120, 200])
@pytest.mark.parametrize("tab", range(len(TABS)))
def test_the_chosen_tab_is_highlighted_and_every_number_is_shown(tab, cells):
    line = tab_line(tab, None, cells)
    assert [span.text for span in line if span.role == "tab"] in ([TABS[tab].name], [TABS[tab].short])
    assert ink.width(line) <= max(cells, 18 + len(TABS[tab].name))
    numbers = [word for word in _text(line).split() if word.isdecimal()]
    assert numbers == [str(number + 1) for number in range(len(TABS))]


def test_names_get_shorter_before_they_are_dropped():
    wide, short, narrow = (_text(tab_line(MESSAGES, None, cells)) for cells in (140, 80, 40))
    assert "2 Instructions   3 Tools" in wide
    assert "2 Instr" in short
    assert "Instructions" not in short
    assert "4 Msgs" in narrow
    assert "Instr" not in narrow


def test_tools_are_counted_once_they_are_known(a_run):
    assert "Tools 2" in _text(tab_line(0, Opened(a_run(), {"tools": [{"type": "a"}, {"type": "b"}]}), 140))
    assert "Tools  " in _text(tab_line(TOOLS, Opened(a_run()), 140))
