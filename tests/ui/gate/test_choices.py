"""The line of choices of the gate: what is chosen, what a click means, what is shown without a mark."""

from __future__ import annotations

import pytest

from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.gate.choices import choice_at, choices_line, without_mark
from flowtui.ui.gate.gate_data import WINDOWS
from flowtui.ui.paint import ink


def _text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [40, 57, 78, 118, 156])
@pytest.mark.parametrize("by_agent", [False, True])
def test_the_chosen_base_and_what_is_judged_are_seen_at_every_width(cells, by_agent):
    line = choices_line(WINDOWS, 2, by_agent=by_agent, cells=cells)
    assert ink.width(line) <= cells
    chosen = [span.text for span in line if span.role == "tab"]
    assert chosen[0] == "2h"
    assert chosen[1:] in ([], ["each agent" if by_agent else "all together"])
    assert cells < 50 or len(chosen) == 2


def test_a_click_chooses_what_is_below_it():
    line = choices_line(WINDOWS, 2, by_agent=False, cells=118)
    text = _text(line)
    assert choice_at(line, WINDOWS, text.index("30m") + 1) == 0
    assert choice_at(line, WINDOWS, text.index("24h")) == 4
    assert choice_at(line, WINDOWS, text.index("each agent") + 3) is True
    assert choice_at(line, WINDOWS, text.index("all together") + 3) is False
    assert choice_at(line, WINDOWS, 60) is None


def test_without_a_mark_it_says_what_was_looked_at_and_which_keys_lead_on():
    lines = "\n".join(map(_text, without_mark("f6", Snapshot(0.0, {}, {"a": "triage", "b": "x"}))))
    assert "No mark yet" in lines
    assert "no deployment is known of 2 agents" in lines
    assert "f6 names this moment" in lines
    assert "flowtui mark NAME" in lines
