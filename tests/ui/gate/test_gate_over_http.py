"""Marks and the deploy gate on the screen, over real HTTP, in a world with a bad release."""

from __future__ import annotations

import pytest

from flowtui.config.memory.marks import owner_of, read_marks
from flowtui.config.memory.marks_file import marks_path
from flowtui.source.poll.fleet import Fleet
from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.gate import gate_data
from flowtui.ui.gate.gate_screen import GateScreen

BAD = {"runs": 200, "threads": 5, "seed": 3, "deploy_at": "60s:failures=90%,tokens=x3"}


@pytest.fixture
def ids():
    return "short"


async def _mark(seat, name):
    await seat.press("m")
    await seat.until(
        lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.query("CommandInput")
    )
    await seat.until(lambda: seat.app.screen.input.value == "mark ")
    await seat.press(*name, "enter")


async def _gate(seat):
    await seat.press("M")
    await seat.until(lambda: isinstance(seat.app.screen, GateScreen) and seat.app.screen.is_mounted)
    await seat.sees("Deploy gate")
    return seat.app.screen


def _noticed(seat, words):
    return any(words in note.message for note in seat.app._notifications)


async def test_marks_are_set_by_keys_and_the_gate_finds_them_and_takes_limits(app, own_environment):
    marks_path().parent.mkdir(parents=True)
    marks_path().write_text("{")
    async with app(faults=["forbidden@agents"], profile="prod") as seat:
        # A broken file of marks is one message, and rows still show.
        await seat.until(lambda: _noticed(seat, "is broken and no mark can be read"))
        assert seat.rows
        assert seat.app.session.deploy_marks.marks == ()
        screen = await _gate(seat)
        await seat.sees("No mark yet", "m names this moment", "flowtui mark NAME")
        assert screen.answer is None
        await seat.press("escape")

        await seat.press("m", *"agent", "colon", "x", "enter")
        await seat.sees("Names that begin with agent: are reserved for agents")
        assert isinstance(seat.app.screen, CommandLine)
        await seat.press("ctrl+u", *"mark", "enter")
        await seat.sees("mark needs a name")
        assert marks_path().read_text() == "{"
        await seat.press("escape")

        await _mark(seat, "v1.4")
        await seat.sees("Marked v1.4 at 08:00:00", "┆ v1.4 0s ago, ")
        here = owner_of(seat.app.settings)
        assert (here.profile, here.address) == ("prod", seat.simulator.url)
        assert read_marks(here)["v1.4"].at == seat.clock()
        assert read_marks(here._replace(profile="default")) == {}
        assert read_marks(here._replace(address="https://flow.seekr.com")) == {}
        seat.clock.advance(60)
        await _mark(seat, "v1.4")
        await seat.until(lambda: _noticed(seat, "Marked v1.4 at 08:01:00; it was at 08:00:00 before"))

        seat.clock.advance(5)
        seat.mark("from-ci", 0)  # the gate reads the marks again when it opens
        screen = await _gate(seat)
        await seat.sees("since from-ci")
        await seat.until(lambda: screen.current is not None)
        await seat.press("slash", "ctrl+u", *"failure_rate <= 100%", "enter")
        await seat.until(lambda: screen.gate.text.endswith("100%") and screen.current is not None)
        assert not screen.current.sides.missing  # the limits do not use the base
        await seat.press("escape", "colon", *"gate cancel_rate <= 1%", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, GateScreen))
        await seat.sees("cancel_rate <= 1%")
        await seat.press("escape")
        await _gate(seat)
        await seat.sees("cancel_rate <= 1%")  # kept while the screen was closed
        await seat.press("colon", *"gate nonsense", "enter")
        await seat.sees("column 1")


async def test_marks_are_read_at_start_for_column_title_field_and_a_line_through_the_table(app, clock):
    async with app(filter_text="release:v1", wait=False, marks={"v1": 400}) as seat:
        await seat.until(lambda: seat.app.session.deploy_marks.marks and seat.rows)
        await seat.until(lambda: {run.raw_id for run in seat.dashboard.snapshot.runs()} == set(seat.world()))
        await seat.until(
            lambda: len(seat.rows) == sum(r.created >= clock() - 400 for r in seat.dashboard.snapshot.runs())
        )
        await seat.press("colon", *"columns status,run,release", "enter")
        assert {run.created >= clock() - 400 for run in seat.rows} == {True}
        await seat.sees("RELEASE", "┆ v1 6m ago", f", {len(seat.rows)} run")

        def ruled():
            strips = seat.app.screen._compositor.render_strips()
            found = {}
            for run in seat.rows:
                line, _, style = seat.cells_of(run.raw_id, strips)
                if style.underline:
                    found[run.raw_id] = " v1 " in strips[line].text
            return found

        await seat.press("escape")
        await seat.loaded()
        after = [run for run in seat.rows if run.created >= clock() - 400]
        assert 0 < len(after) < len(seat.rows)
        await seat.until(lambda: ruled() == {after[-1].raw_id: True})
        await seat.press("s", "n")  # by the note
        await seat.until(lambda: ruled() == {})


@pytest.mark.slow
async def test_missing_runs_are_read_and_then_judged(app, monkeypatch):
    monkeypatch.setattr(gate_data, "_PAUSE", 0.0)
    monkeypatch.setattr(gate_data, "_DUTY", 0.0)
    asked = set()
    real = Fleet.deepens

    def deepens(self, key):
        asked.update(self.deepening.wanted)
        return key in self.deepening.wanted and real(self, key)  # only when the gate asked for it

    monkeypatch.setattr(Fleet, "deepens", deepens)
    async with app(world={"runs": 260, "threads": 2}, wait=False) as seat:
        seat.mark("v1", 300)
        await seat.sees("2/2 threads")
        await seat.until(
            lambda: sum(map(len, (s.runs for s in seat.dashboard.snapshot.threads.values()))) >= 150
        )
        short = [key for key, state in seat.dashboard.snapshot.threads.items() if not state.whole]
        assert short
        screen = await _gate(seat)
        await seat.press("l", "l")
        await seat.until(lambda: screen.current is not None and screen.current.question.compare == 86_400)
        await seat.until(lambda: screen.current is not None and not screen.current.sides.missing)
        assert asked == set(short)
        assert all(state.whole for state in seat.dashboard.snapshot.threads.values())


@pytest.mark.slow
async def test_a_bad_release_fails_while_the_screen_is_open(app, monkeypatch):
    monkeypatch.setattr(gate_data, "_PAUSE", 0.0)
    monkeypatch.setattr(gate_data, "_DUTY", 0.0)
    async with app(world=BAD) as seat:
        await seat.until(lambda: seat.dashboard.snapshot.deployments)
        screen = await _gate(seat)
        await seat.sees(f"since agent:{seat.dashboard.snapshot.deployments[-1].label}")
        seat.clock.advance(60)
        await _mark(seat, "v2")
        await seat.sees("UNDECIDED", "since v2")
        for _ in range(6):
            await seat.later(100)
            await seat.until(lambda: seat.app.dashboard.snapshot.at == seat.clock())
        await seat.sees("× FAIL", "failed share is", "surely above")
        assert screen.current.verdict == "FAIL"
        await seat.sees("Failures since v2  reasons not")
