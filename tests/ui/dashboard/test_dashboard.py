"""The dashboard over real HTTP: rows, order, cursor, views and keys."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from flowtui.model.view.view import SORTABLE
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.widgets.order_menu import letters_of


@pytest.fixture
def ids():
    return "short"


async def test_every_run_is_shown_and_keys_and_clicks_filter_and_sort(app):
    async with app() as seat:
        strips = seat.app.screen._compositor.render_strips()
        for run in seat.rows:
            text = seat.cells_of(run.raw_id, strips)[1]
            assert f"{seat.app.glyphs.status[run.status_class]} {run.status_class}" in text
        head = seat.lines[0]
        assert f"{len(seat.ids)} known runs" in head
        assert "live" in head
        assert "4/4 threads" in head
        assert seat.lines[-1].count("help") == 1

        everything = seat.ids
        await seat.press("a")
        await seat.sees("active only")
        assert seat.ids == [run for run in everything if seat.world()[run] in ("queued", "running")]
        await seat.press("a")
        assert seat.ids == everything
        await seat.press("exclamation_mark")
        await seat.sees("problems only")
        assert seat.ids == [run for run in everything if seat.world()[run] == "failed"]
        await seat.press("0")
        assert seat.ids == everything
        assert "only" not in seat.lines[1]
        await seat.press("a", "escape")
        assert seat.ids == everything
        await seat.press("g")

        # the cursor follows its run
        run = seat.ids[3]
        await seat.press("j", "j", "j", "S")
        assert seat.table.cursor_run.raw_id == run
        assert seat.ids.index(run) == len(seat.ids) - 4
        await seat.press("S")

        read = {
            "run": lambda run: run.id,
            "thread": lambda run: run.thread_key,
            "tokens": lambda run: run.total_tokens,
        }
        for letter in (*letters_of(SORTABLE)[1:], letters_of(SORTABLE)[0]):
            await seat.press("s", letter)
            by = read.get(seat.dashboard.view.sort)
            if by is not None:
                known = [by(run) for run in seat.rows if by(run) is not None]
                falls = seat.dashboard.view.descending
                assert falls == (by is read["tokens"])
                assert known == sorted(known, reverse=falls)
                await seat.press("S")
                known = [by(run) for run in seat.rows if by(run) is not None]
                assert known == sorted(known, reverse=not falls)
                assert all(by(run) is None for run in seat.rows[len(known) :])
        assert seat.dashboard.view.sort == "age"

        # names of agents change the width of their column
        await seat.until(lambda: seat.app.session.connection.feed.snapshot().agents)
        for descending in (True, False):  # the largest first, as in the menu
            slot = next(slot for slot in seat.table.slots if slot.column.name == "tokens")
            await seat.pilot.click("#runs", offset=(slot.start + slot.width - 1, 0))
            await seat.until(
                lambda descending=descending: (
                    (seat.dashboard.view.sort, seat.dashboard.view.descending) == ("tokens", descending)
                )
            )

        await seat.press("q")
        assert seat.app.return_code == 0


async def test_runs_of_equal_age_are_sorted_by_id(app):
    async with app(size=(100, 40), faults=["far-times"], wait=False) as seat:
        await seat.until(lambda: len(seat.ids) == len(seat.world()))
        assert seat.ids == sorted(seat.ids)
        assert seat.ids != list(seat.world())


async def test_runs_without_a_time_come_last_and_show_unknown(app):
    async with app(size=(100, 40), faults=["bad-created-at:newest"], wait=False) as seat:
        await seat.until(lambda: len(seat.ids) == len(seat.world()))
        timeless = [run.raw_id for run in seat.rows if run.created is None]
        assert len(timeless) == 4
        assert seat.ids[-4:] == sorted(timeless)
        await seat.press("G")
        assert "—" in seat.cells_of(timeless[0])[1]


async def test_new_rows_wait_while_the_order_is_paused_and_while_the_cursor_moves(app):
    async with app(size=(110, 28)) as seat:
        await seat.press("p")
        await seat.sees("order paused")
        before = seat.ids
        await seat.later(30)
        await seat.sees("08:00:30")
        await seat.until(lambda: {run.raw_id for run in seat.dashboard.snapshot.runs()} == set(seat.world()))
        assert len(seat.world()) > len(before)
        assert seat.ids == before
        assert {run.raw_id: run.status for run in seat.rows}.items() <= seat.world().items()
        await seat.press("p")
        await seat.loaded()
        assert "paused" not in seat.text

        await seat.later(30)
        await seat.loaded()
        created = [run.created for run in seat.rows]
        assert created == sorted(created, reverse=True)

        await seat.press("j", "j")
        before = seat.ids
        seat.clock.advance(4)
        await seat.press("R", "j")
        await seat.sees(" new")
        await seat.until(lambda: {run.raw_id for run in seat.dashboard.snapshot.runs()} == set(seat.world()))
        assert seat.ids == before
        await seat.press("full_stop")
        await seat.loaded()
        assert seat.ids != before


async def test_the_cursor_keeps_its_run_and_line_and_a_menu_the_places_of_rows(app):
    async with app(size=(110, 28)) as seat:
        await seat.press(*"jjjjjj")
        run = seat.table.cursor_run.raw_id
        line = seat.line_of(run)
        for _ in range(4):
            before = set(seat.ids)
            await seat.later(12)
            await seat.loaded()
            assert set(seat.ids) > before
            assert seat.table.cursor_run.raw_id == run
            assert seat.line_of(run) == line

        # a menu keeps the places of rows, selected runs do not
        await seat.press("full_stop")
        await seat.press("j", "space", "Y")
        await seat.until(lambda: seat.app.screen.is_modal)
        before = seat.ids
        for _ in range(3):
            await seat.later(10)
            await seat.until(
                lambda: {run.raw_id for run in seat.dashboard.snapshot.runs()} == {*seat.world()}
            )
            seat.app._every_second()
        assert seat.ids == before
        assert seat.table.waiting.new
        await seat.press("escape")
        seat.clock.advance(6)
        seat.app._every_second()
        await seat.until(lambda: {*before} < {*seat.ids})
        assert len(seat.table.selection) == 1


async def test_the_cursor_moves_to_a_neighbour_and_an_ended_run_shows_its_status_before_it_leaves(app):
    async with app() as seat:
        await seat.press("a")
        await seat.until(lambda: all(run.active for run in seat.rows))
        ends_first = next(run.raw_id for run in seat.rows if run.status == "running")
        await seat.press("j", "k", *["j"] * seat.ids.index(ends_first))
        assert seat.table.cursor_run.raw_id == ends_first
        line = seat.line_of(ends_first)
        while seat.world()[ends_first] == "running":
            seat.clock.advance(4)
        await seat.press("R")
        await seat.until(lambda: ends_first not in _active(seat) and _told(seat) == _active(seat))
        await seat.press("full_stop")
        await seat.until(lambda: set(seat.ids) == _active(seat))
        assert seat.table.cursor_run.raw_id in seat.ids
        assert seat.line_of(seat.table.cursor_run.raw_id) <= line

        await seat.press("a", "full_stop")
        await seat.begun()
        await seat.press("a", "j")
        await seat.until(lambda: seat.rows and all(run.active for run in seat.rows))
        before = seat.ids
        seat.clock.advance(25)
        await seat.press("j")  # rows keep their places while keys are pressed
        seat.app.post_message(RefreshRequested())
        await seat.until(
            lambda: {run.raw_id: run.status for run in seat.dashboard.snapshot.runs()} == seat.world()
        )
        seat.app._every_second()
        await seat.pilot.pause()
        world = seat.world()
        ended = {run_id for run_id in before if world[run_id] not in ("queued", "running")}
        assert ended
        assert seat.ids == before
        for run_id in before:
            line = seat.lines[seat.line_of(run_id)]
            assert world[run_id] in line
            assert ("leaves" in line) == (run_id in ended)
        chosen = next(run_id for run_id in before if run_id in ended)
        await seat.choose(chosen)
        # further down are the runs around it, which may be running
        outcome = lambda: seat.dashboard.detail.body.text.split("\n")[0]  # noqa: E731
        await seat.until(lambda: world[chosen] in outcome() and "running" not in outcome())
        assert "expires in" not in seat.pane
        await seat.press("enter")
        await seat.until(lambda: re.search(r"  \d+s ago", seat.text))  # when it ended
        await seat.press("escape")
        assert world[chosen] in seat.lines[seat.line_of(chosen)]
        seat.clock.advance(6)
        seat.app._every_second()
        await seat.until(lambda: chosen in seat.ids and not ended & {*seat.ids} - {chosen})


def _active(seat):
    return {run_id for run_id, status in seat.world().items() if status in ("queued", "running")}


def _told(seat):
    return {run.raw_id for run in seat.dashboard.snapshot.runs() if run.active}


async def test_rows_are_highlighted_refresh_polls_and_a_crashed_poller_is_restarted(app):
    async with app(size=(110, 50)) as seat:
        await seat.press("tab", "tab", "G")
        await seat.until(lambda: seat.threads.chosen is not None)
        thread = next(key for key in seat.simulator.thread_ids() if not _moves(seat, key))
        seat.threads.choose(thread)  # a quiet one, which would not be polled again within half a minute
        path = f"/v1/threads/{thread}/runs"

        def looks():
            return sum(request[1] == path for request in seat.simulator.requests)

        before = looks()
        await seat.press("r")
        await seat.until(lambda: looks() > before)
        before = looks()
        await seat.press("R")
        await seat.until(lambda: looks() > before)
        await seat.press("0", "escape", "full_stop")
        await seat.begun()

        # the active run of each thread, and the row under the cursor
        await seat.later(5)
        await seat.loaded()
        await seat.press("G")
        held = {run.raw_id for run in seat.rows if run.is_active}
        plain = next(run.raw_id for run in seat.rows if run.terminal)
        background = seat.cells_of(plain)[2].bgcolor
        assert held
        for run_id in seat.ids[:-1]:
            assert (seat.cells_of(run_id)[2].bgcolor != background) == (run_id in held), run_id
        cursor = seat.cells_of(seat.table.cursor_run.raw_id)[2].bgcolor
        assert cursor not in (background, seat.cells_of(held.pop())[2].bgcolor)

        seat.app.session.connection.feed.tasks["poller"].cancel()
        await seat.sees("restarted")
        await seat.later(10)
        await seat.loaded()

        await seat.press("ctrl+c")
        await seat.sees("ctrl+c to quit")
        assert seat.app.return_code is None
        await seat.press("ctrl+c")
        assert seat.app.return_code == 130


def _moves(seat, thread):
    return any(run.active for run in seat.rows if run.thread_key == thread)


async def test_the_dashboard_works_at_any_size(app):
    async with app(size=(60, 15)) as seat:
        for size in ((60, 15), (80, 24), (200, 60)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: {cell_len(line) for line in seat.lines} == {size[0]})
            assert len(seat.lines) == size[1]
            await seat.press("j")
            run = seat.table.cursor_run
            text = seat.cells_of(run.raw_id)[1]
            assert run.status_class in text
            assert str(len(seat.ids)) in seat.lines[0]
            assert "live" in seat.lines[0]
            await seat.press("enter", "1")  # a failed run opens with its reason
            await seat.sees(run.id, run.status_class)
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)
        # another profile takes over: parts are removed one after the other, and updates still come
        await seat.dashboard.query_one("#news").remove()
        assert not seat.dashboard.drawable
        seat.dashboard.tick()
        seat.dashboard.redraw()
