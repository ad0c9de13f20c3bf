"""The dashboard starts from what was remembered, and never pretends that it is live."""

from __future__ import annotations

import gc
import json
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from flowtui.errors import HistoryError
from flowtui.model.events.event_log import FINDING, RUN
from flowtui.model.history.past import LIVE, Watched
from flowtui.model.run.parsing import parse_runs
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.store.facts import HistoryFacts
from flowtui.ui.app import remembering
from flowtui.ui.app.profiles import Profiles
from flowtui.ui.app.remembering import _beginning, active_runs, with_active
from flowtui.ui.dashboard.failure_reasons import FailureReasons

from ...feeds import raw_run
from ...past import FakeHistory, FakeRecorder, ListPast
from ..conftest import BEGIN, KEY

HOUR = 3600.0


def state(key, *raws, at=BEGIN - HOUR):
    """A thread as an earlier start last saw it at `at`."""
    rows = parse_runs(json.dumps([{"thread_id": key, **raw} for raw in raws]).encode(), key).rows
    return apply_runs(ThreadState(key, interval=2.0), rows, at=at, whole=True)[0]


@dataclass
class Kept(FakeHistory):
    """A history that notes what is done with it: `updates`, `claimed`, and how often it was closed."""

    closed: int = 0
    claimed: list = field(default_factory=list)
    hidden: ListPast | None = None  # the past of an older key

    def __post_init__(self):
        self.recorder = Updates()

    def claim(self, threads):
        self.claimed.append(list(threads))
        self.past = self.hidden
        return self.past is not None

    def close(self):
        self.closed += 1


class Updates(FakeRecorder):
    def __init__(self):
        super().__init__()
        self.updates = []

    def record(self, update):
        self.updates.append(update)


@pytest.fixture
def remembered(monkeypatch):
    """Let the application open these histories, one after the other; `opened` has their settings and keys."""
    opened = []

    def use(*histories):
        left = list(histories)

        def open_history(settings, key, now):
            opened.append((settings.profile, key.get_secret_value(), now()))
            return left.pop(0)

        facts = HistoryFacts(Path("/state/history.db"), 12_400_000, begin=BEGIN - 5 * HOUR, runs=4_210)
        monkeypatch.setattr("flowtui.store.history.open_history", open_history)
        monkeypatch.setattr("flowtui.store.facts.read_facts", lambda *_: facts)
        return opened

    return use


def the_past(simulator):
    """Two threads of the simulator; on the first a run was running at 07:00, which is an hour ago."""
    first, second = simulator.thread_ids()[:2]
    running = raw_run("run_was_running", "running", at=BEGIN - HOUR - 30)
    old = [raw_run("run_old1", at=BEGIN - 2 * HOUR), raw_run("run_old0", "failed", at=BEGIN - 3 * HOUR)]
    states = [state(first, running, *old), state(second, raw_run("run_old2", at=BEGIN - 4 * HOUR))]
    return ListPast(states=states, spans=[Watched(BEGIN - 5 * HOUR, BEGIN - HOUR, LIVE)])


def closed(seat, history):
    """How often a history was closed, once flowtui has ended as `run_dashboard` ends it."""
    for connection in seat.app.connections:
        connection.close_history()
    return history.closed


async def test_remembered_rows_are_there_and_say_as_of_when_until_they_are_read_again(
    app, remembered, simulate
):
    history = Kept(the_past(simulate(threads=3)), notice="flowtui now remembers runs")
    opened = remembered(history)
    async with app(wait=False, remember=True, faults=["unavailable"], world={"threads": 3}) as seat:
        await seat.until(lambda: seat.ids == ["run_was_running", "run_old1", "run_old0", "run_old2"])
        await seat.sees("as of 07:00 2 of 2 threads", "flowtui now remembers runs")
        assert "● live" not in seat.text
        assert ("threads", 20, 200) in history.past.asked  # no more runs of a thread than memory keeps
        assert len([line for line in seat.lines if "07:00" in line]) >= 4  # header, list of three, the run
        assert "00:29" in seat.cells_of("run_was_running")[1]  # as then: its time does not go on
        seat.clock.advance(1.0)
        await seat.until(lambda: "08:00:01" in seat.lines[0])
        assert "00:29" in seat.cells_of("run_was_running")[1]
        await seat.choose("run_was_running")
        await seat.until(lambda: "● running 00:29 as of 07:00" in seat.pane)
        seat.simulator.clear_faults()
        await seat.later(1.0)
        await seat.until(lambda: "as of" not in seat.text)
        assert "run_old1" in seat.ids
    assert opened == [("default", KEY, BEGIN)]
    assert closed(seat, history) == 1


