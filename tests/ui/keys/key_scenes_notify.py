"""The keys for notices and of the event log, as scenes; see `key_scenes`."""

from __future__ import annotations

from flowtui.model.events.event_log import FINDING, Event
from flowtui.ui.agent.agent_screen import AgentScreen
from flowtui.ui.base.messages import AgentWatched
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.widgets.menu import Choice, Menu

from .key_scenes import now_for, pressed

COUNT = 40


def _watched(seat, run):
    return run.key in seat.app.session.notifier.watched


def _end_all(seat):
    notifier = seat.app.session.notifier
    for watch in notifier.watches:
        notifier.end(watch)


@pressed("notify")
async def _notify(seat, _, press):
    _end_all(seat)
    for run in [run for run in seat.rows if not run.terminal][:1]:
        seat.dashboard.select(run.key)
    run = seat.table.cursor_run
    await press()
    if run.terminal:
        await seat.sees("already ended")
        return
    await seat.until(lambda: _watched(seat, run))
    await seat.sees("1 watched")
    await press()
    await seat.until(lambda: not _watched(seat, run))


@pressed("notify_filter")
async def _notify_filter(seat, _, press):
    _end_all(seat)
    seat.dashboard.action_only("problems")
    await press()
    await seat.until(lambda: [watch.name for watch in seat.app.session.notifier.watches] == ["problems only"])
    await press()
    await seat.until(lambda: not seat.app.session.notifier.watches)


@pressed("events")
async def _events(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, EventScreen))
    await seat.sees("Events", "since ")


async def _log(seat):
    """Open the event log with more events of a known run than fit, and put the cursor in the middle."""
    log = seat.app.session.notifier.log
    run = next(run for run in seat.rows if run.terminal)
    log.events.clear()
    for number in range(COUNT):
        log.add(
            Event(
                FINDING,
                seat.clock(),
                "queued",
                "quay" if number == 7 else f"event {number}",
                run.id,
                "thr",
                run.key,
                "queued",
            )
        )
    seat.app.action_show_screen("events")
    await seat.until(lambda: isinstance(seat.app.screen, EventScreen) and seat.app.screen.is_mounted)
    screen = seat.app.screen
    await seat.until(lambda: screen.query("EventList") and screen.event_list.has_focus)
    await seat.until(lambda: len(screen.event_list._keys) == COUNT and screen.event_list.size.height > 1)
    return screen


@pressed("event_down", "event_up", "event_first", "event_last", "event_page_down", "event_page_up")
async def _move(seat, key, press):
    events = (await _log(seat)).event_list
    events.action_move(COUNT // 2)
    page = events.size.height - 1
    await press()
    wanted = {
        "event_down": COUNT // 2 + 1,
        "event_up": COUNT // 2 - 1,
        "event_first": 0,
        "event_last": COUNT - 1,
        "event_page_down": min(COUNT - 1, COUNT // 2 + page),
        "event_page_up": max(0, COUNT // 2 - page),
    }[key]
    await seat.until(lambda: events.place == wanted)
    await seat.sees(events.key[0].text)


@pressed("event_open")
async def _open(seat, _, press):
    run = (await _log(seat)).run.key
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and seat.app.screen.run.key == run)
    await seat.until(lambda: seat.app.screen.is_mounted)


@pressed("event_filter")
async def _filter(seat, _, press):
    screen = await _log(seat)
    await press()
    await seat.until(lambda: screen.query_one("Prompt").has_focus)
    await seat.press(*"quay", now_for(seat, "prompt_keep"))
    await seat.until(lambda: [event.text for event, _ in screen.event_list._keys] == ["quay"])
    await seat.until(lambda: screen.event_list.has_focus)


@pressed("event_copy")
async def _copy(seat, _, press):
    run = (await _log(seat)).run.key
    await press()
    await seat.sees(f"Sent {run[1]} to the terminal's clipboard")


@pressed("event_notify")
async def _notify_event(seat, _, press):
    _end_all(seat)
    await _log(seat)
    await press()
    await seat.sees("has already ended")


@pressed("event_agent")
async def _agent(seat, _, press):
    run = (await _log(seat)).run
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen) and seat.app.screen.is_mounted)
    assert seat.app.screen.agent == run.agent_id


@pressed("event_back")
async def _back(seat, _, press):
    await _log(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)


@pressed("event_watches")
async def _watches(seat, _, press):
    _end_all(seat)
    await _log(seat)
    notifier = seat.app.session.notifier
    notifier.handle(AgentWatched("agent_x"))
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, Menu) and seat.app.screen.query("#menu"))
    await seat.sees("Watched: enter ends the watch", "agent_x")
    await seat.app.screen.dismiss(Choice("a"))
    await seat.until(lambda: not notifier.watches)
