"""Live text in the real application over real HTTP: while Messages of a running run are in sight, and never longer."""

from __future__ import annotations

from flowtui.config.memory.memory import Memory
from flowtui.config.settings import Settings
from flowtui.simulator.world.live_events import live_events
from flowtui.ui.app.session import Session
from flowtui.ui.base.services import Services
from flowtui.ui.run import live_follower
from flowtui.ui.run.live_follower import GROUP
from flowtui.ui.run.run_screen import RunScreen

from ..services import FakeServices

HEAD = "live  as it is written"


def streams(seat):
    """Return the paths of the runs whose streams were requested."""
    return [path.split("/")[-2] for _, path, _ in seat.simulator.requests if path.endswith("/attach")]


def followed(seat):
    return [worker for worker in seat.app.workers if worker.group == GROUP and not worker.is_finished]


def running_plan(seat):
    """Return a run that has begun, and which lasts for a while: its id and its plan. Move the clock until there is one."""
    world = seat.simulator.world
    for _ in range(300):
        now = seat.simulator.calendar.now()
        for thread in range(world.threads):
            plan = world.timeline(thread).holder(now)
            if plan is not None and plan.status(now) == "running" and plan.ended > now + 8:
                return world.run_id(thread, plan.number), thread, plan
        seat.clock.advance(1)
    raise AssertionError("no run lasts")


async def text_is_coming(seat):
    """Move the clock until a text of a running run is being written; return the run's id, and what it has written of it."""
    run, thread, plan = running_plan(seat)
    agent = seat.simulator.world.run_agent(thread, plan.choices.bits)
    now = seat.simulator.calendar.now()
    events = [
        (at, event)
        for at, event in live_events(plan, agent, "")
        if event["type"].endswith("-delta") and "id" in event
    ]
    at, event = next(pair for pair in events if pair[0] > now)
    seat.clock.advance(at - now + 0.001)
    await seat.later(0)
    # Before a key is pressed: keys pin the order of the table, and rows that come later would wait.
    await seat.loaded()
    return run, event["delta"]


async def test_a_running_run_is_followed_while_its_messages_are_in_sight(app, monkeypatch):
    monkeypatch.setattr(live_follower, "REST", 0.01)
    async with app(size=(140, 40)) as seat:
        run, words = await text_is_coming(seat)
        await seat.choose(run)
        assert streams(seat) == []
        await seat.press("4")
        await seat.sees(HEAD, words.split()[0])
        seat.app.session.tick()
        assert (streams(seat), len(followed(seat))) == ([run], 1)

        await seat.press("1")  # another tab
        await seat.until(lambda: not followed(seat))
        await seat.press("4", "enter")  # the run screen is over the dashboard, with the same tab
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.sees(HEAD)
        seat.app.action_show_screen("events")  # a screen without messages is over both
        await seat.until(lambda: not isinstance(seat.app.screen, RunScreen))
        seat.app.session.tick()
        await seat.until(lambda: not followed(seat))
        await seat.press("escape")
        await seat.sees(HEAD)
        assert {*streams(seat)} == {run}

        world = seat.simulator.world
        thread, number = world.find_run(run, seat.simulator.calendar.now())
        await seat.later(world.timeline(thread)[number].ended - seat.simulator.calendar.now() + 1)
        await seat.until(lambda: not followed(seat))
        await seat.until(lambda: seat.app.screen.run.terminal)
        await seat.until(lambda: HEAD not in seat.text and "assistant" in seat.text)

        seat.simulator.add_fault("attach-refused:405")
        await seat.press("escape")
        asked = [len(streams(seat))]
        for _ in range(2):
            other, _ = await text_is_coming(seat)
            await seat.choose(other)
            seat.app.session.tick()
            # A busy machine may break a stream off before it is refused; then it is asked for again.
            await seat.until(lambda: len(streams(seat)) > asked[0] and not followed(seat))
            await seat.sees("following")
            asked.append(len(streams(seat)))
        assert asked[1] == asked[2], "refused once, the second run is not asked for"
        assert HEAD not in seat.text
        assert not seat.app._notifications


async def test_the_settings_reach_the_controller():
    for fields, expected in (({}, (True, False)), ({"live_text": False, "redact": True}, (False, True))):
        services = Services(**{name: getattr(FakeServices(), name) for name in Services.__dataclass_fields__})
        session = Session(Settings(**fields), Memory(), services, screens=list, profiles=None, switch=None)
        assert (session.live._on, session.live._redact) == expected
