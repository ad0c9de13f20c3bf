"""Fixtures for one-shot commands against the simulator over real HTTP, with clocks that tests control."""

import asyncio

import pytest

from flowtui.cli import main
from flowtui.simulator.server import Simulator
from flowtui.source.clock import Clock

from ..id_styles import ids_for
from ..remembered_runs import past_of, watched_all

NOW = 1_794_000_000.0
"""The simulated time in all golden files: 2026-11-06 21:20:00 UTC."""


@pytest.fixture(autouse=True)
def _no_marks(tmp_path, monkeypatch):
    """Hide the marks and remembered state of the user who runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


class QuickClock(Clock):
    """A clock on which waiting takes no time; `waits` has the seconds of each wait."""

    def __init__(self):
        self.time = 0.0
        self.waits = []

    def now(self):
        return NOW

    def monotonic(self):
        return self.time

    async def wait(self, _event, seconds):
        self.waits.append(seconds)
        self.time += seconds or 0.0
        await asyncio.sleep(0)


class Shell:
    """Calls `main` as a shell does and keeps the output."""

    def __init__(self, capsys, url, clock):
        self.capsys = capsys
        self.environ = {"SEEKR_API_KEY": "hunter2-key", "SEEKR_BASE_URL": url, "FLOWTUI_CONFIG": ""}
        self.clock = clock

    def __call__(self, *words, **environ):
        self.capsys.readouterr()
        self.code = main([*words, "--tz", "utc"], {**self.environ, **environ}, clock=self.clock)
        self.out, self.err = self.capsys.readouterr()
        assert "hunter2" not in self.out + self.err
        return self.code


@pytest.fixture(scope="module")
def ids(request):
    """The style of the simulator's ids: UUIDs in half of the files with tests."""
    return ids_for(request.node.nodeid)


@pytest.fixture(scope="module")
def world(ids):
    """Serve simulated threads whose time stands still."""
    with Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW, ids=ids) as simulator:
        yield simulator


@pytest.fixture
def simulator(world):
    yield world
    world.clear_faults()


@pytest.fixture
def clock():
    return QuickClock()


@pytest.fixture
def flowtui(simulator, capsys, clock, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    return Shell(capsys, simulator.url, clock)


@pytest.fixture
def remember(monkeypatch):
    """Return a function that makes a history the one of all commands."""

    def put(past):
        monkeypatch.setattr("flowtui.store.history.read_history", lambda _settings, _key, **_: past)
        return past

    put(None)
    return put


@pytest.fixture
def past(simulator, remember):
    """The history of the simulator's runs, watched all the time."""
    return remember(past_of(simulator, watched_all(NOW)))
