"""The keys of the page of an agent, and those that open it, as scenes; see `key_scenes`."""

from __future__ import annotations

from pathlib import Path

from flowtui.model.answers.agent.time_ranges import RANGES
from flowtui.model.history.past import RunConfig
from flowtui.ui.agent.agent_screen import AgentScreen
from flowtui.ui.commands.command_line import CommandLine
from flowtui.ui.gate.gate_screen import GateScreen
from flowtui.ui.run.run_screen import RunScreen

from .key_scenes import in_run, pressed


async def _page(seat):
    """Open the page of the agent with the most runs, and wait until all is read."""
    agents = [run.agent_id for run in seat.rows]
    agent = max(set(agents), key=agents.count)
    await _opened(seat, agent)
    screen = seat.app.screen
    screen.choose_range(len(RANGES) - 1)
    await seat.until(lambda: screen.answered and screen.page is not None and len(screen._rows) > 2)
    return screen


async def _opened(seat, agent):
    from flowtui.ui.base.messages import ScreenRequested  # noqa: PLC0415

    seat.app.post_message(ScreenRequested("agent", agent))
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen) and seat.app.screen.ready)
    await seat.until(lambda: seat.app.screen.agent == agent)


@pressed("agent")
async def _open(seat, _, press):
    agent = seat.table.cursor_run.agent_id
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen) and seat.app.screen.agent == agent)
    await seat.sees("· agent · last 24h")
    await seat.app.pop_screen()
    while seat.dashboard.view.group.by != "agent":
        seat.dashboard.action_group()
    other = next(run.agent_id for run in seat.rows if run.agent_id != agent)
    await seat.until(lambda: other in [group.key for group in seat.threads._groups])
    seat.threads.focus()
    seat.threads.choose(other)
    await seat.until(lambda: seat.dashboard.view.group.member == other and seat.threads.has_focus)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen) and seat.app.screen.agent == other)


@pressed("run_agent")
async def _of_run(seat, _, press):
    await in_run(seat)
    agent = seat.app.screen.run.agent_id
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, AgentScreen) and seat.app.screen.agent == agent)


@pressed("agent_down", "agent_up", "agent_first", "agent_last", "agent_page_down", "agent_page_up")
async def _move(seat, key, press):
    screen = await _page(seat)
    up = key in ("agent_up", "agent_first", "agent_page_up")
    last = screen.run_list.count - 1
    if up:
        screen.action_last()
    page = min(last, screen.run_list._page)
    await press()
    wanted = {"agent_down": 1, "agent_up": last - 1, "agent_first": 0, "agent_last": last}
    await seat.until(lambda: screen.run_list.place == wanted.get(key, last - page if up else page))


@pressed("agent_longer", "agent_shorter")
async def _range(seat, key, press):
    screen = await _page(seat)
    screen.choose_range(1)
    await seat.sees("last 6h")
    await press()
    await seat.sees("last 24h" if key == "agent_longer" else "last 1h")


@pressed("agent_open")
async def _run(seat, _, press):
    screen = await _page(seat)
    run = screen.run
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen) and seat.app.screen.run.key == run.key)


@pressed("agent_failures")
async def _failures(seat, _, press):
    screen = await _page(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
    await seat.until(lambda: "status:failed" in seat.dashboard.view.text)
    assert screen.agent in seat.dashboard.view.text
    await seat.until(lambda: {(run.agent_id, run.status) for run in seat.rows} <= {(screen.agent, "failed")})


@pressed("agent_list")
async def _list(seat, _, press):
    screen = await _page(seat)
    await press()
    await seat.until(lambda: screen.note_list.has_focus)


@pressed("agent_gate")
async def _gate(seat, _, press):
    await _page(seat)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, GateScreen))


@pressed("agent_changes")
async def _changes(seat, _, press):
    screen = await _page(seat)
    new, old = screen._rows[0], screen._rows[1]
    screen._reader._configs.fill(
        RunConfig(row.created, row.raw_id, row.thread_key, config)
        for row, config in ((new, "1111111"), (old, "0000000"))
    )
    screen._reader._configs._known = {
        key: each._replace(config="1111111" if key == new.key else "0000000")
        for key, each in screen._reader._configs._known.items()
    }
    screen._reader._configs._changes = None
    screen.tick()
    await seat.until(lambda: screen.page.changes.configs)
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, RunScreen))


@pressed("agent_next", "agent_previous")
async def _other(seat, key, press):
    screen = await _page(seat)
    agents = screen._agents()
    place = agents.index(screen.agent) + (1 if key == "agent_next" else -1)
    await press()
    await seat.until(lambda: screen.agent == agents[place % len(agents)])


@pressed("agent_notify")
async def _notify(seat, _, press):
    screen = await _page(seat)
    watched = screen.agent in seat.app.session.notifier.watched_agents
    await press()
    await seat.until(lambda: (screen.agent in seat.app.session.notifier.watched_agents) != watched)


@pressed("agent_copy")
async def _copy(seat, _, press):
    screen = await _page(seat)
    await press()
    await seat.sees(f"Sent {screen.agent} to the terminal's clipboard")


@pressed("agent_save")
async def _save(seat, _, press):
    await _page(seat)
    await press()
    await seat.sees("Saved the agent's page")
    for file in Path.cwd().glob("flowtui-agent-*.md"):
        assert "## Reasons" in file.read_text()
        file.unlink()


@pressed("agent_name_moment")
async def _moment(seat, _, press):
    await _page(seat)
    await press()
    await seat.until(
        lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.query("CommandInput")
    )
    await seat.until(lambda: seat.app.screen.input.value == "mark ")


@pressed("agent_refresh")
async def _refresh(seat, _, press):
    await _page(seat)
    before = len(seat.simulator.requests)
    await press()
    await seat.until(lambda: len(seat.simulator.requests) > before)


@pressed("agent_back")
async def _back(seat, _, press):
    await _page(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
