"""How notices are sent: held in quiet hours and then told as one digest, and to the webhook with a link."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.config.values.notify import Notify
from flowtui.config.values.notify_rules import parse_rule
from flowtui.config.values.quiet_hours import read_quiet
from flowtui.model.columns.context import Context
from flowtui.model.events.event_log import HELD, INCIDENT, NOTICE
from flowtui.model.events.notices import ENDED, Notice
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.messages import AgentWatched, ReasonWatched, WatchListRequested
from flowtui.ui.events import delivery
from flowtui.ui.events.notifier import Notifier
from flowtui.ui.events.rows import word
from flowtui.ui.widgets.menu import Choice

from ..services import FakeServices

NIGHT = 1_799_967_600.0  # 2027-01-14 23:00:00 UTC
QUIET = Notify(quiet=read_quiet("22:00-07:00"))
PAGE = "https://pages.example/{thread_id}/{run_id}"


class FakeWebhook:
    """Takes notices, as many as there is `room` for."""

    def __init__(self, room=9):
        self.sent, self.room = [], room

    def put(self, notice):
        if len(self.sent) >= self.room:
            return False
        self.sent.append(notice)
        return True

    async def run(self, report):
        self.report = report


class Seat:
    """A notifier in the night, with a webhook. `reasons`: run → why it failed."""

    def __init__(self, notify, webhook=None, run_url=None):
        self.services, self.reasons, self.state = FakeServices(NIGHT), {}, ThreadState("thr_1", 2.0)
        self.notifier = Notifier(
            self.services,
            notify,
            UTC,
            lambda: Context(0.0, reasons=self.reasons),
            self._fetch,
            run_url=run_url,
        )
        self.webhook = webhook or FakeWebhook()
        self.notifier.connect({}, self.webhook)

    async def _fetch(self, run):
        pass

    def observe(self, *rows, later=10.0):
        self.services.advance(later)
        now = self.services.clock
        self.state, changes = apply_runs(self.state, rows, at=now, whole=False)
        snapshot = Snapshot(now, {"thr_1": self.state}, {"agent_1": "checkout"}, listed=True)
        self.notifier.record(Update(snapshot, tuple(changes)))

    async def second(self):
        self.notifier.tick()
        await self.services.work()

    @property
    def told(self):
        return [said.text for said in self.services.said if said.title or "quiet hours" in said.text]

    @property
    def logged(self):
        return [
            (event.word, event.text) for event in reversed(self.notifier.log.events) if event.kind == NOTICE
        ]


@pytest.fixture
def fails(a_run):
    def make(run_id, at, agent="agent_1"):
        return a_run(run_id, "failed", created=at - 9, started=at - 5, failed=at, agent_id=agent)

    return make


async def test_quiet_hours_hold_notices_and_then_give_one_digest(fails):
    seat = Seat(QUIET)
    seat.observe()
    seat.notifier.handle(AgentWatched("agent_1"))
    for number in range(3):
        seat.reasons[("thr_1", f"run_{number}")] = Reason(f"crm # {number % 2}")
        seat.observe(fails(f"run_{number}", seat.services.clock + 70), later=80)
        await seat.second()
    assert seat.told == seat.webhook.sent == []
    assert seat.notifier.held == 3
    assert [event_word for event_word, _ in seat.logged] == [HELD] * 3
    assert word(seat.notifier.log.events[0]) == "held"
    seat.services.clock = NIGHT + 8 * 3_600 - 1
    await seat.second()
    assert seat.told == []
    seat.services.clock += 1
    await seat.second()
    await seat.second()
    text = (
        "3 notices in the quiet hours 22:00-07:00: 3 runs of a watched agent failed. "
        "First reasons: crm # 0; crm # 1"
    )
    assert seat.told == [text]
    assert seat.services.said[-1].severity == "error"
    assert [notice["kind"] for notice in seat.webhook.sent] == ["digest"]
    assert seat.logged[-1] == (NOTICE, text)
    assert seat.notifier.held == 0


def test_more_than_can_be_held_is_only_counted(monkeypatch, fails):
    monkeypatch.setattr(delivery, "MOST_HELD", 2)
    seat = Seat(QUIET)
    seat.observe()
    run = fails("run_1", NIGHT)
    for _ in range(5):
        seat.notifier._delivery.send(Notice(ENDED, NIGHT, "x", (run,), ("x",), why=("y",)))
    seat.reasons[run.key] = Reason("y")
    for _ in range(5):
        seat.notifier._delivery.send(Notice(ENDED, NIGHT, "x", (run,), ("x",)))
    assert seat.notifier.held == 5
    seat.services.clock = NIGHT + 8 * 3_600
    seat.notifier.tick()
    assert seat.told[0].startswith("5 notices in the quiet hours 22:00-07:00: 2 runs ended, 3 more")


async def test_the_webhook_gets_reason_and_link(fails):
    seat = Seat(Notify(), run_url=PAGE)
    seat.observe()
    assert [started.group for started in seat.services.started] == ["webhook"]
    seat.notifier.handle(ReasonWatched(Reason("crm #")))
    seat.reasons[("thr_1", "run/1")] = Reason("crm #")
    seat.observe(fails("run/1", seat.services.clock + 20), later=25)
    await seat.second()
    (sent,) = seat.webhook.sent
    assert (sent["kind"], sent["reason"], sent["link"]) == (
        "reason",
        "crm #",
        "https://pages.example/thr_1/run%2F1",
    )
    assert Seat(Notify()).notifier._delivery._run_url is None  # without the setting there is no link


async def test_what_goes_wrong_with_the_webhook_is_said_once_until_it_works_again(fails):
    seat = Seat(Notify(), FakeWebhook(room=0))
    seat.observe()
    await seat.services.work()
    for wrong in ("it answers 404", "it answers 404", "", "no answer within 10 s"):
        seat.webhook.report(wrong)
    logged = [event.text for event in seat.notifier.log.events if event.kind == INCIDENT]
    assert logged == [
        "The webhook of [notify]: no answer within 10 s",
        "The webhook of [notify]: it answers 404",
    ]
    assert len(seat.services.said) == 2
    seat.webhook.report("")
    seat.notifier.handle(AgentWatched("agent_1"))
    seat.observe(fails("run_1", seat.services.clock + 20), later=25)
    await seat.second()
    assert (
        "The webhook of [notify]: too many notices wait, some are dropped. This is shown once."
        in seat.services.texts
    )


async def test_rules_are_told_and_listed_and_can_be_ended_with_the_watches(fails):
    rule = parse_rule("failed share of agent checkout over 10 % in the last 20 runs")
    seat = Seat(Notify(rules=(rule,)))
    seat.observe()
    assert [row.rule for row in seat.notifier.rules] == [rule]
    for number in range(9):
        seat.observe(fails(f"run_{number}", seat.services.clock + 5))
        await seat.second()
    assert [text[:40] for text in seat.told] == ["checkout: 9 of the last 9 runs failed, a"]
    assert [row.broken for row in seat.notifier.rules] == [["checkout"]]
    seat.notifier.handle(ReasonWatched(Reason("crm #")))
    seat.notifier.handle(AgentWatched("agent_1"))
    assert (len(seat.notifier.watched_reasons), seat.notifier.watched_agents) == (1, {"agent_1"})
    seat.notifier.handle(WatchListRequested())
    menu = seat.services.asked[0].dialog
    assert [(each.letter, each.name, each.hint) for each in menu._entries] == [
        ("a", "reason", "crm # · since 23:01"),
        ("b", "agent", "checkout · since 23:01"),
        ("c", "broken", f"{rule.text} · broken: checkout"),
    ]
    for letter, left in (("c", 2), ("b", 1), ("a", 0)):
        seat.services.answer(Choice(letter))
        assert len(seat.notifier.watches) + len(seat.notifier.rules) == left
        seat.notifier.handle(WatchListRequested())
    assert seat.services.asked == []
    assert "Nothing is watched" in seat.services.texts[-1]


def test_a_second_w_ends_a_watch_of_a_reason_or_an_agent():
    seat = Seat(Notify())
    seat.observe()
    for message in (ReasonWatched(Reason("crm #")), AgentWatched("agent_1")):
        seat.notifier.handle(message)
        assert len(seat.notifier.watches) == 1
        seat.notifier.handle(message)
        assert seat.notifier.watches == ()
    assert seat.services.texts == [
        "Watching a reason: a notice comes when a run fails for it again (crm #)",
        "No longer watching the reason crm #",
        "Watching the agent checkout: a notice comes when one of its runs fails",
        "No longer watching the agent checkout",
    ]
