"""Reasons that the history remembers: no request is spent on them, and new ones are handed to the recorder."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.reasons.reason import VERSION, Reason, reason_id
from flowtui.model.run.redacted import REDACTED
from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.snapshot import Update
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.dashboard.failure_reasons import FailureReasons

from ...past import FakeHistory, ListPast
from ..services import FakeServices
from .test_failure_reasons import SPAN, SlowFeed, a_run, an_update

CRM = Reason("crm answered #", "tool crm")


class Seat:
    """Failure reasons with a past in which `explained` is remembered; run_1 has a reason in the API too."""

    def __init__(self, explained, *, history=True, **options):
        self.services, self.feed = FakeServices(), SlowFeed()
        self.feed.spans[a_run().key] = [SPAN]
        self.past = ListPast(known=explained)
        self.history = FakeHistory(self.past if history else None)
        reader = PastReader(self.services)
        reader.connect(self.history)
        self.reasons = FailureReasons(self.services.start, past=reader, **options)
        self.reasons.connect(self.feed, self.history.recorder)

    async def load(self, *runs, **options):
        """Show these runs, and read what is remembered of them."""
        self.reasons.update(an_update(*runs, **options))
        await self.services.work("past")

    def next(self, *runs, at=0.0):
        return self.reasons.next(runs, requests=0, budget=300, at=at)

    @property
    def read(self):
        return [key for what, *keys in self.past.asked if what == "reasons" for key in keys]


async def test_a_remembered_reason_costs_no_request():
    seat = Seat({a_run().key: CRM})
    await seat.load(a_run(), a_run("run_2"), a_run("run_3", "completed"))
    assert seat.reasons.known == {a_run().key: CRM}
    assert seat.next(a_run()).raw_id == "run_2"  # the only one whose reason is not remembered
    assert sorted(seat.read) == [("thr_1", "run_1"), ("thr_1", "run_2")]


async def test_no_request_is_made_before_the_history_has_answered():
    seat = Seat({a_run().key: CRM})
    seat.reasons.update(an_update(a_run()))
    assert seat.next(a_run()) is None
    await seat.services.work("past")
    assert seat.reasons.known[a_run().key] == CRM


async def test_rows_of_older_pages_and_restored_rows_are_looked_up_too():
    old, back = a_run("run_0"), a_run("run_9")
    seat = Seat({old.key: CRM, back.key: CRM})
    await seat.load(a_run())
    update = an_update(a_run(), old)
    seat.reasons.update(replace(update, changes=(Change(APPEARED, None, old, 1.0, 2.0),)))
    state = replace(update.snapshot.threads["thr_1"], runs={"run_9": back}, restored=5.0)
    seat.reasons.update(Update(replace(update.snapshot, threads={"thr_1": state}), restored=("thr_1",)))
    await seat.services.work("past")
    assert set(seat.reasons.known) == {old.key, back.key}
    assert seat.read.count(old.key) == 1


async def test_a_run_that_fails_before_our_eyes_is_not_looked_up():
    seat = Seat({})
    await seat.load(a_run("run_1", "running"))
    await seat.load(a_run(), changes=[(a_run("run_1", "running"), a_run())])
    assert seat.read == []
    assert seat.next(a_run()) == a_run()


async def test_a_fetched_reason_is_handed_to_the_recorder():
    seat = Seat({})
    await seat.load(a_run())
    await seat.reasons.fetch(a_run())
    assert seat.history.recorder.explained == seat.reasons.known != {}


async def test_a_past_that_opens_later_is_asked_then():
    seat = Seat({a_run().key: CRM}, history=False)
    await seat.load(a_run())
    assert seat.next(a_run()) == a_run()
    seat.history.past = seat.past
    await seat.load(a_run())
    assert seat.reasons.known == {a_run().key: CRM}


async def test_a_broken_history_does_not_stop_the_fetches():
    seat = Seat({a_run().key: CRM})
    seat.past.broken = "the file is broken"
    await seat.load(a_run())
    assert seat.reasons.known == {}
    assert seat.next(a_run()) == a_run()


async def test_reasons_of_older_rules_are_folded_again_and_of_newer_ones_shown():
    older, newer = Reason("no order 81273", "tool crm", VERSION - 1), Reason("x", "model", VERSION + 1)
    seat = Seat({a_run().key: older, a_run("run_2").key: newer})
    await seat.load(a_run(), a_run("run_2"))
    found = seat.reasons.known
    assert (found[a_run().key].version, found[a_run("run_2").key]) == (VERSION, newer)
    assert "81273" not in found[a_run().key].text


@pytest.mark.parametrize("redact", [True, False])
async def test_texts_are_hidden_with_redact_alone(redact, monkeypatch):
    monkeypatch.setattr("flowtui.ui.dashboard.failure_reasons.installation_key", lambda: b"secret")
    hidden = Reason(f"crm: {REDACTED}", "tool crm", hidden_id="0123456789")
    seat = Seat({a_run().key: CRM, a_run("run_2").key: hidden}, redact=redact)
    await seat.load(a_run(), a_run("run_2"))
    found = seat.reasons.known
    if redact:
        assert found[a_run().key] == CRM._replace(
            text=f"crm: {REDACTED}", hidden_id=reason_id(CRM, b"secret")
        )
        assert found[a_run("run_2").key] == hidden
    else:
        assert found == {a_run().key: CRM}  # a text that was hidden when it was written can be fetched
        assert seat.next(a_run("run_2")).raw_id == "run_2"
