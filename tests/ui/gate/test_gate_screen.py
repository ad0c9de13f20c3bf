"""Marks and the deploy gate on the screen, over real HTTP, in a world with a bad release."""

from __future__ import annotations

import pytest

from flowtui.config.memory.marks import owner_of, read_marks
from flowtui.config.memory.marks_file import marks_path
from flowtui.source.poll.fleet import Fleet
from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.gate import gate_screen
from flowtui.ui.gate.gate_screen import GateScreen

BAD = {"runs": 200, "threads": 5, "seed": 3, "deploy_at": "60s:failures=90%,tokens=x3"}


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


async def test_m_sets_a_mark_for_the_profile(app):
    async with app(profile="prod") as seat:
        await _mark(seat, "v1.4")
        await seat.sees("Marked v1.4 at 08:00:00", "since v1.4: ")
        here = owner_of(seat.app.settings)
        assert (here.profile, here.address) == ("prod", seat.simulator.url)
        assert read_marks(here)["v1.4"].at == seat.clock()
        assert read_marks(here._replace(profile="default")) == {}
        assert read_marks(here._replace(address="https://flow.seekr.com")) == {}
        seat.clock.advance(60)
        await _mark(seat, "v1.4")
        await seat.sees("Marked v1.4 at 08:01:00; it was at 08:00:00 before")


async def test_an_invalid_mark_name_is_refused_in_the_command_line(app):
    async with app() as seat:
        await seat.press("m", *"agent", "colon", "x", "enter")
        await seat.sees("Names that begin with agent: are reserved for agents")
        assert isinstance(seat.app.screen, CommandLine)
        await seat.press("ctrl+u", *"mark", "enter")
        await seat.sees("mark needs a name")
        assert not marks_path().exists()


async def test_marks_are_read_at_start_for_column_title_and_field(app, own_environment, clock):
    async with app(filter_text="release:v1", wait=False, marks={"v1": 400}) as seat:
        await seat.until(lambda: seat.app.marks and seat.rows)
        await seat.until(lambda: {run.raw_id for run in seat.dashboard.newest.runs()} == set(seat.world()))
        await seat.until(
            lambda: len(seat.rows) == sum(r.created >= clock() - 400 for r in seat.dashboard.newest.runs())
        )
        await seat.press("colon", *"columns status,run,release", "enter")
        assert {run.created >= clock() - 400 for run in seat.rows} == {True}
        failed = sum(run.status == "failed" for run in seat.rows)
        await seat.sees("RELEASE", f"since v1: {len(seat.rows)} run", f"{failed} failed")


async def test_a_mark_is_a_line_through_a_table_sorted_by_time(app, own_environment, clock):
    async with app(marks={"v1": 400}) as seat:
        await seat.until(lambda: seat.app.marks)

        def ruled():
            strips = seat.app.screen._compositor.render_strips()
            found = {}
            for run in seat.rows:
                line, _, style = seat.cells_of(run.raw_id)
                if style.underline:
                    found[run.raw_id] = " v1 " in strips[line].text
            return found

        after = [run for run in seat.rows if run.created >= clock() - 400]
        assert 0 < len(after) < len(seat.rows)
        await seat.until(lambda: ruled() == {after[-1].raw_id: True})
        await seat.press("s")
        await seat.until(lambda: ruled() == {})


async def test_a_broken_marks_file_is_one_message_and_rows_still_show(app, own_environment):
    marks_path().parent.mkdir(parents=True)
    marks_path().write_text("{")
    async with app() as seat:
        await seat.until(
            lambda: any(
                "is broken and no mark can be read" in each.message for each in seat.app._notifications
            )
        )
        assert seat.rows
        assert seat.app.marks == ()


async def test_without_a_mark_the_gate_explains_it_and_finds_a_pipelines_mark(app):
    async with app(faults=["forbidden@agents"]) as seat:
        screen = await _gate(seat)
        await seat.sees("No mark yet", "m names this moment", "flowtui mark NAME")
        assert screen.answer is None
        await seat.press("escape")
        seat.mark("from-ci", 200)
        await _gate(seat)
        await seat.sees("from-ci", "3m 20s ago")


async def test_deployments_can_be_judged_and_the_users_mark_comes_first(app):
    async with app() as seat:
        await seat.until(lambda: seat.dashboard.newest.deployments)
        deployed = [f"agent:{each.label}" for each in seat.dashboard.newest.deployments]
        screen = await _gate(seat)
        await seat.until(lambda: screen.current is not None)
        assert screen.question.mark.name == deployed[-1]
        await seat.sees(f"Since    {deployed[-1]}")
        seat.mark("mine", 1)
        seat.app.read_marks()
        await seat.sees("Since    mine")
        await seat.press("p")
        await seat.sees(f"Since    {deployed[-1]}")
        await seat.press("right_square_bracket")
        await seat.sees("Since    mine")