@pytest.mark.slow
async def test_updates_are_recorded_and_trouble_is_said_once(app, remembered, monkeypatch):
    history = Kept(past=ListPast())
    remembered(history)
    logged = []
    monkeypatch.setattr(remembering._LOG, "warning", lambda text, *words: logged.append(text % words))
    async with app(remember=True) as seat:
        # An update is recorded at once and may be drawn later.
        await seat.until(
            lambda: history.recorder.updates[-1].snapshot.threads == seat.dashboard.snapshot.threads
        )
        history.recorder.trouble = "Nothing is remembered any more: the disk is full"
        for _ in range(3):
            seat.app.session.tick()
        await seat.sees("Nothing is remembered any more")
        assert logged == [history.recorder.trouble]
        assert [note.message for note in seat.app._notifications] == [history.recorder.trouble]
        await seat.press("ctrl+o")
        await seat.sees("since   03:00", "12.4 MB", "4.2k runs", "/state/history.db")
        assert "never in it" not in seat.text
        seat.app.connections[-1].close_history()
        seat.app.connections[-1].close_history()
    assert history.closed == 1


@pytest.mark.slow
async def test_a_file_of_an_older_key_is_shown_once_the_api_lists_its_threads(app, remembered):
    history = Kept()
    remembered(history)
    faults = ["unavailable@runs"]
    async with app(wait=False, remember=True, faults=faults, world={"threads": 3}) as seat:
        history.hidden = the_past(seat.simulator)
        await seat.sees("run_old2", "as of 07:00")
        assert set(history.claimed[-1]) == set(seat.simulator.thread_ids())
        assert seat.app.session.past.grown == 1, "open screens read it, too"


async def test_a_past_that_cannot_be_read_is_said_and_the_dashboard_goes_on(app, remembered):
    class Broken(ListPast):
        def threads(self, step=200, most=None):  # noqa: ARG002
            raise HistoryError("the file is damaged")

    remembered(Kept(past=Broken()))
    async with app(remember=True) as seat:
        await seat.sees("What was remembered cannot be read: the file is damaged")
        assert len(seat.rows) == 16


@pytest.mark.slow
async def test_each_profile_opens_and_closes_its_own_history(app, remembered):
    first, second = Kept(past=ListPast()), Kept(past=ListPast())
    opened = remembered(first, second)

    def settings_for(name):
        return replace(seat.app.settings, profile=name)

    profiles = Profiles(lambda: ["default", "other", "quiet"], settings_for)
    async with app(remember=True, profiles=profiles) as seat:
        await seat.press(":")
        await seat.press(*"profile other", "enter")
        await seat.until(lambda: len(opened) == 2 and first.closed == 1)
        await seat.until(lambda: second.recorder.updates)
        assert second.closed == 0
    assert [profile for profile, _, _ in opened] == ["default", "other"]
    assert (closed(seat, first), closed(seat, second)) == (1, 1)


@pytest.mark.slow
async def test_without_a_history_nothing_is_opened(app, remembered):
    opened = remembered()
    async with app() as seat:
        await seat.press("ctrl+o")
        await seat.sees("loop lag")
        assert "never in it" not in seat.text
    assert opened == []


