"""The notifier alone, without an application: watches, how notices are sent, absences, and the events that it adds."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import UTC

import pytest
from textual import events

from flowtui.config.values.notify import Notify
from flowtui.model.columns.context import Context
from flowtui.model.events.away_summary import BLURRED, LONG
from flowtui.model.events.event_log import AWAY, CANCEL, INCIDENT, NOTICE, OUTAGE, RUN
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View
from flowtui.ui.base.messages import ViewWatchToggled, WatchToggled
from flowtui.ui.base.services import Services
from flowtui.ui.events import delivery
from flowtui.ui.events.notifier import Notifier
from flowtui.ui.events.notify_channels import osc9

from ..services import FakeServices

BEGIN = 1_800_000_000.0
KEY = events.Key("j", "j")
FAILURES = View(text="status:failed")


class World:
    """One thread, its observations, and a notifier that gets them. `reasons`: run → why it failed, as far as known.

    `fetched`: the runs whose reasons were asked for; `causes`: raw run id → the reason that this gives.
    """

    def __init__(self, notify: Notify | None = None):
        self.services = FakeServices(BEGIN)
        self.reasons, self.causes, self.fetched = {}, {}, []
        self.state = ThreadState("thr_1", 2.0)
        self.notifier = Notifier(
            self.services,
            notify or Notify(),
            UTC,
            lambda: Context(now=0.0, reasons=self.reasons),
            self._fetch,
        )

    async def _fetch(self, run):
        self.fetched.append(run.raw_id)
        if run.raw_id in self.causes:
            self.reasons = {**self.reasons, run.key: Reason(self.causes[run.raw_id])}

    def observe(self, *rows):
        """Hand the notifier an update in which the thread has these runs too."""
        now = self.services.clock
        self.state, changes = apply_runs(self.state, rows, at=now, whole=False)
        snapshot = Snapshot(now, {self.state.key: self.state}, {"agent_1": "checkout"}, listed=True)
        self.notifier.record(Update(snapshot, tuple(changes)))

    def later(self, seconds, *rows):
        self.services.advance(seconds)
        self.observe(*rows)

    async def second(self):
        """Let the notifier send what it has collected, and do what it starts for that."""
        self.notifier.tick()
        await self.services.work()

    def toggle(self, target):
        """Press `w` on a run or on runs, or `W` on a view."""
        message = ViewWatchToggled(target) if isinstance(target, View) else None
        self.notifier.handle(message or WatchToggled(target if isinstance(target, list) else [target]))

    @property
    def notices(self):
        """Severity, title and text of the messages that were notices."""
        return [(said.severity, said.title, said.text) for said in self.services.said if said.title]

    def logged(self, kind):
        return [event for event in self.notifier.log.events if event.kind == kind]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def running(a_run):
    """Make a running run that was created before the test began."""

    def make(run_id="run_1", **fields):
        return a_run(run_id, created=BEGIN - 60, started=BEGIN - 50, agent_id="agent_1", **fields)

    return make


@pytest.fixture
def failed(a_run):
    """Make the same run after it has failed."""

    def make(run_id="run_1", **fields):
        times = {"created": BEGIN - 60, "started": BEGIN - 50, "failed": BEGIN + 10}
        return a_run(run_id, "failed", agent_id="agent_1", **{**times, **fields})

    return make


@pytest.fixture
def completed(a_run):
    def make(run_id="run_1"):
        return a_run(run_id, "completed", created=BEGIN - 60, started=BEGIN - 50, completed=BEGIN + 10)

    return make


def test_the_fake_services_have_every_service_of_the_application():
    assert all(hasattr(FakeServices(), name) for name in Services.__dataclass_fields__)


# -- watched runs ----------------------------------------------------------------------------------------------


async def test_a_watched_run_notifies_once_when_it_ends(world, running, completed):
    world.observe(running(), running("run_2"))
    world.toggle(running())
    assert world.services.texts == ["Watching run_1: a notice comes when it ends or looks wrong"]
    assert world.services.redraws == 1
    assert world.notifier.watched == {("thr_1", "run_1")}
    world.later(12, completed(), completed("run_2"))
    assert world.notices == []  # collected for the next second
    await world.second()
    await world.second()
    assert world.notices == [("information", "Watched run", "run_1 completed after 01:00")]
    assert (world.services.said[-1].timeout, world.services.redraws) == (8, 2)
    assert world.notifier.watches == ()
    told = world.logged(NOTICE)
    assert [(event.key, event.run, event.status) for event in told] == [
        (("thr_1", "run_1"), "run_1", "completed")
    ]


async def test_several_watched_runs_that_end_together_share_one_notice(world, running, completed):
    world.observe(*[running(f"run_{n}") for n in range(3)])
    world.toggle([running(f"run_{n}") for n in range(3)])
    assert world.services.texts == ["Watching 3 runs: a notice comes when it ends or looks wrong"]
    world.later(12, completed("run_0"))
    world.later(0, completed("run_1"))
    await world.second()
    assert [text for _, _, text in world.notices] == ["2 runs completed: run_0, run_1"]
    assert [(event.key, event.run) for event in world.logged(NOTICE)] == [(None, "")]
    assert [watch.name for watch in world.notifier.watches] == ["run_2"]


async def test_a_watched_run_that_looks_wrong_causes_a_warning_and_stays_watched(world, a_run):
    run = a_run(created=BEGIN - 60, started=BEGIN - 50, expires=BEGIN + 20)
    world.observe(run)
    world.toggle(run)
    world.later(60, run)
    await world.second()
    await world.second()
    assert [notice[:2] for notice in world.notices] == [("warning", "Watched run")]
    assert "overdue" in world.notices[0][2]
    assert world.notifier.watched == {run.key}


def test_a_second_toggle_ends_a_watch(world, running):
    world.observe(running(), running("run_2"))
    world.toggle(running())
    world.toggle([running(), running("run_2")])  # one of them is not watched yet
    assert world.notifier.watched == {("thr_1", "run_1"), ("thr_1", "run_2")}
    world.toggle([running(), running("run_2")])
    assert world.services.texts[1:] == [
        "Watching run_2: a notice comes when it ends or looks wrong",
        "No longer watching 2 runs",
    ]
    assert world.notifier.watches == ()
    assert world.services.redraws == 3


def test_runs_that_have_ended_are_not_watched(world, running, completed):
    world.toggle(running())  # nothing was read yet
    world.observe(completed(), completed("run_2"), running("run_3"))
    world.toggle([])
    world.toggle(running())  # the screen shows an older row
    world.toggle([completed(), completed("run_2")])
    assert world.services.texts == [
        "There is no run to watch here",
        "There is no run to watch here",
        "run_1 has already ended",
        "2 runs have already ended",
    ]
    assert world.notifier.watches == ()
    world.toggle([completed(), running("run_3")])
    assert world.notifier.watched == {("thr_1", "run_3")}


# -- watched filters -------------------------------------------------------------------------------------------


async def test_a_watched_filter_notifies_of_each_new_match(world, running, failed):
    world.reasons = {("thr_1", f"run_{n}"): Reason("crm 502") for n in range(4)}
    world.observe(failed("run_0", failed=BEGIN - 1), running("run_1"), running("run_2"), running("run_3"))
    world.toggle(FAILURES)
    assert world.services.texts == [
        "Watching status:failed: a notice comes for each run that starts to match (1 do)"
    ]
    assert world.services.redraws == 1
    world.later(12, failed("run_1"))
    await world.second()
    world.later(2, failed("run_2"), failed("run_3"))
    await world.second()
    title = "Watched filter: status:failed"
    assert world.notices == [
        ("error", title, "run_1 (checkout) failed after 01:00: crm 502"),
        ("error", title, "2 runs failed: run_2: crm 502; run_3: crm 502"),
    ]
    assert len(world.notifier.watches) == 1
    assert world.notifier.watched == frozenset()
    assert world.fetched == []


def test_without_a_readable_filter_nothing_is_watched(world, running):
    hint = "Filter the runs first (/), then watch for those that start to match"
    world.toggle(FAILURES)  # nothing was read yet
    world.observe(running())
    world.toggle(View())
    world.toggle(View(text="  ", sort="tokens"))
    assert world.services.texts == [hint] * 3
    world.toggle(View(text="age<"))
    assert world.services.said[-1].text.startswith("The filter cannot be read: column ")
    assert world.services.said[-1].severity == "warning"
    assert world.notifier.watches == ()
    assert world.services.redraws == 0


def test_the_same_runs_in_another_order_are_the_same_watch(world, running):
    world.observe(running())
    problems = View(only="problems")
    world.toggle(problems)
    world.toggle(replace(problems, sort="tokens", descending=True))
    assert world.services.texts[0].startswith("Watching problems only: ")
    assert world.services.texts[1] == "No longer watching problems only"
    assert world.notifier.watches == ()
    world.toggle(View(Grouping("thread", "thr_1")))
    assert [watch.name for watch in world.notifier.watches] == ["thread thr_1"]


def test_before_any_run_is_read_the_number_of_matches_is_unknown(world):
    world.notifier.record(Update(Snapshot(BEGIN)))
    world.toggle(FAILURES)
    assert world.services.texts[0].endswith("(none read yet)")


# -- reasons of failures ---------------------------------------------------------------------------------------


async def test_a_notice_of_a_failure_has_the_fetched_reason(world, running, failed):
    world.causes = {"run_1": "crm 502"}
    world.observe(running())
    world.toggle(running())
    world.later(12, failed())
    world.notifier.tick()
    assert world.notices == []  # it waits for the reason
    assert [(each.group, each.exclusive) for each in world.services.started] == [("notices", False)]
    await world.services.work()
    assert world.fetched == ["run_1"]
    assert world.notices == [("error", "Watched run", "run_1 (checkout) failed after 01:00: crm 502")]


async def test_failed_runs_of_one_watched_filter_share_one_red_notice_with_their_reasons(
    world, running, failed
):
    world.causes = {f"run_{n}": f"because of {n}" for n in range(5)}
    world.observe(*[running(f"run_{n}") for n in range(5)])
    world.toggle(FAILURES)
    world.later(12, *[failed(f"run_{n}") for n in range(5)])
    await world.second()
    told = "5 runs failed: run_0: because of 0; run_1: because of 1; run_2: because of 2; …"
    assert world.notices == [("error", "Watched filter: status:failed", told)]
    assert world.fetched == ["run_0", "run_1", "run_2"]  # only those that the text names


async def test_a_notice_is_sent_even_if_a_reason_does_not_come_in_time(world, running, failed, monkeypatch):
    monkeypatch.setattr(delivery, "_REASON_TIMEOUT", 0.0)
    monkeypatch.setattr(world.notifier._delivery, "_fetch_reason", lambda _run: asyncio.Event().wait())
    world.observe(running())
    world.toggle(running())
    world.later(12, failed())
    await world.second()
    said = "run_1 (checkout) failed after 01:00"
    assert world.notices == [("error", "Watched run", f"{said}. Why: open it and press 6")]
    assert [event.text for event in world.logged(NOTICE)] == [said]


async def test_a_long_notice_is_shortened_on_the_screen_but_not_in_the_log(world, running, failed):
    world.causes = {"run_1": "x" * 400}
    world.observe(running())
    world.toggle(running())
    world.later(12, failed())
    await world.second()
    [(_, _, text)] = world.notices
    assert (len(text), text[-1]) == (300, "…")
    assert len(world.logged(NOTICE)[0].text) > 400


# -- channels --------------------------------------------------------------------------------------------------


async def _notified(world, running, completed):
    world.observe(running())
    world.toggle(running())
    world.later(12, completed())
    world.notifier.tick()
    return world.notices[0][2]


async def test_by_default_a_notice_is_only_a_message(world, running, completed):
    world.notifier.connect({})
    await _notified(world, running, completed)
    assert (world.services.written, world.services.started) == ([], [])


@pytest.mark.parametrize("tmux", [True, False])
async def test_bell_and_terminal_notification_are_written_if_configured(
    monkeypatch, running, completed, tmux
):
    if tmux:
        monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    else:
        monkeypatch.delenv("TMUX", raising=False)
    world = World(Notify(bell=True, osc9=True))
    text = await _notified(world, running, completed)
    assert world.services.written == ["\x07", osc9(text, tmux=tmux)]


async def test_the_users_command_gets_the_notice_and_only_the_given_environment(
    tmp_path, running, completed, monkeypatch
):
    monkeypatch.setenv("SEEKR_API_KEY", "secret-3f9a7c")
    out = tmp_path / "told.json"
    code = "import sys,os,json;json.dump([sys.stdin.read(),dict(os.environ)],open(sys.argv[1],'w'))"
    world = World(Notify(command=(sys.executable, "-c", code, str(out))))
    world.notifier.connect({"PATH": os.environ["PATH"], "FLOW": "yes"})
    text = await _notified(world, running, completed)
    assert [each.group for each in world.services.started] == ["notices"]
    await world.services.work()
    line, environ = json.loads(out.read_text())
    record = json.loads(line)
    assert (record["event"], record["kind"], record["text"]) == ("notice", "ended", text)
    assert [told["run_id"] for told in record["runs"]] == ["run_1"]
    assert environ["FLOW"] == "yes"
    assert "SEEKR_API_KEY" not in environ
    assert "secret-3f9a7c" not in "".join(environ.values())
    assert len(world.services.said) == 2


async def test_without_a_connection_the_users_command_does_not_run(running, completed):
    world = World(Notify(command=("/no/such/thing",)))
    await _notified(world, running, completed)
    assert world.services.started == []


async def test_a_failing_command_is_reported_once(running, completed):
    world = World(Notify(command=("/no/such/thing",)))
    world.notifier.connect({})
    for run in ("run_1", "run_2"):
        world.observe(running(run))
        world.toggle(running(run))
        world.later(12, completed(run))
        await world.second()
    wrong = "The command of [notify]: No such file or directory"
    assert world.services.texts.count(f"{wrong}. This is shown once.") == 1
    assert [event.text for event in world.logged(INCIDENT)] == [wrong]
    assert len(world.notices) == 2


# -- absence ---------------------------------------------------------------------------------------------------


def test_the_summary_after_an_absence_is_red_if_runs_failed_and_is_shown_once(world, running, failed):
    world.notifier.saw(KEY)  # before the first update there is nothing to summarise
    world.observe(*[running(f"run_{n:03}") for n in range(152)])
    world.notifier.saw(KEY)
    world.later(LONG, *[failed(f"run_{n:03}") for n in range(152)])
    assert world.services.said == []
    world.notifier.saw(KEY)
    [said] = world.services.said
    assert said.text.startswith("Since 08:00, 5m ago: 152 ended, 152 failed (run_151, run_150, run_149, …)")
    assert (said.severity, said.timeout, said.title) == ("error", 8, "")
    assert [event.text for event in world.logged(AWAY)] == [f"s{said.text[1:]}"]
    world.services.advance(LONG)
    world.notifier.saw(KEY)  # nothing has happened since
    assert len(world.services.said) == len(world.logged(AWAY)) == 1


def test_a_user_who_presses_keys_is_not_away(world, running, completed):
    world.observe(running())
    world.later(LONG - 1, completed())
    world.notifier.saw(KEY)
    world.services.advance(LONG - 1)
    world.notifier.saw(KEY)
    assert world.services.said == []


def test_losing_and_regaining_focus_counts_as_absence(world, running, completed):
    world.observe(running())
    world.notifier.saw(events.AppBlur())
    world.later(60, completed())
    world.notifier.saw(events.AppFocus())
    assert world.services.texts == ["Since 08:00, 1m ago: 1 ended"]
    assert world.services.said[0].severity == "information"
    world.later(BLURRED, running("run_2"))
    world.later(BLURRED, completed("run_2"))
    world.notifier.saw(events.AppFocus())  # with the focus, the user counts as away only after five minutes
    assert len(world.services.said) == 1


def test_an_event_that_textual_forwards_to_a_widget_does_not_end_an_absence(world, running, completed):
    world.observe(running())
    world.later(LONG, completed())
    forwarded = events.Key("j", "j")
    forwarded._set_forwarded()
    world.notifier.saw(forwarded)
    world.notifier.saw(events.Resize((80, 24), (80, 24)))
    assert world.services.said == []
    world.notifier.saw(KEY)
    assert len(world.services.said) == 1


# -- the log ---------------------------------------------------------------------------------------------------


def test_runs_are_logged_and_cancellations_too(world, running, completed):
    world.observe(running())
    world.later(12, completed())
    assert [(event.run, event.word) for event in world.logged(RUN)] == [("run_1", "completed")]
    world.notifier.note_cancellation("Nothing to cancel", trouble=False)
    world.notifier.note_cancellation("run_1 was not cancelled", trouble=True)
    assert [(event.kind, event.text) for event in list(world.notifier.log.events)[:2]] == [
        (CANCEL, "run_1 was not cancelled"),
        (CANCEL, "Nothing to cancel"),
    ]
    assert [(said.text, said.severity, said.timeout) for said in world.services.said] == [
        ("Nothing to cancel", "information", 6),
        ("run_1 was not cancelled", "warning", 6),
    ]
    assert world.services.redraws == 2


def test_an_outage_is_logged_by_the_tick_and_counts_in_the_summary(world):
    world.notifier.tick()  # before the first update nothing is judged
    world.notifier.record(Update(Snapshot(BEGIN, stopped="the key was refused")))
    assert not world.notifier.log.events
    world.notifier.tick()
    world.notifier.tick()
    assert [event.text for event in world.logged(OUTAGE)] == ["the key was refused"]
    world.services.advance(LONG)
    world.notifier.saw(KEY)
    assert [(said.text, said.severity) for said in world.services.said] == [
        ("Since 08:00, 5m ago: 1 outage", "warning")
    ]
    assert world.notifier.log.began == BEGIN
