"""Notifications in the application: watched runs and filters, channels, and the event log."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import pytest
from textual import events

from flowtui.config.values.notify import Notify
from flowtui.model.events.away_summary import LONG
from flowtui.model.events.event_log import AWAY, CANCEL, INCIDENT, NOTICE, RUN, Event
from flowtui.model.events.notices import ENDED, MATCHED, Notice
from flowtui.ui.base.messages import RefreshRequested, ViewWatchToggled, WatchToggled
from flowtui.ui.events import notifier
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.events.notify_channels import osc9
from flowtui.ui.run.run_screen import RunScreen

WORLD = {"threads": 3, "runs": 24, "seed": 5}


def _notes(seat, title):
    return [note.message for note in seat.app._notifications if note.title == title]


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
    await seat.until(lambda: seat.app._newest.run(run.key).terminal)


async def test_a_watched_run_notifies_when_it_ends_on_any_screen(app):
    async with app(world=WORLD) as seat:
        run = await _running(seat)
        await seat.press("w")
        await seat.sees("1 watched", f"Watching {run.id}")
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: "watched  run " in seat.lines[0])
        await _ends(seat, run)
        await seat.until(lambda: _notes(seat, "Watched run"))
        assert _notes(seat, "Watched run")[0].startswith(run.id)
        await seat.sees("Watched run")
        assert seat.app.session.watches == ()
        await seat.until(lambda: "watched  run" not in seat.lines[0])
        told = [event for event in seat.app.session.event_log.events if event.kind == NOTICE]
        assert [event.key for event in told] == [run.key]


async def test_a_watched_filter_notifies_of_each_new_match_in_any_view(app):
    async with app(world={**WORLD, "threads": 6, "runs": 40}) as seat:
        seat.app.post_message(ViewWatchToggled(seat.dashboard.view))  # without a filter nothing is watched
        await seat.sees("Filter the runs first")
        await seat.press("slash", *"status:failed", "enter")
        await seat.press("W")
        await seat.sees("Watching status:failed", "1 watched")
        await seat.press("escape")  # the watch does not end when the view changes
        known = set(seat.app.session.watches[0].known)
        while not (set(_failed(seat)) - known):
            seat.clock.advance(2)
        seat.app.post_message(RefreshRequested())
        title = "Watched filter: status:failed"
        await seat.until(lambda: _notes(seat, title))
        assert "failed" in _notes(seat, title)[0]
        assert len(seat.app.session.watches) == 1


def _failure(seat):
    run = next(run for run in seat.rows if run.status == "failed")
    return run, Notice(ENDED, seat.clock(), run.id, (run,), (f"{run.id} failed",))


async def test_a_failure_notice_includes_its_fetched_reason(app, monkeypatch):
    async with app(world=WORLD) as seat:
        run, notice = _failure(seat)
        reasons = seat.dashboard._reasons
        reasons.known = {}

        async def fetch(_tracing, asked):
            reasons.known = {asked.key: "crm 502"}

        monkeypatch.setattr(reasons, "fetch", fetch)
        await seat.until(lambda: not reasons._busy)  # the reason may be one that the dashboard has fetched
        reasons.known = {}
        seat.app._send_notice(notice)
        await seat.until(lambda: _notes(seat, "Watched run"))
        assert _notes(seat, "Watched run")[0].startswith(run.id)
        assert _notes(seat, "Watched run")[0].endswith(": crm 502")
        assert _severities(seat) == {"error"}


async def test_a_notice_is_sent_even_if_a_reason_does_not_come_in_time(app, monkeypatch):
    monkeypatch.setattr(notifier, "_REASON_TIMEOUT", 0.01)
    async with app(world=WORLD) as seat:
        run, notice = _failure(seat)
        reasons = seat.dashboard._reasons
        reasons.known = {}

        async def fetch(*_):
            await asyncio.Event().wait()

        monkeypatch.setattr(reasons, "fetch", fetch)
        seat.app._send_notice(notice)
        await seat.until(lambda: _notes(seat, "Watched run"))
        assert _notes(seat, "Watched run")[0].startswith(run.id)
        assert _notes(seat, "Watched run")[0].endswith(". Why: open it and press 6")
        assert _severities(seat) == {"error"}
        assert "press 6" not in seat.app.session.event_log.events[0].text


async def test_failed_runs_of_one_watched_filter_share_one_red_notice_with_their_reasons(app, monkeypatch):
    async with app(world={**WORLD, "threads": 6, "runs": 60}) as seat:
        runs = tuple(run for run in seat.rows if run.status == "failed")[:2]
        assert len(runs) == 2
        reasons = seat.dashboard._reasons

        async def fetch(_tracing, asked):
            reasons.known = {**reasons.known, asked.key: f"because of {asked.id}"}

        monkeypatch.setattr(reasons, "fetch", fetch)
        await seat.until(lambda: not reasons._busy)
        reasons.known = {}
        said = tuple(f"{run.id} failed" for run in runs)
        seat.app._send_notice(Notice(MATCHED, seat.clock(), "status:failed", runs, said))
        await seat.until(lambda: _notes(seat, "Watched filter: status:failed"))
        first, second = runs
        told = f"2 runs failed: {first.id}: because of {first.id}; {second.id}: because of {second.id}"
        assert _notes(seat, "Watched filter: status:failed") == [told]
        assert _severities(seat) == {"error"}


async def test_the_summary_after_an_absence_is_red_if_runs_failed(app):
    async with app(world=WORLD) as seat:
        ends = [Event(RUN, 1.0, "failed", "", f"run_{n}", status="failed") for n in range(152)]
        seat.app.session.notifier._away.take(ends)
        seat.clock.advance(400)
        await seat.press("j")
        await seat.until(lambda: any("152 failed" in note.message for note in seat.app._notifications))
        assert _severities(seat) == {"error"}


def _severities(seat):
    return {note.severity for note in seat.app._notifications}


def _failed(seat):
    world = seat.simulator.world
    now = seat.simulator.calendar.now()
    for thread in range(world.threads):
        for number in range(world.timeline(thread).count(now)):
            if world.timeline(thread)[number].status(now) == "failed":
                yield (world.thread_id(thread), world.run_id(thread, number))


async def test_a_second_press_of_the_key_ends_a_watch(app):
    async with app(world=WORLD) as seat:
        run = await _running(seat)
        await seat.press("w")
        await seat.until(lambda: run.key in seat.app.session.watched)
        await seat.press("w")
        await seat.sees(f"No longer watching {run.id}")
        assert seat.app.session.watches == ()
        await seat.press("exclamation_mark", "W")
        await seat.sees("Watching problems only")
        await seat.press("s", "W")  # the sort order does not matter
        await seat.sees("No longer watching problems only")
        assert seat.app.session.watches == ()


async def test_ended_runs_and_invalid_filters_are_not_watched(app):
    async with app(world=WORLD) as seat:
        run = next(run for run in seat.rows if run.terminal)
        seat.app.post_message(WatchToggled([run]))
        await seat.sees(f"{run.id} has already ended")
        await seat.press("slash", *"age<", "enter", "W")
        await seat.sees("The filter cannot be read")
        assert seat.app.session.watches == ()


async def test_notices_use_the_configured_channels(app, monkeypatch, tmp_path):
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    out = tmp_path / "told.json"
    code = "import sys,os,json;json.dump([sys.stdin.read(),dict(os.environ)],open(sys.argv[1]+'~','w'));os.rename(sys.argv[1]+'~',sys.argv[1])"
    notify = Notify(bell=True, osc9=True, command=(sys.executable, "-c", code, str(out)))
    async with app(world=WORLD, notify=notify) as seat:
        written = []
        monkeypatch.setattr(seat.app._driver, "write", written.append)
        run = await _running(seat)
        await seat.press("w")
        await _ends(seat, run)
        await seat.until(lambda: _notes(seat, "Watched run"))
        await seat.until(out.exists)
        assert "\x07" in written
        assert osc9(_notes(seat, "Watched run")[0], tmux=True) in written
        line, environ = json.loads(out.read_text())
        record = json.loads(line)
        assert record["event"] == "notice"
        assert record["kind"] == "ended"
        assert [told["run_id"] for told in record["runs"]] == [run.raw_id]
        assert "SEEKR_API_KEY" not in environ
        assert os.environ["SEEKR_API_KEY"] not in "".join(environ.values())


async def test_a_failing_command_is_reported_once(app):
    async with app(world=WORLD, notify=Notify(command=("/no/such/thing",))) as seat:
        await seat.app._run_user_command(b"{}")
        await seat.app._run_user_command(b"{}")
        await seat.sees("No such file or directory")
        log = seat.app.session.event_log.events
        assert sum(event.kind == INCIDENT for event in log) == 1


async def test_by_default_neither_bell_nor_osc_9_is_sent_to_the_terminal(app, monkeypatch):
    async with app(world=WORLD) as seat:
        written = []
        monkeypatch.setattr(seat.app._driver, "write", written.append)
        seat.app._signal_terminal("x")
        assert written == []


async def test_the_log_lists_events_newest_first_and_opens_runs(app):
    async with app(world=WORLD) as seat:
        await seat.press("L")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))
        await seat.sees("Nothing has happened yet")
        run = None
        while run is None:
            await seat.later(5)
            seat.app.post_message(RefreshRequested())
            await seat.until(lambda: seat.app._newest.at == seat.clock())
            run = next((event for event in seat.app.session.event_log.events if event.kind == RUN), None)
        await seat.sees(run.run, "between", "WHAT", "THREAD")
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await seat.until(lambda: seat.app.screen.is_mounted)
        await seat.press("q")
        await seat.until(lambda: isinstance(seat.app.screen, EventScreen))


async def test_the_cursor_moves_to_new_events_at_the_top_and_stays_on_its_event_below(app):
    async with app(world=WORLD) as seat:
        log = seat.app.session.event_log
        for number in range(50):
            log.add(Event(RUN, seat.clock(), "queued", f"event {number}", status="queued"))
        seat.app.action_show_screen("events")
        await seat.sees("event 49")
        listed = seat.app.screen.event_list
        seat.app._note(Event(RUN, seat.clock(), "queued", "event 50", status="queued"))
        assert listed.event.text == "event 50"
        await seat.press("j", "j", "j")
        held, line = listed.event, _line_of(seat, "event 47")
        for number in range(51, 54):
            seat.app._note(Event(RUN, seat.clock(), "queued", f"event {number}", status="queued"))
        await seat.until(lambda: listed.event is held and _line_of(seat, "event 47") == line)
        await seat.press("g")
        await seat.sees("event 53")
        assert listed.following


def _line_of(seat, words):
    return next((y for y, line in enumerate(seat.lines) if words in line and "RUN" not in line), None)


async def test_a_search_narrows_the_log_and_esc_shows_all(app):
    async with app(world=WORLD) as seat:
        log = seat.app.session.event_log
        for word in ("alpha", "beta"):
            log.add(Event(RUN, seat.clock(), "queued", word, status="queued"))
        seat.app.action_show_screen("events")
        await seat.sees("alpha", "beta")
        await seat.press("slash", *"alp", "enter")
        await seat.until(lambda: "beta" not in seat.text and "1 of 2" in seat.text)
        await seat.press("slash", "x", "enter")
        await seat.sees('No event contains "alpx"')
        await seat.press("escape")
        await seat.sees("alpha", "beta")
        assert isinstance(seat.app.screen, EventScreen)


async def test_after_an_absence_one_line_summarises_events(app):
    async with app(world=WORLD) as seat:
        await seat.press("j")
        seat.app.session.notifier._away.take([Event(RUN, 1.0, "failed", "", "run_x", status="failed")])
        seat.clock.advance(LONG)
        await seat.press("j")
        await seat.sees("5m ago", "1 failed (run_x)")
        assert sum(event.kind == AWAY for event in seat.app.session.event_log.events) == 1
        seat.clock.advance(LONG)
        before = len(seat.app._notifications)
        seat.app.session.notifier._away._ended = 0
        seat.app._report_absence()
        assert len(seat.app._notifications) == before


async def test_losing_and_regaining_focus_counts_as_absence(app):
    async with app(world=WORLD) as seat:
        await seat.press("j")
        seat.app.post_message(events.AppBlur())
        await seat.until(lambda: seat.app.session.notifier._away._blurred)
        seat.app.session.notifier._away.take([Event(RUN, 1.0, "completed", "", "run_x", status="completed")])
        seat.clock.advance(60)
        seat.app.post_message(events.AppFocus())
        await seat.sees("1m ago: 1 ended")


async def test_cancellations_are_in_the_log(app):
    async with app(world=WORLD) as seat:
        seat.app._tell("Nothing to cancel", False)
        assert [(event.kind, event.text) for event in seat.app.session.event_log.events] == [
            (CANCEL, "Nothing to cancel")
        ]


async def test_switching_profiles_empties_log_and_watches(app):
    async with app(world=WORLD) as seat:
        await _running(seat)
        await seat.press("w")
        await seat.until(lambda: seat.app.session.watches)
        seat.app.forget_runs()
        assert seat.app.session.watches == ()
        assert not seat.app.session.event_log.events


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 15)])
async def test_markup_in_names_is_shown_as_text_in_the_log_and_in_notices(app, size):
    async with app(world=WORLD, size=size) as seat:
        event = Event(
            NOTICE, seat.clock(), NOTICE, "[red]x[/] ␛[31m 漢字" * 9, "[b]run", "[link=x]", status="failed"
        )
        seat.app.session.event_log.add(event)
        seat.app.action_show_screen("events")
        await seat.sees("[red]x[/]")
        assert all("\x1b" not in line for line in seat.lines)
