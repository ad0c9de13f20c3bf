"""The start of the dashboard: what is set up for the whole process."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from flowtui.config.settings import Settings
from flowtui.ui.app.app import FlowtuiApp
from flowtui.ui.app.start import TURN, run_dashboard


@pytest.fixture(autouse=True)
def _own_interval():
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_threads_give_way_to_keys_after_a_millisecond(own_environment, monkeypatch):
    seen = []
    monkeypatch.setattr(FlowtuiApp, "run", lambda _: seen.append(sys.getswitchinterval()))
    assert run_dashboard(Settings(base_url="http://127.0.0.1:9")) == 0
    assert seen == [pytest.approx(TURN)]


@pytest.mark.parametrize(
    ("unsent", "said"),
    [
        ([0, None], ""),
        ([0, 1], "flowtui: 1 notice was not sent to the webhook of [notify]\n"),
        ([None, 2, 98], "flowtui: 100 notices were not sent to the webhook of [notify]\n"),
    ],
)
def test_at_the_end_it_says_how_many_notices_the_webhook_did_not_get(
    own_environment, monkeypatch, capsys, unsent, said
):
    opened = [
        SimpleNamespace(
            close_history=lambda: None, webhook=each if each is None else SimpleNamespace(unsent=each)
        )
        for each in unsent
    ]
    monkeypatch.setattr(FlowtuiApp, "run", lambda app: app.connections.extend(opened))
    assert run_dashboard(Settings(base_url="http://127.0.0.1:9")) == 0
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (0, ""),
        (1, "flowtui: 1 notice was not sent, as the quiet hours of [notify] held it back\n"),
        (2, "flowtui: 2 notices were not sent, as the quiet hours of [notify] held them back\n"),
    ],
)
def test_at_the_end_it_says_how_many_notices_the_quiet_hours_held_back(
    own_environment, monkeypatch, capsys, held, said
):
    monkeypatch.setattr(FlowtuiApp, "run", lambda _: None)
    monkeypatch.setattr(FlowtuiApp, "held_notices", held)
    assert run_dashboard(Settings(base_url="http://127.0.0.1:9")) == 0
    assert capsys.readouterr().err == said
