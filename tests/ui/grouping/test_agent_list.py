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
