"""Highlighted changes, moving progress bars, and the dim rows of a stale thread."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.stats.usual_times import DurationStats, UsualTimes
from flowtui.text import short_id
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.paint.ink import Span
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import BAR, PaintedLine, bar, cell
from flowtui.ui.table.flashes import FLASH_SECONDS, Flashes
from flowtui.ui.table.layout import Slot
from flowtui.ui.table.viewport import Viewport

ALL = [COLUMNS[name] for name in DEFAULT]
CONTEXT = Context(now=1000.0)


@pytest.fixture
def changed(a_run):
    """A run before and after a change of its status, tokens and duration."""
    before = a_run("run_1", "queued", created=900.0)
    after = a_run("run_1", "running", created=900.0, started=990.0, usage={"total_tokens": 5})
    return before, after


def test_changed_cells_are_highlighted_unless_time_alone_changed_them(changed):
    flashes = Flashes()
    flashes.note(*changed, ALL, CONTEXT, 50.0)
    lit = {column.name for column in ALL if flashes.lit(changed[0].key, column.name)}
    assert lit == {"status", "tokens"}
    assert not flashes.lit(("thr_1", "run_2"), "status")


def test_a_highlight_expires_once(changed):
    flashes = Flashes()
    assert not flashes.expire(50.0)
    flashes.note(*changed, ALL, CONTEXT, 50.0)
    assert not flashes.expire(50.0 + FLASH_SECONDS - 0.01)
    assert flashes
    assert flashes.expire(50.0 + FLASH_SECONDS)
    assert not flashes
    assert not flashes.lit(changed[0].key, "status")
    assert not flashes.expire(99.0)


def test_a_clock_that_jumps_back_leaves_no_highlight_forever(changed):
    flashes = Flashes()
    flashes.note(*changed, ALL, CONTEXT, 5000.0)
    assert flashes.expire(10.0)
    assert not flashes


@pytest.mark.parametrize(("restored", "lit"), [(None, True), (900.0, False)])
def test_what_the_first_observation_of_a_restored_thread_shows_is_not_highlighted(changed, restored, lit):
    before, after = changed
    flashes = Flashes()
    table = SimpleNamespace(
        _style=SimpleNamespace(reduced_motion=False, context=CONTEXT),
        _flashes=flashes,
        _columns=ALL,
        app=SimpleNamespace(now=lambda: 50.0),
    )
    threads = {before.thread_key: ThreadState(before.thread_key, 2.0, restored=restored)}
    assert Viewport._note_changes(table, [before], [after], threads) == [0]
    assert flashes.lit(before.key, "status") == lit


@pytest.mark.parametrize("share", [None, 0.0, 0.3, 0.99, 1.0, 7.0])
def test_a_progress_bar_moves_and_keeps_its_width(share):
    seen = [bar(share, beat, UNICODE) for beat in range(2 * BAR)]
    for spans in seen:
        assert sum(len(span.text) for span in spans) == BAR
        assert {span.role for span in spans} <= {"bar", "track"}  # one colour: only its length says something
    assert len(set(seen)) > 1
    still = "".join(span.text for span in seen[0] if span.role == "bar")
    assert len(still) == (0 if share is None else min(BAR, max(1, round(share * BAR))))


def test_the_note_of_a_running_run_is_its_bar_and_how_long_such_runs_usually_take(a_run):
    run = a_run("run_1", "running", agent_id="a", created=900.0, started=990.0)
    times = UsualTimes(durations={"a": DurationStats(20.0, 60.0, 12)})

    def note(run, cells, **fields):
        style = CellStyle(replace(CONTEXT, usual=times), UNICODE, **fields)
        return cell(Slot(COLUMNS["note"], 0, cells), run, style)

    for cells, said in ((30, "━━━─── usually 00:20"), (19, "━━━───"), (6, "━━━───"), (5, "")):
        assert "".join(span.text for span in note(run, cells)) == said.ljust(cells)
    old = CellStyle(replace(CONTEXT, usual=times, old=frozenset({run.thread_key})), UNICODE)
    assert {span.role for span in cell(Slot(COLUMNS["note"], 0, 30), run, old)} == {"dim"}
    queued = note(a_run("run_2", "queued", agent_id="a", created=900.0), 30)
    assert "".join(span.text for span in queued).strip() == ""


def test_a_step_of_a_bar_repaints_the_bar_and_not_the_whole_note():
    old, new = (
        PaintedLine(((*bar(0.5, beat, UNICODE), Span(" usually 00:20" + " " * 30, "dim")),))
        for beat in (0, 1)
    )
    table = SimpleNamespace(_slots=[Slot(COLUMNS["note"], 80, 50)])
    part = Viewport._changed_part(table, 3, 0, old, new)
    assert (part.y, part.height, part.width) == (3, 1, 1)  # the end of the bar
    assert 80 <= part.x < 80 + BAR
    lit = new._replace(lit=frozenset({0}))
    assert Viewport._changed_part(table, 3, 0, old, lit).width == 50


async def test_a_changed_cell_is_highlighted_for_a_moment(app):
    async with app(size=(140, 36)) as seat:
        run = next(run for run in seat.rows if run.status == "running")
        flash = seat.app.palette.flash.bgcolor

        def lit():
            y, _, _ = seat.cells_of(run.raw_id)
            strip = seat.app.screen._compositor.render_strips()[y]
            return "".join(part.text for part in strip if part.style and part.style.bgcolor == flash)

        assert not lit()
        while seat.world()[run.raw_id] == "running":
            seat.clock.advance(1)
        seat.app.post_message(RefreshRequested())
        status = seat.world()[run.raw_id]
        await seat.until(lambda: status in lit())
        assert run.raw_id not in lit()  # only the cell is highlighted, not the row
        seat.clock.advance(FLASH_SECONDS)
        await seat.until(lambda: not lit())


async def _beats(seat):
    """Return the different looks of the bars over four beats; other cells are ignored, as they may be still loading."""
    table, seen, signs = seat.table, set(), {UNICODE.bar, UNICODE.track}
    for _ in range(4):
        table._beat()
        await asyncio.sleep(0)
        bars = [
            part for y in range(table.size.height) for part in table.render_line(y) if {*part.text} & signs
        ]
        seen.add(str(bars))
    return seen


@pytest.mark.parametrize(("still", "looks"), [(False, 4), (True, 1)])
async def test_the_bars_of_running_rows_move_except_with_reduced_motion(app, still, looks):
    async with app(reduced_motion=still, size=(158, 38)) as seat:
        running = next(run for run in seat.rows if run.status == "running")
        y = seat.cells_of(running.raw_id)[0]
        assert any(sign in seat.lines[y] for sign in (UNICODE.bar, UNICODE.track))
        assert len(await _beats(seat)) == looks
        if still:
            while seat.world()[running.raw_id] == "running":
                seat.clock.advance(1)
            await seat.press("R")
            await seat.loaded()
            assert not seat.table._flashes


async def test_rows_of_a_stale_thread_are_dim_and_the_list_shows_the_age_of_its_data(app):
    async with app(size=(150, 40), reduced_motion=True) as seat:
        await seat.press("G")
        state = seat.app.session.connection.feed.snapshot().threads
        stale = next(key for key in state if any(run.active for run in state[key].runs.values()))
        victim = next(run for run in seat.rows if run.thread_key == stale)
        other = next(run for run in seat.rows if run.thread_key != stale and run.terminal)
        dim = seat.app.palette["dim"].color
        assert seat.cells_of(victim.raw_id)[2].color != dim
        seat.simulator.stop()
        seat.clock.advance(5)
        threads = seat.app.session.connection.feed.observer.states
        await seat.until(lambda: threads[stale].failure is not None)  # a poll has failed
        seat.clock.advance(40)
        await seat.until(lambda: "45s old" in seat.lines[0])
        await seat.until(lambda: seat.cells_of(victim.raw_id)[2].color == dim)
        await seat.until(
            lambda: any(
                line.startswith(f"│  {short_id(stale)}") and " 45s " in line[:33] for line in seat.lines
            )
        )
        seat.dashboard.tick()
        for part in ("#agents", "#outcomes", "#detail LinePane"):
            await seat.until(lambda part=part: _colours(seat, part) <= {dim, *_tracks(seat)})
        assert "data 45s old" in seat.lines[0]
        status = next(part for part in _row(seat, victim) if victim.status in part.text)
        assert status.style.color == dim
        assert short_id(other.raw_id) in seat.text
        cause = seat.lines[seat.dashboard.query_one("#runs-frame").region.bottom - 1]
        assert "no answer for" in cause or "refused" in cause or "connect" in cause.casefold()


def _colours(seat, part):
    """Return the colours of the text in a part of the dashboard, without its cursor."""
    region = seat.dashboard.query_one(part).region
    strips = seat.app.screen._compositor.render_strips()[region.y : region.bottom]
    parts = [part for strip in strips for part in strip.crop(region.x, region.right)]
    return {part.style.color for part in parts if part.text.strip() and part.style}


def _tracks(seat):
    return (seat.app.palette[role].color for role in ("track", "area-old", "text"))


def _row(seat, run):
    y, _, _ = seat.cells_of(run.raw_id)
    region = seat.table.region
    return seat.app.screen._compositor.render_strips()[y].crop(region.x, region.right)
