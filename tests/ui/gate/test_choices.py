"""The line of choices of the gate: what is chosen, what a click means, what is shown without a mark."""

from __future__ import annotations

import pytest

from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.gate.choices import choices, without_mark
from flowtui.ui.paint import ink


def _text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("cells", [40, 57, 78, 118, 156])
@pytest.mark.parametrize("by_agent", [False, True])
def test_the_chosen_base_and_what_is_judged_are_seen_at_every_width(cells, by_agent):
    line = choices(2, by_agent=by_agent, cells=cells).line
    assert ink.width(line) <= cells
    assert [span.text for span in line if span.role == "tab"] == [
        "2h",
        "each agent" if by_agent else "all together",
    ]
    assert ("before it" in _text(line)) == (cells > 70)


def test_a_click_chooses_what_is_below_it():
    found = choices(2, by_agent=False, cells=118)
    text = _text(found.line)
    assert found.base_at(text.index("30m") + 1) == 0
    assert found.base_at(text.index("24h")) == 4
    assert found.by_agent_at(text.index("each agent") + 3) is True
    assert found.by_agent_at(text.index("all together") + 3) is False
    assert found.base_at(60) is found.by_agent_at(60) is None


def test_in_a_narrow_terminal_a_click_chooses_the_next_one():
    found = choices(4, by_agent=False, cells=40)
    text = _text(found.line)
    assert found.base_at(text.index("24h")) == 0
    assert found.by_agent_at(text.index("all together")) is True
    assert choices(4, by_agent=True, cells=20).by_agent_at(10) is None


def test_without_a_mark_it_says_what_was_looked_at_and_which_keys_lead_on():
    lines = "\n".join(map(_text, without_mark("f6", Snapshot(0.0, {}, {"a": "triage", "b": "x"}))))
    assert "No mark yet" in lines
    assert "no deployment is known of 2 agents" in lines
    assert "f6 names this moment" in lines
    assert "flowtui mark NAME" in lines
