"""The start of the dashboard: what is set up for the whole process."""

from __future__ import annotations

import sys

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
