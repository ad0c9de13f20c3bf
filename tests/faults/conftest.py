"""Fixtures: faults over real HTTP, and what a user sees: output and exit code of a command, screen of a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from flowtui.cli import main
from flowtui.simulator.server import Simulator
from flowtui.simulator.world.scenario import ID_STYLES
from flowtui.source.clock import Clock

from .. import processes
from ..clocks import WaitingClock, watch_requests
from ..id_styles import ids_for
from ..terminal import Terminal, environment

NOW = 1_794_000_000.0
"""The constant time of the simulators: 2026-11-06 21:20:00 UTC."""

KEY = "secret-3f9a7c"


class Outcome(NamedTuple):
    """Exit code and output of a command. `lines` is its stdout, parsed as one JSON object per line."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The lines of runs in which every field could be read."""
        return [line for line in self.lines if line["flowtui"]["unreadable"] is None]

    @property
    def unreadable(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["flowtui"]["unreadable"] is not None]

    @property
    def summary(self) -> dict[str, Any]:
        """The last event of `watch -o jsonl`."""
        *_, last = self.lines
        assert last["event"] == "summary"
        return last


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def ids(request: pytest.FixtureRequest) -> str:
    """The style of the simulator's ids: UUIDs for half of the tests. A file whose tests read ids from a screen overrides it."""
    return ids_for(request.node.nodeid)


@pytest.fixture
def simulate(ids: str) -> Iterator[Callable[..., Simulator]]:
    """Start simulators with a constant time; they end with the test. Half of the tests have UUIDs."""
    running: list[Simulator] = []
    usual = {"seed": 7, "threads": 5, "runs": 60, "clock": lambda: NOW, "ids": ids}

    def start(**options: Any) -> Simulator:
        running.append(Simulator(**{**usual, **options}))
        running[-1].start()
        return running[-1]

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture(scope="session")
def _shared_worlds() -> Iterator[dict[str, Simulator]]:
    """Yield style of ids → simulator; each is started on first use."""
    worlds = {ids: Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW, ids=ids) for ids in ID_STYLES}
    yield worlds
    for simulator in worlds.values():
        simulator.stop()


@pytest.fixture
def simulator(_shared_worlds: dict[str, Simulator], ids: str) -> Iterator[Simulator]:
    """A simulator with 5 threads and 60 runs, without faults. Half of the tests have UUIDs."""
    shared = _shared_worlds[ids]
    shared.start()
    yield shared
    shared.clear_faults()


@pytest.fixture
def flowtui(simulator, capsys, tmp_path, monkeypatch) -> Callable[..., Outcome]:
    """Run a command in this process, as a shell would, in simulated time that stops during requests."""
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    watch_requests(monkeypatch)

    def run(*words: str, clock: Clock | None = None, **environ: str) -> Outcome:
        capsys.readouterr()
        given = {"SEEKR_API_KEY": KEY, "SEEKR_BASE_URL": simulator.url, "FLOWTUI_CONFIG": "", **environ}
        code = main([*words, "--tz", "utc"], given, clock=clock or WaitingClock(NOW))
        out, err = capsys.readouterr()
        assert KEY not in out + err
        return Outcome(code, out, err)

    return run


@pytest.fixture
def process(tmp_path) -> Callable[..., Outcome]:
    """Run a command in its own process, in real time."""

    def run(*words: str, **environ: str) -> Outcome:
        done = processes.run(
            [sys.executable, "-m", "flowtui", *words],
            env=environment(tmp_path, **{"SEEKR_API_KEY": KEY, **environ}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert KEY not in done.stdout + done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def terminal(tmp_path) -> Iterator[Callable[..., Terminal]]:
    """Start flowtui (or, with `python=True`, Python) with these arguments on its own terminal."""
    opened: list[Terminal] = []

    def start(
        *words: str, python: bool = False, columns: int = 150, rows: int = 40, **environ: str
    ) -> Terminal:
        before = () if python else ("-m", "flowtui")
        given = environment(tmp_path, **{"SEEKR_API_KEY": KEY, **environ})
        opened.append(Terminal((*before, *words), given, columns=columns, rows=rows))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
        assert KEY.encode() not in each.raw