@pytest.mark.slow
async def test_a_second_start_begins_with_what_the_first_has_seen(app):
    async with app(remember=True, world={"threads": 3}) as seat:
        await seat.sees("flowtui now remembers runs, statuses and reasons in ")
        seen, simulator = {run.key: run for run in seat.rows}, seat.simulator
    for connection in seat.app.connections:
        connection.close_history()
    simulator.add_fault("unavailable")
    async with app(wait=False, remember=True, base_url=simulator.url) as seat:
        await seat.sees("as of 08:00")
        await seat.until(lambda: len(seat.rows) == len(seen))
        assert {run.key: run for run in seat.rows} == seen
        assert "flowtui now remembers" not in seat.text
        assert not seat.app.data.notifier.log.events
        simulator.clear_faults()
        await seat.later(1.0)
        await seat.until(lambda: "as of" not in seat.text)
        assert {run.key for run in seat.rows} >= seen.keys()


def test_only_time_of_which_all_threads_are_known_counts_as_watched():
    named, known = (
        Watched(BEGIN - 50, BEGIN - 5, LIVE, threads=1),
        Watched(BEGIN - 99, BEGIN - 60, LIVE, complete=BEGIN - 70),
    )
    assert _beginning(ListPast(spans=[named, known]), BEGIN) == ({}, BEGIN - 70)
    assert _beginning(ListPast(spans=[named]), BEGIN) == _beginning(ListPast(), BEGIN) == ({}, None)
    assert _beginning(ListPast(spans=[known._replace(complete=BEGIN + 9)]), BEGIN) == ({}, BEGIN)


def test_active_runs_are_restored_though_memory_keeps_newer_ones_only():
    first, other = state("thr_1", raw_run("run_9"), raw_run("run_8")), state("thr_2", raw_run("run_9"))
    rows = [*state("thr_1", raw_run("run_9"), raw_run("run_1", "running", at=BEGIN - 9 * HOUR)).runs.values()]
    active = active_runs(ListPast(rows=rows))
    assert list(with_active(first, active).runs) == ["run_9", "run_8", "run_1"]
    assert with_active(with_active(first, active), active).runs.keys() == {"run_9", "run_8", "run_1"}
    assert with_active(other, active) is other


@pytest.mark.slow
async def test_while_the_past_is_read_no_garbage_is_looked_for(app, remembered):
    during = []

    class Watched(ListPast):
        def threads(self, step=200, most=None):
            during.append(gc.isenabled())
            return super().threads(step, most)

    remembered(Kept(Watched(states=[state("thr_1", {"id": "run_1", "status": "completed"})])))
    async with app(wait=False, remember=True, faults=["unavailable"]) as seat:
        await seat.until(lambda: seat.ids == ["run_1"])
        await seat.until(lambda: not seat.app.session.remembering.restoring)
    assert during == [False]
    assert gc.isenabled()


@pytest.mark.slow
async def test_while_the_past_is_read_no_reason_is_fetched(app, remembered, monkeypatch):
    more, asked = threading.Event(), []

    class Slow(ListPast):
        def threads(self, step=200, most=None):  # noqa: ARG002
            yield [state("thr_1", *(raw_run(f"run_{n}", "failed", at=BEGIN - HOUR) for n in range(200)))]
            more.wait(30)

    remembered(Kept(Slow()))
    monkeypatch.setattr(FailureReasons, "fetch_next", lambda *given: asked.append(given))
    async with app(wait=False, remember=True, faults=["unavailable"]) as seat:
        await seat.until(lambda: len(seat.rows) == 200)
        session = seat.app.session
        session.tick()
        assert session.remembering.restoring
        before = len(asked)
        session.tick()
        assert len(asked) == before
        # what is found out about rows comes once all of them are there, and is all that there is
        newest = session.dashboard.snapshot.run(("thr_1", "run_99"))
        assert session.dashboard.compared_with(newest) is None
        assert not session.reason_fetcher.held
        more.set()
        await seat.until(lambda: not session.remembering.restoring and session.reason_fetcher.held)
        assert session.dashboard.compared_with(newest)[0].raw_id == "run_98"
        assert not {event.kind for event in session.notifier.log.events} & {
            RUN,
            FINDING,
        }  # none of it is news
        session.tick()
        assert len(asked) > before
