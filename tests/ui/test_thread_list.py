"""The list of threads: state, lock, counts, health, and that choosing one narrows the table."""

from __future__ import annotations

from flowtui.formatting import age
from flowtui.model.health import Health
from flowtui.ui.thread_list import health_words


async def _focus(seat):
    seat.threads.focus()
    await seat.until(lambda: seat.threads.has_focus)


def _line(seat, thread):
    region = seat.threads.region
    return next(
        line[region.x : region.right]
        for line in seat.lines[region.y : region.bottom]
        if thread in line[region.x : region.right]
    )


async def test_every_thread_has_its_lock_and_its_counts(app):
    async with app() as seat:
        for thread in seat.simulator.thread_ids():
            statuses = [seat.world()[run] for run in seat.simulator.run_ids(thread)]
            active = sum(status in ("queued", "running") for status in statuses)
            failed = statuses.count("failed")
            line = _line(seat, thread)
            assert (seat.app.glyphs.lock in line) == bool(active)
            assert (f"{active}{seat.app.glyphs.active}" in line) == bool(active)
            assert (f"{failed}{seat.app.glyphs.failed}" in line) == bool(failed)


async def test_choosing_a_thread_narrows_the_table_to_it(app):
    async with app() as seat:
        everything = seat.ids
        await _focus(seat)
        seen = set()
        for _ in seat.simulator.thread_ids():
            await seat.press("j")
            thread = seat.threads.chosen
            await seat.until(lambda thread=thread: seat.ids == seat.simulator.run_ids(thread))
            seen.add(thread)
            assert thread in seat.lines[1]
        assert seen == set(seat.simulator.thread_ids())
        await seat.press("j")
        assert seat.threads.chosen == thread  # the last one is the last one
        await seat.press("k", "G")
        assert seat.threads.chosen == thread
        await seat.press("g")
        await seat.until(lambda: seat.ids == everything)
        assert seat.threads.chosen is None


async def test_enter_goes_on_to_the_runs_and_esc_back_to_all(app):
    async with app() as seat:
        everything = seat.ids
        await _focus(seat)
        await seat.press("j", "enter")
        await seat.until(lambda: seat.table.has_focus)
        await seat.press("escape")
        await seat.until(lambda: seat.ids == everything)


async def test_a_click_chooses_a_thread(app):
    async with app() as seat:
        await seat.pilot.click("#threads", offset=(4, 2))
        await seat.until(lambda: seat.threads.chosen is not None)
        await seat.until(lambda: seat.ids == seat.simulator.run_ids(seat.threads.chosen))


async def test_the_totals_are_those_of_the_rows_shown(app):
    async with app() as seat:
        await _focus(seat)
        await seat.press("j")
        await seat.until(lambda: {run.thread_key for run in seat.rows} == {seat.threads.chosen})
        counts = [run.total_tokens for run in seat.rows if run.total_tokens is not None]
        await seat.sees(f"{sum(counts):,}", f"{len(counts)} of {len(seat.ids)} runs reported")


async def test_only_the_threads_that_were_asked_for_are_there(app, simulate):
    thread = simulate().thread_ids()[1]  # ids are the same in every world of one seed
    async with app(watched=[thread], wait=False) as seat:
        await seat.until(lambda: seat.ids == seat.simulator.run_ids(thread))
        await seat.sees("1/1 threads")


async def test_on_a_narrow_screen_it_is_a_picker_in_one_line(app):
    async with app(size=(80, 24)) as seat:
        assert "4 threads" in seat.text
        await _focus(seat)
        await seat.press("j")
        await seat.until(lambda: seat.threads.chosen is not None)
        await seat.sees(seat.threads.chosen)
        await seat.until(lambda: seat.ids == seat.simulator.run_ids(seat.threads.chosen))


async def test_an_orphan_lock_is_a_suspicion(app):
    async with app(faults=["orphan-lock*100000"]) as seat:
        for _ in range(3):
            await seat.later(31)
            await seat.until(lambda: seat.app.connection.poller.snapshot().threads)
        await seat.until(lambda: "lock?" in seat.text or "orphan" in seat.text)


def test_health_is_a_word_and_an_age_where_it_matters():
    assert health_words(Health("live", "", 5.0), 10.0).text == "live"
    assert health_words(Health("loading", "", None), 10.0).text == "loading"
    assert health_words(Health("stale", "refused", 10.0), 55.0).text == f"stale {age(45)}"
    assert health_words(Health("refused", "401", 10.0), 55.0).text == "refused"
