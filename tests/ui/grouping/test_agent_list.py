"""The agents below the threads: a click or the cursor chooses one, and on slim screens the list comes with the focus."""

from __future__ import annotations

import pytest

from flowtui.model.columns.column_choice import choose
from flowtui.model.view.groups import Grouping


@pytest.fixture
def ids():
    return "short"


def _columns(seat):
    return [slot.column.name for slot in seat.table.slots]


async def _a_filter_that_leaves_one_agent_does_the_same(seat, everything, agent):
    name = seat.dashboard.snapshot.agents[agent]
    await seat.press("escape")
    await seat.until(lambda: seat.ids == everything and "agent" in _columns(seat))
    for text, alone in (
        (f"agent:{name[:-1]} age>0", True),
        (f"{name} or agent={name}", False),
        ("agent:e", False),
    ):
        await seat.press("slash", "ctrl+u", *text, "enter")
        await seat.until(lambda text=text: seat.dashboard.view.text == text)
        assert len({run.agent_id for run in seat.rows}) == 1 or text == "agent:e"
        assert ("agent" in _columns(seat)) != alone, text
    await seat.press("escape")
    await seat.until(lambda: seat.ids == everything)


async def test_an_agent_is_chosen_and_its_column_goes_unless_the_user_chose_the_columns(app):
    async with app(size=(158, 40)) as seat:
        agents, dashboard = seat.dashboard.side.agents, seat.dashboard
        await seat.until(lambda: agents.count > 2)
        everything = seat.ids
        await seat.pilot.click("#agents", offset=(4, 2))  # below the titles and all agents together
        await seat.until(lambda: agents.chosen is not None and len(seat.ids) < len(everything))
        assert dashboard.view.group == Grouping("agent", agents.chosen)
        assert {run.agent_id for run in seat.rows} == {agents.chosen}
        assert "agent" not in _columns(seat)
        assert dashboard.threads.by == "thread", "the threads stay beside the agents"
        await seat.press("enter")
        await seat.until(lambda: seat.table.has_focus)
        await _a_filter_that_leaves_one_agent_does_the_same(seat, everything, dashboard.rows[0].agent_id)
        await seat.pilot.click("#agents", offset=(4, 2))
        await seat.until(lambda: len(seat.ids) < len(everything))
        await seat.press("enter")
        dashboard.show_columns(choose(["agent", "note"]))
        await seat.until(lambda: "agent" in _columns(seat))
        await seat.press("escape")
        await seat.until(lambda: seat.ids == everything)

        await seat.pilot.resize_terminal(60, 15)
        await seat.until(lambda: not dashboard.side.display)
        await seat.press("shift+tab")
        await seat.until(lambda: agents.has_focus and "agent all" in seat.lines[1])
        await seat.press("tab")
        await seat.until(lambda: seat.table.has_focus and not dashboard.side.display)
