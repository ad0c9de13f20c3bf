"""The text filter: it works while the user types, highlights matches, and can be kept or discarded."""

from __future__ import annotations

import pytest

from flowtui.ui.filter.filter_box import CompletionList
from flowtui.ui.widgets.prompt import Prompt


@pytest.fixture
def ids():
    return "short"


def _lit(seat):
    """Return the texts that the table highlights as matches, in lower case; without the list of completions."""
    style = seat.app.palette["match"]
    region, offered = seat.table.region, seat.dashboard.query_one(CompletionList)
    bottom = offered.region.y if offered.display else region.bottom
    found = []
    for strip in seat.app.screen._compositor.render_strips()[region.y + 1 : bottom]:
        for segment in strip.crop(region.x, region.right):
            drawn = segment.style
            if drawn is not None and drawn.underline and drawn.color == style.color:
                found.append(segment.text.casefold())
    return found


async def _type(seat, words, *, by_hand=False):
    await seat.press("slash")
    await seat.until(lambda: isinstance(seat.app.focused, Prompt))
    if by_hand:
        await seat.press(*words)
    elif words:
        seat.app.focused.value = words
        seat.app.focused.cursor_position = len(words)
    await seat.until(lambda: seat.dashboard.view.text.endswith(words))


async def test_the_filter_narrows_while_the_user_types_and_highlights_matches(app):
    async with app(size=(170, 40)) as seat:
        everything = seat.ids
        agents = seat.app.session.connection.feed.snapshot().agents
        agent = agents[seat.rows[0].agent_id]
        mine = [run.raw_id for run in seat.rows if agents[run.agent_id] == agent]
        assert 0 < len(mine) < len(everything)
        await _type(seat, agent[:3], by_hand=True)
        narrowed = seat.ids
        assert set(mine) <= set(narrowed)
        await seat.press(*agent[3:])
        await seat.until(lambda: seat.ids == mine)
        await seat.until(lambda: _lit(seat).count(agent) == len(mine))
        assert set(_lit(seat)) == {agent}
        assert f'"{agent}"' in seat.lines[1]

        await seat.press("enter")  # keeps the filter
        await seat.until(lambda: seat.table.has_focus)
        assert not seat.dashboard.query_one("#filter", Prompt).display
        assert seat.ids == mine
        assert f'"{agent}"' in seat.lines[1]
        await seat.press("j")
        assert seat.table.cursor_run.raw_id in mine

        await _type(seat, "")  # opened again, the box has the kept filter
        assert seat.dashboard.query_one("#filter", Prompt).value == agent
        await seat.press("escape")  # discards the filter
        await seat.until(lambda: seat.ids == everything)
        await seat.until(lambda: seat.table.has_focus and not _lit(seat))
        assert agent not in seat.lines[1]

        failed = [run.raw_id for run in seat.rows if run.status == "failed"]
        thread = next(run.thread_key for run in seat.rows if run.status == "failed")
        await _type(seat, f"failed {thread}")
        await seat.press("enter")
        await seat.until(lambda: seat.ids == [run for run in failed if run in seat.simulator.run_ids(thread)])
        await seat.press("escape")  # on the dashboard, esc leaves the filter
        await seat.until(lambda: seat.ids == everything)

        await _type(seat, everything[3])
        await seat.until(lambda: seat.ids == [everything[3]])
        await seat.press("down")  # keeps the filter, too
        await seat.until(lambda: seat.table.has_focus)
        assert seat.table.cursor_run.raw_id == everything[3]


async def test_a_filter_half_typed_does_not_take_the_cursor_away(app):
    async with app(size=(170, 40)) as seat:
        everything = seat.ids
        await seat.press(*"jjjjj")
        home = everything[5]
        await seat.until(lambda: seat.table.cursor_run.raw_id == home)
        await _type(seat, "no-such-run")
        await seat.until(lambda: not seat.ids)
        seat.app.focused.value = f"{everything[-1]} or {home}"
        await seat.until(lambda: set(seat.ids) == {everything[-1], home})
        assert seat.table.cursor_run.raw_id == home
        seat.app.focused.value = everything[-1]
        await seat.until(lambda: seat.ids == [everything[-1]])
        await seat.press("escape")
        await seat.until(lambda: seat.ids == everything and seat.table.has_focus)
        assert seat.table.cursor_run.raw_id == home


async def test_without_matches_the_table_says_so_and_which_key_to_press(app):
    async with app() as seat:
        everything = seat.ids
        await _type(seat, "no-such-run")
        await seat.until(lambda: not seat.ids)
        shown = "\n".join(seat.lines[1:16])
        assert "no runs yet" not in shown
        assert "no-such-run" in shown
        await seat.press("enter", "0")
        await seat.until(lambda: seat.ids == everything)


async def test_new_rows_are_filtered_too(app):
    async with app() as seat:
        await _type(seat, "completed")
        await seat.press("enter")
        await seat.later(60)
        ended = {run for run, status in seat.world().items() if status == "completed"}
        await seat.press("full_stop")
        await seat.until(lambda: set(seat.ids) == ended)


async def test_a_filter_is_text_and_never_markup(app):
    async with app() as seat:
        await _type(seat, "[@click=app.quit]x[/nope]")
        await seat.press("enter")
        await seat.sees('"[@click=app.quit]x[/nope]"')
        assert seat.app.return_code is None


async def test_flowtui_can_start_with_a_filter(app):
    async with app(filter_text="status:completed", world={"runs": 24}, wait=False) as seat:
        await seat.until(lambda: seat.ids)
        ended = {run for run, status in seat.world().items() if status == "completed"}
        await seat.until(lambda: set(seat.ids) == ended)
        assert "status:completed" in seat.lines[1]
        await seat.press("escape")
        await seat.until(lambda: len(seat.ids) == len(seat.world()))
