"""The screen of the event log: its order, its cursor, its search, and text that is hostile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.events.event_log import FINDING, NOTICE, RUN, Event, EventLog
from flowtui.model.history.past import LIVE, UNANSWERED, PastMove, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.changes import StatusChange
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.messages import CopyRequested, RunOpened, WatchListRequested
from flowtui.ui.events.event_screen import EventScreen
from flowtui.ui.table.cell_style import cell_context

from ...past import ListPast, reader_of
from ..screen_app import shown
from ..services import FakeServices

BEGIN = 1_800_000_000.0
CONTEXT = Context(now=0.0)


class Log:
    """What the screen draws, and each part of `ViewData`: the events of one thread. `now`: UTC epoch seconds."""

    def __init__(self):
        self.now = BEGIN
        self.log, self.state = EventLog(BEGIN), ThreadState("thr_1", 2.0)
        self.known, self.watches, self.rules, self.snapshot = {}, (), (), None
        self.dashboard = self.notifier = self
        self.past = reader_of()

    def reasons(self):
        return self.known

    def observe(self, *rows):
        self.state, changes = apply_runs(self.state, rows, at=self.now, whole=False)
        self.snapshot = Snapshot(self.now, {"thr_1": self.state}, listed=True)
        self.log.take(changes, self.snapshot, cell_context(self.snapshot, self.now, CONTEXT))
        return Update(self.snapshot, tuple(changes))

    def add(self, *texts):
        for text in texts:
            self.log.add(Event(FINDING, self.now, "stalled", text, status="queued"))


@pytest.fixture
def log():
    return Log()


def _open(log, **options):
    return shown(EventScreen(), log, lambda: log.now, **options)


def _line_of(seat, words):
    return next((y for y, line in enumerate(seat.text.splitlines()) if words in line), None)


async def test_the_log_lists_events_newest_first_and_opens_runs(log, a_run):
    async with _open(log) as seat:
        log.now += 60
        seat.screen.tick()
        await seat.sees("Nothing has happened yet", "for 1m 00s", "since 08:00:00", "0 events")
        log.observe(a_run("run_1", created=BEGIN - 60), a_run("run_2", created=BEGIN - 60))
        log.now += 30
        failed = a_run("run_1", "failed", created=BEGIN - 60, failed=BEGIN + 80)
        log.observe(failed, a_run("run_2", created=BEGIN - 60))
        log.now += 30
        seat.screen.update(
            log.observe(a_run("run_2", "completed", created=BEGIN - 60, completed=BEGIN + 100))
        )
        await seat.sees("WHAT", "THREAD", "2 events", "between 08:01:00 and 08:01:30")
        assert _line_of(seat, "✓ completed") < _line_of(seat, "× failed")
        log.known = {failed.key: Reason("crm 502")}
        seat.screen.tick()
        await seat.sees("crm 502")
        await seat.press("j", "y", "enter")
        await seat.until(lambda: seat.posted(RunOpened) and seat.posted(CopyRequested))
        assert [message.run for message in seat.posted(RunOpened)] == [failed]
        assert [message.text for message in seat.posted(CopyRequested)] == ["run_1"]


async def test_an_event_without_a_known_run_opens_nothing_and_says_why(log):
    log.observe()
    log.log.add(Event(RUN, BEGIN, "failed", "", "run_9", "thr_1", ("thr_1", "run_9"), "failed"))
    log.log.add(Event(NOTICE, BEGIN, NOTICE, "5 runs failed"))
    async with _open(log) as seat:
        await seat.press("y", "enter", "j", "enter")
        await seat.until(lambda: len(seat.said) == 2)
        assert seat.said == ["This event is about no run", "That run is not known any more"]
        assert seat.posted(RunOpened) == seat.posted(CopyRequested) == []


async def test_the_title_names_what_is_watched(log):
    async with _open(log) as seat:
        assert "watching" not in seat.text
        log.watches = [SimpleNamespace(name="run_1"), SimpleNamespace(name="status:failed")]
        seat.screen.tick()
        await seat.sees("watching run_1, status:failed")
        log.rules = [SimpleNamespace(broken=["checkout"]), SimpleNamespace(broken=())]
        seat.screen.tick()
        await seat.sees("watching run_1, status:failed · 2 rules, 1 broken")
        log.watches = log.rules = ()
        await seat.press("W")
        assert len(seat.posted(WatchListRequested)) == 1


async def test_the_cursor_moves_to_new_events_at_the_top_and_stays_on_its_event_below(log):
    log.add(*[f"event {number}" for number in range(50)])
    async with _open(log) as seat:
        await seat.sees("event 49")
        listed = seat.screen.event_list
        log.add("event 50")
        seat.screen.tick()
        assert listed.key[0].text == "event 50"
        await seat.press("j", "j", "j")
        held, line = listed.key, _line_of(seat, "event 47")
        assert held[0].text == "event 47"
        log.add("event 51", "event 52", "event 53")
        seat.screen.tick()
        await seat.pilot.pause()
        assert listed.key == held
        await seat.until(lambda: _line_of(seat, "event 47") == line)
        await seat.press("g")
        await seat.sees("event 53")
        assert listed.following


async def test_a_search_narrows_the_log_and_esc_shows_all(log):
    log.add("alpha", "beta")
    async with _open(log) as seat:
        await seat.sees("alpha", "beta")
        await seat.press("slash", *"alp", "enter")
        await seat.until(lambda: "beta" not in seat.text and "1 of 2" in seat.text)
        await seat.sees('Events · "alp"')
        await seat.press("slash", "x", "enter")
        await seat.sees('No event contains "alpx"')
        await seat.press("escape")
        await seat.sees("alpha", "beta")
        assert seat.app.screen is seat.screen


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 15)])
async def test_markup_in_names_is_shown_as_text(log, size):
    name = "[red]x[/] ␛[31m 漢字" * 9
    log.log.add(Event(NOTICE, BEGIN, NOTICE, name, "[b]run", "[link=x]", status="failed"))
    async with _open(log, size=size) as seat:
        seat.app.say(name, title="[b]title")
        await seat.sees("[red]x[/]", "[b]title")
        assert "\x1b" not in seat.text


# -- before this start -----------------------------------------------------------------------------------------


class Earlier:
    """A past in which run_9 failed, and the API did not answer for 2 minutes; then nobody watched for an hour."""

    def __init__(self, a_run, log, count=1):
        self.services, at = FakeServices(), BEGIN - 3600
        failed = a_run("run_9", "failed", created=at - 60, started=at - 50, failed=at - 10)
        moves = [
            PastMove(failed, StatusChange("running", "failed", at - 12, at - 9 - i)) for i in range(count)
        ]
        spans = [
            Watched(BEGIN - 86_400, at - 200, LIVE),
            Watched(at - 200, at - 80, UNANSWERED, "HTTP 502"),
            Watched(at - 80, at, LIVE),
        ]
        self.past = ListPast([failed], spans, moves, {failed.key: Reason("crm answered 502", "tool crm")})
        self.failed, log.past = failed, reader_of(self.past, self.services)


async def test_events_of_earlier_starts_stand_below_a_rule(log, a_run):
    earlier = Earlier(a_run, log)
    async with _open(log, size=(120, 36)) as seat:
        assert "earlier, from" not in seat.text
        log.add("one of today")
        await earlier.services.work()
        await seat.sees(
            "earlier, from the history", "1 event ", "3 before", "the history begins 2027-01-14 08:00:00"
        )
        lines = [
            _line_of(seat, words)
            for words in ("one of today", "earlier, from", "not watched", "crm answered 502")
        ]
        assert lines == sorted(lines)
        assert _line_of(seat, "× failed") < _line_of(seat, "no answer") < _line_of(seat, "history begins")
        await seat.sees("HTTP 502, for 2m 00s", "for 1h 00m")
        await seat.press("j", "j", "enter")
        await seat.until(lambda: seat.posted(RunOpened))
        assert seat.posted(RunOpened)[0].run == earlier.failed  # it is in no snapshot any more
        await seat.press("/")
        await seat.paste("502")
        await seat.sees("earlier, from the history", "no answer")
        assert "not watched" not in seat.text
        assert "one of today" not in seat.text
        asked = len(earlier.past.asked)
        log.past.grown += 1
        seat.screen.tick()
        await earlier.services.work()
        assert len(earlier.past.asked) > asked, "more of the past can be read now"
    assert log.log.added == 1  # earlier events are no events of this start, so nobody is notified of them


async def test_the_latest_changes_alone_are_read_and_a_broken_history_is_named(log, a_run, monkeypatch):
    monkeypatch.setattr("flowtui.ui.events.earlier_events.MOST", 5)
    earlier = Earlier(a_run, log, count=9)
    async with _open(log, size=(60, 15), ascii=True) as seat:
        await earlier.services.work()
        await seat.sees("-- earlier, from the history, the newest 5 changes -")
        assert "history begins" not in seat.text
    earlier.past.broken = "the file is broken"
    async with _open(log, size=(80, 24)) as seat:
        await earlier.services.work()
        await seat.sees("earlier events cannot be read: the file is broken")