async def test_missing_runs_are_read_and_then_judged(app, monkeypatch):
    monkeypatch.setattr(gate_screen, "_PAUSE", 0.0)
    asked = set()
    real = Fleet.deepens

    def deepens(self, key):
        asked.update(self._wanted_whole)
        return key in self._wanted_whole and real(self, key)  # only when the gate asked for it

    monkeypatch.setattr(Fleet, "deepens", deepens)
    async with app(world={"runs": 260, "threads": 2}, wait=False) as seat:
        seat.mark("v1", 300)
        await seat.sees("2/2 threads")
        await seat.until(
            lambda: sum(map(len, (s.runs for s in seat.dashboard.newest.threads.values()))) >= 150
        )
        short = [key for key, state in seat.dashboard.newest.threads.items() if not state.whole]
        assert short
        screen = await _gate(seat)
        await seat.press("w", "w")
        await seat.until(lambda: screen.current is not None and screen.current.question.compare == 86_400)
        await seat.until(lambda: screen.current is not None and not screen.current.sides.missing)
        assert asked == set(short)
        assert all(state.whole for state in seat.dashboard.newest.threads.values())


@pytest.mark.parametrize("many", [10_000, 0])  # judged in the event loop, and in a thread
async def test_a_bad_release_fails_while_the_screen_is_open(app, monkeypatch, many):
    monkeypatch.setattr(gate_screen, "_MANY", many)
    monkeypatch.setattr(gate_screen, "_PAUSE", 0.0)
    async with app(world=BAD) as seat:
        seat.clock.advance(60)
        await _mark(seat, "v2")
        await seat.until(lambda: seat.app.marks)
        screen = await _gate(seat)
        await seat.sees("I N C O N C L U S I V E", "v2")
        for _ in range(6):
            await seat.later(100)
            await seat.until(lambda: seat.app.dashboard.newest.at == seat.clock())
        await seat.sees("F A I L", "failure_rate of", "surely not <= base + 2%")
        assert screen.current.verdict == "FAIL"
        await seat.sees("ew failures since v2")
        await seat.press("b")
        await seat.sees("each agent alone")
        await seat.until(lambda: screen.current and any(row.agent for row in screen.current.judgement.rows))


async def test_limits_typed_on_the_screen_or_as_a_command_are_kept(app):
    async with app() as seat:
        seat.mark("v1", 300)
        screen = await _gate(seat)
        await seat.until(lambda: screen.current is not None)
        await seat.press("slash", "ctrl+u", *"failure_rat", "enter")
        await seat.sees("The limits stay as they were: column 1")
        assert screen.gate.text == gate_screen.GATE
        await seat.press("slash", "ctrl+u", *"failure_rate <= 100%", "enter")
        await seat.until(
            lambda: screen.current is not None and screen.current.question.gate.text.endswith("100%")
        )
        assert not screen.current.sides.missing  # the limits do not use the base
        await seat.press("escape", "colon", *"gate cancel_rate <= 1%", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, GateScreen))
        await seat.sees("cancel_rate <= 1%")
        await seat.press("colon", *"gate nonsense", "enter")
        await seat.sees("column 1")


async def test_if_older_runs_were_not_read_the_gate_gives_no_verdict_but_names_a_command(app):
    async with app(world={"runs": 2_000, "threads": 2}, wait=False) as seat:
        seat.mark("v1", 300)
        screen = await _gate(seat)
        await seat.press("w", "w")
        await seat.until(lambda: screen.current is not None and screen.current.question.compare == 86_400)
        await seat.sees(
            "not all runs before the mark are known", "flowtui watch --since mark:v1 --compare 24h"
        )
        assert screen.current.verdict == "INCONCLUSIVE"


async def test_unchanged_runs_are_not_judged_again(app, monkeypatch):
    monkeypatch.setattr(gate_screen, "_PAUSE", 0.0)
    async with app() as seat:
        seat.mark("v1", 300)
        screen = await _gate(seat)
        await seat.until(lambda: screen.current is not None and not seat.app.dashboard._reasons._busy)
        screen.tick()
        before = screen.answer
        for _ in range(5):
            screen.tick()
        assert screen.answer is before
        await seat.later(30)
        await seat.until(lambda: screen.answer is not before)


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_the_gate_fits_small_screens(app, size):
    async with app(size=size, ascii=True) as seat:
        seat.mark("v1", 300)
        screen = await _gate(seat)
        await seat.until(lambda: screen.current is not None)
        await seat.sees("Since", "v1")
        await seat.press("G")
        await seat.sees("tokens_per_run")
