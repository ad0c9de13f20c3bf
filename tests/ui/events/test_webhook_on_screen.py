"""The webhook in the application: what reaches it over HTTP from watched failures, and that nothing does in the demo."""

from __future__ import annotations

import pytest

from flowtui.config.settings import Settings
from flowtui.model.events.event_log import INCIDENT, NOTICE
from flowtui.simulator.server import Simulator
from flowtui.source.http.webhook import webhook
from flowtui.ui.app.connection import connect
from flowtui.ui.base.messages import AgentWatched, RefreshRequested

from ...faults.raw_server import answer
from ...webhook_receiver import SECRET, Receiver
from ..conftest import KEY

WORLD = {"threads": 6, "runs": 40, "seed": 5}


@pytest.fixture
def ids():
    return "short"


@pytest.mark.slow
async def test_watched_failures_reach_the_webhook_without_key_and_hidden_text(app, monkeypatch):
    monkeypatch.setattr(webhook, "BETWEEN", 0.0)
    async with Receiver() as hook:
        monkeypatch.setenv("FLOWTUI_WEBHOOK", hook.address)
        run_url = "https://p.example/{thread_id}/{run_id}"
        async with app(world=WORLD, redact=True, run_url=run_url) as seat:
            session = seat.app.session
            assert "FLOWTUI_WEBHOOK" not in session.connection.environ

            for agent in {run.agent_id for run in seat.rows}:
                seat.app.post_message(AgentWatched(agent))

            def explained():
                return [body for body in hook.bodies if body["kind"] == "agent" and body["reason_id"]]

            while not explained():
                seat.clock.advance(20)
                seat.app.post_message(RefreshRequested())
                seat.app._every_second()
                await seat.loaded()
            body = explained()[0]
            assert body["link"].startswith("https://p.example/")
            assert body["runs"][0]["status_class"] == "failed"
            assert all(found.hidden_id for found in session.reason_fetcher.known.values())
            assert any(event.kind == NOTICE for event in session.notifier.log.events)
    sent = "".join(head + text for head, text in hook.requests)
    assert KEY not in sent
    assert "authorization" not in sent.lower()


@pytest.mark.slow
async def test_a_webhook_that_refuses_is_named_without_its_address(app, monkeypatch):
    async with Receiver(*[answer(status="404 Gone")] * 9) as hook:
        monkeypatch.setenv("FLOWTUI_WEBHOOK", hook.address)
        async with app(world=WORLD) as seat:
            log = seat.app.session.notifier.log
            seat.app.session.notifier._delivery._webhook.put({"text": "x"})
            said = "The webhook of [notify]: it answers 404. This is shown once."
            await seat.until(lambda: said in [note.message for note in seat.app._notifications])
            await seat.press("L")
            await seat.sees("The webhook of [notify]: it answers 404")
            assert [event.text for event in log.events if event.kind == INCIDENT] == [
                "The webhook of [notify]: it answers 404"
            ]
            assert SECRET not in seat.app.export_screenshot()


async def test_the_demo_has_no_webhook(monkeypatch):
    monkeypatch.setenv("FLOWTUI_WEBHOOK", "https://hooks.example/x")
    monkeypatch.setenv("SEEKR_API_KEY", KEY)
    with Simulator(port=0, threads=1, runs=1) as simulator:
        for start_demo in (lambda: Settings(base_url=simulator.url, remember=False), None):
            settings = Settings(base_url=simulator.url, remember=False)
            connection = await connect(settings, (), start_demo, lambda: 0.0)
            assert (connection.webhook is None) is (start_demo is not None)
            await connection.close()
