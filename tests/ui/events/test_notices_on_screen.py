"""Watches and notices in the application: their keys, what the screens show of them, and the user's command."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from functools import partial

import pytest
from textual import events

from flowtui.config.values.notify import Notify
from flowtui.model.events.away_summary import LONG as AWAY_AFTER
from flowtui.model.events.event_log import AWAY, CANCEL, NOTICE
from flowtui.ui.base.messages import CancelRequested, RefreshRequested, ViewWatchToggled
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.events.notify_channels import osc9
from flowtui.ui.run.run_screen import RunScreen

from ..conftest import KEY

WORLD = {"threads": 3, "runs": 24, "seed": 5}


@pytest.fixture
def ids():
    return "short"


def _notes(seat, title):
    return [note.message for note in seat.app._notifications if note.title == title]


def _logged(seat, kind):
    return [event for event in seat.app.session.notifier.log.events if event.kind == kind]


async def _running(seat):
    """Put the cursor on an active run and return it; if there is none, advance the clock until there is."""
    while not any(run.active for run in seat.rows):
        await seat.later(2)
        await seat.loaded()
    run = next(run for run in seat.rows if run.active)
    await seat.choose(run.raw_id)
    return run


async def _ends(seat, run):
    """Advance the clock until a run has ended, and wait until the application knows it."""
    while seat.world()[run.raw_id] in ("queued", "in_progress", "running"):
        seat.clock.advance(2)
    seat.app.post_message(RefreshRequested())
    await seat.until(lambda: seat.app.session.dashboard.snapshot.run(run.key).terminal)


async def test_a_watched_run_notifies_when_it_ends_on_any_screen_and_channel(app, monkeypatch, tmp_path):
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    out = tmp_path / "told.json"
    code = "import sys,os,json;json.dump([sys.stdin.read(),dict(os.environ)],open(sys.argv[1]+'~','w'));os.rename(sys.argv[1]+'~',sys.argv[1])"
    notify = Notify(bell=True, osc9=True, command=(sys.executable, "-c", code, str(out)))
    async with app(world=WORLD, notify=notify) as seat:
        written = []
        monkeypatch.setattr(seat.app._driver, "write", written.append)
        run = await _running(seat)
        await seat.press("w")
        await seat.sees("1 watched", f"Watching {run.id}")
        await seat.press("w")
        await seat.sees(f"No longer watching {run.id}")
        assert seat.app.session.notifier.watches == ()
        await seat.press("w", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: "watched  run " in seat.lines[0])
        await _ends(seat, run)
        await seat.until(lambda: _notes(seat, "Watched run"))
        [told] = _notes(seat, "Watched run")
        assert told.startswith(run.id)
        await seat.sees("Watched run")
        assert seat.app.session.notifier.watches == ()
        await seat.until(lambda: "watched  run" not in seat.lines[0])
        assert [event.key for event in _logged(seat, NOTICE)] == [run.key]
        assert "\x07" in written
        assert osc9(_logged(seat, NOTICE)[0].text, tmux=True) in written
        await seat.until(out.exists)
        line, environ = json.loads(out.read_text())
        assert [told["run_id"] for told in json.loads(line)["runs"]] == [run.raw_id]
        assert "SEEKR_API_KEY" not in environ
        assert os.environ["SEEKR_API_KEY"] == KEY
        assert KEY not in "".join(environ.values())

        await seat.press("q", "L")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))
        await seat.sees("Events", _logged(seat, NOTICE)[0].text)
        events_shown = seat.app.screen.event_list
        events_shown.go(
            events_shown._keys.index((_logged(seat, NOTICE)[0], False))
        )  # newer events may stand above it
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and seat.app.screen.is_mounted)
        assert seat.app.screen.run.key == run.key
        await seat.press("q")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))
        seat.app.post_message(CancelRequested([]))
        await seat.sees("cancel ", "flowtui is read-only")  # as an event, and as a message
        assert [event.text for event in _logged(seat, CANCEL)] == [
            "flowtui is read-only: start it with --allow-actions to cancel runs"
        ]


@pytest.mark.slow
async def test_a_watched_filter_notifies_in_any_view_until_the_profile_is_left(app):
    async with app(world={**WORLD, "threads": 6, "runs": 40}) as seat:
        session = seat.app.session
        seat.app.post_message(ViewWatchToggled(seat.dashboard.view))  # without a filter nothing is watched
        await seat.sees("Filter the runs first")
        await seat.press("slash", *"status:failed", "enter", "W")
        await seat.sees("Watching status:failed", "1 watched")
        await seat.press("escape")  # the watch does not end when the view changes
        await seat.press("exclamation_mark", "W")
        await seat.sees("Watching problems only", "2 watched")
        await seat.press("s", "s", "W")  # the sort order does not matter
        await seat.sees("No longer watching problems only")
        assert [watch.name for watch in session.notifier.watches] == ["status:failed"]
        known = set(session.notifier.watches[0].known)
        while not (fresh := set(_failed(seat)) - known):
            seat.clock.advance(2)
        seat.app.post_message(RefreshRequested())
        told = partial(_notes, seat, "Watched filter: status:failed")
        await seat.until(lambda: all(any(run in note for note in told()) for _, run in fresh))
        # The reasons were fetched from the server for these notices.
        assert all(any(session.reason_fetcher.known[key].text in note for note in told()) for key in fresh)
        assert session.reason_fetcher.known == session.dashboard.cell_context().reasons
        assert {note.severity for note in seat.app._notifications if note.title} == {"error"}

        for watch in session.notifier.watches:
            session.notifier.end(watch)  # further notices would hide what is said after an absence
        seat.app.clear_notifications()
        await _away(seat)
        await seat.app.reconnect(replace(seat.app.settings))
        assert seat.app.session is not session
        assert seat.app.session.notifier.watches == ()
        assert not seat.app.session.notifier.log.events


async def _observed(seat):
    """Poll, and wait until every run is known as it is now."""
    seat.app.post_message(RefreshRequested())
    await seat.until(
        lambda: {run.raw_id: run.status for run in seat.app.session.dashboard.snapshot.runs()} == seat.world()
    )


async def _away(seat):
    """Be away twice: by pressing nothing for a while, and with the focus in another window."""
    await seat.press("j")
    seat.clock.advance(AWAY_AFTER)
    await _observed(seat)
    await seat.press("j")
    await seat.sees("5m ago: ")
    seat.app.post_message(events.AppBlur())
    await seat.until(lambda: seat.app.session.notifier._away._blurred)
    seat.clock.advance(AWAY_AFTER / 2)
    await _observed(seat)
    seat.app.post_message(events.AppFocus())
    await seat.sees("2m ago: ")
    assert len(_logged(seat, AWAY)) == 2


def _failed(seat):
    world = seat.simulator.world
    now = seat.simulator.calendar.now()
    for thread in range(world.threads):
        for number in range(world.timeline(thread).count(now)):
            if world.timeline(thread)[number].status(now) == "failed":
                yield (world.thread_id(thread), world.run_id(thread, number))
