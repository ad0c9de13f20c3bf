"""The screen of the event log: its order, its cursor, its search, and text that is hostile."""

from __future__ import annotations

from flowtui.model.events.event_log import NOTICE, RUN, Event
from flowtui.ui.base.messages import RefreshRequested
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.run.run_screen import RunScreen

WORLD = {"threads": 3, "runs": 24, "seed": 5}
SIZES = [(120, 36), (80, 24), (60, 15)]


def _line_of(seat, words):
    return next((y for y, line in enumerate(seat.lines) if words in line and "RUN" not in line), None)


async def test_the_log_lists_events_newest_first_and_opens_runs(app):
    async with app(world=WORLD) as seat:
        await seat.press("L")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))
        await seat.sees("Nothing has happened yet")
        run = None
        while run is None:
            await seat.later(5)
            seat.app.post_message(RefreshRequested())
            await seat.until(lambda: seat.app.session.snapshot.at == seat.clock())
            run = next((event for event in seat.app.session.event_log.events if event.kind == RUN), None)
        await seat.sees(run.run, "between", "WHAT", "THREAD")
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: seat.app.screen.is_mounted)
        await seat.press("q")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))


async def test_the_cursor_stays_on_its_event_and_a_search_narrows_the_log(app):
    async with app(world=WORLD) as seat:
        log = seat.app.session.event_log

        def happens(*texts):
            for text in texts:
                log.add(Event(RUN, seat.clock(), "queued", text, status="queued"))
            seat.app.session.redraw()

        happens(*[f"event {number}" for number in range(50)])
        seat.app.action_show_screen("events")
        await seat.sees("event 49")
        listed = seat.app.screen.event_list
        happens("event 50")
        assert listed.event.text == "event 50"  # from the top, the cursor moves to each new event
        await seat.press("j", "j", "j")
        held, line = listed.event, _line_of(seat, "event 47")
        happens("event 51", "event 52", "event 53")
        await seat.until(lambda: listed.event is held and _line_of(seat, "event 47") == line)
        await seat.press("g")
        await seat.sees("event 53")
        assert listed.following

        log.events.clear()
        happens("alpha", "beta")
        await seat.sees("alpha", "beta")
        await seat.press("slash", *"alp", "enter")
        await seat.until(lambda: "beta" not in seat.text and "1 of 2" in seat.text)
        await seat.press("slash", "x", "enter")
        await seat.sees('No event contains "alpx"')
        await seat.press("escape")
        await seat.sees("alpha", "beta")
        assert isinstance(seat.app.screen, EventScreen)

        log.events.clear()
        name = "[red]x[/] ␛[31m 漢字" * 9
        log.add(Event(NOTICE, seat.clock(), NOTICE, name, "[b]run", "[link=x]", status="failed"))
        seat.app.session.redraw()
        for size in SIZES:
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: len(seat.lines) == size[1])
            await seat.sees("[red]x[/]")
            assert all("\x1b" not in line for line in seat.lines)
